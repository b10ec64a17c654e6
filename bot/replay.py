"""Replay: an archive put through the same decisions as live news, with nothing stored and nothing sent."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from bot.config_files import ENCODING
from bot.core.briefing.headlines import best_told
from bot.core.briefing.selection import READERS_LANG
from bot.core.intake.items import to_items
from bot.core.intake.planning import begun_by, with_items
from bot.core.language.detection import language_in
from bot.core.language.text import clean
from bot.core.model import (
    FeedEntry,
    Item,
    Level,
    PublisherKind,
    Relevance,
    RuleId,
    Scope,
    Side,
    Source,
    SourceId,
    Story,
    StoryId,
)
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.rule import Rule
from bot.core.stories.corroboration import coverage_of, upheld
from bot.core.stories.grouping import Grouper, NewStory
from bot.core.stories.levels import level_of
from bot.errors import FaultlineError
from bot.subject import Subject

_ONLY = RuleId(0)

_Choice = TypeVar("_Choice", bound=StrEnum)

ArchiveLine = tuple[str, Source, FeedEntry]
"""The id of an item, where it came from, and the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was decided about one line of the archive.

    `story` is a label that its items share, `told` that story as it was then, with this item; `reason` says why its
    level rose with it, if it did.
    """

    id: str
    item: Item
    story: str
    told: Story
    reason: str | None

    @property
    def level(self) -> Level:
        """How loud the story was then."""
        return self.told.level

    @property
    def relevant(self) -> bool:
        """Whether it is about our subject itself."""
        return self.item.relevance is Relevance.CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that a rule would have sent with a `line` of the archive, headed by the report with this `id`."""

    line: Replayed
    id: str
    item: Item
    words: tuple[str, ...]


def read_archive(path: Path) -> Iterator[ArchiveLine]:
    """The lines of a JSONL archive; see `archive_line`.

    Raises FaultlineError that names the line when one cannot be read.
    """
    try:
        lines = path.read_text(encoding=ENCODING).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FaultlineError(f"{path} cannot be read: {_reason(error)}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = archive_line(json.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError, FaultlineError) as error:
            raise FaultlineError(f"{path}, line {number}: {_reason(error)}") from error
        yield read


def archive_line(record: Mapping[str, str]) -> ArchiveLine:
    """One line: `{"id", "outlet", "published", "title"}`, and where known `"summary"`, `"url"`, `"lang"` (else told by
    the words), `"publisher"` (else the outlet), `"side"` (else mixed), `"publisher_kind"` (else other).

    Raises FaultlineError for a side or kind that does not exist; KeyError, TypeError, ValueError or AttributeError
    for what is missing or no text.
    """
    id_, published = str(record["id"]), datetime.fromisoformat(record["published"])
    entry = FeedEntry(
        title=clean(record["title"]),
        summary=clean(record.get("summary") or ""),
        guid=id_,
        link=record.get("url"),
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
    )
    lang = record.get("lang") or language_in(f"{entry.title} {entry.summary}", READERS_LANG, mixes=True)
    source = outlet_source(
        record["outlet"],
        lang,
        publisher=record.get("publisher"),
        side=_chosen(Side, record, "side") or Side.MIXED,
        publisher_kind=_chosen(PublisherKind, record, "publisher_kind") or PublisherKind.OTHER,
    )
    return id_, source, entry


def _chosen(choices: type[_Choice], record: Mapping[str, str], key: str) -> _Choice | None:
    value = record.get(key)
    if value and value not in list(choices):
        raise FaultlineError(f"{key} “{value}” is unknown; known are: {', '.join(choices)}")
    return choices(value) if value else None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    if isinstance(error, FaultlineError):
        return str(error)
    return f"not an item of an archive ({error})"


def outlet_source(
    outlet: str,
    lang: str,
    *,
    publisher: str | None = None,
    side: Side = Side.MIXED,
    publisher_kind: PublisherKind = PublisherKind.OTHER,
) -> Source:
    """A general source for an outlet which is none of ours; it belongs to itself unless a `publisher` is named."""
    return Source(
        id=SourceId(outlet),
        url="",
        side=side,
        name=outlet,
        publisher=publisher or outlet,
        publisher_kind=publisher_kind,
        lang=lang,
        scope=Scope.GENERAL,
    )


def vocabulary_of(archive: Iterable[ArchiveLine], subject: Subject) -> RuleVocabulary:
    """The values that a rule can name in an archive."""
    sources = [source for _, source, _ in archive]
    return RuleVocabulary(
        sources=tuple({source.id: None for source in sources}),
        publishers=tuple({source.publisher: None for source in sources}),
        topics=tuple(topic.id for topic in subject.classifier.topics),
        langs=tuple({source.lang: None for source in sources}),
    )


def replay(archive: Iterable[ArchiveLine], subject: Subject) -> Iterator[Replayed]:
    """Decide about each line in turn, as the poller would have when it was published; in the order of time."""
    return decisions_on(items_of(archive, subject), subject)


def items_of(archive: Iterable[ArchiveLine], subject: Subject) -> Iterator[tuple[str, Item]]:
    """The lines as classified items, each with its id, in the order of time."""
    for id_, source, entry in sorted(archive, key=_published):
        (bare,) = to_items(source, [entry], _published((id_, source, entry)))
        verdict = subject.classifier.classify(bare, source.scope)
        yield id_, replace(bare, relevance=verdict.relevance, topics=verdict.topics)


def decisions_on(items: Iterable[tuple[str, Item]], subject: Subject) -> Iterator[Replayed]:
    """Put each item into a story, which may become louder; each is decided upon at the moment it was published."""
    grouper = Grouper(subject.lexicon)
    stories: list[Story] = []
    labels: list[str] = []
    for id_, item in items:
        draft = grouper.draft()
        label = draft.assign(item)
        if isinstance(label, NewStory):
            place = StoryId(len(stories))
            grouper.accept(draft, {label: place})
            stories.append(begun_by([item]))
            labels.append(id_)
        else:
            place = label
            grouper.accept(draft, {})
            stories[place] = with_items(stories[place], [*stories[place].items, item])
        grade = level_of(stories[place], subject.levels, item.published)
        stories[place] = replace(stories[place], level=grade.level)
        yield Replayed(
            id=id_,
            item=item,
            story=labels[place],
            told=stories[place],
            reason=grade.rule.says if grade.rule else None,
        )


def alerts_by(rule: Rule, archive: Iterable[Replayed], aliases: Aliases) -> Iterator[Alert]:
    """The alerts that a rule would have sent to a chat that has set nothing, in the order of time: one a story, once a
    report of it fits as the story is by then, and the story is about our subject or the rule names a relevance.
    """
    index = RuleIndex(aliases)
    index.add(_ONLY, rule)
    is_wide = "relevance" in rule.fields()
    ids: dict[tuple[bytes, ...], str] = {}
    told: set[str] = set()
    for each in archive:
        ids[each.item.keys] = each.id
        if each.story in told or not (is_wide or each.told.relevance is Relevance.CORE):
            continue
        coverage = coverage_of(each.told)
        on_subject = (item for item in each.told.items if item.relevance is not Relevance.NONE)
        fitting = [item for item in on_subject if index.is_satisfied(_ONLY, item, coverage)]
        if fitting:
            told.add(each.story)
            lead = best_told(upheld(fitting) or fitting)
            words = index.explain(_ONLY, lead, coverage).words
            yield Alert(line=each, id=ids[lead.keys], item=lead, words=words)


def _published(line: ArchiveLine) -> datetime:
    published = line[2].published
    assert published is not None, "read_archive sees to it"  # noqa: S101
    return published
