"""The real bot on the line with the loopback server: what it answers, what it writes down, how it waits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from bot.clock import SystemClock
from bot.commands import COMMANDS
from bot.commands.framework.command import Command, Param
from bot.commands.framework.completion import Complete, Completion, completions
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.discord.platform import Discord
from bot.platforms.discord.publishing import PublicationBook
from bot.platforms.discord.sender import Ref
from tests.platforms.discord.gateway import TOKEN
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import PATIENCE, Channel, Person
from tests.platforms.telegram.line import UNLIMITED, Naps


class Ledger:
    """What storage was told."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self.written = asyncio.Event()
        self.is_full = False
        self.published_later: dict[Ref, datetime] = {}
        self.book = PublicationBook(keep=self._keep, drop=self._drop, waiting=self._waiting)
        self.changes = ChatEvents(
            on_migrated=self._migrated,
            on_lost=self._gone,
            on_regained=self._back,
            on_reconnected=self._returned,
            set_up_by=self._set_up_by,
        )

    def told(self, what: str) -> list[str]:
        """The addresses of the chats of which it was told this."""
        return [address for told, address in self.entries if told == what]

    async def _migrated(self, old: Chat, new: Chat) -> None:
        raise AssertionError("nothing moves on Discord")

    async def _gone(self, chat: Chat) -> tuple[str, ...]:
        if self.is_full:
            raise OSError("no space left")
        self.entries.append(("gone", chat.address))
        self.written.set()
        return ()

    async def _set_up_by(self, _chat: Chat) -> tuple[str, ...]:
        return ()

    async def _back(self, chat: Chat) -> None:
        self.entries.append(("back", chat.address))
        self.written.set()

    async def _keep(self, ref: Ref, queued: datetime) -> None:
        self.published_later[ref] = queued

    async def _drop(self, ref: Ref) -> None:
        del self.published_later[ref]

    async def _waiting(self) -> list[tuple[Ref, datetime]]:
        return list(self.published_later.items())

    async def _returned(self, since: Mapping[Chat, datetime]) -> None:
        """Nobody has put us out here."""


class Line:
    """The bot on the line."""

    def __init__(self, server: DiscordServer, discord: Discord, ledger: Ledger, naps: Naps) -> None:
        self.server = server
        self.discord = discord
        self.ledger = ledger
        self.naps = naps

    async def up(self) -> None:
        """Wait until the bot is connected and has heard of every server."""
        await self.server.until(lambda: self.server.session is not None, lambda: "a session")
        async with asyncio.timeout(PATIENCE):
            # The library tells of it to nobody but the bot.
            while self.discord.state != "connected" or not self._knows_all():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def sends(self, where: Channel | Person, message: Message, **fields: object) -> str:
        """The bot is given an alert to send."""
        channel = where.private if isinstance(where, Person) else where
        chat = Chat(platform="discord", address=channel.id)
        return await self.discord.send(Outgoing(chat=chat, message=message, **fields))  # type: ignore[arg-type]

    async def is_ready(self) -> None:
        """Wait until the library believes that it has heard of every server: only then others are new to it."""
        assert self.discord._client is not None
        async with asyncio.timeout(PATIENCE):
            await self.discord._client.wait_until_ready()

    async def is_done(self) -> None:
        """Wait until nothing is under way any more."""
        async with asyncio.timeout(PATIENCE):
            while under_way := self.discord._under_way:
                await asyncio.wait(under_way)

    async def hears(self, happened: Callable[[], bool]) -> None:
        """Wait until something was written into the ledger."""
        async with asyncio.timeout(PATIENCE):
            while not happened():
                self.ledger.written.clear()
                await self.ledger.written.wait()

    def _knows_all(self) -> bool:
        client = self.discord._client
        ours = [server for server in self.server.servers.values() if server.with_us]
        return client is not None and all(
            (guild := client.get_guild(int(server.id))) and not guild.unavailable for server in ours
        )


async def complete_nothing(_request: Request, _param: Param, _typed: str) -> tuple[Completion, ...]:
    return ()


def complete_with(services: Services) -> Complete:
    """The real completions."""

    async def complete(request: Request, param: Param, typed: str) -> tuple[Completion, ...]:
        return await completions(request, param, typed, table=COMMANDS, services=services)

    return complete


def connected(
    server: DiscordServer,
    answered: Answer,
    *,
    complete: Complete = complete_nothing,
    token: str = TOKEN,
    api_url: str | None = None,
    table: tuple[Command, ...] = COMMANDS,
    limits: Limits = UNLIMITED,
    real_time: bool = False,
    changes: ChatEvents | None = None,
    book: PublicationBook | None = None,
) -> Line:
    """The bot, not running yet; unpaced, for the server's clock stands still unless it is to be in `real_time`."""
    ledger, naps = Ledger(), Naps(server.clock)
    discord = Discord(
        answered,
        complete,
        token=token,
        api_url=api_url or server.url,
        changes=changes or ledger.changes,
        book=book or ledger.book,
        clock=SystemClock() if real_time else server.clock,
        limits=limits,
        table=table,
        sleep=asyncio.sleep if real_time else naps,
    )
    return Line(server, discord, ledger, naps)


@asynccontextmanager
async def running(line: Line) -> AsyncIterator[Line]:
    """The bot, running for as long as the block lasts."""
    task = asyncio.create_task(line.discord.run())
    try:
        yield line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await task


@asynccontextmanager
async def on_the_line(
    server: DiscordServer,
    answered: Answer,
    *,
    complete: Complete = complete_nothing,
    table: tuple[Command, ...] = COMMANDS,
    changes: ChatEvents | None = None,
    book: PublicationBook | None = None,
) -> AsyncIterator[Line]:
    """The bot, running and connected for as long as the block lasts."""
    line = connected(server, answered, complete=complete, table=table, changes=changes, book=book)
    async with running(line):
        await line.up()
        yield line
