"""DoubleClickGuard of buttons: fingers press twice, and the second press must not overwrite what the first one did."""

from collections.abc import Hashable
from datetime import datetime, timedelta

from cachetools import FIFOCache

from bot.clock import Clock

SAME_PRESS = timedelta(seconds=10)
PRESSES_KEPT = 1000


class DoubleClickGuard:
    """Remembers the last button that was pressed below each message."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: FIFOCache[Hashable, tuple[str, datetime]] = FIFOCache(PRESSES_KEPT)

    def is_repeated(self, message: Hashable, line: str) -> bool:
        """Note a press; whether it is the same as the one just before it."""
        now = self._clock.now()
        before, at = self._last.get(message, ("", now))
        self._last[message] = line, now
        return before == line and timedelta(0) <= now - at < SAME_PRESS

    def forget(self, message: Hashable) -> None:
        """The last press has done nothing; whoever presses next is no second finger."""
        self._last.pop(message, None)
