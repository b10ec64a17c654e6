"""A bot that is killed again and again, the platforms that it serves, and an account of what its chats were sent."""

import asyncio
import multiprocessing
import re
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from discord import ChannelType

from bot.core.model import Chat
from bot.storage import schema
from bot.storage.database import Database, open_database
from tests.builders import ManualClock
from tests.platforms.discord.server import DiscordServer
from tests.platforms.telegram.server import TelegramServer
from tests.polling.old_news import MONTH
from tests.scenarios import victim

ANSWER_TIME = 0.05  # seconds
LONGEST_WAIT = 180.0
NUMBER = re.compile(r"ship number (\d+)")
OWED = "(SELECT 1 FROM deliveries WHERE state IN ('queued', 'sending') UNION ALL SELECT 1 FROM fanouts)"
MIGRATING = asyncio.Lock()  # Alembic knows one migration a process


def title(number: int) -> str:
    return f"Russian ship number {number} cuts a NATO cable in the Baltic"


class Message(Protocol):
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Inbox:
    """A chat, and all that it was ever sent."""

    chat: Chat
    messages: Sequence[Message]


class RealClock(ManualClock):
    """The machine's: what the bot looks for on Discord it looks for by time, and ids tell the time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class Servers:
    """Both platforms."""

    telegram: TelegramServer
    discord: DiscordServer

    def people(self, number: int) -> list[Inbox]:
        rooms = [self.telegram.person(f"Person {each}") for each in range(number)]
        return [Inbox(Chat(platform="telegram", address=str(room.id)), room.sent) for room in rooms]

    def groups(self, number: int) -> list[Inbox]:
        rooms = [self.telegram.group(f"Group {each}") for each in range(number)]
        return [Inbox(Chat(platform="telegram", address=str(room.id)), room.sent) for room in rooms]

    def channels(self, number: int) -> list[Inbox]:
        server = self.discord.server()
        made = [self.discord.channel(server, f"stories-{each}") for each in range(number)]
        return [Inbox(Chat(platform="discord", address=each.id), each.sent) for each in made]

    def forums(self, number: int) -> list[Inbox]:
        """What is sent there are the first messages of posts."""
        server = self.discord.server()
        made = [self.discord.channel(server, f"stories-{each}", ChannelType.forum) for each in range(number)]
        return [Inbox(Chat(platform="discord", address=each.id), each.log) for each in made]

    def one_of_each(self) -> list[Inbox]:
        return self.people(1) + self.groups(1) + self.channels(1) + self.forums(1)


@asynccontextmanager
async def both_platforms() -> AsyncIterator[Servers]:
    async with TelegramServer(RealClock()) as telegram, DiscordServer(RealClock()) as discord:
        telegram.takes_time(ANSWER_TIME)
        discord.takes_time(ANSWER_TIME)
        yield Servers(telegram, discord)


@dataclass(slots=True)
class Account:
    """What the chats were owed, what has arrived, and what came twice after each kill."""

    inboxes: Sequence[Inbox]
    owed: set[int] = field(default_factory=set)  # numbers of stories
    repeats: list[int] = field(default_factory=list)
    _seen: Counter[tuple[int, int]] = field(default_factory=Counter)
    _kills: dict[tuple[int, int], int] = field(default_factory=dict)  # which kill ended the life of the last copy

    @property
    def alerts(self) -> int:
        return len(self.owed) * len(self.inboxes)

    @property
    def arrivals(self) -> int:
        return sum(len(inbox.messages) for inbox in self.inboxes)

    @property
    def waiting(self) -> int:
        return self.alerts - (self.arrivals - self.repeated)

    @property
    def lost(self) -> int:
        copies = self._copies()
        return sum((chat, story) not in copies for chat in range(len(self.inboxes)) for story in self.owed)

    @property
    def repeated(self) -> int:
        return sum(copies - 1 for copies in self._copies().values())

    def has_come_to(self, arrivals: int) -> bool:
        return self.arrivals >= arrivals

    def close_life(self, *, was_killed: bool) -> None:
        """Call when a life has ended: what came in it a second time came of the kill that ended the life before."""
        copies = self._copies()
        for which, number in (copies - self._seen).items():
            if which in self._kills:
                self.repeats[self._kills[which]] += number
            self._kills[which] = len(self.repeats)
        if was_killed:
            self.repeats.append(0)
        self._seen = copies

    def _copies(self) -> Counter[tuple[int, int]]:
        found = Counter[tuple[int, int]]()
        for chat, inbox in enumerate(self.inboxes):
            for message in inbox.messages:
                number = NUMBER.search(message.text)
                assert number is not None, message.text
                found[chat, int(number[1])] += 1
        return found


class Bot:
    """One bot: its folder, what its feed shows, and its lives."""

    def __init__(self, folder: Path, servers: Servers, numbers: Iterator[int]) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.titles: list[str] = []
        self.numbers = numbers
        self._servers = servers
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([victim.__name__])

    def publish(self) -> int:
        """The feed shows one story more, at once and whole, as a web server does; returns its number."""
        number = next(self.numbers)
        self.titles.append(title(number))
        fresh = self.folder / "fresh.xml"
        fresh.write_bytes(victim.rss(self.titles))
        fresh.rename(self.folder / victim.FEED)
        return number

    @asynccontextmanager
    async def life(self) -> AsyncIterator[BaseProcess]:
        """The bot runs, until it is killed in the end."""
        telegram, discord = self._servers.telegram, self._servers.discord
        discord.forgets_sessions()
        discord.forgets_nonces()  # as after some minutes
        process = self._context.Process(target=victim.live, args=(self.folder, telegram.url, discord.url), daemon=True)
        process.start()
        try:
            yield process
            assert process.is_alive(), "the bot ended by itself"
        finally:
            process.kill()
            await asyncio.to_thread(process.join)

    async def lives_until(self, happened: Callable[[], bool]) -> float:
        """Let it run until then; returns how many seconds that took."""
        async with self.life() as process:
            return await until(happened, process)

    def has_tables(self) -> bool:
        return self.count(f"alembic_version WHERE version_num = '{schema.REVISION}'") == 1

    def knows_all(self) -> bool:
        known = f"items WHERE source_id = '{victim.SOURCE.id}' AND title LIKE 'Russian ship number %'"
        return self.count(known) == len(self.titles)

    def owes_nothing(self) -> bool:
        """Whether all is told, and what is too old deleted."""
        month_ago = int((datetime.now(UTC) - MONTH).timestamp() * 1e6)
        return self.knows_all() and not self.count(OWED) and not self.count(f"stories WHERE updated < {month_ago}")

    def count(self, what: str) -> int:
        try:
            with closing(sqlite3.connect(f"file:{self.folder}/faultline.db?mode=ro", uri=True)) as connection:
                return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])
        except sqlite3.OperationalError:  # not made yet
            return -1

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Its database, while it does not run."""
        async with MIGRATING:
            database = await open_database(f"sqlite:///{self.folder}/faultline.db")
        yield database
        await database.close()


async def until(happened: Callable[[], bool], process: BaseProcess) -> float:
    """Wait until then; returns how many seconds that took."""
    begin = time.monotonic()
    async with asyncio.timeout(LONGEST_WAIT):
        while not happened():
            assert process.is_alive(), "the bot ended by itself"
            await asyncio.sleep(0.01)
    return time.monotonic() - begin
