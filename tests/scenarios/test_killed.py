"""kill -9 at any moment loses nothing, and repeats at most the one message that was in flight.

The short version of test_kills.py, with one chat.
"""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from bot.core.rules.rule import parse_rule
from bot.storage import subscribers
from bot.storage.database import open_database
from tests import builders
from tests.builders import NOW
from tests.scenarios import victim

KILLS = 8
REPORTS_A_LIFE = 4
TIMEOUT = 60.0


def title(number: int) -> str:
    return f"Russian ship number {number} cuts a NATO cable in the Baltic"


async def a_subscriber(folder: Path) -> None:
    database = await open_database(f"sqlite:///{folder}/faultline.db")
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, builders.chat("ann", platform="fake"), NOW)
        await subscribers.follow(tx, ann.id, str(parse_rule("cable")), names_relevance=False, now=NOW)
    await database.close()


def arrived(folder: Path) -> list[str]:
    log = folder / victim.LOG
    return log.read_text().splitlines() if log.exists() else []


def has_arrived(folder: Path, count: int) -> bool:
    return len(arrived(folder)) >= count


def publish(folder: Path, titles: Sequence[str]) -> None:
    """The feed changes at once and whole, as a web server shows it."""
    fresh = folder / "fresh.xml"
    fresh.write_bytes(victim.rss(titles))
    fresh.rename(folder / victim.FEED)


def wait_for(condition: Callable[[], bool], process: multiprocessing.process.BaseProcess) -> None:
    until = time.monotonic() + TIMEOUT
    while not condition():
        assert process.is_alive(), "the bot ended by itself"
        assert time.monotonic() < until, "nothing happened for too long"
        process.join(0.002)


def stored(folder: Path) -> int:
    """How many items the bot has stored so far."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/faultline.db?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.slow
def test_kills_lose_nothing_and_repeat_at_most_what_was_in_flight(tmp_path: Path) -> None:
    asyncio.run(a_subscriber(tmp_path))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([victim.__name__])
    random = Random(20261122)
    published = [title(0)]
    publish(tmp_path, published)
    repeats = []

    def start() -> multiprocessing.process.BaseProcess:
        process = context.Process(target=victim.live, args=(tmp_path,), daemon=True)
        process.start()
        return process

    process = start()
    wait_for(lambda: stored(tmp_path) > 0, process)
    for kill in range(KILLS):
        published += [title(len(published) + each) for each in range(REPORTS_A_LIFE)]
        publish(tmp_path, published)
        before = len(arrived(tmp_path))
        if kill % 3:  # two in three while alerts are going out, one at any other moment
            wait_for(partial(has_arrived, tmp_path, before + random.randrange(1, REPORTS_A_LIFE)), process)
        process.join(random.uniform(0, 0.02 if kill % 3 else 0.1))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(TIMEOUT)
        repeats.append(len(arrived(tmp_path)) - len(set(arrived(tmp_path))))
        process = start()
    wait_for(lambda: set(arrived(tmp_path)) >= set(published[1:]), process)
    process.kill()
    process.join(TIMEOUT)

    repeats.append(len(arrived(tmp_path)) - len(set(arrived(tmp_path))))
    extra = [after - before for before, after in pairwise(repeats)]
    assert set(published[1:]) - set(arrived(tmp_path)) == set(), "lost"
    assert max(extra) <= 1, "a kill repeats at most the one message that was in flight"
