"""Lengths of time as people type and read them: 2h, 7d, 30 min, for a week; 3 дня, полчаса, за неделю.

People may type them in any language that has a `[time]` in its file, whatever the language of anything else. Each is
read in one language, for small words differ: the French `en` is no Danish one, nor is a Czech `a` an English one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache

from bot.core.language.language import Language, Languages, TimeSection, Unit, languages
from bot.core.message.blocks import say_count, text_of

FOREVER = timedelta.max
"""What has no end."""

_DAY = timedelta(days=1)
_LENGTHS: Mapping[Unit, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": _DAY,
    "week": 7 * _DAY,
    "fortnight": 14 * _DAY,
    "month": 30 * _DAY,
    "year": 365 * _DAY,
}
_SHORTEST_WORD = 3  # letters of a unit that may stand alone: `h` is none
_MOST_WORDS = 8  # in the last two weeks and three days


class Also(Enum):
    """What else may be said for a length."""

    NOTHING = "nothing"
    BACK = "back"
    """Of the time before now: yesterday, which began within 48 hours."""
    BEHIND = "behind"
    """The same where it stands behind words, among which "today" is one: Russia Today."""
    AHEAD = "ahead"
    """Of the time to come: forever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one language, in lower case; its units with those of the main ones: за 3d."""

    units: Mapping[str, timedelta]
    numbers: Mapping[str, float]
    time: TimeSection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """The words of all languages, in lower case."""

    mains: Sequence[_Words]
    others: Sequence[_Words]
    units: Mapping[str, timedelta]
    also: Mapping[Also, Mapping[str, timedelta]]
    ago: re.Pattern[str]
    moment: re.Pattern[str]  # no length: until tomorrow, since Monday
    to_come: re.Pattern[str]  # words like any but where a length of the time to come is asked for


_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_GLUED = re.compile(r"(?:\d{1,5}[^\W\d_]*|[^\W\d_]+)(?:\d{1,5}[^\W\d_]+)*,?")  # 7d, 1h30m, 2
_BELOW_ZERO = re.compile(r"(?:^|(?<=\s))[-−–—]\s*(?=\d)")

# Nothing, or a number that is not read: 0d, 1.5h.
_AMISS = re.compile(r"(?:^|(?<=\s))\d+(?:[.,]\d+)?\s*(?P<unit>[^\W\d_]+)$")


def to_duration(text: str, also: Also = Also.NOTHING) -> timedelta | None:
    """The length that `2h`, `30 min`, `1 day 12 hours`, `a week` or `за 3 дня` means, or that `also` allows; None for
    anything else, and for no time at all.
    """
    words = text.lower().split()
    length = _read(words, also)
    return (
        _vocabulary().units.get(words[0])
        if length is None and len(words) == 1 and _may_stand_alone(words[0])
        else length
    )


def split_trailing(text: str, also: Also = Also.NOTHING) -> tuple[str, str]:
    """What stands before a length of time at the end of the text, and that length as typed (`""` if there is none)."""
    words = list(_WORD.finditer(text))
    for first in words[-_MOST_WORDS:]:
        if _read(text[first.start() :].lower().split(), also):
            return text[: first.start()].rstrip(), text[first.start() :]
    return text, ""


def split_leading(text: str, also: Also = Also.NOTHING) -> tuple[str, str]:
    """A length of time at the beginning of the text, as typed (`""` if there is none), and what stands after it."""
    words = list(_WORD.finditer(text))
    for last in reversed(words[:_MOST_WORDS]):
        if _read(text[: last.end()].lower().split(), also):
            return text[: last.end()], text[last.end() :].lstrip()
    return "", text


def below_zero(text: str) -> str:
    """A length of time with a minus before it at the end of the text, as typed; `""` if there is none."""
    found = list(_BELOW_ZERO.finditer(text))
    return text[found[-1].start() :].strip() if found and to_duration(text[found[-1].end() :]) else ""


def like_length(text: str, *, ahead: bool = False) -> str:
    """What stands at the end of the text and is meant as a length of time, but cannot be read as one (0d, 2 days ago,
    until Monday), as typed; `""` if there is nothing of that kind.
    """
    vocabulary = _vocabulary()
    if (found := _AMISS.search(text)) and found["unit"].lower() in vocabulary.units:
        return found.group()
    if ago := vocabulary.ago.search(text):
        before = split_trailing(text[: ago.start()])[1]
        return f"{before}{ago.group()}" if before else ""
    moment = vocabulary.moment.search(text) or (vocabulary.to_come.search(text) if ahead else None)
    return moment.group() if moment else ""


def duration_words(duration: timedelta) -> str:
    """A length for people: `2 hours`, `1 day 12 hours`; the two largest units, rounded down to the minute."""
    minutes = max(0, int(duration.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    said = [
        text_of(say_count(count, one, many))
        for count, one, many in (
            (days, "{count} day", "{count} days"),
            (hours, "{count} hour", "{count} hours"),
            (minutes, "{count} minute", "{count} minutes"),
        )
        if count
    ]
    return " ".join(said[:2]) or text_of(say_count(0, "{count} minute", "{count} minutes"))


def _may_stand_alone(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD


def _read(words: Sequence[str], also: Also) -> timedelta | None:
    """The length that all these words say, in lower case: to a main language, else the shortest to another; 2 години
    are two hours or two years, and few ask for years.
    """
    known = _vocabulary()
    if (phrase := " ".join(words)) in known.also[also]:
        return known.also[also][phrase]
    mains, others = (
        (length for each in group if (length := _read_by(each, words))) for group in (known.mains, known.others)
    )
    return next(mains, None) or min(others, default=None)


def _read_by(known: _Words, words: Sequence[str]) -> timedelta | None:
    """What they say in one language; a unit needs a number, or a word that leads to it."""
    time = known.time
    before = time.leading | time.filling
    start = next((at for at, word in enumerate(words) if word not in before), len(words))
    said = words[start:]
    is_led = not time.leading.isdisjoint(words[:start])
    if len(said) == 1 and (said[0] in time.lengths or (_may_stand_alone(said[0]) and is_led)):
        return time.lengths.get(said[0], known.units.get(said[0]))
    return _sum(known, [piece for word in said if _GLUED.fullmatch(word) for piece in _PIECE.findall(word)], said)


def _sum(known: _Words, pieces: Sequence[str], said: Sequence[str]) -> timedelta | None:
    """What numbers with their units come to; None if anything else was said."""
    if sum(map(len, pieces)) != sum(len(word.rstrip(",")) for word in said):
        return None
    rest = [piece for piece in pieces if piece not in known.time.joining]
    first = [known.numbers.get(piece) for piece in rest[:2]]
    if first in ([0.5, 1], [1, 0.5]):  # half an hour, eine halbe Stunde
        del rest[first.index(1)]
    counts, units = rest[::2], rest[1::2]
    if not rest or len(rest) % 2 or not all(unit in known.units for unit in units):
        return None
    numbers = [_number(known, count) for count in counts]
    if None in numbers:
        return None
    parts = zip(numbers, units, strict=True)
    return sum((number * known.units[unit] for number, unit in parts if number), timedelta(0)) or None


def _number(known: _Words, text: str) -> float | None:
    if text.isdecimal():
        return int(text) if len(text) <= len("99999") else None
    return known.numbers.get(text)


def _vocabulary() -> _Vocabulary:
    return _read_from(languages())


@cache
def _read_from(found: Languages) -> _Vocabulary:
    mains = [language for language in found.by_code.values() if language.code in found.mains.values()]
    others = [language for language in found.by_code.values() if language not in mains]
    times = [language.time for language in (*mains, *others)]
    main_units = _units(mains)
    back = {said: length for time in reversed(times) for said, length in time.back.items()}
    moments = [rf"{before}\s+(?:{_one_of(which)})" for time in times for before, which in time.until.items() if which]
    anything = _one_of(before for time in times for before, which in time.until.items() if not which)
    moments.append(rf"(?:{anything})(?:\s+[^\s\"“”„«»()]+){{1,4}}")
    words_of_mains, words_of_others = (
        [
            _Words(units=main_units | _units([each]), numbers=dict(_counts(each)), time=each.time)
            for each in group
            if each.time.units
        ]
        for group in (mains, others)
    )
    return _Vocabulary(
        mains=words_of_mains,
        others=words_of_others,
        units=_units(others) | main_units,
        also={
            Also.NOTHING: {},
            Also.BACK: back,
            Also.BEHIND: {said: length for said, length in back.items() if length > _DAY},
            Also.AHEAD: dict.fromkeys(_all_of(times, lambda time: time.forever), FOREVER),
        },
        ago=re.compile(rf"\s+(?:{_one_of(_all_of(times, lambda time: time.ago))})$", re.IGNORECASE),
        moment=re.compile(rf"(?:^|(?<=\s))(?:{'|'.join(moments)})$", re.IGNORECASE),
        to_come=re.compile(
            rf"(?:^|(?<=\s))(?:{_one_of(_all_of(times, lambda time: time.moments_to_come))})$", re.IGNORECASE
        ),
    )


def _units(of: Iterable[Language]) -> dict[str, timedelta]:
    """The units of several languages; where two differ, the shortest."""
    named = [(name, _LENGTHS[unit]) for each in of for unit, names in each.time.units.items() for name in names]
    return dict(sorted(named, key=lambda pair: pair[1], reverse=True))


def _counts(language: Language) -> Iterator[tuple[str, float]]:
    for table in (language.time.counts, language.numbers.counting):
        yield from ((word, number) for number, words in table.items() for word in words)


def _all_of(times: Iterable[TimeSection], words: Callable[[TimeSection], frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*map(words, times))


def _one_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, reverse=True))) or "(?!)"
