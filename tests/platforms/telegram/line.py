"""The real bot on the line with the loopback server: what it answers, what it writes down, how it waits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import aiohttp

from bot.commands import COMMANDS, answer
from bot.commands.framework.command import Command
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Message
from bot.core.model import Chat, Following
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.telegram.platform import Telegram
from bot.platforms.telegram.topics import TopicStore
from bot.platforms.telegram.webhook import Hook
from bot.storage.forum_topics import AlertRoute
from tests.builders import ManualClock
from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import PATIENCE, Room

UNLIMITED = Limits()


class Ledger:
    """What storage was told."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, ...]] = []
        self.changes = ChatEvents(
            on_migrated=self._migrated,
            on_lost=self._gone,
            on_regained=self._back,
            on_reconnected=self._returned,
            set_up_by=self._set_up_by,
        )
        self.book = TopicStore(
            route_of=self._reach_of, reach=self._reach, reopened=self._reopened, dissolve=self._dissolve
        )

    async def _migrated(self, old: Chat, new: Chat) -> None:
        self.entries.append(("migrated", old.address, new.address))

    async def _gone(self, chat: Chat) -> tuple[str, ...]:
        self.entries.append(("gone", chat.address))
        return ()

    async def _set_up_by(self, _chat: Chat) -> tuple[str, ...]:
        return ()

    async def _back(self, chat: Chat) -> None:
        self.entries.append(("back", chat.address))

    async def _returned(self, since: Mapping[Chat, datetime]) -> None:
        raise AssertionError("Telegram tells of each chat at once")

    # Nobody follows anything here: nothing is to be told of topics.

    async def _reach_of(self, _chat: Chat) -> tuple[AlertRoute, tuple[Following, ...]]:
        return AlertRoute.ITSELF, ()

    async def _reach(self, chat: Chat, new: AlertRoute) -> None:
        raise AssertionError(f"{chat} follows nothing, and is {new}")

    async def _reopened(self, chat: Chat) -> None:
        self.entries.append(("reopened", chat.address, chat.thread))

    async def _dissolve(self, _topic: Chat) -> tuple[Following, ...]:
        return ()


class Naps:
    """Sleep that takes no time but the clock's."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.taken: list[float] = []
        self._nap = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        self._clock.advance(seconds=seconds)
        self._nap.set()
        await asyncio.sleep(0)

    async def until(self, count: int) -> list[float]:
        """Wait for so many naps, and return them."""
        async with asyncio.timeout(PATIENCE):
            while len(self.taken) < count:
                self._nap.clear()
                await self._nap.wait()
        return self.taken[:count]


class Line:
    """The bot on the line."""

    def __init__(self, server: TelegramServer, telegram: Telegram, ledger: Ledger, naps: Naps) -> None:
        self.server = server
        self.telegram = telegram
        self.ledger = ledger
        self.naps = naps

    async def up(self) -> None:
        """Wait until the bot polls and nothing waits for it."""
        await self.server.until(lambda: self.telegram.state == "connected" and self.server.idle)

    async def sends(self, room: Room, message: Message, *, thread: str = "") -> str:
        """The bot is given an alert to send."""
        chat = Chat(platform="telegram", address=str(room.id), thread=thread)
        return await self.telegram.send(Outgoing(chat=chat, message=message))


def answer_with(services: Services) -> Answer:
    """The real commands."""

    async def answered(request: Request) -> Message | None:
        return await answer(request, services)

    return answered


@asynccontextmanager
async def on_the_line(
    server: TelegramServer,
    answered: Answer,
    *,
    token: str = TOKEN,
    table: tuple[Command, ...] = COMMANDS,
    book: TopicStore | None = None,
    changes: ChatEvents | None = None,
) -> AsyncIterator[Line]:
    """The bot, running for as long as the block lasts."""
    async with connected(server, answered, token=token, table=table, book=book, changes=changes) as line:
        running = asyncio.create_task(line.telegram.run())
        try:
            await line.up()
            yield line
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                async with asyncio.timeout(PATIENCE):
                    await running


@asynccontextmanager
async def connected(
    server: TelegramServer,
    answered: Answer,
    *,
    token: str = TOKEN,
    table: tuple[Command, ...] = COMMANDS,
    limits: Limits = UNLIMITED,
    hook: Hook | None = None,
    book: TopicStore | None = None,
    changes: ChatEvents | None = None,
) -> AsyncIterator[Line]:
    """The bot, able to send but not running; unpaced, for the server's clock stands still."""
    ledger, naps = Ledger(), Naps(server.clock)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        telegram = Telegram(
            answered,
            token=token,
            api_url=server.url,
            session=session,
            changes=changes or ledger.changes,
            topics=book or ledger.book,
            hook=hook,
            clock=server.clock,
            limits=limits,
            table=table,
            sleep=naps,
        )
        yield Line(server, telegram, ledger, naps)
