"""Whether we have a connection to the internet at all, as many different servers together tell."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.outage import Outage, OutageMonitor

# So many hosts, or all if there are fewer, must be out of reach with nobody answering in between, for so long.
ENOUGH = 5
AT_LEAST = 2
PATIENCE = timedelta(seconds=30)


class Internet:
    """Is told which hosts answer, whatever they say, and which cannot be reached."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._monitor = OutageMonitor(
            clock, begins="no connection to the internet", ends="the internet can be reached again"
        )
        self._silent: set[str] = set()
        self._since: datetime | None = None

    @property
    def outage(self) -> Outage | None:
        """Since when there is no connection; None when there is one, or nobody knows."""
        return self._monitor.outage

    def answered(self) -> Collection[str]:
        """A host has answered. Returns the hosts that could not be reached because we had no connection."""
        back = frozenset(self._silent) if self.outage is not None else frozenset[str]()
        self._silent.clear()
        self._since = None
        self._monitor.worked()
        return back

    def is_silent(self, host: str, *, hosts: int) -> None:
        """A host cannot be reached; there are so many in all."""
        now = self._clock.now()
        self._since = self._since or now
        self._silent.add(host)
        enough = min(ENOUGH, max(AT_LEAST, hosts))
        if len(self._silent) >= enough and now - self._since >= PATIENCE:
            self._monitor.failed("no server can be reached", since=self._since)
