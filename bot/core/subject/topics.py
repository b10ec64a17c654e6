"""What a text speaks of: signs and topics, each a name with rules in config/subject/topics.toml.

A sign is told by words alone (`nato`, `ukraine`, `sanctions`); it is what topics and grades are made of. Their rules
may ask for signs as if they were topics: `topic:nato` anywhere in the text, `topic:title_nato` in its title.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from bot.core.language.text import Words
from bot.core.model import Item, Relevance, RuleId
from bot.core.rules.aliases import Aliases
from bot.core.rules.ast import Filter, terms_of
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import ConfigError, Fault, RuleError

FILE = "topics.toml"
IN_TITLE = "title_"  # before the name of a sign: in the title

_TABLES = ("sign", "topic", "grade", "sides", "core_from")
_SIGN_FIELD = "topic"  # the field by which rules ask for signs
_WORD_FIELDS = frozenset({"title"})  # what the rule of a sign may ask for beside words


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


def topics_of(tables: Mapping[str, object], aliases: Aliases) -> Topics:
    """The topics of a parsed topics.toml; raises ConfigError with every fault of the file."""
    faults = [Fault(where=f"{FILE}: {key}", what=_unknown(key)) for key in tables if key not in _TABLES]
    signs = list(_sections(tables, "sign", faults))
    names = tuple(name for name, _ in signs)
    known = frozenset((*names, *[IN_TITLE + name for name in names]))
    sign_rules = [(name, rule) for name, table in signs for rule in _sign_rules(name, table, faults)]
    topics = list(_sections(tables, "topic", faults))
    grades = list(_sections(tables, "grade", faults))
    book = Topics(
        topics=tuple(_topic(name, table, faults) for name, table in topics),
        sides=_sides(_table(tables, "sides", faults), names, faults),
        _signs=NamedRules(sign_rules, aliases),
        grades={name: _grade(name, table, faults) for name, table in grades},
        _topics=NamedRules(_named("topic", topics, known, faults), aliases),
        _grades=NamedRules(_named("grade", grades, known, faults), aliases),
    )
    if faults:
        raise ConfigError(*faults)
    return book


def _unknown(key: str) -> str:
    return f"“{key}” isn't a table here; the tables are {', '.join(_TABLES)}"


def _table(tables: Mapping[str, object], key: str, faults: list[Fault]) -> Mapping[str, object]:
    table = tables.get(key)
    if isinstance(table, dict):
        return cast("dict[str, object]", table)
    faults.append(Fault(where=f"{FILE}: {key}", what="this table is missing"))
    return {}


def _sections(
    tables: Mapping[str, object], key: str, faults: list[Fault]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, section in _table(tables, key, faults).items():
        if isinstance(section, dict):
            yield name, section
        else:
            faults.append(Fault(where=f"{FILE}: {key} {name}", what=f"must be a table: [{key}.{name}]"))


def _sign_rules(name: str, table: Mapping[str, object], faults: list[Fault]) -> Iterator[Rule]:
    for where, rule in _rules(table.get("rules"), f"sign {name}", faults):
        if strange := rule.fields() - _WORD_FIELDS:
            what = f"a sign consists of words alone, not of {', '.join(sorted(strange))}"
            faults.append(Fault(where=where, what=what))
        yield rule


def _named(
    kind: str, sections: Iterable[tuple[str, Mapping[str, object]]], signs: frozenset[str], faults: list[Fault]
) -> Iterator[tuple[str, Rule]]:
    for name, table in sections:
        for where, rule in _rules(table.get("rules"), f"{kind} {name}", faults):
            filters = [term for term in terms_of(rule.root) if isinstance(term, Filter)]
            asked = dict.fromkeys(term.value for term in filters if term.key == _SIGN_FIELD)
            faults += [Fault(where=where, what=f"“{sign}” isn't a sign") for sign in asked if sign not in signs]
            yield name, rule


def _rules(texts: object, where: str, faults: list[Fault]) -> Iterator[tuple[str, Rule]]:
    """The readable rules of a list of texts, each with its place; what is wrong with the others goes to `faults`."""
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        faults.append(Fault(where=f"{FILE}: {where}", what='needs a list of rules, such as ["drone OR дрон"]'))
        return
    for number, text in enumerate(texts, 1):
        place = f"{FILE}: {where}: rule {number}"
        try:
            yield place, parse_rule(text)
        except RuleError as error:
            near = error.rule[error.position : error.position + 20]
            faults.append(Fault(where=place, what=f"{error} (at “{near}”)" if near else str(error)))


def _topic(name: str, table: Mapping[str, object], faults: list[Fault]) -> Topic:
    words = {}
    for key in ("title", "description"):
        value = table.get(key)
        words[key] = value if isinstance(value, str) else ""
        if not words[key]:
            faults.append(Fault(where=f"{FILE}: topic {name}", what=f"needs a {key} in plain words"))
    return Topic(id=name, **words)


def _grade(name: str, table: Mapping[str, object], faults: list[Fault]) -> Relevance:
    try:
        return Relevance(str(table.get("grade")))
    except ValueError:
        faults.append(Fault(where=f"{FILE}: grade {name}", what='needs a grade: "core", "related" or "none"'))
        return Relevance.NONE


def _sides(table: Mapping[str, object], signs: tuple[str, ...], faults: list[Fault]) -> Mapping[str, frozenset[str]]:
    sides = {}
    for side, members in table.items():
        where = f"{FILE}: sides: {side}"
        if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
            faults.append(Fault(where=where, what='must be a list of signs, such as ["russia", "belarus"]'))
            continue
        faults += [Fault(where=where, what=f"“{name}” isn't a sign") for name in members if name not in signs]
        sides[side] = frozenset(members)
    return sides
