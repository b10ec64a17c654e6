from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Dead, Delivery, Retry, Sent
from bot.storage import outbox, subscribers
from bot.storage.database import Database
from tests import builders
from tests.builders import NOW

LEASE = timedelta(minutes=1)


async def owe(database: Database, *addresses: str) -> None:
    """One story, and one delivery of it for each chat."""
    async with database.write() as tx:
        await tx.execute(
            text(
                "INSERT INTO stories (relevance, topics, level, revision, created, updated) "
                "VALUES ('core', '[]', 'normal', 1, 0, 0)"
            )
        )
        for address in addresses:
            who = await subscribers.ensure(tx, builders.chat(address), NOW)
            await tx.execute(
                text(
                    "INSERT INTO deliveries (subscriber_id, story_id, rule_id, state, due, attempts, created) "
                    "VALUES (:who, (SELECT max(id) FROM stories), 1, 'queued', :now, 0, :now)"
                ),
                {"who": who.id, "now": int(NOW.timestamp() * 1_000_000)},
            )


async def claim(tx: AsyncConnection, *, after: timedelta = timedelta(0), **more: object) -> list[Delivery]:
    limits = {"limit": 10, "lease": LEASE} | more
    return await outbox.claim(tx, ("console",), NOW + after, **limits)  # type: ignore[arg-type]


async def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(database: Database) -> None:
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        assert [delivery.chat.address for delivery in await claim(tx)] == ["ann", "bob"]
        assert await claim(tx, after=LEASE - timedelta(seconds=1)) == []
        again = await claim(tx, after=LEASE)
    assert [delivery.attempts for delivery in again] == [2, 2]
    async with database.read() as tx:
        assert (await outbox.counts(tx)).unknown == 2, "what a lost lease sent may have arrived"


async def test_only_platforms_that_run_are_served(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        assert await outbox.claim(tx, ("telegram",), NOW, limit=10, lease=LEASE) == []
        assert await outbox.next_due(tx, ("telegram",)) is None
        assert await outbox.next_due(tx, ("console",)) == NOW


async def test_a_busy_chat_is_passed_over(database: Database) -> None:
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        (ann, _) = await claim(tx)
        await outbox.release(tx, [ann.id])
        assert await claim(tx, busy=(ann.subscriber,)) == []


async def test_each_outcome_is_written_down(database: Database) -> None:
    await owe(database, "ann", "bob", "eve")
    async with database.write() as tx:
        ann, bob, eve = await claim(tx)
        await outbox.settle(tx, ann.id, Sent(ref="m1"), NOW)
        await outbox.settle(tx, bob.id, Retry(at=NOW + timedelta(hours=2), reason="asked to wait"), NOW)
        await outbox.settle(tx, eve.id, Dead(reason="blocked"), NOW)
    async with database.write() as tx:
        counts = await outbox.counts(tx)
        assert (counts.queued, counts.sent, counts.dead) == (1, 1, 1)
        assert await claim(tx, after=timedelta(hours=1)) == []
        assert [delivery.chat.address for delivery in await claim(tx, after=timedelta(hours=2))] == ["bob"]


async def test_a_process_that_died_leaves_its_sends_to_the_next(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        await claim(tx)
        assert await outbox.recover(tx) == 1
        assert [delivery.attempts for delivery in await claim(tx)] == [1], "a kill is no failure of its own"
        assert (await outbox.counts(tx)).unknown == 1


async def test_what_was_never_begun_goes_back_uncounted(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        (ann,) = await claim(tx)
        await outbox.release(tx, [ann.id])
        assert [delivery.attempts for delivery in await claim(tx)] == [1]
        assert (await outbox.counts(tx)).unknown == 0


async def test_queued_alerts_can_be_dropped(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, builders.chat("ann"), NOW)
        assert await outbox.drop_queued(tx, ann.id) == 1
        assert await claim(tx) == []
