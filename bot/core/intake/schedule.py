"""When a source is polled next: as often as its rhythm deserves, as seldom as its server asks, later after failures.

The interval is proportional to 1/sqrt(rate). Of all ways to spend a given number of requests on sources that publish
at different rates, that one makes the sum of the waits of all items smallest (minimise the sum of rate x interval
under a fixed sum of 1/interval).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.clock import backoff
from bot.core.intake.items import FIRST_FEEDS

MIN_INTERVAL = timedelta(minutes=1)
MAX_INTERVAL = timedelta(hours=1)

# Between the polls of a source that publishes one item an hour. At four an hour it is half of this.
PACE = timedelta(minutes=5)

# A source whose server says "not modified" for so many gaps between its items is asked for everything once.
DOUBTED_GAPS = 10
LONGEST_TRUST = timedelta(days=1)

_REMEMBERED = 10
_LONGEST_BACKOFF = timedelta(hours=1)
_LONGEST_RETRY_AFTER = timedelta(days=1)  # a server that asks for more is mistaken or hostile
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When the newest items of a source came, oldest first, ten at most; empty: nothing is known."""

    times: tuple[datetime, ...] = ()


def first_rhythm(published: Iterable[datetime | None], now: datetime) -> Rhythm:
    """The rhythm that a source's first poll shows: by the dates of its items, as far as they can be true."""
    plausible = sorted(date for date in published if date and FIRST_FEEDS <= date <= now)
    return Rhythm(times=tuple(plausible[-_REMEMBERED:]))


def after_items(rhythm: Rhythm, new: int, now: datetime) -> Rhythm:
    """The rhythm once `new` items were found at `now`; their dates don't matter, for they came since the last poll."""
    return Rhythm(times=(*rhythm.times, *(now,) * min(new, _REMEMBERED))[-_REMEMBERED:])


def next_interval(
    rhythm: Rhythm,
    now: datetime,
    *,
    shortest: timedelta = MIN_INTERVAL,
    longest: timedelta = MAX_INTERVAL,
    wishes: Iterable[timedelta | None] = (),
) -> timedelta:
    """How long to wait after a good poll at `now`.

    The rate is that of the last ten items up to now, so that silence slows a source down. `wishes` are what the server
    would like us to wait at least (Cache-Control, Expires, ttl); they bind up to `longest`.
    """
    if rhythm.times:
        hours = max((now - rhythm.times[0]) / _HOUR, 0)
        adapted = min(max(PACE * math.sqrt(hours / len(rhythm.times)), shortest), longest)
    else:
        adapted = timedelta(seconds=math.sqrt(shortest.total_seconds() * longest.total_seconds()))
    return min(max([adapted, *(wish for wish in wishes if wish)]), longest)


def trusted_for(rhythm: Rhythm, *, shortest: timedelta = MIN_INTERVAL) -> timedelta:
    """How long a server is believed that nothing has changed: ten times the mean gap between the last items.

    At least ten polls, or a source that prints in heaps would hardly be asked with conditions at all; at most a day.
    """
    gaps = len(rhythm.times) - 1
    if gaps < 1:
        return LONGEST_TRUST
    quiet = DOUBTED_GAPS * (rhythm.times[-1] - rhythm.times[0]) / gaps
    return min(max(quiet, DOUBTED_GAPS * shortest), LONGEST_TRUST)


def stagger(source_id: str, interval: timedelta) -> timedelta:
    """A source's own moment within an interval, the same in every run, so that sources don't fire together."""
    share = int.from_bytes(sha256(source_id.encode()).digest()[:4]) / 2**32
    return interval * share


def wait_after(
    failures: int, jitter: float, retry_after: timedelta | None = None, *, shortest: timedelta = MIN_INTERVAL
) -> timedelta:
    """How long to wait after `failures` failures in a row (1, 2 ...); `jitter` is random in [0, 1).

    Doubles from `shortest` to an hour, less up to a half by jitter. A wait that the server named is kept as well.
    """
    asked = min(retry_after or timedelta(0), _LONGEST_RETRY_AFTER)
    return max(backoff(failures, shortest, _LONGEST_BACKOFF, less=jitter / 2), asked)
