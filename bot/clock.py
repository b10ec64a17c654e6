"""The present, as an argument: everything that needs the time is handed a Clock; and how failures are waited out."""

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


def backoff(failures: int, first: timedelta, longest: timedelta, *, less: float = 0.0) -> timedelta:
    """The wait after so many failures in a row (1, 2 ...): `first`, doubled with each up to `longest`.

    `less` is the share that is taken off, at random by the caller, so that no two bots keep step.
    """
    return min(first * (1 << max(min(failures, 21) - 1, 0)), longest) * (1 - less)
