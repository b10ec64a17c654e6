"""A private chat that acts for a channel."""

import pytest

from bot.commands import answer
from bot.commands.framework.arguments import marked, to_request
from bot.commands.framework.request import Channel, misuse
from bot.core.message.blocks import Button, Message, Picker, fits_button, plain
from bot.core.model import Chat, SubscriberId
from bot.storage import subscribers
from tests import builders
from tests.builders import item
from tests.commands.room import Reply, Room

ANN = builders.chat("5001", platform="telegram")
KESTREL = Channel(chat=builders.chat("-1001", platform="telegram"), name="@kestrel")
HARBOUR = Channel(chat=builders.chat("-1002", platform="telegram"), name="Harbour & quay")


class FakeChannels:
    """Two channels, and who administers them; `silent` when the platform does not say."""

    def __init__(self) -> None:
        self.admins = {KESTREL.chat: {"ann"}, HARBOUR.chat: {"ann"}}
        self.silent = False

    async def find(self, wanted: str, user: str) -> Channel:
        for channel in (KESTREL, HARBOUR):
            if wanted in {channel.chat.address, channel.name} and user in self.admins[channel.chat]:
                return channel
        raise misuse("There is no such channel.")

    async def admits(self, channel: Chat, user: str) -> bool:
        if self.silent:
            raise misuse("Nobody can be asked.")
        return user in self.admins[channel]


class Study:
    """Ann's private chat on a platform with channels."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.channels = FakeChannels()

    async def say(self, line: str, *, from_button: bool = False) -> Reply:
        request = to_request(ANN, line, user="ann", from_button=from_button, channels=self.channels)
        message = await answer(request, self.room.services)
        assert message is not None
        return Reply(message=message)

    async def press(self, reply: Reply, label: str) -> Reply:
        return await self.say(reply.buttons[label], from_button=True)

    async def follow(self, rule: str) -> None:
        await self.press(await self.say(f"/follow {rule}"), "Follow")

    async def rules_of(self, chat: Chat) -> list[str]:
        async with self.room.database.read() as tx:
            found = await subscribers.find(tx, chat)
            return [each.text for each in await subscribers.followings_of(tx, found.id)] if found else []


@pytest.fixture
def study(room: Room) -> Study:
    return Study(room)


async def test_what_is_asked_is_about_the_channel_until_it_is_over(study: Study) -> None:
    await study.follow("cable")
    begun = await study.say("/channel @kestrel")
    assert begun.lines[0] == "From now on, what you ask here is about @kestrel, until /channel off."
    asked = await study.say("/follow drones")
    assert asked.lines[0] == "For @kestrel:"
    assert "Follow drones?" in asked.lines
    saved = await study.press(asked, "Follow")
    assert saved.lines[0] == "For @kestrel:"
    assert (await study.rules_of(ANN), await study.rules_of(KESTREL.chat)) == (["cable"], ["drones"])
    await study.say("/channel off")
    await study.follow("tanker")
    assert (await study.rules_of(ANN), await study.rules_of(KESTREL.chat)) == (["cable", "tanker"], ["drones"])


async def test_alerts_of_a_channel_go_to_the_channel(study: Study) -> None:
    await study.say("/channel @kestrel")
    await study.follow("drones")
    await study.room.publish(item("Drones seen over Kestrel"), alerting=True)
    assert await study.room.owed() == 1
    async with study.room.database.read() as tx:
        there, here = [await subscribers.find(tx, chat) for chat in (KESTREL.chat, ANN)]
    assert there is not None
    assert there.is_channel
    assert here is not None
    assert not here.is_channel


async def test_a_channel_that_was_lost_gets_its_alerts_again_once_somebody_acts_for_it(study: Study) -> None:
    await study.say("/channel @kestrel")
    await study.follow("drones")
    async with study.room.database.write() as tx:
        await subscribers.mark_unreachable(tx, KESTREL.chat, study.room.clock.now())
    await study.say("/channel @kestrel")
    await study.room.publish(item("Drones seen over Kestrel"), alerting=True)
    assert await study.room.owed() == 1


async def test_a_button_never_touches_another_chat_than_its_answer_was_about(study: Study) -> None:
    await study.follow("cable")
    mine = await study.say("/rules")
    await study.say("/channel @kestrel")
    await study.follow("drones")
    of_kestrel = await study.say("/rules")
    asked = await study.say("/follow tanker")
    await study.say("/channel -1002")
    await study.follow("missile")
    for elsewhere in ("-1002", "off"):
        await study.say(f"/channel {elsewhere}")
        assert "aren't acting for right now" in (await study.press(of_kestrel, "Unfollow 1")).text
        assert "aren't acting for right now" in (await study.press(asked, "Follow")).text
        assert await study.rules_of(KESTREL.chat) == ["drones"]
        assert await study.rules_of(HARBOUR.chat) == ["missile"]
        assert await study.rules_of(ANN) == ["cable"]
    await study.say("/channel @kestrel")
    ended = await study.press(mine, "Unfollow 1")
    assert ended.lines[0] == "Rule 1 is no longer followed: cable"
    assert await study.rules_of(KESTREL.chat) == ["drones"]
    await study.press(of_kestrel, "Unfollow 1")
    assert await study.rules_of(KESTREL.chat) == []


async def test_a_marked_button_is_worth_nothing_where_nobody_can_act_for_a_channel(study: Study) -> None:
    await study.say("/channel @kestrel")
    await study.follow("drones")
    rules = await study.say("/rules")
    forged = Reply(message=Message((), ((Button("Unfollow 1", rules.buttons["Unfollow 1"]),),)))
    assert "aren't acting for right now" in (await study.room.press(forged, "Unfollow 1")).text
    assert await study.rules_of(KESTREL.chat) == ["drones"]
    assert "isn't a command" not in (await study.say(rules.buttons["Unfollow 1"])).text, "typed, it is just text"
    assert await study.rules_of(KESTREL.chat) == ["drones"]


async def test_who_is_no_administrator_any_more_loses_the_channel_at_once(study: Study) -> None:
    await study.follow("cable")
    await study.say("/channel @kestrel")
    await study.follow("drones")
    study.channels.admins[KESTREL.chat].clear()
    refused = await study.say("/rules")
    assert refused.text == (
        "You're no longer an administrator of @kestrel, so what you ask here is about this chat again."
    )
    assert "1. cable" in (await study.say("/rules")).lines


async def test_while_nobody_says_who_administers_it_nothing_is_done(study: Study) -> None:
    await study.say("/channel @kestrel")
    study.channels.silent = True
    assert (await study.say("/pause")).text == "Nobody can be asked."
    study.channels.silent = False
    assert (await study.say("/rules")).lines[0] == "For @kestrel:"
    async with study.room.database.read() as tx:
        kestrel = await subscribers.find(tx, KESTREL.chat)
    assert kestrel is not None
    assert kestrel.paused_until is None


async def test_what_is_about_the_bot_itself_is_not_asked_for_the_channel(study: Study) -> None:
    await study.say("/channel @kestrel")
    for line in ("/help", "/about", "/status", "/sources"):
        assert "For @kestrel" not in (await study.say(line)).text


async def test_ready_made_rules_are_for_the_channel_as_the_welcome_says(study: Study) -> None:
    await study.say("/channel @kestrel")
    welcome = await study.say("/start")
    assert welcome.lines[0] == "For @kestrel:"
    await study.press(await study.press(welcome, "Nuclear weapons"), "Follow")
    assert await study.rules_of(ANN) == []
    assert len(await study.rules_of(KESTREL.chat)) == 1


async def test_faults_and_suggestions_keep_to_the_channel(study: Study) -> None:
    await study.say("/channel @kestrel")
    marked_lines = [
        line
        for said in ("/rulse", "/follow drone (poland", "kestrel")
        for line in (await study.say(said)).buttons.values()
    ]
    assert len(marked_lines) >= 3
    assert {line.partition("/")[0] for line in marked_lines} == {marked("", SubscriberId(2))}


async def test_channel_tells_for_whom_one_acts(study: Study) -> None:
    nobody = await study.say("/channel")
    assert nobody.lines[0] == "What you ask here is about this chat."
    assert nobody.message.picker is Picker.OPENS
    assert (await study.say("/channel @kestrel")).message.picker is Picker.CLOSES
    told = await study.say("/channel")
    assert told.lines[0] == "What you ask here is about @kestrel."
    stopped = await study.press(told, "Stop that")
    assert stopped.text == "What you ask here is about this chat again."
    assert stopped.message.picker is Picker.CLOSES


async def test_a_channel_that_cannot_be_had_changes_nothing(study: Study) -> None:
    await study.say("/channel @kestrel")
    assert (await study.say("/channel @nowhere")).text == "There is no such channel."
    assert (await study.say("/rules")).lines[0] == "For @kestrel:"


async def test_a_post_that_is_shown_offers_to_act_for_its_channel(study: Study) -> None:
    offered = await study.say("/offer -1002", from_button=True)
    assert offered.lines[0] == "Act for Harbour & quay?"
    assert (await study.say("/rules")).lines[0] == "This chat doesn't follow any rules yet."
    await study.press(offered, "Act for it")
    assert (await study.say("/rules")).lines[0] == "For Harbour & quay:"


async def test_forgetting_names_the_channel_and_ends_acting_for_it(study: Study) -> None:
    await study.follow("cable")
    await study.say("/channel @kestrel")
    await study.follow("drones")
    asked = await study.say("/forget")
    assert asked.lines[0] == "For @kestrel:"
    gone = await study.press(asked, "Delete it all")
    assert gone.lines[0] == "For @kestrel:"
    assert "is about this chat again" in gone.text
    assert (await study.rules_of(ANN), await study.rules_of(KESTREL.chat)) == (["cable"], [])
    assert "1. cable" in (await study.say("/rules")).lines


async def test_a_channel_can_only_be_chosen_in_a_private_chat(room: Room) -> None:
    assert "in a private chat with me" in (await room.say("/channel @kestrel")).text
    assert "/channel" not in (await room.say("/help")).text
    assert "/channel" not in (await room.say("/chanel")).text


async def test_commands_posted_in_a_channel_tell_that_it_is_one(room: Room) -> None:
    for line in ("/rules", "/pause 1h", "/rules"):
        request = to_request(KESTREL.chat, line, is_channel=True)
        message = await answer(request, room.services)
        assert message is not None
        assert "For" not in plain(message)
    async with room.database.read() as tx:
        kestrel = await subscribers.find(tx, KESTREL.chat)
    assert kestrel is not None
    assert kestrel.is_channel


def test_a_button_that_fits_still_fits_with_the_mark_of_a_channel() -> None:
    line = "/" + "x" * 53
    assert Button("More", line)
    assert Button("More", marked(line, SubscriberId(999_999_999)))
    assert not fits_button(line + "x")
