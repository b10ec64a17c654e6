"""Replay: an archive put through the same decisions as live news, with nothing stored and nothing sent."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.config_files import ENCODING
from bot.core.grouping import Grouper, NewStory
from bot.core.levels import level_of
from bot.core.model import (
    FeedEntry,
    Item,
    Level,
    PublisherKind,
    Relevance,
    Scope,
    Side,
    Source,
    SourceId,
    Story,
    StoryId,
)
from bot.core.operators import RuleVocabulary
from bot.core.planning import begun_by, with_items
from bot.core.text import clean
from bot.core.update import to_items
from bot.errors import FaultlineError
from bot.subject import Subject

ArchiveLine = tuple[str, Source, FeedEntry]
"""The id of an item, where it came from, and the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was decided about one line of the archive.

    `story` is a label that its items share, `level` that of the story then; `reason` says why it rose with this item,
    if it did.
    """

    id: str
    item: Item
    story: str
    level: Level
    reason: str | None

    @property
    def relevant(self) -> bool:
        """Whether it is about our subject itself."""
        return self.item.relevance is Relevance.CORE


def read_archive(path: Path) -> Iterator[ArchiveLine]:
    """The lines of a JSONL archive: `{"id", "outlet", "lang", "published", "title", "summary", "url"?}`.

    Raises FaultlineError that names the line when one cannot be read.
    """
    try:
        lines = path.read_text(encoding=ENCODING).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FaultlineError(f"{path} cannot be read: {_reason(error)}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _line(json.loads(line))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise FaultlineError(f"{path}, line {number}: {_reason(error)}") from error


def _line(record: dict[str, str]) -> ArchiveLine:
    published = datetime.fromisoformat(record["published"])
    entry = FeedEntry(
        title=clean(record["title"]),
        summary=clean(record.get("summary") or ""),
        guid=str(record["id"]),
        link=record.get("url"),
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
    )
    return str(record["id"]), outlet_source(record["outlet"], record.get("lang") or "en"), entry


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    return f"not an item of an archive ({error})"


def outlet_source(outlet: str, lang: str) -> Source:
    """A source that stands for an outlet which is none of ours: general, of no known side."""
    return Source(
        id=SourceId(outlet),
        url="",
        side=Side.MIXED,
        name=outlet,
        publisher=outlet,
        publisher_kind=PublisherKind.OTHER,
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
    grouper = Grouper(subject.lexicon)
    stories: list[Story] = []
    labels: list[str] = []
    for id_, source, entry in sorted(archive, key=_published):
        now = _published((id_, source, entry))
        (bare,) = to_items(source, [entry], now)
        verdict = subject.classifier.classify(bare, source.scope)
        item = replace(bare, relevance=verdict.relevance, topics=verdict.topics)
        place = _place(grouper, item, begun=len(stories))
        if place == len(stories):
            stories.append(begun_by([item]))
            labels.append(id_)
        else:
            stories[place] = with_items(stories[place], [*stories[place].items, item])
        grade = level_of(stories[place], subject.levels, now)
        stories[place] = replace(stories[place], level=grade.level)
        yield Replayed(
            id=id_, item=item, story=labels[place], level=grade.level, reason=grade.rule.says if grade.rule else None
        )


def _published(line: ArchiveLine) -> datetime:
    published = line[2].published
    assert published is not None, "read_archive sees to it"  # noqa: S101
    return published


def _place(grouper: Grouper, item: Item, *, begun: int) -> int:
    """The place of the item's story among those begun so far, or the next."""
    draft = grouper.draft()
    label = draft.assign(item)
    if isinstance(label, NewStory):
        grouper.accept(draft, {label: StoryId(begun)})
        return begun
    grouper.accept(draft, {})
    return label
