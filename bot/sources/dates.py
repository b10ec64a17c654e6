"""Dates as people and content systems write them, where they are not ISO 8601.

feedparser knows only English months, and takes MSK and CET for UTC.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

# The first letters that tell a month, in the languages of our sources and their neighbours.
_MONTH_STARTS = (
    "jan gen ene sty янв січ",
    "feb fév fev fev lut фев лют",
    "mar mär mrz мар бер",
    "apr avr abr kwi апр кві",
    "may mai mag maj мая май тра",
    "jun juin giu cze июн чер",
    "jul juil lug lip июл лип",
    "aug aoû ago sie авг сер",
    "sep set wrz сен вер",
    "oct okt ott out paź окт жов",
    "nov lis ноя лис",
    "dec déc dez dic gru дек гру",
)
_MONTHS = {start: number for number, starts in enumerate(_MONTH_STARTS, 1) for start in starts.split()}
_ZONES = {
    "msk": 3, "мск": 3, "eet": 2, "eest": 3, "cet": 1, "cest": 2, "wet": 0, "west": 1, "bst": 1, "trt": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip

_LONGEST = 100  # characters

_CLOCK = r"(?:\D{1,8}(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s?(?P<half>[ap]m\b)?)?"
_ZONE = r"\s*(?:(?P<offset>[+-]\d\d:?\d\d)|(?P<zone>[^\W\d]{1,4})\b)?"
_FORMS = tuple(
    re.compile(rf"(?<!\d){day}{_CLOCK}{_ZONE}", re.IGNORECASE)
    for day in (
        r"(?P<day>\d{1,2})\.?[\s-]+(?P<month>[^\W\d]{3,12})\.?,?[\s-]+(?P<year>\d{4})",
        r"(?P<month>[^\W\d]{3,12})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",
        r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})",
    )
)


def written_date(text: str) -> datetime | None:
    """The date in a text such as "Пт, 20 ноя 2026 10:00 МСК", in UTC; None if it is of no form known here.

    Without a time it is midnight, without a zone UTC; of 3/4/2026 the 3 is the day.
    """
    for form in _FORMS:
        match = form.search(text[:_LONGEST])
        if match is not None and (date := _built(match.groupdict(""))) is not None:
            return date
    return None


def _built(parts: dict[str, str]) -> datetime | None:
    month = int(parts["month"]) if parts["month"].isdecimal() else _month(parts["month"].lower())
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    clock = (hour, int(parts["minute"] or 0), int(parts["second"] or 0))
    try:
        return datetime(int(parts["year"]), month, int(parts["day"]), *clock, tzinfo=_zone(parts)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _month(name: str) -> int:
    """0, which is no month, for a word that isn't one."""
    return _MONTHS.get(name[:3]) or _MONTHS.get(name[:4]) or 0


def _zone(parts: dict[str, str]) -> timezone:
    if parts["offset"]:
        offset = parts["offset"].replace(":", "")
        minutes = int(offset[1:3]) * 60 + int(offset[3:5])
        return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    return timezone(timedelta(hours=_ZONES.get(parts["zone"].lower(), 0)))
