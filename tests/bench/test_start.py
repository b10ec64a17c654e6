"""How long a start takes to know 20,000 reports whose stories still run, and how long the loop is held up meanwhile."""

import asyncio
import gc
import sys
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, thread_time

import pytest
from sqlalchemy import insert

from bot.app import SWITCH_INTERVAL
from bot.core.model import Item, Level, Relevance
from bot.core.rules.index import RuleIndex
from bot.core.stories.grouping import Grouper
from bot.polling.intake import Intake
from bot.storage.database import Database, open_database
from bot.storage.schema import items, stories
from tests.bench.grouping_evaluation import DEV
from tests.bench.test_stories import LIVE, crowd
from tests.builders import NOW
from tests.commands.room import Room
from tests.fakes import real_subject

RUNS = 3


def row_of(told: Item, number: int) -> dict[str, object]:
    """As it is stored; of five reports, two are of a story that another has begun."""
    names = ("source_name", "publisher", "publisher_kind", "side", "lang", "url", "title", "summary", "first_seen")
    fields = {name: getattr(told, name) for name in (*names, "relevance")}
    published = NOW - timedelta(hours=70) + timedelta(seconds=12.6 * number)
    story = number * 3 // 5 + 1
    return fields | {"published": published, "source_id": told.source, "topics": [], "story_id": story}


async def store_crowd(database: Database) -> None:
    rows = [row_of(told, number) for number, told in enumerate(crowd(LIVE))]
    same = {"relevance": Relevance.CORE, "topics": [], "level": Level.NORMAL, "revision": 1}
    same |= {"created": NOW, "updated": NOW}
    async with database.write() as tx:
        await tx.execute(insert(stories), [same | {"id": number} for number in {row["story_id"] for row in rows}])
        await tx.execute(insert(items), rows)


async def held(until: asyncio.Event) -> tuple[float, float]:
    """The longest that a task waits for its next turn, by the clock, and of which the loop itself was at work."""
    longest = work = 0.0
    while not until.is_set():
        before, worked = perf_counter(), thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, perf_counter() - before - 0.001)
        work = max(work, thread_time() - worked)
    return longest, work


@pytest.mark.bench
@pytest.mark.skipif(not DEV.exists(), reason="../shared/data is not here")
async def test_a_start_with_20_000_live_items(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    await store_crowd(database)
    subject = real_subject()
    waits, works, stalls, stalls_at_work = [], [], [], []
    sys.setswitchinterval(SWITCH_INTERVAL)
    for _ in range(RUNS):
        gc.collect()
        gc.freeze()  # as at the start of the bot
        grouper = Grouper(subject.lexicon)
        intake = Intake(database=database, index=RuleIndex(), grouper=grouper, levels=subject.levels)
        done = asyncio.Event()
        watching = asyncio.create_task(held(done))
        await asyncio.sleep(0)
        began, worked = perf_counter(), process_time()
        await intake.load(NOW)
        waits.append(perf_counter() - began)
        works.append(process_time() - worked)
        done.set()
        stall, at_work = await watching
        stalls.append(stall * 1000)
        stalls_at_work.append(at_work * 1000)
        assert len(grouper.profiles) > LIVE / 2
    await database.close()
    print(
        f"\n{LIVE:,} live items read after a start, median of {RUNS}: {median(waits):.1f} s, work {median(works):.1f} s"
    )
    print(f"the loop held for {median(stalls):.0f} ms at the most, of which work {median(stalls_at_work):.0f} ms")
    assert median(stalls_at_work) < 50


@pytest.mark.bench
@pytest.mark.skipif(not DEV.exists(), reason="../shared/data is not here")
async def test_what_people_and_polls_wait_for_while_20_000_live_items_are_read(tmp_path: Path) -> None:
    """A search over the last 12 hours, and a poll that brings nothing new, alone and while the stories are read."""
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    await store_crowd(database)
    subject = real_subject()
    sys.setswitchinterval(SWITCH_INTERVAL)
    room = Room(database)
    intake = Intake(
        database=database,
        index=RuleIndex(),
        grouper=Grouper(subject.lexicon),
        levels=subject.levels,
        thread=room.services.turns.thread,
    )
    began = perf_counter()
    await room.say("/search harbour 12h")
    alone = perf_counter() - began
    loading = asyncio.create_task(intake.load(NOW))
    began = perf_counter()
    await intake.take([], NOW, alerting=True)
    poll = perf_counter() - began
    began = perf_counter()
    await room.say("/search harbour 12h")
    beside = perf_counter() - began
    assert not loading.done()
    began = perf_counter()
    await loading
    await database.close()
    print(f"\n/search harbour 12h: {alone:.1f} s alone, {beside:.1f} s while stories are read")
    print(f"a poll without news: {poll:.2f} s while they are read, which took another {perf_counter() - began:.1f} s")
