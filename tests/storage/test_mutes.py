from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.core.model import StoryId, SubscriberId
from bot.storage import mutes, subscribers
from bot.storage.database import Database
from tests import builders
from tests.builders import NOW

HOUR = timedelta(hours=1)


async def someone(database: Database, address: str = "ann") -> SubscriberId:
    async with database.write() as tx:
        return (await subscribers.ensure(tx, builders.chat(address), NOW)).id


async def a_story(database: Database) -> StoryId:
    sql = (
        "INSERT INTO stories (relevance, topics, level, revision, created, updated) "
        "VALUES ('core', '[]', 'normal', 1, 0, 0) RETURNING id"
    )
    async with database.write() as tx:
        return StoryId((await tx.execute(text(sql))).scalar_one())


async def test_stories_and_rules_are_muted_for_one_chat_until_they_are_not(database: Database) -> None:
    ann, bob, story = await someone(database), await someone(database, "bob"), await a_story(database)
    async with database.write() as tx:
        of_story = await mutes.add_story(tx, ann, story, None, NOW)
        of_rule = await mutes.add_rule(tx, ann, "drone kyiv", NOW + HOUR, NOW)
        muted = await mutes.of(tx, ann, NOW)
        assert [(each.id, each.story, each.text) for each in muted] == [
            (of_story, story, None),
            (of_rule, None, "drone kyiv"),
        ]
        assert await mutes.of(tx, bob, NOW) == []
        assert [each.id for each in await mutes.of(tx, ann, NOW + HOUR)] == [of_story]
        assert not await mutes.remove(tx, bob, of_story)
        assert await mutes.remove(tx, ann, of_story)
        assert not await mutes.remove(tx, ann, of_story)
        assert [each.id for each in await mutes.of(tx, ann, NOW)] == [of_rule]


async def test_muting_again_changes_only_how_long(database: Database) -> None:
    ann, story = await someone(database), await a_story(database)
    async with database.write() as tx:
        for until in (NOW + HOUR, None):
            await mutes.add_story(tx, ann, story, until, NOW)
            await mutes.add_rule(tx, ann, "drone", until, NOW)
        assert [(each.story, each.text, each.until) for each in await mutes.of(tx, ann, NOW)] == [
            (story, None, None),
            (None, "drone", None),
        ]


async def test_expired_mutes_are_deleted_and_others_stay(database: Database) -> None:
    ann = await someone(database)
    async with database.write() as tx:
        await mutes.add_rule(tx, ann, "drone", NOW + HOUR, NOW)
        await mutes.add_rule(tx, ann, "tank", NOW + 2 * HOUR, NOW)
        await mutes.add_rule(tx, ann, "cable", None, NOW)
        assert not await mutes.have_ended(tx, NOW)
        assert await mutes.have_ended(tx, NOW + HOUR)
        await mutes.clear_ended(tx, NOW + HOUR)
        assert not await mutes.have_ended(tx, NOW + HOUR)
        assert await tx.scalar(text("SELECT count(*) FROM mutes")) == 2


async def test_mutes_go_with_their_chat_and_with_their_story(database: Database) -> None:
    ann, bob, story = await someone(database), await someone(database, "bob"), await a_story(database)
    async with database.write() as tx:
        await mutes.add_story(tx, ann, story, None, NOW)
        await mutes.add_rule(tx, bob, "drone", None, NOW)
        await subscribers.forget(tx, bob)
        await tx.execute(text("DELETE FROM stories"))
        assert await tx.scalar(text("SELECT count(*) FROM mutes")) == 0


async def test_a_story_that_has_been_deleted_cannot_be_muted(database: Database) -> None:
    ann = await someone(database)
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await mutes.add_story(tx, ann, StoryId(7), None, NOW)
