"""How loud a story is: breaking, major or normal, by the rules of config/subject/levels.toml.

A level never falls by itself: `level_of` begins at the level that the story has. What a title reports is read by
telling.py; here is counted who reports it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.language.text import Words
from bot.core.model import Item, Level, PublisherKind, Relevance, Story
from bot.core.rules.aliases import Aliases
from bot.core.rules.rule import Rule
from bot.core.sides import KNOWN_GROUPS
from bot.core.stories.corroboration import (
    group_counts,
    is_one_partys_word,
    is_told_by_both,
    publishers_of,
    voice_counts,
)
from bot.core.stories.events import Deeds, Told, aside_of, deed_of
from bot.core.subject.tables import Table, tables_in
from bot.core.subject.topics import NamedRules
from bot.core.titles.reading import Party
from bot.errors import ConfigError, Fault

FILE = "levels.toml"
_TABLES = ("rule", "deed", "aside", "event")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule:
    """What lifts a story to a level, and how /why says it.

    Counted are the reports of the last `within` that are at least so relevant, have one of the topics (none: any) and
    whose title tells one of the `deeds` (none: any). `official`: somebody official, of whichever side, tells the story
    or is quoted; `both`: NATO's side and Russia's are both among those counted.
    """

    id: str
    level: Level
    says: str
    relevance: Relevance
    topics: frozenset[str]
    deeds: frozenset[str]
    publishers: int
    within: timedelta
    groups: int
    official: bool
    both: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A level, and the rule that lifted the story to it now; None if it stays as loud as it was."""

    level: Level
    rule: LevelRule | None


@dataclass(frozen=True, slots=True)
class LevelRules:
    """The rules of levels.toml, loudest first, and what they look for in titles."""

    rules: tuple[LevelRule, ...]
    deeds: Deeds


def level_of(story: Story, rules: LevelRules, now: datetime) -> Grade:
    """How loud a story is at this moment, at least as loud as it was."""
    louder = [rule for rule in rules.rules if is_louder(rule.level, story.level) and _is_within_reach(rule, story)]
    if louder:
        oldest = now - max(rule.within for rule in louder)
        recent = [item for item in story.items if oldest < item.published <= now]
        read = [(item, rules.deeds.told_by(item)) for item in recent]
        for rule in louder:
            counted = [item for item, told in read if item.published > now - rule.within and _counts(rule, item, told)]
            if _holds(rule, tuple(counted)):
                return Grade(level=rule.level, rule=rule)
    return Grade(level=story.level, rule=None)


def is_louder(level: Level, other: Level) -> bool:
    """Whether one level is above another."""
    return level.loudness > other.loudness


def reports_of_level(items: Iterable[Item], level: Level, rules: LevelRules) -> tuple[Item, ...]:
    """The reports that show why a story has its level, whenever they came.

    Those that count for a rule of that level which asks what is told; if none does, those that count for any of them.
    Empty for a normal story, and where no title says it.
    """
    of_level = [rule for rule in rules.rules if rule.level is level]
    read = [(item, rules.deeds.told_by(item)) for item in items]
    for asked in ([rule for rule in of_level if rule.deeds or rule.topics], of_level):
        if fitting := [item for item, told in read if any(_counts(rule, item, told) for rule in asked)]:
            return tuple(fitting)
    return ()


def _is_within_reach(rule: LevelRule, story: Story) -> bool:
    """What can be told without looking at what each report tells."""
    return len(publishers_of(story.items)) >= rule.publishers and (
        not rule.official or any(_is_official(rule, item) for item in story.items)
    )


def _is_official(rule: LevelRule, item: Item) -> bool:
    """Whether somebody official says so, in a report of his own or quoted in another's title; to deny it is not to."""
    may_deny = not (rule.deeds or rule.topics)
    is_told = item.publisher_kind in _OFFICIAL or item.reading.party in _OFFICIAL_PARTIES
    return is_told and (may_deny or bool(item.reading.affirmed))


def _counts(rule: LevelRule, item: Item, told: Told) -> bool:
    return (
        item.relevance in _NEAR_ENOUGH[rule.relevance]
        and (not rule.topics or (told.is_event and not rule.topics.isdisjoint(item.topics)))
        and (told.is_news if not rule.deeds else not rule.deeds.isdisjoint(told.deeds))
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


def names_in_title(words: NamedRules, item: Item) -> frozenset[str]:
    """The names whose rules hold for an item's title alone: what a report is about stands there."""
    return words.names(replace(item, words=Words(item.words.title, ())))


def level_rules_of(tables: Mapping[str, object], topics: Collection[str], aliases: Aliases) -> LevelRules:
    """The level rules of a parsed levels.toml, where `topics` are those that exist.

    Raises ConfigError with every fault.
    """
    faults = [
        Fault(where=f"{FILE}: {key}", what=f"“{key}” isn't a table here; the tables are {', '.join(_TABLES)}")
        for key in tables
        if key not in _TABLES
    ]
    asides = [aside_of(name, table) for name, table in tables_in(FILE, tables, "aside", faults)]
    deeds = [deed_of(name, table) for name, table in tables_in(FILE, tables, "deed", faults)]
    known = frozenset(deed.id for deed in deeds)
    read = [_rule(name, table, topics, known) for name, table in tables_in(FILE, tables, "rule", faults)]
    if faults:
        raise ConfigError(*faults)
    loudest_first = sorted(read, key=lambda rule: -rule.level.loudness)
    return LevelRules(tuple(loudest_first), Deeds(deeds, asides, aliases))


def named_rules(of: Iterable[tuple[str, Iterable[Rule]]], aliases: Aliases) -> NamedRules:
    """Rules over words by the names that they stand for."""
    return NamedRules(((name, rule) for name, rules in of for rule in rules), aliases)


def _rule(name: str, table: Table, topics: Collection[str], deeds: frozenset[str]) -> LevelRule:
    rule = LevelRule(
        id=name,
        level=table.choice("level", (Level.BREAKING, Level.MAJOR)),
        says=table.text("says"),
        relevance=table.choice("relevance", (Relevance.CORE, Relevance.RELATED), Relevance.CORE),
        topics=frozenset(table.texts("topics")),
        deeds=frozenset(table.texts("deeds")),
        publishers=table.number("publishers", 1, _MOST_PUBLISHERS),
        within=table.length("within"),
        groups=table.number("groups", 1, len(KNOWN_GROUPS), 1),
        official=table.flag("official"),
        both=table.flag("both"),
    )
    for topic in sorted(rule.topics.difference(topics)):
        table.fault(f"“{topic}” isn't a topic")
    for deed in sorted(rule.deeds.difference(deeds)):
        table.fault(f"“{deed}” isn't a deed")
    table.end()
    return rule
