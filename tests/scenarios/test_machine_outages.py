"""What fails for a while and is not our fault: a full disk, a lock, no connection. Told once, and made good."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from bot.core.message.blocks import plain
from bot.core.model import Scope
from bot.errors import FetchError
from bot.storage.database import Database
from tests.builders import source
from tests.fakes import Town, a_town

LONG = "Patrol of Varn sees a drone over the harbour. " * 200


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        await town.follow("ann", "drone relevance:related")
        yield town


async def pages(database: Database, most: int | None = None) -> None:
    """The disk has room for so many pages more, or for as many as anybody wants; the database is told by SQLite."""
    async with database.write() as tx:
        used = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.exec_driver_sql(f"PRAGMA max_page_count = {2**31 if most is None else used + most}")


@asynccontextmanager
async def a_full_disk(database: Database) -> AsyncIterator[None]:
    await pages(database, 0)
    yield
    await pages(database)


def told(logs: Sequence[object], level: str = "warning") -> list[str]:
    lines = [log for log in logs if isinstance(log, dict) and log["log_level"] in {level, "error", "critical"}]
    return [f"{line['event']}: {line['problem']}" for line in lines]


async def first_line(town: Town, who: str) -> str:
    return plain(await town.say(who, "/status")).splitlines()[0]


async def test_a_full_disk_is_told_first_by_status_and_once_by_the_log(town: Town) -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_full_disk(town.app.database):
            for number in range(40):
                town.publish(f"Russian drone {number} crosses into Estonia", summary=LONG)
                town.publish(f"НАТО и Россия: дрон {number} у границ Польши", at="volga", summary=LONG)
            since = f"{town.clock.now():%H:%M}"
            await town.advance(minutes=5)
            assert await first_line(town, "olga") == (
                f"I haven't been able to write to the database since {since} UTC: the disk is full. "
                "Until that is fixed, nothing new is stored or saved."
            )
            assert told(logs) == [
                "the database cannot be written; what comes is tried again until it can: the disk is full"
            ]
            assert town.alerts("ann") == []
        await town.advance(minutes=3)
    assert len(town.alerts("ann")) >= 20
    assert (await first_line(town, "olga")).startswith("Running for")
    assert len(told(logs)) == 1
    assert [log["event"] for log in logs if log["log_level"] == "info"].count("the database can be written again") == 1


async def test_who_asks_what_cannot_be_saved_now_reads_why(town: Town) -> None:
    async with town.app.database.read() as tx:
        file = (await tx.exec_driver_sql("SELECT file FROM pragma_database_list")).scalar_one()
    async with town.app.database.write() as tx:
        await tx.exec_driver_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with structlog.testing.capture_logs() as logs:
        answer = plain(await town.say("bob", "/follow drone (poland OR estonia)"))
        await town.say("ann", "/pause 3h")
    assert answer == (
        "Sorry, that isn't possible right now: I can't use my database (another program has locked it). Please try "
        "again later."
    )
    assert len(told(logs)) == 1
    other.execute("ROLLBACK")
    other.close()
    assert "Alerts are paused" in plain(await town.say("ann", "/pause 3h"))


async def test_without_a_connection_it_is_said_so_once_and_sources_are_asked_as_soon_as_there_is_one(
    tmp_path: Path,
) -> None:
    news = {
        "northgate": "Russian drone crosses into Estonia",
        "volga": "Kremlin denies that its drone hit a Polish barn",
        "westmark": "NATO jets shoot down a drone over the Black Sea",
        "meridian": "Lithuania closes its sky: a drone from Belarus fell beside Vilnius airport",
        "dnipro": "Finnish fishermen net wreckage of a Russian drone",
        "ostrov": "Germany finds a drone on the roof of an arsenal",
    }
    async with a_town(tmp_path, [source(name, scope=Scope.TOPICAL) for name in news]) as town:
        await town.follow("ann", "drone relevance:related")
        with structlog.testing.capture_logs() as logs:
            since = f"{town.clock.now():%H:%M}"
            for name, site in town.sites.items():
                site.trouble = FetchError(f"{name}.example cannot be found", reached=False)
            await town.advance(hours=3)
            status = plain(await town.say("olga", "/status"))
            assert status.splitlines()[0] == f"No connection to the internet since {since} UTC."
            assert "/sources off" not in status
            for name, title in news.items():
                town.sites[name].trouble = None
                town.publish(title, at=name)
            town.sites["ostrov"].trouble = FetchError("ostrov.example cannot be found", reached=False)
            await town.advance(hours=1)
        assert set(town.alerts("ann")) == {title for name, title in news.items() if name != "ostrov"}
    assert [log["event"] for log in logs if log["log_level"] != "debug"] == [
        "no connection to the internet",
        "the internet can be reached again",
    ]


async def test_all_sources_are_read_again_within_a_minute_after_a_long_outage(tmp_path: Path) -> None:
    async with a_town(tmp_path) as town:
        await town.follow("ann", "drone relevance:related")
        for site in town.sites.values():
            site.trouble = FetchError("no connection to it", reached=False)
        await town.advance(hours=8)
        town.site.trouble = town.sites["volga"].trouble = None
        while not plain(await town.say("olga", "/status")).startswith("Running"):
            await town.advance(seconds=30)
        town.publish("Russian drone crosses into Estonia")
        town.publish("Polish jets meet Russian drone over the Baltic", at="volga")
        await town.advance(minutes=1.5)
        assert len(town.alerts("ann")) == 2


async def test_one_source_that_is_out_of_reach_is_its_own_trouble(town: Town) -> None:
    town.sites["volga"].trouble = FetchError("volga.example cannot be found", reached=False)
    with structlog.testing.capture_logs() as logs:
        await town.advance(minutes=10)
    assert [(log["event"], log["source"]) for log in logs if log["log_level"] == "info"] == [("poll failed", "volga")]
    assert (await first_line(town, "olga")).startswith("Running for")
