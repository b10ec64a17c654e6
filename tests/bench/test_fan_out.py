"""How long one story takes to become an alert for each of 100,000 chats, and how long other writers wait meanwhile."""

import statistics
import time
from collections.abc import Awaitable
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.model import RuleId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
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


async def in_chunks(database: Database, first: Awaitable[object]) -> list[float]:
    """How long each transaction takes until nobody is left."""
    steps = [time.perf_counter()]
    await first
    steps.append(time.perf_counter())
    while True:
        async with database.read() as tx:
            waiting = await fanout.open_fanouts(tx)
        if not waiting:
            return [after - before for before, after in pairwise(steps)]
        async with database.write() as tx:
            await fanout.fan_out(tx, waiting[0], NOW)
        steps.append(time.perf_counter())


async def all_sent(database: Database) -> None:
    """Everybody has read the alert as it stands."""
    message = "number, kind, sent_at, level, revision, editable, rang, corrected_until"
    async with database.write() as tx:
        await tx.execute(
            text(
                f"INSERT INTO alert_messages (delivery_id, ref, {message}) "
                "SELECT id, '1', 1, 'alert', 0, 'normal', 1, 1, 1, 0 FROM deliveries WHERE state = 'queued' "
                "ON CONFLICT DO NOTHING"
            )
        )
        await tx.execute(text("UPDATE deliveries SET state = 'sent', settled = 0 WHERE state = 'queued'"))


async def queued(database: Database) -> int:
    async with database.read() as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM deliveries WHERE state = 'queued'")) or 0)


def shown(name: str, runs: list[list[float]]) -> str:
    total = statistics.median(map(sum, runs))
    longest = statistics.median(map(max, runs))
    return f"{name} for {CHATS:,} chats, median of {RUNS}: {total:.2f} s, longest transaction {longest:.3f} s"


@pytest.mark.bench
async def test_fan_out_to_100_000_chats(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    await with_chats(database)
    index = RuleIndex()
    index.add(RuleId(1), parse_rule("cable"))
    intake = an_intake(database, index)
    alerts, edits, rises = [], [], []
    for run in range(RUNS):
        title = f"Cable number {run} cut between the islands"
        report = builders.item(title)
        alerts.append(await in_chunks(database, intake.take([report], NOW, alerting=True)))
        assert await queued(database) == CHATS
        await all_sent(database)
        another = builders.item(title, outlet="volga")
        edits.append(await in_chunks(database, intake.take([another], NOW, alerting=True)))
        assert await queued(database) == CHATS
        await all_sent(database)
        loud = [builders.item(title, outlet=outlet) for outlet in ("westmark", "flankpost", "dnipro", "meridian")]
        rises.append(await in_chunks(database, intake.take(loud, NOW, alerting=True)))
        assert await queued(database) == CHATS
        await all_sent(database)
    await database.close()
    print("\naims: under 1 s for the alerts, under 0.2 s for each transaction")
    for name, runs in (("alerts", alerts), ("edits", edits), ("news of a higher level", rises)):
        print(shown(name, runs))
