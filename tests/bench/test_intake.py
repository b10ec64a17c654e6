"""How long one poll's items take to become part of 20,000 live ones, and how long the loop is held up meanwhile."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import RuleId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.grouping import Grouper
from bot.polling.intake import Intake
from bot.storage.database import open_database
from tests.bench.test_stories import LIVE, crowd
from tests.builders import NOW
from tests.fakes import real_subject

POLLED = 30
RULES = 1000
BATCH = 500


async def longest_stall(until: asyncio.Event) -> float:
    """How long the loop was busy with one thing, at the most."""
    longest = 0.0
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - before)
    return longest


@pytest.mark.bench
async def test_a_poll_among_20_000_live_items(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    index = RuleIndex()
    for number in range(RULES):
        index.add(RuleId(number), parse_rule(f"word{number} OR vienna{number}"))
    subject = real_subject()
    # Of the last three days, so that all still run.
    items = [
        replace(item, keys=(f"k{n}".encode(),), published=NOW - timedelta(hours=70) + timedelta(seconds=12.6 * n))
        for n, item in enumerate(crowd(LIVE + POLLED))
    ]
    first = Intake(database=database, index=index, grouper=Grouper(subject.lexicon), levels=subject.levels)
    started = time.perf_counter()
    for start in range(0, LIVE, BATCH):
        await first.take(items[start : min(start + BATCH, LIVE)], NOW, alerting=False)
    print(f"\n{LIVE:,} items taken in, {BATCH} a poll: {(time.perf_counter() - started) / LIVE * 1000:.2f} ms an item")

    again = Intake(database=database, index=index, grouper=Grouper(subject.lexicon), levels=subject.levels)
    started = time.perf_counter()
    await again.take([], NOW, alerting=True)
    print(f"read again after a restart: {time.perf_counter() - started:.1f} s")

    done = asyncio.Event()
    stall = asyncio.create_task(longest_stall(done))
    await asyncio.sleep(0)
    started = time.perf_counter()
    await again.take(items[LIVE:], NOW, alerting=True)
    took = time.perf_counter() - started
    done.set()
    print(f"{POLLED} new items: {took * 1000:.0f} ms, the loop held up for {await stall * 1000:.0f} ms at the most")
    await database.close()
