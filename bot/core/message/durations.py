"""Lengths of time as people type and read them: 2h, 7d, 30 min, for a week; 3 дня, полчаса, за неделю."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from bot.core.message.blocks import say_count, text_of

FOREVER = timedelta.max
"""What has no end."""

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
_UNITS = {
    timedelta(minutes=1): "m min mins minute minutes м мин минута минуту минуты минут",
    _HOUR: "h hr hrs hour hours ч час часа часов",
    _DAY: "d day days д дн день дня дней сутки суток",
    _WEEK: "w wk wks week weeks нед неделя неделю недели недель",
    timedelta(weeks=2): "fortnight fortnights",
    timedelta(days=30): "month months мес месяц месяца месяцев",
    timedelta(days=365): "y yr year years год года лет",
}
_LENGTH_OF = {name: length for length, names in _UNITS.items() for name in names.split()}
_NUMBERS = {
    name: number
    for number, names in {
        0.5: "half",
        1: "a an one один одну одна",
        1.5: "полтора полторы",
        2: "two два две",
        3: "three три",
        4: "four четыре",
        5: "five пять",
        6: "six шесть",
        7: "seven семь",
        8: "eight восемь",
        9: "nine девять",
        10: "ten десять",
        12: "twelve двенадцать",
    }.items()
    for name in names.split()
}
# These say a length wherever they stand; other units without a number are words like any: Victory Day, curfew hour.
_SAID = {"неделю": _WEEK, "сутки": _DAY, "минуту": timedelta(minutes=1), "полчаса": _HOUR / 2, "полгода": 182 * _DAY}
_SHORTEST_WORD = 3  # letters of a unit that may stand alone: `h` is none
_LEADING = frozenset(
    ("for", "since", "last", "past", "next", "this", "за", "на", "последние", "последнюю", "последний", "последних")
)
_ARTICLES = frozenset({"the", "of", "within", "over", "during", "in", "в", "течение"})
_JOINING = frozenset({"and", "и"})
_MOST_WORDS = 8  # in the last two weeks and three days

_NONE: Mapping[str, timedelta] = MappingProxyType({})
BACK: Mapping[str, timedelta] = MappingProxyType(
    {"today": _DAY, "сегодня": _DAY, "yesterday": 2 * _DAY, "since yesterday": 2 * _DAY, "вчера": 2 * _DAY}
)
"""What else may be said of the time before now: yesterday began within 48 hours."""
BEHIND: Mapping[str, timedelta] = MappingProxyType(
    {said: length for said, length in BACK.items() if said not in {"today", "сегодня"}}
)
"""The same where it stands behind words, among which "today" is one: Russia Today."""
AHEAD: Mapping[str, timedelta] = MappingProxyType(
    dict.fromkeys(
        ("forever", "for ever", "for good", "always", "permanently", "навсегда", "бессрочно", "насовсем"), FOREVER
    )
)
"""What else may be said of the time to come."""

_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_GLUED = re.compile(r"(?:\d{1,5}[^\W\d_]*|[^\W\d_]+)(?:\d{1,5}[^\W\d_]+)*,?")  # 7d, 1h30m, 2
_BELOW_ZERO = re.compile(r"(?:^|(?<=\s))[-−–—]\s*(?=\d)")


# Moments, which are no lengths: until tomorrow, since Monday.
_MOMENT = re.compile(
    r"(?:^|(?<=\s))(?:(?:until|till?|since)(?:\s+[^\s\"“”„«»()]+){1,4}"
    r"|до\s+(?:завтра|понедельника|вторника|среды|четверга|пятницы|субботы|воскресенья|утра|вечера))$",
    re.IGNORECASE,
)
# They are words like any but where a length of the time to come is asked for.
_TO_COME = re.compile(r"(?:^|(?<=\s))(?:tomorrow|tonight|завтра|yesterday|вчера)$", re.IGNORECASE)
# Nothing, or a number that is not read: 0d, 1.5h.
_AMISS = re.compile(r"(?:^|(?<=\s))\d+(?:[.,]\d+)?\s*(?P<unit>[^\W\d_]+)$")
_AGO = re.compile(r"\s+(?:ago|назад)$", re.IGNORECASE)


def to_duration(text: str, also: Mapping[str, timedelta] = _NONE) -> timedelta | None:
    """The length that `2h`, `30 min`, `1 day 12 hours`, `a week` or `за 3 дня` means, or that `also` has; None for
    anything else, and for no time at all.
    """
    words = text.lower().split()
    length = _read(words, also)
    return _LENGTH_OF.get(words[0]) if length is None and len(words) == 1 and _may_stand_alone(words[0]) else length


def split_trailing(text: str, also: Mapping[str, timedelta] = _NONE) -> tuple[str, str]:
    """What stands before a length of time at the end of the text, and that length as typed (`""` if there is none)."""
    words = list(_WORD.finditer(text))
    for first in words[-_MOST_WORDS:]:
        if _read(text[first.start() :].lower().split(), also):
            return text[: first.start()].rstrip(), text[first.start() :]
    return text, ""


def split_leading(text: str, also: Mapping[str, timedelta] = _NONE) -> tuple[str, str]:
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
    if (found := _AMISS.search(text)) and found["unit"].lower() in _LENGTH_OF:
        return found.group()
    if ago := _AGO.search(text):
        before = split_trailing(text[: ago.start()])[1]
        return f"{before}{ago.group()}" if before else ""
    moment = _MOMENT.search(text) or (_TO_COME.search(text) if ahead else None)
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


def _read(words: Sequence[str], also: Mapping[str, timedelta]) -> timedelta | None:
    """The length that all these words say, in lower case; a unit needs a number, or a word that leads to it."""
    if (phrase := " ".join(words)) in also:
        return also[phrase]
    start = next((at for at, word in enumerate(words) if word not in _LEADING | _ARTICLES), len(words))
    said = words[start:]
    if len(said) == 1 and (said[0] in _SAID or (_may_stand_alone(said[0]) and not _LEADING.isdisjoint(words[:start]))):
        return _SAID.get(said[0], _LENGTH_OF.get(said[0]))
    return _sum([piece for word in said if _GLUED.fullmatch(word) for piece in _PIECE.findall(word)], said)


def _sum(pieces: Sequence[str], said: Sequence[str]) -> timedelta | None:
    """What numbers with their units come to; None if anything else was said."""
    if sum(map(len, pieces)) != sum(len(word.rstrip(",")) for word in said):
        return None
    rest = [piece for piece in pieces if piece not in _JOINING]
    if rest[:1] == ["half"] and rest[1:2] in (["a"], ["an"]):
        del rest[1]
    counts, units = rest[::2], rest[1::2]
    if not rest or len(rest) % 2 or not all(unit in _LENGTH_OF for unit in units):
        return None
    numbers = [_number(count) for count in counts]
    if None in numbers:
        return None
    parts = zip(numbers, units, strict=True)
    return sum((number * _LENGTH_OF[unit] for number, unit in parts if number), timedelta(0)) or None


def _number(text: str) -> float | None:
    if text.isdecimal():
        return int(text) if len(text) <= len("99999") else None
    return _NUMBERS.get(text)
