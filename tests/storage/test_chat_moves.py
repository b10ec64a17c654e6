"""Chats that move to where somebody has begun anew, and topics that end."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.core.model import Chat, Dead, Following, Level, Outcome, Sent, StoryId
from bot.storage import alert_messages, chat_moves, fanout, forum_topics, mutes, outbox, subscribers
from bot.storage.database import Database, open_database
from bot.storage.forum_topics import AlertRoute
from bot.storage.schema import deliveries, fanouts
from bot.storage.schema import subscribers as chats
from tests import builders
from tests.builders import NOW, sent_alert
from tests.storage.test_news import Newsdesk

OLD, NEW = Chat(platform="console", address="old"), Chat(platform="console", address="new")
TOPIC = replace(NEW, thread="77")

RULES = ("cable", "kestrel", "drone", "tanker")
Rules = st.lists(st.sampled_from(RULES), unique=True, max_size=4)
Ended = st.sets(st.integers(1, 4))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    file = tmp_path_factory.mktemp("moves") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{file}")).close()

    asyncio.run(make())
    return file


async def follow(desk: Newsdesk, chat: Chat, *rules: str) -> None:
    """A chat follows these rules, whatever its thread."""
    await desk.follow("elsewhere", *rules)
    async with desk.database.write() as tx:
        who = await subscribers.ensure(tx, chat, NOW)
        for rule in rules:
            await subscribers.follow(tx, who.id, rule, names_relevance=False, now=NOW)


async def followed(database: Database, chat: Chat) -> dict[int, str]:
    """The rules of a chat by number."""
    async with database.read() as tx:
        found = await subscribers.find(tx, chat)
        return {each.number: each.text for each in await subscribers.followings_of(tx, found.id)} if found else {}


async def owed_to(database: Database, chat: Chat) -> dict[int, str]:
    """The state of each delivery of a chat, by story."""
    async with database.read() as tx:
        found = await subscribers.find(tx, chat)
        assert found is not None
        of_chat = select(deliveries.c.story_id, deliveries.c.state).where(deliveries.c.subscriber_id == found.id)
        return {row.story_id: row.state for row in await tx.execute(of_chat)}


async def end(database: Database, chat: Chat, numbers: set[int]) -> None:
    async with database.write() as tx:
        found = await subscribers.find(tx, chat)
        assert found is not None
        for each in await subscribers.followings_of(tx, found.id):
            if each.number in numbers:
                await subscribers.unfollow(tx, each)


@settings(deadline=None, max_examples=25)
@given(Rules, Rules, Ended, Ended)
def test_nothing_is_lost_and_nothing_is_there_twice_after_a_move(
    empty: Path, old: list[str], new: list[str], old_ended: set[int], new_ended: set[int]
) -> None:
    async def play() -> None:
        file = shutil.copy(empty, empty.with_name("played.db"))
        database = await open_database(f"sqlite:///{file}")
        try:
            desk = Newsdesk(database)
            await follow(desk, OLD, *old)
            await follow(desk, NEW, *new)
            await end(database, OLD, old_ended)
            await end(database, NEW, new_ended)
            await desk.publish(*(builders.item(f"A {rule} was seen there at dawn of the {rule}") for rule in RULES))
            before, there = await followed(database, OLD), await followed(database, NEW)
            owed = {*await owed_to(database, OLD), *await owed_to(database, NEW)}
            async with database.write() as tx:
                await chat_moves.move(tx, OLD, NEW)
            after = await followed(database, NEW)
            assert sorted(after.values()) == sorted({*before.values(), *there.values()})
            assert there.items() <= after.items(), "numbers of the new chat stay"
            assert all(
                after[number] == rule
                for number, rule in before.items()
                if number not in there and rule not in there.values()
            ), "and those of the old one where they are free"
            assert set(await owed_to(database, NEW)) == owed
            async with database.read() as tx:
                assert await subscribers.find(tx, OLD) is None
        finally:
            await database.close()

    asyncio.run(play())


async def test_a_chat_that_moves_keeps_what_it_has_set_and_muted(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("old", "cable")
    await desk.follow("new", "drone")
    async with database.write() as tx:
        old, new = await subscribers.ensure(tx, OLD, NOW), await subscribers.ensure(tx, NEW, NOW)
        await subscribers.pause(tx, old.id, NOW + timedelta(hours=1))
        await subscribers.ring(tx, old.id, Level.MAJOR)
        await subscribers.ring(tx, new.id, None)
        for who, until in ((old.id, None), (new.id, NOW + timedelta(days=1))):
            await mutes.add_rule(tx, who, "football", until, NOW)
        await mutes.add_rule(tx, old.id, "ballet", None, NOW)
        await chat_moves.move(tx, OLD, NEW)
        kept = await subscribers.find(tx, NEW)
        assert kept is not None
        assert (kept.paused_until, kept.sound) == (NOW + timedelta(hours=1), None)
        muted = {mute.text: mute.until for mute in await mutes.of(tx, kept.id, NOW)}
    assert muted == {"football": NOW + timedelta(days=1), "ballet": None}


async def test_of_two_alerts_of_a_story_the_one_that_was_read_stays(database: Database) -> None:
    desk = Newsdesk(database)
    for address in ("old", "new"):
        await desk.follow(address, "cable")
    for title in ("Cable cut off Kestrel", "Cable cars of Orsha stand still", "Museum of cable drums opens"):
        await desk.publish(builders.item(title))
    outcomes: dict[tuple[str, int], Outcome] = {
        ("old", 1): Sent(ref="17", sent=(sent_alert(ref=None),)),
        ("new", 2): Sent(ref="17", sent=(sent_alert(ref=None),)),
        ("new", 3): Dead(reason="message is too long"),
    }
    async with database.write() as tx:
        for row in (await tx.execute(select(deliveries, chats.c.address).join(chats))).all():
            if outcome := outcomes.get((row.address, row.story_id)):
                await outbox.settle(tx, row.id, outcome, NOW)
        await chat_moves.move(tx, OLD, NEW)
        ids = {row.story_id: row.id for row in await tx.execute(select(deliveries))}
        sent = await alert_messages.of_all(tx, list(ids.values()))
    assert await owed_to(database, NEW) == {1: "sent", 2: "sent", 3: "queued"}
    refs = {story: [(each.ref, each.editable) for each in sent.get(id_, ())] for story, id_ in ids.items()}
    assert refs == {1: [(None, False)], 2: [("17", True)], 3: []}, "no message of the old chat is edited in the new one"


async def test_a_story_that_is_just_being_queued_reaches_a_chat_that_moves(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("new", "drone")
    await desk.follow("old", "cable")
    await desk.publish(builders.item("Cable cut off Kestrel"))
    async with database.write() as tx:
        new = await subscribers.ensure(tx, NEW, NOW)
        # As a fan-out leaves it that has come past the new chat, and not to the old one.
        await tx.execute(deliveries.delete())
        await tx.execute(fanouts.insert().values(story_id=1, after=new.id))
        await chat_moves.move(tx, OLD, NEW)
        await fanout.fan_out(tx, StoryId(1), NOW)
    assert await desk.owed() == [("new", 1)]


async def test_each_thread_moves_to_its_own(database: Database) -> None:
    desk = Newsdesk(database)
    await follow(desk, OLD, "cable")
    await follow(desk, replace(OLD, thread="77"), "drone")
    await follow(desk, TOPIC, "tanker")
    async with database.write() as tx:
        await chat_moves.move(tx, OLD, NEW)
    assert await followed(database, NEW) == {1: "cable"}
    assert await followed(database, TOPIC) == {1: "tanker", 2: "drone"}


async def test_the_rules_of_a_topic_that_is_no_more_are_the_general_ones(database: Database) -> None:
    desk = Newsdesk(database)
    await follow(desk, NEW, "cable", "drone")
    await follow(desk, TOPIC, "tanker", "drone")
    await desk.publish(builders.item("Tanker with a drone aboard runs aground"))
    async with database.write() as tx:
        left: tuple[Following, ...] = await forum_topics.dissolve(tx, TOPIC)
        assert await subscribers.find(tx, TOPIC) is None
        assert await forum_topics.dissolve(tx, TOPIC) == ()
        counted = (await outbox.counts(tx)).queued
    assert {each.number: each.text for each in left} == {2: "drone", 3: "tanker"}
    assert await followed(database, NEW) == {1: "cable", 2: "drone", 3: "tanker"}
    assert await owed_to(database, NEW) == {1: "queued"}
    assert counted == 2, "one of them is elsewhere's"


async def test_where_the_general_topic_follows_nothing_it_takes_over_all_of_it(database: Database) -> None:
    desk = Newsdesk(database)
    await follow(desk, TOPIC, "tanker")
    async with database.write() as tx:
        topic = await subscribers.ensure(tx, TOPIC, NOW)
        await subscribers.ring(tx, topic.id, None)
        await forum_topics.reach(tx, TOPIC, AlertRoute.GENERAL)
        assert [each.text for each in await forum_topics.dissolve(tx, TOPIC)] == ["tanker"]
        general = await subscribers.find(tx, NEW)
        assert general is not None
        assert general.sound is None
        assert (await forum_topics.route_of(tx, NEW))[0] is AlertRoute.ITSELF


async def test_where_alerts_come_is_remembered_of_those_who_follow(database: Database) -> None:
    desk = Newsdesk(database)
    await follow(desk, TOPIC, "tanker")
    async with database.write() as tx:
        for chat in (TOPIC, NEW):
            await forum_topics.reach(tx, chat, AlertRoute.NOWHERE)
    async with database.read() as tx:
        reach, rules = await forum_topics.route_of(tx, TOPIC)
        assert (reach, [each.text for each in rules]) == (AlertRoute.NOWHERE, ["tanker"])
        assert await forum_topics.route_of(tx, NEW) == (AlertRoute.ITSELF, ())
