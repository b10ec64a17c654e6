"""What the intake knows of the stories that run, after a restart."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.grouping import Grouper
from bot.core.lexicon import NO_LEXICON
from bot.core.matcher import RuleIndex
from bot.core.model import Item
from bot.errors import FetchError
from bot.polling.intake import Intake
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


def an_intake(database: Database, grouper: Grouper) -> Intake:
    return Intake(database=database, index=RuleIndex(), grouper=grouper, levels=real_subject().levels)


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


async def test_the_loop_goes_on_while_stories_are_read(database: Database) -> None:
    await an_intake(database, by_title()).take(reports(), NOW, alerting=False)
    grouper = Counting()
    loading = asyncio.create_task(an_intake(database, grouper).load(NOW))
    most = 0
    while not loading.done():
        before = grouper.added
        await asyncio.sleep(0)
        most = max(most, grouper.added - before)
    assert grouper.added == COUNT
    assert most == 1, "items between two turns of the others"


class Counting(Grouper):
    """Counts what it is told."""

    def __init__(self) -> None:
        super().__init__(NO_LEXICON)
        self.added = 0
        self.has_all = asyncio.Event()

    def add(self, item: Item, story: object) -> None:
        self.added += 1
        if self.added == COUNT:
            self.has_all.set()


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
    await intake.take([], NOW, alerting=False)
    assert len(grouper.profiles) == COUNT // 2


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
