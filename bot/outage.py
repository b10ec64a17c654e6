"""Something that we need and that fails for a while: the log tells when that begins and when it ends, not each try."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Since when something fails, and why, in a few words."""

    since: datetime
    problem: str


class OutageMonitor:
    """Whether something fails now (`outage`).

    `begins` and `ends` are the events of the log. What fails now and then, as a disk that is nearly full, fails on: an
    outage ends with a success that comes `calm` after the last failure or later.
    """

    def __init__(self, clock: Clock, *, begins: str, ends: str, calm: timedelta = timedelta(0)) -> None:
        self._clock = clock
        self._begins = begins
        self._ends = ends
        self._calm = calm
        self._last = clock.now()
        self.outage: Outage | None = None

    def failed(self, problem: str, *, since: datetime | None = None) -> None:
        """It failed just now, and has done so `since` then."""
        self._last = self._clock.now()
        if self.outage is None:
            log.warning(self._begins, problem=problem)
            self.outage = Outage(since=since or self._last, problem=problem)
        else:
            self.outage = Outage(since=self.outage.since, problem=problem)

    def worked(self) -> None:
        """It worked just now."""
        now = self._clock.now()
        # A clock that was put back must not keep an outage for ever.
        if self.outage is not None and not timedelta(0) <= now - self._last < self._calm:
            log.info(self._ends, since=f"{self.outage.since:%d %b %H:%M} UTC", problem=self.outage.problem)
            self.outage = None
