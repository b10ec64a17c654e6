"""A full outbox before the real dispatcher, and a platform that takes messages at Telegram's pace."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bot.clock import Clock
from bot.core.model import Level, RuleId, Urgency
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind
from bot.delivery.outgoing import Outgoing, Send
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from bot.storage.database import Database, open_database
from tests import builders
from tests.fakes import an_intake

PATIENCE = timedelta(minutes=5)


class PacedChats:
    """Chats of a platform, all of them private, behind the limiter."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.limiter = RateLimiter(TELEGRAM, lambda _: None, clock)
        self.offered: Counter[Urgency] = Counter()
        self.arrived: list[tuple[Outgoing, datetime]] = []

    async def send(self, outgoing: Outgoing) -> str:
        self.offered[outgoing.urgency] += 1
        return await self.limiter.run(
            lambda: self._take(outgoing),
            chat=outgoing.chat.address,
            kind=ChatKind.PRIVATE,
            urgency=outgoing.urgency,
            patience=PATIENCE,
            begin=outgoing.begin,
        )

    async def _take(self, outgoing: Outgoing) -> str:
        self.arrived.append((outgoing, self.clock.now()))
        return str(len(self.arrived))

    def times(self, urgency: Urgency) -> Sequence[datetime]:
        """When messages of this urgency arrived."""
        return [at for outgoing, at in self.arrived if outgoing.urgency is urgency]


class Rush:
    """Chats that follow `cable`, some of them `drone` as well: of the platform `telegram`, and of others beside it."""

    def __init__(self, database: Database, send: Send, clock: Clock, **others: Send) -> None:
        self.database = database
        self._clock = clock
        self._index = RuleIndex()
        self._index.add(RuleId(1), parse_rule("cable"))
        self._index.add(RuleId(2), parse_rule("drone"))
        self._intake = an_intake(database, self._index)
        self.dispatcher = Dispatcher(
            database=database, sends={"telegram": send, **others}, index=self._index, aliases=NO_ALIASES, clock=clock
        )

    async def settle_in(self, addresses: Sequence[object], *, every: int, platform: str = "telegram") -> None:
        """These chats come; one in `every` follows `drone` as well."""
        ids = [{"platform": platform, "address": str(address)} for address in addresses]
        follow = "INSERT OR IGNORE INTO followings (subscriber_id, number, rule_id, created) "
        async with self.database.write() as tx:
            rules = "INSERT OR IGNORE INTO rules (id, text, names_relevance) VALUES (1, 'cable', 0), (2, 'drone', 0)"
            await tx.execute(text(rules))
            come = (
                "INSERT INTO subscribers (platform, address, thread, relevance, created) "
                "VALUES (:platform, :address, '', 'core', 0)"
            )
            await tx.execute(text(come), ids)
            await tx.execute(text(f"{follow} SELECT id, 1, 1, 0 FROM subscribers"))
            await tx.execute(text(f"{follow} SELECT id, 2, 2, 0 FROM subscribers WHERE id % {every} = 0"))

    async def publish(self, title: str, level: Level = Level.NORMAL) -> None:
        """A story of this level is found; the dispatcher is told, and queues its alerts."""
        now = self._clock.now()
        item = builders.item(title, published=now)
        await self._intake.take([item], now, alerting=True)
        async with self.database.write() as tx:
            await tx.execute(text("DELETE FROM deliveries WHERE story_id = (SELECT max(id) FROM stories)"))
            level_sql = "UPDATE stories SET level = :level WHERE id = (SELECT max(id) FROM stories)"
            await tx.execute(text(level_sql), {"level": level})
            await tx.execute(text("INSERT OR IGNORE INTO fanouts (story_id, after) SELECT max(id), 0 FROM stories"))
        self.dispatcher.wake()

    @asynccontextmanager
    async def dispatching(self) -> AsyncIterator[None]:
        """The dispatcher runs for as long as the block lasts."""
        running = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def a_rush(folder: Path, send: Send, clock: Clock, **others: Send) -> AsyncIterator[Rush]:
    database = await open_database(f"sqlite:///{folder}/rush.db")
    try:
        yield Rush(database, send, clock, **others)
    finally:
        await database.close()
