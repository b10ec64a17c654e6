"""Dates as people and content systems write them: read as they are meant, or not at all.

No library does that: dateutil and dateparser fill gaps with today and take zones that they don't know for UTC;
feedparser reads 2026/11/22 as the first of November, and the Finnish marraskuuta as March.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.core.language.language import Languages, languages
from bot.core.language.text import clean, fold

_LONGEST = 100  # characters
_MONTHS_A_YEAR = 12
_HOURS_OF_A_DIAL = range(1, 13)
_FARTHEST_ZONE = timedelta(hours=14)
_FIRST_OF_1900S = 50

_UTC_NAMES = ("utc", "gmt", "ut", "z")
# Hours from UTC (names in other languages: in their files); those of North America are as RFC 822 says, also in summer.
_ZONES = dict.fromkeys(_UTC_NAMES, 0) | {
    "msk": 3, "eet": 2, "eest": 3, "cet": 1, "cest": 2, "wet": 0, "west": 1,
    "bst": 1, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_PLACES = {"et": "america/new_york", "ct": "america/chicago", "mt": "america/denver", "pt": "america/los_angeles"}

_WORD = r"[^\W\d_]+(?:-[^\W\d_]+)*"
_WEEKDAY = rf"(?:{_WORD}(?:[.,]+\s*|\s)){{0,2}}"
_MONTH = r"(?P<month>[^\W\d_]{3,15})\.?"
_YEAR = r"(?P<year>\d{4})"
_TIME = (
    r"(?P<hour>\d{1,2})\s?[:.h]\s?(?P<minute>\d\d)(?:[:.](?P<second>\d\d?)(?:[.,]\d{1,9})?)?(?!\d)"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?"
)
_ZONE = re.compile(
    r"\s?(?P<name>[^\W\d]+(?:[/-][^\W\d]+)*)?\s?(?:(?P<sign>[+\u2212-])(?P<hours>\d\d?):?(?P<minutes>[0-5]\d|(?<=:)\d)?)?"
    r"(?:\s?(?P<comment>\([^()]*\)|[^\W\d]+))?"
)


@cache
def _forms(found: Languages) -> tuple[re.Pattern[str], ...]:
    times = [language.time for language in found.by_code.values()]
    at = _one_of(time.at for time in times)
    endings = _one_of(language.numbers.glued_ordinals for language in found.by_code.values())
    day = rf"(?P<day>\d{{1,2}})(?:{endings}|[.ºª])?"
    clock = rf"(?:(?:t|,?\s(?:[|–—-]\s)?(?:(?:{at})\.?\s)?|,){_TIME}(?P<zone>.*))?"
    return tuple(
        re.compile(form)
        for form in (
            # ISO 8601 and its like
            rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){clock}",
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
            r"(?:t(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?P<zone>.*))?",
            # RFC 822, whose years may have two digits; "20 ноября 2026 г. в 10:00"
            rf"{_WEEKDAY}{day}[\s-]+(?:de\s|of\s)?{_MONTH},?[\s-]+(?:del?\s)?(?P<year>\d{{4}}|\d\d)\b"
            rf"(?:\s?(?:{_one_of(time.year_marks for time in times)})\b\.?)?{clock}",
            rf"{_WEEKDAY}{_MONTH}\s{day},?\s{_YEAR}{clock}",
            # JavaScript's, C's asctime and the shell's
            rf"{_WEEKDAY}{_MONTH}\s{day},?\s{_TIME}(?P<zone>\D*)\s{_YEAR}",
            # "2026 m. lapkričio 20 d.", "2026. november 20."
            rf"{_YEAR}\.?\s(?:m\.\s|gada\s)?{_MONTH}\s{day}(?:\sd\.)?{clock}",
            rf"{_WEEKDAY}(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<other>\d{{1,2}})(?P=mark){_YEAR}{clock}",
        )
    )


def _one_of(lists: Iterable[Iterable[str]]) -> str:
    return "|".join(sorted([fold(word) for words in lists for word in words], reverse=True)) or "(?!)"


def written_date(text: str) -> datetime | None:
    """The date in a text such as "Пт, 20 ноя 2026 10:00 МСК", in UTC; None unless all of the text is understood.

    Without a time it is midnight, without a zone UTC. 3.4.2026 is in April, 3/4/2026 and 3-4-2026 nobody knows.
    """
    text = fold(clean(text))
    if len(text) > _LONGEST:
        return None
    dates = (_built(match.groupdict()) for form in _forms(languages()) if (match := form.fullmatch(text)))
    return next((date for date in dates if date), None)


def _built(parts: dict[str, str | None]) -> datetime | None:
    month, day = _month_and_day(parts)
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == len("26"):
        # Two digits mean what RFC 5322 says: 49 is 2049, 50 is 1950.
        year += 2000 if year < _FIRST_OF_1900S else 1900
    hour, half = int(parts["hour"] or 0), parts.get("half")
    if half and hour not in _HOURS_OF_A_DIAL:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    clock = (hour, int(parts["minute"] or 0), int(parts["second"] or 0))
    try:
        moment = datetime(year, month, day, *clock, tzinfo=UTC)
        zone = _zone(parts["zone"] or "", moment)
        return None if zone is None else moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int]:
    """Month 0, which is none, for what is no month or may be the day as well."""
    if "first" not in parts:
        month = parts["month"] or ""
        return int(month) if month.isdecimal() else _months(languages()).get(month, 0), int(parts["day"] or 0)
    first, other = int(parts["first"] or 0), int(parts["other"] or 0)
    if parts["mark"] == "." or first > _MONTHS_A_YEAR or first == other:
        return other, first
    return (first, other) if other > _MONTHS_A_YEAR else (0, 0)


@cache
def _months(found: Languages) -> dict[str, int]:
    """The names of months, and all their beginnings of three letters or more, that are those of no other month."""
    names: dict[str, set[int]] = {}
    for language in found.by_code.values():
        for number, words in enumerate(language.time.months, 1):
            for word in words:
                names.setdefault(fold(word), set()).add(number)
    starts: dict[str, set[int]] = {}
    for name, numbers in names.items():
        for end in range(3, len(name)):
            starts.setdefault(name[:end], set()).update(numbers)
    return {name: min(numbers) for name, numbers in (starts | names).items() if len(numbers) == 1}


def _zone(text: str, moment: datetime) -> tzinfo | None:
    """The zone that a text names, at a moment of its clocks; UTC if it names none, None if it is not understood."""
    match = _ZONE.fullmatch(text)
    if match is None:
        return None
    name, comment = match["name"], (match["comment"] or "").strip("() ")
    if match["sign"] is None:
        return _named(name or comment, moment) if name or comment else UTC
    # "+0300 MSK", "GMT+0300 (Moscow Standard Time)", but neither "EST+0300" nor "+0300 EST"
    length = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    if length > _FARTHEST_ZONE:
        return None
    offset, also = timezone(length if match["sign"] == "+" else -length), _named(comment, moment)
    agrees = name in {None, *_UTC_NAMES} and (also is None or also.utcoffset(moment) == offset.utcoffset(moment))
    return offset if agrees else None


def _named(name: str, moment: datetime) -> tzinfo | None:
    """None also for an hour that the clocks of a place skip, or strike twice."""
    hours = (_ZONES | _zones_of(languages())).get(name)
    if hours is not None:
        return timezone(timedelta(hours=hours))
    place = _places().get(_PLACES.get(name, name))
    if place is None:
        return None
    zone = ZoneInfo(place)
    local = moment.replace(tzinfo=zone)
    return zone if local.utcoffset() == local.replace(fold=1).utcoffset() else None


@cache
def _zones_of(found: Languages) -> dict[str, float]:
    return {fold(name): hours for language in found.by_code.values() for name, hours in language.time.zones.items()}


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """The zones of the tz database that bear a place's name; others ("EST5EDT", "Japan") are old spellings."""
    return {name.lower(): name for name in available_timezones() if "/" in name}
