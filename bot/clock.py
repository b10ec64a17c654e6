"""The present, as an argument: what needs the time is handed a Clock. And how long to wait after failures."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def doubled(first: timedelta, failures: int, longest: timedelta) -> timedelta:
    """The wait after the last of so many failures in a row: `first`, doubled with each more, `longest` at the most."""
    return min(first * (1 << min(max(failures, 1) - 1, 20)), longest)
