"""Updates by long polling: they are asked for, and each request confirms what came before.

They are fetched and read here, not by PTB's Updater: that reads all of a batch or nothing, and so asks for an update
that it cannot read again and again, for ever.
"""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.clock import Clock
from bot.platforms.connection import Connection
from bot.platforms.telegram.queue import UpdateQueue
from bot.platforms.telegram.updates import KINDS, update_of, worth_taking

log = structlog.get_logger()

# A connection can die without a word, and holds up every question until the time-out: so a short wait (PTB's own), and
# little beyond it.
POLL = timedelta(seconds=10)
BEYOND = timedelta(seconds=5)
# As many updates as Telegram hands out at once; fewer mean that there are no more.
BATCH = 100


class PollingBot(Bot):
    """PTB's bot, which also hands out updates as they came."""

    async def raw_updates(self, offset: int | None, wait: timedelta, most: int = BATCH) -> list[dict[str, Any]]:
        """The updates from `offset` on, which confirms all before it. Raises TelegramError."""
        asked = {"offset": offset, "timeout": int(wait.total_seconds()), "limit": most, "allowed_updates": KINDS}
        limit = (wait + BEYOND).total_seconds()
        return list(await self._post("getUpdates", asked, read_timeout=limit, write_timeout=0))


class Polling:
    """Asks Telegram for updates; remembers from one connection to the next how far it came."""

    def __init__(self, bot: PollingBot, connection: Connection, clock: Clock) -> None:
        self._bot = bot
        self._connection = connection
        self._clock = clock
        self._offset: int | None = None
        self._begun: int | None = None
        self._backlog: list[Update] = []

    async def receive(self, turns: UpdateQueue) -> None:
        """Give updates their turns until cancelled. Raises TelegramError."""
        await self._connect(turns)
        while True:
            for update in await self._fetch(POLL):
                await self._start(turns, update)

    async def finish(self, turns: UpdateQueue) -> None:
        """Let what is being answered be answered, and tell Telegram what need not be sent again."""
        await turns.finish()
        try:
            async with asyncio.timeout(1):
                await self._bot.raw_updates(self._begun, timedelta(0), most=1)
        except (TelegramError, TimeoutError):
            log.info("Telegram could not be told what is answered; it may ask again after the next start")

    async def _connect(self, turns: UpdateQueue) -> None:
        """Make ready, and go through what came meanwhile."""
        # Telegram refuses to be polled as long as some earlier program has left a webhook behind.
        await self._bot.delete_webhook()
        while batch := await self._fetch(timedelta(0)):
            self._backlog += batch
        log.info("connected with Telegram", bot=self._bot.username, waiting=len(self._backlog))
        self._connection.restored()
        backlog, self._backlog = self._backlog, []
        for update in worth_taking(backlog, self._clock.now()):
            await self._start(turns, update)

    async def _fetch(self, wait: timedelta) -> list[Update]:
        """The next updates that can be read; what cannot is passed over, once and for all."""
        updates = []
        for raw in await self._bot.raw_updates(self._offset, wait):
            self._offset = raw["update_id"] + 1
            update = update_of(raw)
            if update is None:
                log.error("an update of Telegram's cannot be read", update=raw["update_id"], fields=sorted(raw))
            else:
                updates.append(update)
        return updates

    async def _start(self, turns: UpdateQueue, update: Update) -> None:
        await turns.start(update)
        self._begun = update.update_id + 1
