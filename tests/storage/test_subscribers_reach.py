"""Chats that cannot be reached, come back, or move to another address."""

from datetime import timedelta

from bot.core.model import Chat
from bot.storage import chat_moves, subscribers
from bot.storage.database import Database
from tests import builders
from tests.builders import NOW
from tests.storage.test_news import Newsdesk

OLD, NEW = Chat(platform="console", address="old"), Chat(platform="console", address="new")


async def test_a_parked_chat_is_owed_nothing_and_gets_what_comes_after_its_return(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("old", "cable")
    await desk.publish(builders.item("Cable cut off Kestrel"))
    async with database.write() as tx:
        await subscribers.mark_unreachable(tx, OLD, NOW)
    await desk.publish(builders.item("Factory of cable drums burns in Orsha"))
    assert await desk.owed() == [], "what was queued is dropped, and nothing new is queued"
    async with database.write() as tx:
        await subscribers.mark_reachable(tx, OLD)
    await desk.publish(builders.item("Minister opens a museum of cable cars"))
    assert await desk.owed() == [("old", 3)]


async def test_of_many_chats_those_that_are_parked_are_found(database: Database) -> None:
    asked = [Chat(platform="console", address=str(number)) for number in range(1_200)]
    async with database.write() as tx:
        for minutes, address in enumerate(("7", "1100", "elsewhere")):
            chat = Chat(platform="console", address=address)
            await subscribers.ensure(tx, chat, NOW)
            await subscribers.mark_unreachable(tx, chat, NOW + timedelta(minutes=minutes))
        await subscribers.ensure(tx, asked[8], NOW)
        other = Chat(platform="discord", address="9")
        await subscribers.ensure(tx, other, NOW)
        await subscribers.mark_unreachable(tx, other, NOW)
        found = await subscribers.unreachable_since(tx, asked)
        assert found == {asked[7]: NOW, asked[1100]: NOW + timedelta(minutes=1)}
        assert await subscribers.unreachable_since(tx, []) == {}


async def test_rules_of_a_parked_chat_are_kept_for_30_days(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("old", "cable")
    async with database.write() as tx:
        await subscribers.mark_unreachable(tx, OLD, NOW)
        assert await subscribers.long_unreachable(tx, NOW + timedelta(days=29)) == []
        assert len(await subscribers.long_unreachable(tx, NOW + timedelta(days=31))) == 1


async def test_a_chat_that_moves_takes_its_rules_along_even_after_it_was_parked(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("old", "cable")
    async with database.write() as tx:
        await subscribers.mark_unreachable(tx, OLD, NOW)
        await chat_moves.move(tx, OLD, NEW)
        await chat_moves.move(tx, OLD, NEW)  # platforms tell it twice
    await desk.publish(builders.item("Cable cut off Kestrel"))
    assert await desk.owed() == [("new", 1)]
