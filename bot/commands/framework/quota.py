"""How often one person may ask, so that nobody starves the others. Pure."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cachetools import LRUCache

MOST_ASKED = 20
# Telegram lets us send 20 messages a minute to a whole group (limits.py): one member may have about a third of them.
MOST_ASKED_OF_MEMBER = 6
WINDOW = timedelta(minutes=1)
# Whoever has not asked for longest is forgotten first, with a clean slate; it takes so many others within a minute that
# the platform's own limits come earlier.
PEOPLE_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Somebody has asked more than `most` times in a minute, and is answered again after `wait`.

    `is_first` where they have not been refused so within a minute.
    """

    most: int
    wait: timedelta
    is_first: bool


@dataclass(slots=True)
class _Asked:
    times: deque[datetime] = field(default_factory=deque)
    told: datetime | None = None


class Quota:
    """Counts what each person asks: no stretch of a minute, wherever it begins, holds more than `most` answers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._people: LRUCache[str, _Asked] = LRUCache(PEOPLE_KEPT)

    def __len__(self) -> int:
        """How many people are remembered."""
        return len(self._people)

    def ask(self, who: str, now: datetime) -> Refusal | None:
        """Count a question; None when it is to be answered. What is refused does not count."""
        asked = self._people.setdefault(who, _Asked())
        while asked.times and abs(now - asked.times[0]) >= WINDOW:  # of the future, if the clock has gone back
            asked.times.popleft()
        if len(asked.times) < self._most:
            asked.times.append(now)
            return None
        is_first = asked.told is None or abs(now - asked.told) >= WINDOW
        if is_first:
            asked.told = now
        return Refusal(most=self._most, wait=asked.times[0] + WINDOW - now, is_first=is_first)
