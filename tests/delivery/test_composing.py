"""What an alert is when it is composed: silent where the chat wants it so, dropped where it is muted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.model import Level, StoryId, SubscriberId
from bot.errors import SendRefused, SendUnknown
from bot.storage import mutes, subscribers
from tests import builders
from tests.fakes import Town, a_town

CABLE = "NATO says a Russian ship cut a Baltic cable"
DRONE = "Drone crosses into Estonia, fighter jets scrambled"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        await town.follow("ann", "cable OR drone")
        yield town


async def is_found(town: Town, title: str, level: Level = Level.NORMAL) -> StoryId:
    """A story is found and its alert owed, but not sent."""
    town.publish(title)
    town.clock.advance(minutes=2)
    await town.app.poller.poll_due()
    async with town.app.database.write() as tx:
        (found,) = (await tx.execute(text("SELECT max(id) FROM stories"))).one()
        await tx.execute(text("UPDATE stories SET level = :level WHERE id = :id"), {"level": level, "id": found})
    return StoryId(found)


async def ann(town: Town) -> SubscriberId:
    async with town.app.database.read() as tx:
        found = await subscribers.find(tx, builders.chat("ann", platform="fake"))
    assert found
    return found.id


@pytest.mark.parametrize(
    ("sound", "level", "silent"),
    [
        (Level.NORMAL, Level.NORMAL, False),
        (Level.MAJOR, Level.NORMAL, True),
        (Level.MAJOR, Level.MAJOR, False),
        (Level.MAJOR, Level.BREAKING, False),
        (Level.BREAKING, Level.MAJOR, True),
        (None, Level.BREAKING, True),
    ],
)
async def test_an_alert_rings_from_the_level_on_that_the_chat_chose(
    town: Town, sound: Level | None, level: Level, silent: bool
) -> None:
    async with town.app.database.write() as tx:
        await subscribers.ring(tx, await ann(town), sound)
    await is_found(town, CABLE, level)
    await town.app.dispatcher.dispatch_due()
    assert [message.silent for message in town.chats.arrived["ann"]] == [silent]


async def test_alerts_ring_unless_something_else_is_said(town: Town) -> None:
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    assert [message.silent for message in town.chats.arrived["ann"]] == [False]


async def test_an_alert_carries_the_role_of_its_rule(town: Town) -> None:
    async with town.app.database.write() as tx:
        (following,) = await subscribers.followings_of(tx, await ann(town))
        await subscribers.set_mention(tx, following, "123")
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    assert [message.mention for message in town.chats.arrived["ann"]] == ["123"]


async def test_alerts_are_published_where_the_chat_asks_for_it(town: Town) -> None:
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    async with town.app.database.write() as tx:
        await subscribers.publish(tx, await ann(town), on=True)
    await is_found(town, DRONE)
    await town.app.dispatcher.dispatch_due()
    assert [outgoing.publishes for outgoing in town.chats.sent] == [False, True]


async def test_alerts_have_buttons_but_not_in_channels(town: Town) -> None:
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    async with town.app.database.write() as tx:
        await subscribers.mark_channel(tx, builders.chat("ann", platform="fake"))
    await is_found(town, DRONE)
    await town.app.dispatcher.dispatch_due()
    assert [bool(message.buttons) for message in town.chats.arrived["ann"]] == [True, False]
    fewer = town.chats.arrived["ann"][0].buttons[1][1]
    assert fewer.command == "/fewer 1:1 id:1", "the rule's id, too: numbers are given anew after /forget"


async def test_a_muted_story_is_not_told(town: Town) -> None:
    story = await is_found(town, CABLE)
    async with town.app.database.write() as tx:
        await mutes.add_story(tx, await ann(town), story, None, town.clock.now())
    await is_found(town, DRONE)
    await town.app.dispatcher.dispatch_due()
    assert town.alerts("ann") == [DRONE]
    async with town.app.database.read() as tx:
        assert list(await tx.scalars(text("SELECT reason FROM deliveries WHERE state = 'dead'"))) == ["muted"]


async def test_what_satisfies_a_muted_rule_is_not_told_until_that_ends(town: Town) -> None:
    async with town.app.database.write() as tx:
        until = town.clock.now() + timedelta(minutes=10)
        await mutes.add_rule(tx, await ann(town), "drone estonia", until, town.clock.now())
    await is_found(town, DRONE)
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    assert town.alerts("ann") == [CABLE]
    await town.advance(minutes=10)
    farm = "Estonia honours the inventor of a crop-spraying farm drone with a golden NATO medal"
    await is_found(town, farm)
    await town.app.dispatcher.dispatch_due()
    assert town.alerts("ann")[1:] == [farm]


async def test_a_muted_rule_that_cannot_be_read_any_more_mutes_nothing(town: Town) -> None:
    async with town.app.database.write() as tx:
        await mutes.add_rule(tx, await ann(town), "(drone", None, town.clock.now())
    await is_found(town, DRONE)
    await town.app.dispatcher.dispatch_due()
    assert town.alerts("ann") == [DRONE]


async def test_what_a_platform_will_never_take_is_not_offered_again(town: Town) -> None:
    town.chats.errors["ann"] = [SendRefused("message is too long")]
    await is_found(town, CABLE)
    await town.advance(minutes=5)
    assert town.alerts("ann") == []
    async with town.app.database.read() as tx:
        rows = await tx.execute(text("SELECT state, attempts, reason FROM deliveries"))
        assert [tuple(row) for row in rows] == [("dead", 1, "message is too long")]


async def test_an_alert_without_an_answer_is_sent_again_later_each_time_and_not_given_up(town: Town) -> None:
    town.chats.errors["ann"] = [SendUnknown("lost") for _ in range(4)]
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    town.clock.advance(seconds=59)
    await town.app.dispatcher.dispatch_due()
    assert len(town.chats.errors["ann"]) == 3, "not at once"
    await town.advance(minutes=32)
    assert len(town.chats.errors["ann"]) == 0, "after one minute, ten, twenty"
    await town.advance(minutes=20)
    assert town.alerts("ann") == [CABLE]


async def test_the_first_alert_of_a_new_database_is_no_other_attempt_at_that_of_the_last_one(tmp_path: Path) -> None:
    nonces = []
    for minutes, name in enumerate(("old", "new")):
        (tmp_path / name).mkdir()
        async with a_town(tmp_path / name) as town:
            await town.follow("ann", "cable")
            await town.advance(minutes=minutes)
            await is_found(town, CABLE)
            await town.app.dispatcher.dispatch_due()
            nonces += [outgoing.nonce for outgoing in town.chats.sent]
    assert len(nonces) == len(set(nonces)) == 2
