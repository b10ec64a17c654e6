"""Which event types a title tells: the rows of events.toml, looked for in what its clauses assert.

What is denied, only supposed, or background tells no event; nor does a title that tells of something else altogether,
such as history or a drill.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from statistics import fmean
from typing import Annotated, Self

from cachetools import FIFOCache
from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from bot.config_files import ConfigTable, faults_at, nearest, once_in_file
from bot.core.language.language import languages
from bot.core.language.text import Word, Words, fold
from bot.core.model import Item
from bot.core.rules.aliases import Aliases, Reach
from bot.core.subject.config_models import SignsFile, SignWordRules, Text
from bot.core.subject.topics import ConceptSigns, NamedRules
from bot.core.titles.clauses import Stance
from bot.core.titles.genres import Genre

STRONGEST = 10
"""Weights run from -STRONGEST (conflict) to +STRONGEST (cooperation)."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_REMEMBERED = 4_000  # titles


Id = Annotated[Text, once_in_file("event type or exclusion")]


_ALL = "any"  # the rules for texts of all languages


def _of_known_languages(patterns: Mapping[str, object]) -> Mapping[str, object]:
    codes = {name.lower(): code for code, each in languages().by_code.items() for name in (code, each.name)}
    faults = []
    for lang in [lang for lang in patterns if lang not in {_ALL, *languages().by_code}]:
        meant = codes.get(nearest(lang.lower(), codes) or "")
        advice = f"did you mean {meant}?" if meant else "it has no file in config/languages"
        faults.append(((lang,), f"isn't a language here; {advice}"))
    if faults:
        raise faults_at(*faults)
    return patterns


Patterns = Annotated[Mapping[str, SignWordRules], AfterValidator(_of_known_languages)]
"""Rules over words and signs by language (ISO 639-1), each looked for in the items of its language; those of "any" in
items of all but `EventsFile.own_only`, by what their words mean there: words beside the language's own, other patterns
where it has none.
"""


Short = Annotated[str, Field(max_length=30)]
"""An event in a few words, without who and where, as a noun: what a title says, not that it is so."""


Gravity = Annotated[StrictInt, Field(ge=0, le=3)]


class Takes(StrEnum):
    """What of a title the words of an exclusion take out."""

    TITLE = "title"
    CLAUSE = "clause"


class Exclusion(ConfigTable):
    """Words by which a title, or a clause of it, tells no event of now; `news`: it is news all the same.

    `yields_to`: it takes out no title that tells an event type of this gravity or more before its words. `short` is
    what such a title is about, if that can be said.
    """

    id: Id
    short: Short = ""
    takes: Takes
    news: StrictBool = False
    yields_to: Gravity | None = None
    words: Patterns = Field(min_length=1)


class EventType(ConfigTable):
    """A type of event, and how titles tell it.

    `unless`: clauses that tell of something else; what is left must still fit the words. `denied`: words that tell it
    in a clause that denies something. `said`: it is done by saying it, so that supposing clauses tell it, too.
    `instead_of`: event types that a title which tells this one does not tell. `stopped`: what a clause tells that says
    it is stopped; None is nothing. Only cooperation (a weight over 0) is looked at so. `short_with` is what it is
    called, instead of `short`, beside a name or thing of the lexicon, by that one's first name.
    """

    id: Id
    what: Text
    short: Short = ""
    short_with: Mapping[Text, Short] = Field(default_factory=dict)
    gravity: Gravity
    weight: Annotated[StrictInt, Field(ge=-STRONGEST, le=STRONGEST)]
    words: Patterns = Field(min_length=1)
    unless: Patterns = Field(default_factory=dict)
    denied: Patterns = Field(default_factory=dict)
    said: StrictBool = False
    instead_of: frozenset[str] = frozenset()
    stopped: str | None = None


class EventsFile(SignsFile):
    """The whole file.

    `stopped`: words of stopping, calling off, putting off, failing and pretending. `own_only`: languages whose
    own rules suffice.
    """

    own_only: frozenset[str] = frozenset()
    stopped: Patterns = Field(default_factory=dict)
    exclusion: tuple[Exclusion, ...] = ()
    event: tuple[EventType, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _only_known_are_named(self) -> Self:
        known = {event.id for event in self.event}
        faults = [
            (("event", number, key), f"“{name}” isn't an event type")
            for number, event in enumerate(self.event)
            for key, names in (("instead_of", event.instead_of), ("stopped", {event.stopped or event.id}))
            for name in sorted(names - known)
        ]
        if faults:
            raise faults_at(*faults)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsTold:
    """What a title tells.

    `types` are the event types that it tells; `reported` those that it says happened, also beside what it tells
    (after ..., amid ...) or in the words of somebody who may be wrong. `is_news`: it is news; `is_event`: it begins
    with an event, and is of it for the most.
    """

    types: frozenset[str] = frozenset()
    reported: frozenset[str] = frozenset()
    is_event: bool = False
    is_news: bool = False


_NOTHING = EventsTold()
_NONE: frozenset[str] = frozenset()
_SILENT = frozenset({Genre.OPINION, Genre.FEATURE})


class EventTypes:
    """The event types and exclusions of events.toml, ready to be looked for in titles."""

    def __init__(self, table: EventsFile, aliases: Aliases) -> None:
        """Raises pydantic's ValidationError (see `faults_at`) with every sign of which nobody knows a name."""
        self._exclusions = {row.id: row for row in table.exclusion}
        self._types = {row.id: row for row in table.event}
        self._said = frozenset(row.id for row in table.event if row.said)
        rows: list[_Row] = [(row.id, row.takes, row.words) for row in table.exclusion]
        rows.append(("", _PatternKind.STOPPED, table.stopped))
        for event in table.event:
            kinds = (
                (_PatternKind.WORDS, event.words),
                (_PatternKind.UNLESS, event.unless),
                (_PatternKind.DENIED, event.denied),
            )
            rows += [(event.id, kind, patterns) for kind, patterns in kinds]
        self._signs = ConceptSigns(table.sign, aliases.lexicon)
        self._rules = {
            lang: _rules_for(lang, rows, aliases, is_alone=lang in table.own_only)
            for lang in {_ALL}.union(*[patterns for *_, patterns in rows])
        }
        self._memo: FIFOCache[tuple[str, str, int], EventsTold] = FIFOCache(_REMEMBERED)

    def told_by(self, item: Item) -> EventsTold:
        """What an item's title tells."""
        key = (item.title, item.lang, item.published.year)
        told = self._memo.get(key)
        if told is None:
            told = self._memo[key] = self._told(item)
        return told

    def weight_of(self, item: Item) -> float | None:
        """The mean weight of the gravest event types that an item's title tells; None if it tells none."""
        told = [self._types[name] for name in self.told_by(item).types if name in self._types]
        gravest = max((event.gravity for event in told), default=0)
        return fmean([event.weight for event in told if event.gravity == gravest]) if told else None

    def named_by(self, item: Item) -> Mapping[str, Stance]:
        """The event types that an item's title names and what it does with each: also those that it only supposes or
        denies, and those that somebody who may be wrong tells (SUPPOSED as well); the gravest of what it tells first.
        """
        told, reading = self.told_by(item), item.reading
        if not told.is_news:
            return {}
        found = self._finder_of(item)
        by_stance = {
            stance: found.types([clause.words for clause in reading.clauses if clause.stance is stance])
            for stance in (Stance.SUPPOSED, Stance.DENIED)
        }
        named = dict.fromkeys(self._gravest_first(told.types), Stance.ASSERTED)
        named |= dict.fromkeys(
            self._gravest_first(told.reported - named.keys()),
            Stance.SUPPOSED if reading.stance is Stance.SUPPOSED else Stance.PRESUPPOSED,
        )
        for stance, types in by_stance.items():
            named |= dict.fromkeys(self._gravest_first(types - named.keys()), stance)
        return named

    def short_of(self, name: str, beside: Container[str], term_of: Callable[[str], str | None]) -> str:
        """What an event type or exclusion is called in a few words beside these terms; empty if nothing is said."""
        if name in self._exclusions:
            return self._exclusions[name].short
        row = self._types[name]
        return next((short for thing, short in row.short_with.items() if term_of(thing) in beside), row.short)

    def _finder_of(self, item: Item) -> "_PatternFinder":
        rules = self._rules.get(item.reading.language.code, self._rules[_ALL])
        return _PatternFinder(item, rules, self._signs)

    def _gravest_first(self, names: Iterable[str]) -> list[str]:
        order = {name: place for place, name in enumerate((*self._exclusions, *self._types))}
        gravity = {name: row.gravity for name, row in self._types.items()}
        return sorted(names, key=lambda name: (-gravity.get(name, 0), order[name]))

    def _told(self, item: Item) -> EventsTold:
        reading = item.reading
        if reading.asks or reading.is_withdrawn or reading.genre in _SILENT or _is_past(item):
            return _NOTHING
        found = self._finder_of(item)
        is_told = reading.stance is not Stance.SUPPOSED
        told = [clause.words for clause in reading.clauses if is_told and clause.stance is Stance.ASSERTED]
        about = found.names(Takes.TITLE, [item.words.title])
        if about := frozenset([name for name in about if not self._yields(self._exclusions[name], found, told)]):
            if not all(self._exclusions[name].news for name in about):
                return _NOTHING
            return EventsTold(types=about, is_news=reading.is_news)
        affirmed = [clause.words for clause in reading.affirmed]
        denied = [clause.words for clause in reading.clauses if clause.stance is Stance.DENIED]
        events = [words for words in affirmed if not found.names(Takes.CLAUSE, [words])]
        types = (
            self._types_in(found, [words for words in told if not found.names(Takes.CLAUSE, [words])])
            | (self._said & self._types_in(found, told))
            | found.names(_PatternKind.DENIED, denied)
        )
        is_most = 2 * sum(map(len, events)) > len(item.words.title)
        return EventsTold(
            types=types.difference(*[self._types[name].instead_of for name in types]),
            reported=self._types_in(found, events),
            is_event=reading.is_news and is_most and events[0] is affirmed[0],
            is_news=reading.is_news,
        )

    def _yields(self, exclusion: Exclusion, found: "_PatternFinder", clauses: Sequence[tuple[Word, ...]]) -> bool:
        """Whether clauses tell an event that is grave enough before the words of an exclusion."""
        if exclusion.yields_to is None:
            return False
        words = tuple([word for clause in clauses for word in clause])
        before = takewhile(
            lambda head: exclusion.id not in found.names(exclusion.takes, [head]),
            (words[:end] for end in range(1, len(words) + 1)),
        )
        return any(self._types[name].gravity >= exclusion.yields_to for head in before for name in found.types([head]))

    def _types_in(self, found: "_PatternFinder", clauses: Sequence[tuple[Word, ...]]) -> frozenset[str]:
        """The event types told in clauses; cooperation that is stopped, as what its type says is told then."""
        types = found.types(clauses)
        going_on = found.types([words for words in clauses if not found.names(_PatternKind.STOPPED, [words])])
        stopped = {name for name in types - going_on if self._types[name].weight > 0}
        return (types - stopped) | {told for name in stopped if (told := self._types[name].stopped)}


class _PatternKind(StrEnum):
    """What other patterns are for."""

    STOPPED = "stopped"
    WORDS = "words"
    UNLESS = "unless"
    DENIED = "denied"


_Row = tuple[str, StrEnum, Patterns]  # the id, what the patterns are for


def _rules_for(lang: str, rows: Sequence[_Row], aliases: Aliases, *, is_alone: bool) -> tuple[NamedRules, NamedRules]:
    """The rules of a language and those for all that go with them: words beside its own, others where it has none."""
    own = [(f"{kind} {name}", rule) for name, kind, patterns in rows if lang != _ALL for rule in patterns.get(lang, ())]
    general = [
        (f"{kind} {name}", rule)
        for name, kind, patterns in rows
        if not is_alone and (kind is _PatternKind.WORDS or lang == _ALL or lang not in patterns)
        for rule in patterns.get(_ALL, ())
    ]
    return NamedRules(own, replace(aliases, reach=Reach.NONE)), NamedRules(general, replace(aliases, reach=Reach.ALL))


class _PatternFinder:
    """Finds patterns of all kinds in words of one title, in the same words only once."""

    def __init__(self, item: Item, rules: Sequence[NamedRules], signs: ConceptSigns) -> None:
        self._item = item
        self._rules = rules
        self._signs = signs
        self._found: dict[tuple[str, ...], frozenset[str]] = {}  # by the words as printed

    def names(self, kind: StrEnum, clauses: Sequence[tuple[Word, ...]]) -> frozenset[str]:
        """The ids of rows of which a pattern of this kind holds for the words of all these clauses together."""
        words = clauses[0] if len(clauses) == 1 else tuple([word for clause in clauses for word in clause])
        if not words:
            return _NONE
        key = tuple([word.surface for word in words])
        if (found := self._found.get(key)) is None:
            signs = self._signs.signs_of(self._signs.terms_in(words))
            said = replace(self._item, words=Words(words, ()), topics=tuple(signs))
            found = self._found[key] = _NONE.union(*[rules.names(said) for rules in self._rules])
        return (
            frozenset([name.removeprefix(f"{kind} ") for name in found if name.startswith(f"{kind} ")])
            if found
            else _NONE
        )

    def types(self, clauses: Sequence[tuple[Word, ...]]) -> frozenset[str]:
        """The event types told in clauses, and still told without those that their `unless` takes out."""
        found = self.names(_PatternKind.WORDS, clauses)
        if not found:
            return found
        other = [self.names(_PatternKind.UNLESS, [words]) for words in clauses]
        for name in found & frozenset[str]().union(*other):
            left = [words for words, names in zip(clauses, other, strict=True) if name not in names]
            if name not in self.names(_PatternKind.WORDS, left):
                found -= {name}
        return found


def _is_past(item: Item) -> bool:
    """Whether the title names a year that is over; the first such event since then is of now."""
    since = {fold(word) for word in item.reading.language.time.since}
    title = item.words.title
    return any(
        _YEAR.fullmatch(word.surface) and int(word.surface) < item.published.year
        for place, word in enumerate(title)
        if not place or title[place - 1].folded not in since
    )
