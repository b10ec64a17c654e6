"""The program itself, as a process, before a Telegram that is ill for a while: nothing is lost, next to none twice."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.delivery.outgoing import Outgoing
from bot.storage.database import open_database
from tests.delivery.outbox_rush import Rush
from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import Refusal, Room

pytestmark = pytest.mark.kills

BAD_GATEWAY = Refusal(502, "Bad Gateway")
PEOPLE = 40
# What a process takes to start and forty alerts at Telegram's pace, many times over.
LONGEST = 60.0
SOURCES = """
[[source]]
id = "northgate"
name = "Northgate Wire"
url = "https://northgate.example/rss"
publisher = "northgate"
side = "west"
enabled = false
"""


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


async def owe_alerts(folder: Path, server: TelegramServer) -> list[Room]:
    """Forty people are owed one alert each, which no bot has begun to send."""

    async def nowhere(_outgoing: Outgoing) -> str:
        raise AssertionError("nothing is sent here")

    rooms = [server.person(f"Person {number}") for number in range(PEOPLE)]
    database = await open_database(f"sqlite:///{folder}/faultline.db")
    rush = Rush(database, nowhere, SystemClock())
    await rush.settle_in([room.id for room in rooms], every=PEOPLE)
    await rush.publish("Cable cut off Kestrel")
    await database.close()
    return rooms


@asynccontextmanager
async def running(folder: Path, server: TelegramServer) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, killed at the end of the block."""
    (folder / "sources.toml").write_text(SOURCES)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "FAULTLINE_CONSOLE": "false",
        "FAULTLINE_SOURCES": str(folder / "sources.toml"),
        "FAULTLINE_DATABASE__URL": f"sqlite:///{folder}/faultline.db",
        "FAULTLINE_TELEGRAM__TOKEN": TOKEN,
        "FAULTLINE_TELEGRAM__API_URL": server.url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST):
        while not happened():  # noqa: ASYNC110  what another process does, nobody tells
            await asyncio.sleep(0.01)


def copies(rooms: list[Room]) -> Counter[int]:
    """How many chats have how many copies of the alert."""
    return Counter(len(room.sent) for room in rooms)


async def test_a_telegram_that_answers_502_is_left_alone_and_loses_no_alert(
    tmp_path: Path, server: TelegramServer
) -> None:
    rooms = await owe_alerts(tmp_path, server)
    server.refuses("sendMessage", BAD_GATEWAY, times=10_000)
    async with running(tmp_path, server):
        await until(lambda: server.calls["sendMessage"] >= 3)
        await asyncio.sleep(3)  # the next goes after 5 s
        assert server.calls["sendMessage"] <= 10, "three chats, and what was under way"
        server._troubles["sendMessage"].clear()
        # Those two or three that failed before it was clear whose fault it was are tried again after a minute.
        await until(lambda: copies(rooms)[0] <= 2)
    assert set(copies(rooms)) <= {0, 1}


async def test_a_telegram_that_nobody_reaches_loses_no_alert(tmp_path: Path, server: TelegramServer) -> None:
    rooms = await owe_alerts(tmp_path, server)
    async with running(tmp_path, server):
        await until(lambda: copies(rooms)[1] >= 3)
        await server.goes_down()
        await asyncio.sleep(2)
        await server.comes_back()
        await until(lambda: copies(rooms)[0] <= 1)
    assert copies(rooms)[2] + copies(rooms)[3] <= 1, "but the one whose answer was cut off"


async def test_a_telegram_that_hangs_gets_few_requests_and_loses_no_alert(
    tmp_path: Path, server: TelegramServer
) -> None:
    rooms = await owe_alerts(tmp_path, server)
    answering = server.holds("sendMessage")
    async with running(tmp_path, server):
        await until(lambda: server.calls["sendMessage"] >= 3)
        await asyncio.sleep(3)
        assert server.calls["sendMessage"] <= 10, "and the next wait to hear of them"
        answering.set()
        await until(lambda: copies(rooms)[0] == 0)
    assert set(copies(rooms)) == {1}


async def test_a_kill_and_then_an_outage_lose_no_alert_and_repeat_next_to_none(
    tmp_path: Path, server: TelegramServer
) -> None:
    rooms = await owe_alerts(tmp_path, server)
    async with running(tmp_path, server):
        await until(lambda: copies(rooms)[1] >= 5)
    assert copies(rooms)[0] > PEOPLE / 2, "most had only waited for their turn"
    server.refuses("sendMessage", BAD_GATEWAY, times=10_000)
    before = server.calls["sendMessage"]
    async with running(tmp_path, server):
        await until(lambda: server.calls["sendMessage"] >= before + 3)
        await asyncio.sleep(2)
        server._troubles["sendMessage"].clear()
        await until(lambda: copies(rooms)[0] <= 2)
    assert sum(count for number, count in copies(rooms).items() if number > 1) <= 10, "what was under way at the kill"
