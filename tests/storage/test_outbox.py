from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Dead, Delivery, Retry, Sent, Urgency
from bot.storage import outbox, subscribers, waiting
from bot.storage.database import Database
from bot.storage.schema import OWED
from tests import builders
from tests.builders import NOW

LEASE = timedelta(minutes=1)


async def owe(database: Database, *addresses: str, urgency: Urgency = Urgency.ALERT) -> None:
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
                    "INSERT INTO deliveries (subscriber_id, story_id, rule_id, urgency, state, due, attempts, created) "
                    "VALUES (:who, (SELECT max(id) FROM stories), 1, :urgency, 'queued', :now, 0, :now)"
                ),
                {"who": who.id, "urgency": urgency, "now": int(NOW.timestamp() * 1_000_000)},
            )


async def claim(
    tx: AsyncConnection, urgency: Urgency = Urgency.ALERT, *, after: timedelta = timedelta(0), **more: object
) -> list[Delivery]:
    limits = {"limit": 10, "lease": LEASE} | more
    return await outbox.claim(tx, ("console",), urgency, NOW + after, **limits)  # type: ignore[arg-type]


async def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(database: Database) -> None:
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        assert [delivery.chat.address for delivery in await claim(tx)] == ["ann", "bob"]
        assert await claim(tx, after=LEASE - timedelta(seconds=1)) == []
        again = await claim(tx, after=LEASE)
    assert [delivery.attempts for delivery in again] == [2, 2]


async def test_of_a_lost_lease_only_what_had_begun_may_have_arrived(database: Database) -> None:
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        ann, bob = await claim(tx)
        assert await outbox.begin(tx, [ann]) == {ann.id}
        again = await claim(tx, after=LEASE)
        assert [delivery.unknown for delivery in again] == [True, False]
        assert await outbox.begin(tx, [ann, bob]) == set(), "they are somebody else's now"
        assert await outbox.begin(tx, again) == {ann.id, bob.id}
        assert await outbox.begin(tx, again) == set(), "and begin only once"


async def test_only_platforms_that_run_are_served(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        assert await outbox.claim(tx, ("telegram",), Urgency.ALERT, NOW, limit=10, lease=LEASE) == []
        assert await outbox.next_due(tx, ("telegram",), Urgency.ALERT) is None
        assert await outbox.next_due(tx, ("console",), Urgency.ALERT) == NOW


async def test_each_urgency_is_claimed_for_itself(database: Database) -> None:
    await owe(database, "ann", "bob")
    await owe(database, "bob", urgency=Urgency.BREAKING)
    async with database.write() as tx:
        assert await outbox.next_due(tx, ("console",), Urgency.BREAKING) == NOW
        assert await outbox.next_due(tx, ("console",), Urgency.DIGEST) is None
        (breaking,) = await claim(tx, Urgency.BREAKING)
        assert (breaking.chat.address, breaking.urgency) == ("bob", Urgency.BREAKING)
        assert await claim(tx, Urgency.DIGEST) == []
        assert [delivery.chat.address for delivery in await claim(tx)] == ["ann", "bob"]


async def test_what_is_owed_is_found_without_looking_at_what_was_sent(database: Database) -> None:
    async with database.read() as tx:
        plan = await tx.execute(text(f"EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE {OWED} AND urgency = 2"))
        assert "deliveries_owed" in str(plan.all())


async def test_a_delivery_that_may_have_arrived_says_so_when_it_is_claimed_again(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        (ann,) = await claim(tx)
        assert not ann.unknown
        await outbox.settle(tx, ann.id, Retry(at=NOW, reason="no answer", unknown=True), NOW)
        (ann,) = await claim(tx)
        assert ann.unknown


async def test_a_busy_chat_is_passed_over(database: Database) -> None:
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        (ann, _) = await claim(tx)
        await outbox.release(tx, [ann])
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
    await owe(database, "ann", "bob")
    async with database.write() as tx:
        ann, _ = await claim(tx)
        await outbox.begin(tx, [ann])
        assert await outbox.recover(tx) == 2
        again = await claim(tx)
    assert [delivery.attempts for delivery in again] == [1, 1], "a kill is no failure of its own"
    assert [delivery.unknown for delivery in again] == [True, False], "what waited for its turn has not left"


async def test_a_chat_whose_wishes_change_has_its_claims_taken_back_unless_they_have_begun(database: Database) -> None:
    await owe(database, "ann")
    await owe(database, "ann")
    async with database.write() as tx:
        first, second = await claim(tx)
        await outbox.begin(tx, [first])
        await outbox.take_back(tx, first.subscriber)
        (again,) = await claim(tx)
        assert again.id == second.id
        assert await outbox.begin(tx, [second]) == set(), "whoever held it before cannot send it as it was"
        await outbox.release(tx, [second])
        assert await outbox.begin(tx, [again]) == {again.id}, "nor give it back for its new owner"


async def test_what_nobody_was_shown_for_a_day_is_given_up_and_says_why(database: Database) -> None:
    await owe(database, "ann", "bob", "eve")
    day = timedelta(days=1)
    async with database.write() as tx:
        ann, bob, _ = await claim(tx)
        await outbox.settle(tx, ann.id, Retry(at=NOW, reason="no connection"), NOW)
        await outbox.settle(tx, bob.id, Sent(ref="m1"), NOW)
        assert await waiting.give_up(tx, NOW - timedelta(seconds=1), NOW) == 0
        assert await waiting.give_up(tx, NOW, NOW + day) == 1, "not what is under way"
        reason = await tx.scalar(text("SELECT reason FROM deliveries WHERE state = 'dead'"))
    assert reason == "gave up after a day: no connection"


async def test_a_chat_that_can_be_reached_again_gets_what_was_put_off_at_once(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        (ann,) = await claim(tx)
        await outbox.settle(tx, ann.id, Retry(at=NOW + timedelta(hours=1), reason="no rights"), NOW)
        await waiting.hasten(tx, ann.chat, NOW)
        assert [delivery.id for delivery in await claim(tx)] == [ann.id]


async def test_what_was_never_begun_goes_back_uncounted(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        (ann,) = await claim(tx)
        await outbox.release(tx, [ann])
        assert [delivery.attempts for delivery in await claim(tx)] == [1]
        assert (await outbox.counts(tx)).unknown == 0


async def test_queued_alerts_can_be_dropped(database: Database) -> None:
    await owe(database, "ann")
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, builders.chat("ann"), NOW)
        assert await outbox.drop_queued(tx, ann.id) == 1
        assert await claim(tx) == []
