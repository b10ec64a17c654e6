"""What the intake knows of the stories that run, after a restart."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.language.lexicon import NO_LEXICON
from bot.core.model import Item
from bot.core.rules.index import RuleIndex
from bot.core.stories.grouping import Grouper
from bot.errors import FetchError
from bot.polling.intake import TURN, Intake
from bot.storage.database import Database, DatabaseFault, open_database
from tests.builders import NOW, ManualClock, item
from tests.fakes import TOWN_SOURCES, Site, a_life, by_title, real_subject

HOUR = timedelta(hours=1)
COUNT = 450  # more than one page of rows


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


def an_intake(database: Database, grouper: Grouper, thread: asyncio.Lock | None = None) -> Intake:
    return Intake(database=database, index=RuleIndex(), grouper=grouper, levels=real_subject().levels, thread=thread)


def reports() -> list[Item]:
    """Two reports of each event, the second hours after the first."""
    events = [f"Harbour{number} closed by storm{number} at pier{number}" for number in range(COUNT // 2)]
    return [
        item(title, outlet=outlet, ago=ago)
        for outlet, ago in (("northgate", 9 * HOUR), ("volga", 2 * HOUR))
        for title in events
    ]


async def test_a_restart_knows_the_running_stories_as_they_were(database: Database) -> None:
    before, after = by_title(), by_title()
    await an_intake(database, before).take(reports(), NOW, alerting=False)
    await an_intake(database, after).load(NOW)
    assert len(after.profiles) == COUNT // 2
    assert after.profiles == before.profiles
    assert all(profile.count == 2 for profile in after.profiles.values())


async def test_stories_that_are_over_are_not_read(database: Database) -> None:
    old = [item("Choir of Tarn tours the north", ago=80 * HOUR)]
    await an_intake(database, by_title()).take([*old, *reports()], NOW, alerting=False)
    after = by_title()
    await an_intake(database, after).load(NOW)
    assert len(after.profiles) == COUNT // 2


async def test_what_comes_while_stories_are_read_waits_and_finds_its_own(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    grouper = by_title()
    intake = an_intake(database, grouper)
    third = item("Harbour7 closed by storm7 at pier7", outlet="westmark", ago=HOUR)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(intake.load(NOW))
        tasks.create_task(intake.take([third], NOW, alerting=False))
    assert sorted(profile.count for profile in grouper.profiles.values()) == [*[2] * (COUNT // 2 - 1), 3]


async def test_stories_are_read_away_from_the_loop(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    grouper = Counting()
    await an_intake(database, grouper).load(NOW)
    assert grouper.added == COUNT
    assert threading.get_ident() not in grouper.threads


async def test_searches_have_their_turn_and_connections_while_stories_are_read(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    thread = asyncio.Lock()
    grouper = Counting()
    intake = an_intake(database, grouper, thread)
    loading = asyncio.create_task(intake.load(NOW))
    added = []
    while not loading.done():
        async with thread:  # a search, which asks again as soon as it has had its turn
            added.append(grouper.added)
            async with database.read(), database.search():
                pass
    assert max(after - before for before, after in pairwise(added)) <= TURN
    assert grouper.added == COUNT


async def test_a_poll_that_brings_nothing_new_does_not_wait_for_the_stories(database: Database) -> None:
    told = reports()
    await an_intake(database, by_title()).take(told, NOW, alerting=False)
    thread = asyncio.Lock()
    intake = an_intake(database, by_title(), thread)
    async with thread:
        loading = asyncio.create_task(intake.load(NOW))
        async with asyncio.timeout(5):
            retold = replace(told[0], title=f"{told[0].title}, say pilots")
            applied = await intake.take([retold, *told[1:]], NOW, alerting=True)
        assert applied.new == 0
        assert not loading.done()
        new = item("Choir of Tarn tours the north", outlet="volga")
        waiting = asyncio.create_task(intake.take([new], NOW, alerting=True))
    await loading
    assert (await waiting).new == 1


async def test_reading_stories_goes_on_where_a_fault_stopped_it(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    thread = asyncio.Lock()
    grouper = by_title()
    intake = an_intake(database, grouper, thread)
    await thread.acquire()
    loading = asyncio.create_task(intake.load(NOW))
    async with asyncio.timeout(5):
        while not thread._waiters:  # noqa: ASYNC110  the first slice has been read
            await asyncio.sleep(0)
    async with database.write() as tx:
        await tx.execute(text("ALTER TABLE items RENAME TO lost"))
    thread.release()
    with pytest.raises(DatabaseFault):
        await loading
    async with database.write() as tx:
        await tx.execute(text("ALTER TABLE lost RENAME TO items"))
    await intake.load(NOW)
    assert [profile.count for profile in grouper.profiles.values()] == [2] * (COUNT // 2)


class Counting(Grouper):
    """Counts what it is told."""

    def __init__(self) -> None:
        super().__init__(NO_LEXICON)
        self.added = 0
        self.threads: set[int] = set()
        self.has_all = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def add(self, item: Item, story: object) -> None:
        self.added += 1
        self.threads.add(threading.get_ident())
        if self.added == COUNT:
            self._loop.call_soon_threadsafe(self.has_all.set)


async def test_stories_that_could_not_be_read_are_read_with_the_next_news(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    grouper = by_title()
    intake = an_intake(database, grouper)
    async with database.write() as tx:
        await tx.execute(text("ALTER TABLE items RENAME TO lost"))
    with pytest.raises(DatabaseFault):
        await intake.load(NOW)
    async with database.write() as tx:
        await tx.execute(text("ALTER TABLE lost RENAME TO items"))
    await intake.take([item("Choir of Tarn tours the north")], NOW, alerting=False)
    assert len(grouper.profiles) == COUNT // 2 + 1


async def test_a_start_reads_the_running_stories_before_any_site_answers(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    grouper, clock = Counting(), ManualClock()
    sites: dict[str, Site] = {source.id: Site(source.id, clock, trouble=FetchError("down")) for source in TOWN_SOURCES}
    town = await a_life(database, TOWN_SOURCES, sites, clock, grouper)
    polling = asyncio.create_task(town.app.poller.run())
    async with asyncio.timeout(10):
        await grouper.has_all.wait()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
