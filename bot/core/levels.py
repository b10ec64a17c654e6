"""How loud a story is: breaking, major or normal, by the rules of config/levels.toml.

A level never falls by itself: `level_of` begins at the level that the story has.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.aliases import Aliases
from bot.core.corroboration import group_counts, is_one_partys_word, is_told_by_both, publishers_of
from bot.core.model import Item, Level, PublisherKind, Relevance, Story
from bot.core.rules import Rule
from bot.core.tables import Table, tables_in
from bot.core.text import Words
from bot.core.topics import NamedRules
from bot.errors import ConfigError, Fault

FILE = "levels.toml"
_TABLES = ("rule", "event")

_LOUDNESS = {Level.NORMAL: 0, Level.MAJOR: 1, Level.BREAKING: 2}
_OFFICIAL = frozenset(
    {
        PublisherKind.NATO_OFFICIAL,
        PublisherKind.WESTERN_GOVERNMENT,
        PublisherKind.RUSSIAN_OFFICIAL,
        PublisherKind.UN_OSCE,
    }
)
_NEAR_ENOUGH = {
    Relevance.CORE: frozenset({Relevance.CORE}),
    Relevance.RELATED: frozenset({Relevance.CORE, Relevance.RELATED}),
}
_MOST_PUBLISHERS = 50
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule:
    """What lifts a story to a level, and how /why says it.

    Counted are the reports of the last `within` that are at least so relevant, have one of the topics (none: any) and
    whose title one of the words' rules holds for (`worded`). `official`: somebody official, of whichever side, is among
    the publishers of the story; `both`: NATO's side and Russia's are among those counted.
    """

    id: str
    level: Level
    says: str
    relevance: Relevance
    topics: frozenset[str]
    worded: bool
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
    """The rules of levels.toml, loudest first, and the words that they look for in titles."""

    rules: tuple[LevelRule, ...]
    words: NamedRules


def level_of(story: Story, rules: LevelRules, now: datetime) -> Grade:
    """How loud a story is at this moment, at least as loud as it was."""
    louder = [rule for rule in rules.rules if is_louder(rule.level, story.level) and _is_within_reach(rule, story)]
    if louder:
        oldest = now - max(rule.within for rule in louder)
        recent = [item for item in story.items if oldest < item.published <= now]
        reports = [(item, names_in_title(rules.words, item)) for item in recent]
        for rule in louder:
            if _holds(rule, tuple([item for item, names in reports if _counts(rule, item, names, now)])):
                return Grade(level=rule.level, rule=rule)
    return Grade(level=story.level, rule=None)


def is_louder(level: Level, other: Level) -> bool:
    """Whether one level is above another."""
    return _LOUDNESS[level] > _LOUDNESS[other]


def _is_within_reach(rule: LevelRule, story: Story) -> bool:
    """What can be told without looking at each report."""
    return len(publishers_of(story.items)) >= rule.publishers and (
        not rule.official or any(item.publisher_kind in _OFFICIAL for item in story.items)
    )


def _counts(rule: LevelRule, item: Item, names: frozenset[str], now: datetime) -> bool:
    return (
        item.published > now - rule.within
        and item.relevance in _NEAR_ENOUGH[rule.relevance]
        and (not rule.topics or not rule.topics.isdisjoint(item.topics))
        and (not rule.worded or rule.id in names)
    )


def _holds(rule: LevelRule, counted: tuple[Item, ...]) -> bool:
    counts = group_counts(counted)
    return (
        sum(counts.values()) >= rule.publishers
        and len(counts) >= rule.groups
        and not (rule.level is Level.BREAKING and is_one_partys_word(counted))
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
        Fault(where=f"{FILE}: {key}", what=f"there is no table “{key}”; there are {', '.join(_TABLES)}")
        for key in tables
        if key not in _TABLES
    ]
    read = [_rule(name, table, topics) for name, table in tables_in(FILE, tables, "rule", faults)]
    if faults:
        raise ConfigError(*faults)
    loudest_first = sorted((rule for rule, _ in read), key=lambda rule: -_LOUDNESS[rule.level])
    return LevelRules(tuple(loudest_first), named_rules(((rule.id, words) for rule, words in read), aliases))


def named_rules(of: Iterable[tuple[str, Iterable[Rule]]], aliases: Aliases) -> NamedRules:
    """Rules over words by the names that they stand for."""
    return NamedRules(((name, rule) for name, rules in of for rule in rules), aliases)


def _rule(name: str, table: Table, topics: Collection[str]) -> tuple[LevelRule, tuple[Rule, ...]]:
    words = tuple(table.word_rules("words"))
    rule = LevelRule(
        id=name,
        level=table.choice("level", (Level.BREAKING, Level.MAJOR)),
        says=table.text("says"),
        relevance=table.choice("relevance", (Relevance.CORE, Relevance.RELATED), Relevance.CORE),
        topics=frozenset(table.texts("topics")),
        worded=bool(words),
        publishers=table.number("publishers", 1, _MOST_PUBLISHERS),
        within=table.length("within"),
        groups=table.number("groups", 1, _MOST_GROUPS, 1),
        official=table.flag("official"),
        both=table.flag("both"),
    )
    for topic in sorted(rule.topics.difference(topics)):
        table.fault(f"there is no topic “{topic}”")
    table.end()
    return rule, words
