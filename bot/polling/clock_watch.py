"""The machine's clock, watched: when it goes back an hour, nothing may stand still for an hour."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.storage import clock_steps
from bot.storage.database import Database, DatabaseFault

log = structlog.get_logger()

EVERY = timedelta(seconds=10)
# Clocks are corrected by less all the time.
TOLERANCE = timedelta(seconds=5)

WentBack = Callable[[timedelta], None]
"""Is told by how much the clock has gone back."""


class ClockWatch:
    """Notices that the clock has gone back, also while the bot was not running, and sets right what waits for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._last: datetime | None = None
        self._watchers: list[WentBack] = []

    def watch(self, told: WentBack) -> None:
        """Call `told` each time, once what is stored is right again."""
        self._watchers.append(told)

    async def begin(self) -> None:
        """The first look: the last run has left moments behind. Before anything else is read of them."""
        async with self._database.read() as tx:
            self._last = await clock_steps.newest_moment(tx)
        await self.look()

    async def run(self) -> None:
        """Look every ten seconds until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseFault as error:
                log.warning("what waits for the clock cannot be set right yet", problem=str(error))
            await asyncio.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """Set right what a step back since the last look has put wrong."""
        now = self._clock.now()
        by = (self._last or now) - now
        if by > TOLERANCE:
            log.warning("the clock has gone back", seconds=round(by.total_seconds()))
            async with self._database.write() as tx:
                await clock_steps.go_back(tx, by, now)
            for told in self._watchers:
                told(by)
        self._last = now
