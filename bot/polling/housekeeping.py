"""Housekeeping: once a day, delete the news and the chats that nobody will ask for any more."""

import asyncio
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.core.matcher import RuleIndex
from bot.storage import broadcasts, news, subscribers
from bot.storage.database import Database, DatabaseFault
from bot.storage.outages import level_of

log = structlog.get_logger()

EVERY = timedelta(days=1)


class Housekeeper:
    """Deletes stories that nothing has been added to for `keep`, and chats that have long been out of reach."""

    def __init__(self, *, database: Database, index: RuleIndex, clock: Clock, keep: timedelta) -> None:
        self._database = database
        self._index = index
        self._clock = clock
        self._keep = keep

    async def run(self) -> None:
        """Tidy up at start and then daily, until cancelled."""
        while True:
            try:
                await self.tidy()
                await self.forget_parked()
            except DatabaseFault as error:
                log.log(level_of(error), "old news could not be deleted; tomorrow again", problem=str(error))
            await asyncio.sleep(EVERY.total_seconds())

    async def tidy(self) -> int:
        """Delete what is too old, in small transactions; returns how many stories that were."""
        before = self._clock.now() - self._keep
        total = 0
        while True:
            async with self._database.write() as tx:
                deleted = await news.delete_older(tx, before)
            total += deleted
            if not deleted:
                break
        async with self._database.write() as tx:
            await broadcasts.delete_older(tx, before)
        if total:
            log.info("old news deleted", stories=total)
        return total

    async def forget_parked(self) -> None:
        """Forget the chats whose rules were kept in vain."""
        async with self._database.write() as tx:
            for subscriber in await subscribers.long_parked(tx, self._clock.now()):
                for rule in await subscribers.forget(tx, subscriber):
                    self._index.remove(rule)
