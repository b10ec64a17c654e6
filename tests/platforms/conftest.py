"""Telegram over the loopback: the server, the bot on the line with real commands and a database, Ann and Bob."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.telegram.topics import topic_book
from bot.storage.database import open_database
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line, answer_with, on_the_line
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import Room


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, for migrating takes a fifth of a second."""
    file = tmp_path_factory.mktemp("telegram") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{file}")).close()

    asyncio.run(make())
    return file


@pytest.fixture
async def desk(tmp_path: Path, empty_database: Path) -> AsyncIterator[Desk]:
    """The commands, and the news that they know."""
    file = shutil.copy(empty_database, tmp_path / "faultline.db")
    database = await open_database(f"sqlite:///{file}")
    yield Desk(database)
    await database.close()


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(desk.clock) as server:
        yield server


@pytest.fixture
async def line(server: TelegramServer, desk: Desk) -> AsyncIterator[Line]:
    async with on_the_line(server, answer_with(desk.services), book=topic_book(desk.database)) as line:
        yield line


@pytest.fixture
def ann(server: TelegramServer) -> Room:
    return server.person("Ann")


@pytest.fixture
def bob(server: TelegramServer) -> Room:
    return server.person("Bob")
