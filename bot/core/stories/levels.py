"""How loud a story is: breaking, major or normal, by the rules of config/subject/levels.toml.

A level never falls by itself: `level_of` begins at the level that the story has. What a title tells is read by
events.py; here is counted who tells it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, ValidationInfo

from bot.config_files import ConfigTable, once_in_file
from bot.core.model import Item, Level, PublisherKind, Relevance, Story
from bot.core.sides import KNOWN_GROUPS
from bot.core.stories.corroboration import (
    group_counts,
    is_one_partys_word,
    is_told_by_both,
    publishers_of,
    voice_counts,
    vouched,
)
from bot.core.stories.events import EventsTold, EventTypes
from bot.core.subject.config_models import Length, Text
from bot.core.titles.reading import Party

_OFFICIAL = frozenset(
    {
        PublisherKind.NATO_OFFICIAL,
        PublisherKind.WESTERN_GOVERNMENT,
        PublisherKind.RUSSIAN_OFFICIAL,
        PublisherKind.UN_OSCE,
    }
)
_OFFICIAL_PARTIES = frozenset({Party.NATO, Party.RUSSIA})
_NEAR_ENOUGH = {
    Relevance.CORE: frozenset({Relevance.CORE}),
    Relevance.RELATED: frozenset({Relevance.CORE, Relevance.RELATED}),
}
_MOST_PUBLISHERS = 50


def _exists(name: str, file: ValidationInfo) -> str:
    known = (file.context or {}).get(file.field_name)
    if known is not None and name not in known:
        raise ValueError(f"“{name}” is none of those that exist: {', '.join(sorted(known))}")
    return name


Existing = frozenset[Annotated[str, AfterValidator(_exists)]]
"""Ids that the file's context has under the name of the field."""


def _is_loud(level: Level) -> Level:
    if level is Level.NORMAL:
        raise ValueError("should be breaking or major; what no rule lifts is normal")
    return level


def _is_relevant(relevance: Relevance) -> Relevance:
    if relevance is Relevance.NONE:
        raise ValueError("should be core or related")
    return relevance


class LevelRule(ConfigTable):
    """What lifts a story to a level, and how /why says it.

    Counted are the reports of the last `within` that are at least so relevant, have one of the topics (none: any) and
    whose title reports one of the event types `events` (none: any). `official`: somebody official, of whichever side,
    tells the story or is quoted; `both`: NATO's side and Russia's are both among those counted.
    """

    id: Annotated[Text, once_in_file("rule")]
    level: Annotated[Level, AfterValidator(_is_loud)]
    says: Text
    relevance: Annotated[Relevance, AfterValidator(_is_relevant)] = Relevance.CORE
    topics: Existing = frozenset()
    events: Existing = frozenset()
    publishers: Annotated[StrictInt, Field(ge=1, le=_MOST_PUBLISHERS)]
    within: Length
    groups: Annotated[StrictInt, Field(ge=1, le=len(KNOWN_GROUPS))] = 1
    official: StrictBool = False
    both: StrictBool = False


_LOUDEST_FIRST = AfterValidator(lambda rules: tuple(sorted(rules, key=lambda rule: -rule.level.loudness)))


class LevelsFile(ConfigTable):
    """The whole of levels.toml."""

    rule: Annotated[tuple[LevelRule, ...], Field(min_length=1), _LOUDEST_FIRST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A level, and the rule that lifted the story to it now; None if it stays as loud as it was."""

    level: Level
    rule: LevelRule | None


@dataclass(frozen=True, slots=True)
class LevelRules:
    """The rules of levels.toml, loudest first, and what they look for in titles."""

    rules: tuple[LevelRule, ...]
    events: EventTypes


def level_of(story: Story, rules: LevelRules, now: datetime) -> Grade:
    """How loud a story is at this moment, at least as loud as it was."""
    louder = [rule for rule in rules.rules if is_louder(rule.level, story.level) and _is_within_reach(rule, story)]
    if louder:
        oldest = now - max(rule.within for rule in louder)
        recent = [item for item in vouched(story.items) if oldest < item.published <= now]
        read = [(item, rules.events.told_by(item)) for item in recent]
        for rule in louder:
            counted = [item for item, told in read if item.published > now - rule.within and _counts(rule, item, told)]
            if _holds(rule, tuple(counted)):
                return Grade(level=rule.level, rule=rule)
    return Grade(level=story.level, rule=None)


def is_louder(level: Level, other: Level) -> bool:
    """Whether one level is above another."""
    return level.loudness > other.loudness


def _is_within_reach(rule: LevelRule, story: Story) -> bool:
    """What can be told without looking at what each report tells."""
    if len(publishers_of(story.items)) < rule.publishers:
        return False
    # Somebody official says so, in a report of his own or quoted in another's title; to deny it is not to say it.
    may_deny = not (rule.events or rule.topics)
    return not rule.official or any(
        (item.publisher_kind in _OFFICIAL or item.reading.party in _OFFICIAL_PARTIES)
        and (may_deny or item.reading.affirmed)
        for item in vouched(story.items)
    )


def _counts(rule: LevelRule, item: Item, told: EventsTold) -> bool:
    return (
        item.relevance in _NEAR_ENOUGH[rule.relevance]
        and (not rule.topics or (told.is_event and not rule.topics.isdisjoint(item.topics)))
        and told.is_news
        and (not rule.events or not rule.events.isdisjoint(told.reported))
    )


def _holds(rule: LevelRule, counted: tuple[Item, ...]) -> bool:
    is_breaking = rule.level is Level.BREAKING
    counts = voice_counts(counted) if is_breaking else group_counts(counted)
    return (
        sum(counts.values()) >= rule.publishers
        and len(counts) >= rule.groups
        and not (is_breaking and is_one_partys_word(counted))
        and (not rule.both or is_told_by_both(counted))
    )
