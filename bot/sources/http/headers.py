"""What answers say in their headers about when to come back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = timedelta(days=366)  # beyond it a number is a mistake; also keeps timedelta from overflowing


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long Retry-After asks us to wait, in seconds or until a date (RFC 9110, section 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    return _seconds(value) or _until(value, now)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the answer stays fresh: max-age less Age, else Expires less Date (RFC 9111, section 4.2.1)."""
    pairs = (part.strip().lower().partition("=") for part in headers.get("Cache-Control", "").split(","))
    directives = {name: argument.strip('"') for name, _, argument in pairs}
    if directives.keys() & {"no-cache", "no-store"}:
        return None
    if "max-age" in directives:
        fresh = _seconds(directives["max-age"]) or timedelta(0)
        old = _seconds(headers.get("Age", "")) or timedelta(0)
        return fresh - old if fresh > old else None
    return _until(headers.get("Expires", ""), _date(headers.get("Date", "")) or now)


def _seconds(value: str) -> timedelta | None:
    value = value.strip()
    if not (value.isascii() and value.isdigit()):
        return None
    return min(timedelta(seconds=int(value[:9])), _LONGEST)


def _until(value: str, now: datetime) -> timedelta | None:
    date = _date(value)
    return min(date - now, _LONGEST) if date and date > now else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
