"""What a title tells of: the deeds of config/subject/levels.toml, or what is no event of now and so tells of none.

A deed is looked for in what is left of a title without the clauses that deny, threaten, allow ...
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.language.text import Word, Words
from bot.core.model import Item
from bot.core.rules.aliases import Aliases
from bot.core.rules.rule import Rule
from bot.core.subject.tables import Table
from bot.core.subject.topics import NamedRules

_YEAR = re.compile(r"(?<!\bsince )(?<!\bс )\b(?:19|20)\d\d\b")
_REMEMBERED = 4_000  # titles


class Takes(StrEnum):
    """What of a title the words of an aside take out."""

    TITLE = "title"
    CLAUSE = "clause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Words by which a title, or a clause of it, tells of no event of now; `news`: it is news all the same."""

    id: str
    takes: Takes
    news: bool
    words: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPattern:
    """What a title may tell of, and the clauses that tell of something else."""

    id: str
    words: tuple[Rule, ...]
    unless: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a title tells: the ids of deeds, whether it is news, and of an event (so it begins, and is for the most)."""

    deeds: frozenset[str]
    is_event: bool
    is_news: bool


_NOTHING = Told(deeds=frozenset(), is_event=False, is_news=False)
_NO_EVENT = Told(deeds=frozenset(), is_event=False, is_news=True)


class Deeds:
    """The deeds and asides of levels.toml, ready to be looked for in titles."""

    def __init__(self, deeds: Sequence[EventPattern], asides: Iterable[Exclusion], aliases: Aliases) -> None:
        self._asides = {aside.id: aside for aside in asides}
        self._unless = NamedRules(((deed.id, rule) for deed in deeds for rule in deed.unless), aliases)
        self._deeds = NamedRules(((deed.id, rule) for deed in deeds for rule in deed.words), aliases)
        self._about = NamedRules(self._words_of(Takes.TITLE), aliases)
        self._beside = NamedRules(self._words_of(Takes.CLAUSE), aliases)
        self._memo: dict[tuple[str, int], Told] = {}

    def told_by(self, item: Item) -> Told:
        """What an item's title tells."""
        key = (item.title, item.published.year)
        if key not in self._memo:
            if len(self._memo) >= _REMEMBERED:
                self._memo.clear()
            self._memo[key] = self._told(item)
        return self._memo[key]

    def _words_of(self, takes: Takes) -> Iterator[tuple[str, Rule]]:
        return ((aside.id, rule) for aside in self._asides.values() if aside.takes is takes for rule in aside.words)

    def _told(self, item: Item) -> Told:
        if not item.reading.is_news or _is_past(item):
            return _NOTHING
        if about := self._about.names(_saying(item, item.words.title)):
            return _NO_EVENT if all(self._asides[name].news for name in about) else _NOTHING
        stated = [clause.words for clause in item.reading.affirmed]
        clauses = [words for words in stated if not self._beside.names(_saying(item, words))]
        is_most = 2 * sum(map(len, clauses)) > len(item.words.title)
        is_event = is_most and clauses[0] is stated[0]
        return Told(deeds=self._deeds_in(item, clauses), is_event=is_event, is_news=True)

    def _deeds_in(self, item: Item, clauses: list[tuple[Word, ...]]) -> frozenset[str]:
        """The deeds told in clauses, and still told without those that their `unless` takes out."""
        found = self._deeds.names(_saying(item, _joined(clauses)))
        if not found:
            return found
        other = [self._unless.names(_saying(item, words)) for words in clauses]
        for deed in found & frozenset[str]().union(*other):
            left = [words for words, names in zip(clauses, other, strict=True) if deed not in names]
            if deed not in self._deeds.names(_saying(item, _joined(left))):
                found -= {deed}
        return found


def aside_of(name: str, table: Table) -> Exclusion:
    """An `[[aside]]` table."""
    aside = Exclusion(
        id=name,
        takes=table.choice("takes", Takes),
        news=table.flag("news"),
        words=tuple(table.word_rules("words")),
    )
    _expect_words(table, aside.words)
    return aside


def deed_of(name: str, table: Table) -> EventPattern:
    """A `[[deed]]` table."""
    deed = EventPattern(id=name, words=tuple(table.word_rules("words")), unless=tuple(table.word_rules("unless")))
    _expect_words(table, deed.words)
    return deed


def _expect_words(table: Table, words: tuple[Rule, ...]) -> None:
    if not words:
        table.fault('needs words, a list of rules such as ["drone (fires OR falls)"]')
    table.end()


def _is_past(item: Item) -> bool:
    """Whether the title names a year that is over; the first such event since then is of now."""
    return any(int(year) < item.published.year for year in _YEAR.findall(item.title))


def _saying(item: Item, words: tuple[Word, ...]) -> Item:
    return replace(item, words=Words(words, ()))


def _joined(clauses: list[tuple[Word, ...]]) -> tuple[Word, ...]:
    return tuple([word for words in clauses for word in words])
