"""Alerts that are composed at one moment: read for together, and each as if it had been alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.core.model import Delivery, Nothing, Unwanted, Urgency
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.delivery.composing import Composer, ToSend
from bot.delivery.context import MOST_AT_ONCE
from bot.storage import mutes, outbox, subscribers
from bot.storage.database import Database, open_database
from tests.builders import NOW, ManualClock, chat, item
from tests.fakes import an_intake

HOUR = timedelta(hours=1)
PLACES = ("Kestrel", "Orrin", "Varn", "Tolm")


class Office:
    """Chats that follow cables, and what they are owed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.index = RuleIndex()
        self._intake = an_intake(database, self.index)

    async def opens(self, chats: int) -> None:
        """Every third chat has muted Varn, every fifth has ended its rule once its alerts are owed."""
        async with self.database.write() as tx:
            followed = []
            for number in range(chats):
                who = await subscribers.ensure(tx, chat(f"chat{number}"), NOW)
                rule = parse_rule("cable" if number % 2 else "cable OR harbour")
                saved = await subscribers.follow(tx, who.id, str(rule), names_relevance=False, now=NOW)
                if saved.fresh:
                    self.index.add(saved.following.rule, rule)
                if number % 3 == 0:
                    await mutes.add_rule(tx, who.id, "varn", None, NOW)
                followed.append(saved.following)
        for place in PLACES:
            await self._intake.take([item(f"Cable cut off {place}")], NOW, alerting=True)
        async with self.database.write() as tx:
            for following in followed[::5]:
                await subscribers.unfollow(tx, following)

    async def owed(self) -> list[Delivery]:
        async with self.database.write() as tx:
            return await outbox.claim(tx, ("console",), Urgency.ALERT, NOW + HOUR, limit=1000, lease=HOUR)

    def composer(self) -> Composer:
        return Composer(database=self.database, index=self.index, aliases=NO_ALIASES, clock=ManualClock())

    @contextmanager
    def counting(self) -> Any:
        """The statements that are read with."""
        statements: list[str] = []
        engine = self.database._reader.sync_engine

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield Office(database)
    await database.close()


async def result(composer: Composer, delivery: Delivery) -> ToSend | Nothing | str:
    try:
        return await composer.compose(delivery)
    except ValueError as reason:
        return str(reason)


async def together(composer: Composer, owed: Sequence[Delivery]) -> list[ToSend | Nothing | str]:
    return list(await asyncio.gather(*[result(composer, delivery) for delivery in owed]))


async def test_alerts_of_one_moment_read_as_if_each_were_alone(office: Office) -> None:
    await office.opens(30)
    owed = await office.owed()
    alone = [await result(office.composer(), delivery) for delivery in owed]
    assert await together(office.composer(), owed) == alone
    assert len(owed) == 30 * len(PLACES) > MOST_AT_ONCE
    assert {each.why for each in alone if isinstance(each, Nothing)} == {Unwanted.MUTED, Unwanted.UNFOLLOWED}
    assert sum(isinstance(each, ToSend) for each in alone) == 24 * 4 - 8, "those that are neither"


async def test_alerts_of_one_moment_take_one_set_of_queries(office: Office) -> None:
    await office.opens(50)
    owed = (await office.owed())[:50]
    with office.counting() as one:
        await together(office.composer(), owed[:1])
    with office.counting() as fifty:
        await together(office.composer(), owed)
    assert len(owed) == 50
    assert len(fifty) == len(one)


async def test_who_asks_while_others_are_read_for_is_in_the_next_set(office: Office) -> None:
    await office.opens(3)
    composer, owed = office.composer(), await office.owed()
    first = asyncio.create_task(result(composer, owed[0]))
    for _ in range(5):
        await asyncio.sleep(0)
    assert await together(composer, owed[1:]) == [await result(office.composer(), each) for each in owed[1:]]
    assert await first == await result(office.composer(), owed[0])


async def test_what_is_found_broken_for_one_chat_costs_no_other_its_alert(office: Office) -> None:
    await office.opens(4)
    owed = await office.owed()
    alone = [await result(office.composer(), delivery) for delivery in owed]
    broken = owed[1].subscriber
    async with office.database.write() as tx:
        await tx.execute(text("UPDATE subscribers SET level = 'loudest' WHERE id = :id"), {"id": broken})
    for delivery, found, before in zip(owed, await together(office.composer(), owed), alone, strict=True):
        assert found == ("'loudest' is not a valid Level" if delivery.subscriber == broken else before)


async def test_one_that_is_given_up_while_it_is_read_for_leaves_the_others_their_alerts(office: Office) -> None:
    await office.opens(4)
    composer, owed = office.composer(), await office.owed()
    waiting = [asyncio.create_task(result(composer, delivery)) for delivery in owed]
    for _ in range(4):
        await asyncio.sleep(0)
    waiting[0].cancel()
    async with asyncio.timeout(10):
        found = await asyncio.gather(*waiting[1:])
    assert list(found) == [await result(office.composer(), delivery) for delivery in owed[1:]]
