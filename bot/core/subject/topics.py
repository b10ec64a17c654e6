"""What a text speaks of: signs and topics, each a name with rules in config/subject/topics.toml.

A sign (`nato`, `ukraine`, `sanctions`) is told by the names and things that a text has, in whatever language; it is
what topics and grades are made of. Their rules may ask for signs as if they were topics: `topic:nato` anywhere in the
text, `topic:title_nato` in its title.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.config_files import Place, faults_at
from bot.core.language.lexicon import Lexicon
from bot.core.language.text import Word
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
    """The signs of an item, and the terms of the lexicon that it has: those of its title, and all of them."""

    title: frozenset[str]
    anywhere: frozenset[str]
    title_terms: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()


class ConceptSigns:
    """Signs by the terms of which each is told."""

    def __init__(self, tables: Mapping[str, SignTable], lexicon: Lexicon) -> None:
        """Raises pydantic's ValidationError (see `faults_at`) with every name that is the first of no set."""
        self._lexicon = lexicon
        self._by_term: defaultdict[str, set[str]] = defaultdict(set)
        self._by_side: defaultdict[str, set[str]] = defaultdict(set)
        self._beside: dict[str, frozenset[str]] = {}
        faults: list[tuple[Place, str]] = []
        for sign, table in tables.items():
            found = {}
            for key in ("concepts", "countries", "beside"):
                named = {name: lexicon.term_of(name) for name in getattr(table, key)}
                faults += [
                    (("sign", sign, key), f"“{name}” is the first name of no set in aliases.toml or translations.toml")
                    for name, term in named.items()
                    if term is None
                ]
                found[key] = frozenset(filter(None, named.values()))
            for term in found["concepts"]:
                self._by_term[term].add(sign)
            for term in found["countries"]:
                self._by_side[term].add(sign)
            if found["beside"]:
                self._beside[sign] = found["beside"]
        if faults:
            raise faults_at(*faults)

    def terms_in(self, words: tuple[Word, ...]) -> frozenset[str]:
        """The terms of a text."""
        return frozenset([term for _, found in self._lexicon.found_in(words) for term in found.terms])

    def signs_of(self, terms: frozenset[str]) -> frozenset[str]:
        """The signs that terms tell."""
        sides = {side for term in terms if (side := self._lexicon.side_of(term))}
        found = set[str]().union(*[self._by_term[term] for term in terms & self._by_term.keys()])
        found.update(*[self._by_side[side] for side in sides & self._by_side.keys()])
        named = terms | sides
        return frozenset(
            [sign for sign in found if not (beside := self._beside.get(sign)) or not beside.isdisjoint(named)]
        )


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
    _signs: ConceptSigns
    _topics: NamedRules
    _grades: NamedRules

    def signs(self, item: Item) -> Signs:
        """What an item speaks of."""
        in_title = self._signs.terms_in(item.words.title)
        terms = in_title | self._signs.terms_in(item.words.summary)
        return Signs(self._signs.signs_of(in_title), self._signs.signs_of(terms), in_title, terms)

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
    """The topics of topics.toml, ready for use.

    Raises pydantic's ValidationError (see `faults_at`) with every sign of which the lexicon doesn't know a concept.
    """
    return Topics(
        topics=tuple(
            Topic(id=name, title=table.title, description=table.description) for name, table in file.topic.items()
        ),
        sides={side: frozenset(signs) for side, signs in file.sides.items()},
        grades={name: table.grade for name, table in file.grade.items()},
        _signs=ConceptSigns(file.sign, aliases.lexicon),
        _topics=_named(file.topic, aliases),
        _grades=_named(file.grade, aliases),
    )


def _named(tables: Mapping[str, GradeTable | TopicTable], aliases: Aliases) -> NamedRules:
    return NamedRules(((name, rule) for name, table in tables.items() for rule in table.rules), aliases)
