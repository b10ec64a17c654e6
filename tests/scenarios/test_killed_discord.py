"""kill -9 while Discord has taken an alert and we have not heard of it: in text, in a forum, with or without nonces."""

import asyncio
import multiprocessing
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
from discord import ChannelType

from bot.core.rules.rule import parse_rule
from bot.storage import subscribers
from bot.storage.database import open_database
from tests import builders
from tests.builders import NOW
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import Channel
from tests.scenarios import victim
from tests.scenarios.killed_bot import RealClock

KILLS = 2
ROUTES = {ChannelType.text: "create_message", ChannelType.forum: "start_post"}
PATIENCE = 30.0


def title(number: int) -> str:
    return f"Russian ship number {number} cuts a NATO cable in the Baltic"


async def a_subscriber(folder: Path, channel: Channel) -> None:
    database = await open_database(f"sqlite:///{folder}/faultline.db")
    async with database.write() as tx:
        there = await subscribers.ensure(tx, builders.chat(channel.id, platform="discord"), NOW)
        await subscribers.follow(tx, there.id, str(parse_rule("cable")), names_relevance=False, now=NOW)
    await database.close()


def publish(folder: Path, count: int) -> None:
    """The feed changes at once and whole, as a web server shows it."""
    fresh = folder / "fresh.xml"
    fresh.write_bytes(victim.rss([title(number) for number in range(count)]))
    fresh.rename(folder / victim.FEED)


def stored(folder: Path, what: str) -> int:
    with closing(sqlite3.connect(f"file:{folder}/faultline.db?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@asynccontextmanager
async def a_life(folder: Path, server: DiscordServer) -> AsyncIterator[None]:
    """The bot as a process of its own, killed in the end."""
    server.forgets_sessions()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([victim.__name__])
    process = context.Process(target=victim.live, args=(folder, "", server.url), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        await asyncio.to_thread(process.join, PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("are_nonces_known", [True, False])
@pytest.mark.parametrize("kind", ROUTES)
async def test_what_discord_took_before_a_kill_comes_once(
    tmp_path: Path, kind: ChannelType, *, are_nonces_known: bool
) -> None:
    async with DiscordServer(RealClock()) as server:
        channel = server.channel(server.server(), "stories", kind)
        await a_subscriber(tmp_path, channel)
        publish(tmp_path, 1)
        async with a_life(tmp_path, server):
            await until(lambda: stored(tmp_path, "items") == 1)
        for kill in range(1, KILLS + 1):
            may_answer = server.holds_answers(ROUTES[kind])
            publish(tmp_path, kill + 1)
            async with a_life(tmp_path, server):
                await until(partial(_has_come, channel, kill))
            may_answer.set()
            if not are_nonces_known:
                server.forgets_nonces()
            async with a_life(tmp_path, server):
                await until(lambda: not stored(tmp_path, "deliveries WHERE state IN ('queued', 'sending')"))
        assert [title(number) in sent.text for number, sent in enumerate(channel.log, 1)] == [True] * KILLS


def _has_come(channel: Channel, count: int) -> bool:
    return len(channel.log) == count
