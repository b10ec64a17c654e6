"""How often one person may ask, so that nobody starves the others. Pure."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOST_ASKED = 20
WINDOW = timedelta(minutes=1)
# Whoever has not asked for longest is forgotten first, with a clean slate; it takes so many others within a minute that
# the platform's own limits come earlier.
PEOPLE_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Somebody has asked too often, and is answered again after `wait`; `is_first` since the last answer."""

    wait: timedelta
    is_first: bool


@dataclass(slots=True)
class _Asked:
    times: deque[datetime] = field(default_factory=deque)
    was_refused: bool = False


class Quota:
    """Counts what each person asks: no stretch of a minute, wherever it begins, holds more than MOST_ASKED answers."""

    def __init__(self) -> None:
        self._people: OrderedDict[str, _Asked] = OrderedDict()

    def __len__(self) -> int:
        """How many people are remembered."""
        return len(self._people)

    def ask(self, who: str, now: datetime) -> Refusal | None:
        """Count a question; None when it is to be answered. What is refused does not count."""
        asked = self._people.setdefault(who, _Asked())
        self._people.move_to_end(who)
        if len(self._people) > PEOPLE_KEPT:
            self._people.popitem(last=False)
        while asked.times and now - asked.times[0] >= WINDOW:
            asked.times.popleft()
        if len(asked.times) >= MOST_ASKED:
            refusal = Refusal(wait=asked.times[0] + WINDOW - now, is_first=not asked.was_refused)
            asked.was_refused = True
            return refusal
        asked.times.append(now)
        asked.was_refused = False
        return None
