"""What the tables tell of a title: its event, its places and how many of what; for who doesn't read its language.

No translation: nothing is said here but names of events.toml and aliases.toml, and numbers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from math import inf

from bot.core.language.amounts import Amount, amount_at, ordinal
from bot.core.language.language import language_of
from bot.core.language.lexicon import FoundTerm
from bot.core.language.text import Word, fold, is_small
from bot.core.message.blocks import say, say_count, text_of
from bot.core.model import Item
from bot.core.rules.aliases import Aliases
from bot.core.stories.events import EventTypes
from bot.core.titles.clauses import Stance

LONGEST = 80
MOST_PLACES = 3
# Words from a number to the last that may be what is counted: "doi oameni au fost răniți".
_REACH = 6
_LONGEST_TYPE = 4  # letters before the number of a type: F 35, MiG 29
_YEAR = re.compile(r"(?:19|20)\d\d")

_STANCES: Mapping[Stance, str] = {
    Stance.ASSERTED: "{event}",
    Stance.PRESUPPOSED: "{event}",
    Stance.SUPPOSED: "{event}, not certain",
    Stance.DENIED: "{event}, denied",
}
_SAID_BY_OTHERS = "{event}, reported"  # somebody is named who says so and may be wrong

# What is counted, by the first name of its set in aliases.toml or translations.toml.
_HARM = {"injured": ("{count} injured", "{count} injured"), "dead": ("{count} dead", "{count} dead")}
_THINGS = {
    "drone": ("{count} drone", "{count} drones"),
    "missile": ("{count} missile", "{count} missiles"),
    "balloon": ("{count} balloon", "{count} balloons"),
    "fighter jet": ("{count} jet", "{count} jets"),
    "aircraft": ("{count} aircraft", "{count} aircraft"),
    "helicopter": ("{count} helicopter", "{count} helicopters"),
    "ship": ("{count} ship", "{count} ships"),
    "tanker": ("{count} tanker", "{count} tankers"),
    "submarine": ("{count} submarine", "{count} submarines"),
}
# People, to whom what is said next may have been done.
_PEOPLE = {
    "troops": ("{count} soldier", "{count} troops"),
    "civilian": ("{count} civilian", "{count} civilians"),
    "child": ("{count} child", "{count} children"),
    "diplomat": ("{count} diplomat", "{count} diplomats"),
    "prisoner": ("{count} prisoner", "{count} prisoners"),
    "man": ("", ""),  # in other languages just people
}
_COUNTED = {**_HARM, **_THINGS, **_PEOPLE}


class TitleFacts:
    """Looks up in the tables what titles tell."""

    def __init__(self, events: EventTypes, aliases: Aliases) -> None:
        self._events = events
        self._aliases = aliases
        self._lexicon = aliases.lexicon
        self._counted = {term: name for name in _COUNTED if (term := self._lexicon.term_of(name))}

    def of(self, item: Item) -> str:
        """`drone strike · Galați · 2 injured`; empty if nothing is understood."""
        reading = item.reading
        words = tuple([word for clause in reading.clauses for word in clause.words])
        found = dict(self._lexicon.found_in(words))
        facts = [*self._event(item, found), *self._places(found)]
        for clause in reading.clauses:
            if clause.stance not in {Stance.DENIED, Stance.ASKED}:
                facts += [each for each in self._numbers(item.title, clause.words) if each not in facts]
        while len(said := " · ".join(facts)) > LONGEST:
            facts.pop()
        return said

    def _event(self, item: Item, found: Mapping[int, FoundTerm]) -> Iterator[str]:
        """The gravest event that the title tells; one that it only supposes or denies where it tells none, and where
        it names none, what it is about.
        """
        terms = {term for each in found.values() for term in each.terms}
        said_by_others = any(speaker.is_doubted for speaker in item.reading.speakers)
        for name, stance in self._events.named_by(item).items():
            if short := self._events.short_of(name, terms, self._lexicon.term_of):
                is_claim = stance is Stance.SUPPOSED and said_by_others
                yield text_of(say(_SAID_BY_OTHERS if is_claim else _STANCES[stance], event=short))
                return
        things = (self._counted.get(term) for each in found.values() for term in each.terms)
        if (thing := next((each for each in things if each in _THINGS), None)) and item.reading.stance in _STANCES:
            yield text_of(say(_STANCES[item.reading.stance], event=thing))

    def _places(self, found: Mapping[int, FoundTerm]) -> Iterator[str]:
        """The towns of the title, or else its countries and their seats, as aliases.toml has them first."""
        named = list(dict.fromkeys(term for each in found.values() for term in each.terms))
        towns = [term for term in named if term in self._lexicon.towns]
        places = towns or [term for term in named if self._lexicon.country_of(term)]
        sets = [self._aliases.set_named(term) for term in places[:MOST_PLACES]]
        if names := ", ".join([each.names[0] for each in sets if each]):
            yield names

    def _numbers(self, title: str, words: tuple[Word, ...]) -> Iterator[str]:
        """How many of what, as far as both are certain."""
        found = dict(self._lexicon.found_in(words))
        place = 0
        while place < len(words):
            amount = amount_at(words, place)
            length = amount[1] if amount else 1
            is_count = amount and _is_count(title, words, place, amount[0])
            if amount and is_count and (counted := self._counted_after(words, place + length, found)):
                yield _count_words(amount[0], *_COUNTED[counted])
            place += length

    def _counted_after(self, words: tuple[Word, ...], start: int, found: Mapping[int, FoundTerm]) -> str | None:
        """What is counted, of what follows a number: the first thing, or what has happened to the people."""
        people, unknown = None, 0
        for place, word in enumerate(words[start : start + _REACH], start):
            if place in found:
                terms = found[place].terms
                counted = next((self._counted[term] for term in terms if term in self._counted), None)
                if counted and counted not in _PEOPLE and (people is None or counted in _HARM):
                    return counted
                if counted is None and not any(map(self._lexicon.side_of, terms)):  # 112 Ukrainian drones
                    break
                people = people or counted
            elif amount_at(words, place) or word.folded in _time_words(word.lang):
                break
            elif not is_small(word.folded, word.lang):
                unknown += 1
                if unknown > 1:
                    break
        return people if people and all(_PEOPLE[people]) else None


def _is_count(title: str, words: Sequence[Word], place: int, amount: Amount) -> bool:
    """Whether a number counts something, as far as one can tell: no age, date, type or ordinal, no part of another."""
    word, before = words[place], words[place - 1] if place else None
    following = words[place + 1] if place + 1 < len(words) else None
    neighbours = [each for each in (before, following) if each]
    return (
        amount.said >= 1
        and amount.said.is_integer()
        and not amount.unit
        and "." not in word.surface  # 3.000 is a thousand times as much in one language as in another
        and not _YEAR.fullmatch(word.surface)
        and not ordinal(word, following)
        and not (word.surface[0].isdigit() and any(each.surface.isdigit() for each in neighbours))  # 12 500
        and not (before and before.surface[0].isupper() and len(before.surface) <= _LONGEST_TYPE)  # F 35
        and not re.search(rf"\b{re.escape(word.surface)}\s?[-–‐‑/:]\s?\w|[-–‐‑/:]{re.escape(word.surface)}\b", title)
    )


def _count_words(amount: Amount, one: str, many: str) -> str:
    number = int(amount.said)
    counted = text_of(say_count(number, one, many))
    if amount.low == amount.high:
        return counted
    if amount.high == inf:
        return text_of(say("at least {counted}", counted=counted))
    return text_of(say("up to {counted}" if not amount.low else "about {counted}", counted=counted))


@cache
def _time_words(lang: str) -> frozenset[str]:
    """Months, units of time and their like, as compared."""
    time = language_of(lang).time
    return frozenset(map(fold, [*chain.from_iterable((*time.units.values(), *time.months)), *time.moments]))
