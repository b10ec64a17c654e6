"""The rate of all messages together: even steps under the platform's limit, slower after refusals, faster after quiet.

Times are whole microseconds on the caller's own scale: with floats, a moment that we name to the caller could turn out
to be a hair too early when it comes.
"""

import math

SECOND = 1_000_000

# Even steps at 29/30 of the limit leave room for one message in thirty: a caller that wakes late may make up for up to
# 1/29 s, and still no stretch of a second, wherever it begins, holds more than the limit. (A token bucket of depth n
# lets 2n through.)
HEADROOM = 1 / 30
CATCH_UP = math.floor(SECOND * HEADROOM / (1 - HEADROOM))

# Additive increase, multiplicative decrease: how senders that cannot see each other find a fair rate (RFC 5681).
DECREASE = 0.93
HOLD_DECREASE = DECREASE**2  # so that of three refusals in a row each counts
INCREASE = 1 / 60  # of the ceiling, after each quiet spell: half a message a second, of 30
QUIET = 20 * SECOND
FLOOR = 1 / 10  # of the ceiling


class Rate:
    """When the next message may go: from `free_at` on."""

    def __init__(self, per_second: float) -> None:
        self._ceiling = per_second * (1 - HEADROOM)
        self._rate = self._ceiling
        self._quiet_since = 0
        self._cut = -SECOND
        self.free_at = 0

    @property
    def gap(self) -> int:
        """Microseconds from one message to the next."""
        return math.ceil(SECOND / self._rate)

    def take(self, time: int) -> None:
        """A message goes at `time`."""
        self._recover(time)
        self.free_at = max(self.free_at, time - CATCH_UP) + self.gap

    def disturb(self, time: int) -> None:
        """A message was refused: no increase until it has been quiet again."""
        self._quiet_since = time

    def give_way(self, time: int) -> None:
        """Slow down. All refusals of one second are one sign, for the messages were under way together."""
        if time - self._cut >= SECOND:
            self._cut = time
            self._decrease(DECREASE)

    def hold(self, until: int) -> None:
        """Let nothing go before `until`, and then more slowly still: a hold costs more than too low a rate does."""
        if until > self.free_at:
            self.free_at = until
            self._decrease(HOLD_DECREASE)

    def _decrease(self, factor: float) -> None:
        self._rate = max(self._rate * factor, self._ceiling * FLOOR)

    def _recover(self, time: int) -> None:
        if spells := (time - self._quiet_since) // QUIET:
            self._quiet_since += spells * QUIET
            self._rate = min(self._rate + spells * INCREASE * self._ceiling, self._ceiling)
