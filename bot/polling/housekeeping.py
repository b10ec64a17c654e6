"""Housekeeping: once a day, delete the news and the chats that nobody will ask for any more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.core.rules.index import RuleIndex
from bot.storage import broadcasts, news, subscribers
from bot.storage.database import Database, DatabaseFault
from bot.storage.outages import log_prevented

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
                await self.forget_unreachable()
                await self.tidy()
            except DatabaseFault as error:
                log_prevented("old news could not be deleted; tomorrow again", error)
            await asyncio.sleep(EVERY.total_seconds())

    async def tidy(self) -> int:
        """Delete what is too old, in small transactions; returns how many stories that were."""
        before = self._clock.now() - self._keep
        total = await self._delete_all(news.delete_older, before)
        await self._delete_all(news.delete_older_keys, before)
        async with self._database.write() as tx:
            await broadcasts.delete_older(tx, before)
        await self._database.cut_log()
        if total:
            log.info("old news deleted", stories=total)
        return total

    async def _delete_all(self, delete: Callable[[AsyncConnection, datetime], Awaitable[int]], before: datetime) -> int:
        total = 0
        while True:
            async with self._database.write() as tx:
                deleted = await delete(tx, before)
            if not deleted:
                return total
            total += deleted

    async def forget_unreachable(self) -> None:
        """Forget the chats whose rules were kept in vain."""
        async with self._database.write() as tx:
            for subscriber in await subscribers.long_unreachable(tx, self._clock.now()):
                for rule in await subscribers.forget(tx, subscriber):
                    self._index.remove(rule)
