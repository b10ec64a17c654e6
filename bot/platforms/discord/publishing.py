"""Publishing: alerts in an announcement channel go on to the channels that follow it, where an admin asked for that.

It comes after the alert, which stands whatever becomes of it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from discord import Client, DiscordException, HTTPException

from bot.clock import Clock
from bot.core.model import Urgency
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind
from bot.errors import SendError, SendLater
from bot.platforms.connection import Sleep, wait_after
from bot.platforms.discord.adapter import PLATFORM
from bot.platforms.discord.errors import AWAY, FAULT, wait_of
from bot.platforms.discord.places import chat_of, is_announcing
from bot.platforms.discord.sender import REQUEST_TIMEOUT, Connected, Ref, to_ref
from bot.platforms.sending import PATIENCE
from bot.storage import publications
from bot.storage.database import Database, DatabaseFault

log = structlog.get_logger()

# What Discord lets a channel publish, as it tells whoever tries once more.
MOST = 10
HOUR = timedelta(hours=1)
# What is a day old is no news for those who follow a channel either.
LATEST = timedelta(hours=24)
SHORTEST_WAIT = timedelta(seconds=1)
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
PUBLISHED_ALREADY = 40033


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationBook:
    """Where it is written down what waits, so that it outlives us. Each raises what storage raises."""

    keep: Callable[[Ref, datetime], Awaitable[None]]
    drop: Callable[[Ref], Awaitable[None]]
    waiting: Callable[[], Awaitable[Sequence[tuple[Ref, datetime]]]]


def publication_book(database: Database) -> PublicationBook:
    """The book that is kept in the database."""

    async def keep(ref: Ref, queued: datetime) -> None:
        async with database.write() as tx:
            await publications.add(tx, chat_of(ref.channel), str(ref), queued)

    async def drop(ref: Ref) -> None:
        async with database.write() as tx:
            await publications.remove(tx, chat_of(ref.channel), str(ref))

    async def waiting() -> Sequence[tuple[Ref, datetime]]:
        async with database.read() as tx:
            return [(to_ref(ref), queued) for ref, queued in await publications.waiting(tx, PLATFORM)]

    return PublicationBook(keep=keep, drop=drop, waiting=waiting)


@dataclass(slots=True)
class Waiting:
    """A message that is to be published, since when, and whether that is written down."""

    ref: Ref
    since: datetime
    is_kept: bool = False


@dataclass(slots=True)
class Queue:
    """What one channel has still to publish, and when it published last."""

    waiting: deque[Waiting] = field(default_factory=deque)
    published: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST))
    failures: int = 0


class Publisher:
    """Publishes messages that were sent, each once, at the pace of all that we ask of Discord (`limiter`).

    What a channel may not publish yet waits, and is written down; channels do not wait for one another.
    """

    def __init__(
        self, connected: Connected, limiter: RateLimiter, book: PublicationBook, *, clock: Clock, sleep: Sleep
    ) -> None:
        self._book = book
        self._connected = connected
        self._limiter = limiter
        self._clock = clock
        self._sleep = sleep
        self._queues: dict[int, Queue] = {}
        self._added: asyncio.Queue[Waiting] = asyncio.Queue()

    def add(self, ref: Ref) -> None:
        """Publish a message as soon as its channel may; what prevents that is logged."""
        self._added.put_nowait(Waiting(ref, self._clock.now()))

    async def run(self) -> None:
        """Publish until cancelled, beginning with what waited when we stopped."""
        serving: dict[int, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            try:
                for ref, since in await self._book.waiting():
                    self._added.put_nowait(Waiting(ref, since, is_kept=True))
            except DatabaseFault as error:
                log.warning("what waits to be published cannot be read", problem=str(error))
            while True:
                added = await self._added.get()
                channel = added.ref.channel
                queue = self._queues.setdefault(channel, Queue())
                queue.waiting.append(added)
                if channel not in serving or serving[channel].done():
                    serving[channel] = tasks.create_task(self._serve(queue))
                else:
                    tasks.create_task(self._keep(queue))

    async def _serve(self, queue: Queue) -> None:
        """Publish all that one channel has, one after another."""
        while queue.waiting:
            first = queue.waiting[0]
            wait = timedelta(0)
            if len(queue.published) == MOST:
                # A clock that is set back makes no wait longer.
                wait = min(max(queue.published[0] + HOUR - self._clock.now(), timedelta(0)), HOUR)
            if self._clock.now() + wait - first.since > LATEST:
                log.warning("an alert was not published within a day", channel=first.ref.channel)
            elif pause := wait or await self._publish(queue, first.ref):
                await self._keep(queue)
                await self._sleep(pause.total_seconds())
                continue
            queue.waiting.popleft()
            try:
                if first.is_kept:
                    await self._book.drop(first.ref)
            except DatabaseFault as error:
                log.warning("what was published cannot be written down", problem=str(error))

    async def _keep(self, queue: Queue) -> None:
        """Write down what waits; where that fails it waits all the same, for as long as we run."""
        try:
            for each in [each for each in queue.waiting if not each.is_kept]:
                await self._book.keep(each.ref, each.since)
                each.is_kept = True
        except DatabaseFault as error:
            log.warning("what waits to be published cannot be written down", problem=str(error))

    async def _publish(self, queue: Queue, ref: Ref) -> timedelta | None:
        """Try once; returns after how long to try again, None when that is no use or not needed."""
        try:
            client = await self._connected()
            channel = client.get_channel(ref.channel)
            if channel is not None and not is_announcing(channel):
                return None
            await self._limiter.run(
                lambda: self._request(client, ref),
                chat=("publish", ref.channel),
                kind=ChatKind.CHANNEL,
                urgency=Urgency.EDIT,
                patience=PATIENCE[Urgency.EDIT],
            )
        except (SendError, DiscordException, *AWAY) as error:
            wait = error.retry_after if isinstance(error, SendLater) else wait_of(error)
            # To ask again is no use where Discord refuses it, or the library does.
            is_final = error.status < FAULT if isinstance(error, HTTPException) else isinstance(error, DiscordException)
            if wait is None and not is_final:
                queue.failures += 1
                wait = wait_after(queue.failures)
            if wait is not None:
                return max(wait, SHORTEST_WAIT)
            if not (isinstance(error, HTTPException) and error.code == PUBLISHED_ALREADY):
                problem = f"{type(error).__name__}: {error}"
                log.warning("an alert was not published", channel=ref.channel, problem=problem)
        else:
            queue.published.append(self._clock.now())
        queue.failures = 0
        return None

    async def _request(self, client: Client, ref: Ref) -> None:
        async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
            await client.get_partial_messageable(ref.channel).get_partial_message(ref.message).publish()
