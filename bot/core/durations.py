"""Lengths of time as people type and read them: 2h, 7d, 30 min, 1 week."""

import re
from datetime import timedelta

from bot.core.message import say_count, text_of

_UNITS = {
    timedelta(minutes=1): ("m", "min", "mins", "minute", "minutes"),
    timedelta(hours=1): ("h", "hr", "hrs", "hour", "hours"),
    timedelta(days=1): ("d", "day", "days"),
    timedelta(weeks=1): ("w", "wk", "wks", "week", "weeks"),
    timedelta(days=30): ("month", "months"),
}
_LENGTH_OF = {name: length for length, names in _UNITS.items() for name in names}

_UNIT = "|".join(sorted(_LENGTH_OF, key=len, reverse=True))
_AMOUNT = rf"(\d{{1,5}})\s*({_UNIT})"
_WHOLE = re.compile(rf"{_AMOUNT}(?:\s*{_AMOUNT})*", re.IGNORECASE)
_PART = re.compile(_AMOUNT, re.IGNORECASE)
_AT_THE_START = re.compile(rf"(?:\d{{1,5}}\s*(?:{_UNIT})(?:\s+|$))+", re.IGNORECASE)
_AT_THE_END = re.compile(rf"(?:^|(?<=\s))(?:\d{{1,5}}\s*(?:{_UNIT})\s*)+$", re.IGNORECASE)


def to_duration(text: str) -> timedelta | None:
    """The length that `2h`, `30 min` or `1 day 12 hours` means; None for anything else, and for no time at all."""
    if not _WHOLE.fullmatch(text.strip()):
        return None
    parts = _PART.findall(text)
    return sum((int(count) * _LENGTH_OF[unit.lower()] for count, unit in parts), timedelta(0)) or None


def split_trailing(text: str) -> tuple[str, str]:
    """What stands before a length of time at the end of the text, and that length as typed (`""` if there is none)."""
    found = _AT_THE_END.search(text)
    return (text[: found.start()].rstrip(), found.group()) if found else (text, "")


def split_leading(text: str) -> tuple[str, str]:
    """A length of time at the beginning of the text, as typed (`""` if there is none), and what stands after it."""
    found = _AT_THE_START.match(text)
    return (found.group().rstrip(), text[found.end() :]) if found else ("", text)


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
