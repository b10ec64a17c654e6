"""What a text speaks of: signs and topics, each a name with rules in config/subject/topics.toml.

A sign is told by words alone (`nato`, `ukraine`, `sanctions`); it is what topics and grades are made of. Their rules
may ask for signs as if they were topics: `topic:nato` anywhere in the text, `topic:title_nato` in its title.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core.language.text import Words
from bot.core.model import Item, Relevance, RuleId
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import Rule
from bot.core.subject.config_models import IN_TITLE, GradeTable, SignTable, TopicsFile, TopicTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a subscriber may follow as `topic:ID`, in plain words."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of an item: those that its title shows, and all of them."""

    title: frozenset[str]
    anywhere: frozenset[str]


class NamedRules:
    """Names with rules: a name holds for an item if one of its rules does."""

    def __init__(self, rules: Iterable[tuple[str, Rule]], aliases: Aliases) -> None:
        self._index = RuleIndex(aliases)
        self._names: list[str] = []
        for name, rule in rules:
            self._index.add(RuleId(len(self._names)), rule)
            self._names.append(name)

    def names(self, item: Item) -> frozenset[str]:
        """The names that hold for an item."""
        return frozenset([self._names[rule_id] for rule_id in self._index.matches(item)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """All of topics.toml but the numbers: `sides` says which signs stand for a side, in the file's order."""

    topics: tuple[Topic, ...]
    sides: Mapping[str, frozenset[str]]
    grades: Mapping[str, Relevance]
    _signs: NamedRules
    _topics: NamedRules
    _grades: NamedRules

    def signs(self, item: Item) -> Signs:
        """What an item speaks of."""
        anywhere = self._signs.names(item)
        if not item.words.summary:
            return Signs(anywhere, anywhere)
        return Signs(self._signs.names(replace(item, words=Words(item.words.title, ()))), anywhere)

    def topics_for(self, item: Item, signs: Signs) -> frozenset[str]:
        """The ids of the topics whose rules hold for an item with these signs."""
        return self._topics.names(_showing(item, signs))

    def grades_for(self, item: Item, signs: Signs) -> frozenset[str]:
        """The names of the grades whose rules hold for an item with these signs."""
        return self._grades.names(_showing(item, signs))

    def grade(self, names: frozenset[str]) -> Relevance:
        """What these grades say together."""
        said = {self.grades[name] for name in names}
        return next((grade for grade in (Relevance.CORE, Relevance.RELATED) if grade in said), Relevance.NONE)


def _showing(item: Item, signs: Signs) -> Item:
    return replace(item, topics=(*signs.anywhere, *[IN_TITLE + name for name in signs.title]))


def topics_of(file: TopicsFile, aliases: Aliases) -> Topics:
    """The topics of topics.toml, ready for use."""
    return Topics(
        topics=tuple(
            Topic(id=name, title=table.title, description=table.description) for name, table in file.topic.items()
        ),
        sides={side: frozenset(signs) for side, signs in file.sides.items()},
        grades={name: table.grade for name, table in file.grade.items()},
        _signs=_named(file.sign, aliases),
        _topics=_named(file.topic, aliases),
        _grades=_named(file.grade, aliases),
    )


def _named(tables: Mapping[str, SignTable | GradeTable | TopicTable], aliases: Aliases) -> NamedRules:
    return NamedRules(((name, rule) for name, table in tables.items() for rule in table.rules), aliases)
