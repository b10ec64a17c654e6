"""How long one story takes to become an alert for each of 100,000 chats, and how long other writers wait meanwhile."""

import statistics
import time
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.matcher import RuleIndex
from bot.core.model import RuleId
from bot.core.rules import parse_rule
from bot.storage import fanout
from bot.storage.database import Database, open_database
from tests import builders
from tests.builders import NOW
from tests.fakes import an_intake

CHATS = 100_000
RUNS = 5


async def with_chats(database: Database) -> None:
    """So many chats, each following the one rule."""
    async with database.write() as tx:
        await tx.execute(text("INSERT INTO rules (id, text, names_relevance) VALUES (1, 'cable', 0)"))
        for sql in (
            "INSERT INTO subscribers (id, platform, address, thread, relevance, created) "
            "SELECT value, 'fake', value, '', 'core', 0 FROM n",
            "INSERT INTO followings (subscriber_id, number, rule_id, created) SELECT value, 1, 1, 0 FROM n",
        ):
            head, _, tail = sql.partition("SELECT")
            numbers = f"WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < {CHATS})"
            await tx.execute(text(f"{head} {numbers} SELECT {tail}"))


@pytest.mark.bench
async def test_fan_out_to_100_000_chats(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    await with_chats(database)
    index = RuleIndex()
    index.add(RuleId(1), parse_rule("cable"))
    intake = an_intake(database, index)
    totals, longest = [], []
    for run in range(RUNS):
        steps = [time.perf_counter()]
        item = builders.item(f"Cable number {run} cut between the islands")
        owed = (await intake.take([item], NOW, alerting=True)).owed
        steps.append(time.perf_counter())
        async with database.read() as tx:
            waiting = await fanout.open_fanouts(tx)
        while waiting:
            async with database.write() as tx:
                owed += await fanout.fan_out(tx, waiting[0], NOW)
            steps.append(time.perf_counter())
            async with database.read() as tx:
                waiting = await fanout.open_fanouts(tx)
        assert owed == CHATS
        totals.append(steps[-1] - steps[0])
        longest.append(max(after - before for before, after in pairwise(steps)))
    await database.close()
    print(f"\none story to {CHATS:,} chats, median of {RUNS}: {statistics.median(totals):.2f} s (aim: under 1 s)")
    print(f"longest transaction on the way, median: {statistics.median(longest):.3f} s (aim: under 0.2 s)")
