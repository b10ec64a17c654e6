"""The rate of all messages together: even steps under the platform's limit, slower after refusals, faster after quiet.

Steps are even where we send; where messages arrive, after the ways of a network and the pauses of a busy machine, they
are not, so that what may arrive within a second is counted, too.

Times are whole microseconds on the caller's own scale: with floats, a moment that we name to the caller could turn out
to be a hair too early when it comes.
"""

import math
from bisect import bisect_left, insort

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

# Nothing is longer on its way there; what has had no answer by then was taken late, or lost.
LONGEST_WAY = SECOND
# Of fewer answers the shortest time may be long by chance: at the start connections are still to be made.
ENOUGH_ANSWERS = 30


class SlidingWindow:
    """Keeps the messages that may arrive in one second to a number, however unevenly they travel.

    The platform counts when messages arrive, and all we know is that each does so between our send and its answer.
    Those that may fall into one second with the next are counted here, and it waits while they are as many as are
    allowed. The shortest time that an answer took of late is what each takes anyway: it is no uncertainty.
    """

    def __init__(self, most: float) -> None:
        self._most = most  # whole, or infinite
        self._reserved = 0  # places of those that cannot leave yet
        self._leave: list[int] = []  # sorted: when each cannot share a second with the next any more
        self._shortest = self._shortest_before = LONGEST_WAY
        self._measured_since = 0
        self._measured = 0

    def free_at(self, time: int, *, passes: bool = False) -> int:
        """When the next may be sent; one that `passes` may take a place that is reserved."""
        del self._leave[: bisect_left(self._leave, time + 1)]
        most = self._most - (0 if passes else self._reserved)
        if most <= 0:
            return time + SECOND
        return self._leave[-int(most)] if len(self._leave) >= most else time

    def reserve(self, sent: int) -> None:
        """What was to be sent then cannot leave yet; its place is kept from all but those that pass."""
        self.unsent(sent)
        self._reserved += 1

    def release(self) -> None:
        """What a place was reserved for leaves, or never will."""
        self._reserved -= 1

    def depart(self, time: int) -> int:
        """What a place is reserved for leaves at `time`, if that is returned; else it may at the time that is."""
        at = self.free_at(time, passes=True)
        if at == time:
            self.release()
            self.sent(time)
        return at

    def sent(self, time: int) -> None:
        """A message goes."""
        insort(self._leave, time + LONGEST_WAY + SECOND)

    def answered(self, sent: int, time: int) -> None:
        """The answer to what was sent then is here."""
        self._measured += 1
        if time - self._measured_since >= QUIET:
            self._measured_since = time
            self._shortest_before, self._shortest = self._shortest, LONGEST_WAY
        self._shortest = min(self._shortest, time - sent)
        self.unsent(sent)
        way = min(self._shortest, self._shortest_before) if self._measured >= ENOUGH_ANSWERS else 0
        insort(self._leave, min(time - way, sent + LONGEST_WAY) + SECOND)

    def unsent(self, sent: int) -> None:
        """What was to be sent then was not."""
        place = bisect_left(self._leave, sent + LONGEST_WAY + SECOND)
        if place < len(self._leave) and self._leave[place] == sent + LONGEST_WAY + SECOND:
            del self._leave[place]


class Rate:
    """When the next message may go. What becomes of one that went, `arrivals` is to be told."""

    def __init__(self, per_second: float) -> None:
        self._ceiling = per_second * (1 - HEADROOM)
        self._rate = self._ceiling
        self._quiet_since = 0
        self._cut = -SECOND
        self._paced_until = 0
        self.arrivals = SlidingWindow(int(per_second) if per_second < math.inf else math.inf)

    @property
    def gap(self) -> int:
        """Microseconds from one message to the next."""
        return math.ceil(SECOND / self._rate)

    def free_at(self, time: int, *, passes: bool = False) -> int:
        """From when on the next message may go, as far as is known now; does it pass those that cannot leave yet?"""
        return max(self._paced_until, self.arrivals.free_at(time, passes=passes))

    def take(self, time: int) -> None:
        """A message goes at `time`; `arrivals` must be told of it by answered() or unsent()."""
        if spells := (time - self._quiet_since) // QUIET:
            self._quiet_since += spells * QUIET
            self._rate = min(self._rate + spells * INCREASE * self._ceiling, self._ceiling)
        self._paced_until = max(self._paced_until, time - CATCH_UP) + self.gap
        self.arrivals.sent(time)

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
        if until > self._paced_until:
            self._paced_until = until
            self._decrease(HOLD_DECREASE)

    def _decrease(self, factor: float) -> None:
        self._rate = max(self._rate * factor, self._ceiling * FLOOR)
