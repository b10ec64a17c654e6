"""Channels fed from a private chat, over the wire."""

import pytest

from bot.delivery.dispatcher import Dispatcher
from bot.storage import subscribers
from tests import builders
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import Refusal, Room


@pytest.fixture
def kestrel(server: TelegramServer, ann: Room) -> Room:
    return server.channel("Kestrel news", admin=ann, name="kestrel")


@pytest.fixture
def quay(server: TelegramServer, ann: Room) -> Room:
    """A channel without a name of its own."""
    return server.channel("Quay <& harbour", admin=ann)


async def rules_of(desk: Desk, room: Room) -> list[str]:
    """What a chat follows, as storage has it."""
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(str(room.id), platform="telegram"))
        return [each.text for each in await subscribers.followings_of(tx, found.id)] if found else []


async def follow(line: Line, who: Room, rule: str) -> None:
    line.server.says(who, f"/follow {rule}")
    await line.server.sees(who, f"Follow {rule}?")
    line.server.presses_button(who, "Follow")
    await line.server.sees(who, "Saved as rule")


async def asks(line: Line, who: Room, text: str) -> str:
    """The answer to what somebody writes."""
    line.server.says(who, text)
    return (await line.server.sees(who)).text


async def test_a_channel_is_fed_from_a_private_chat(line: Line, desk: Desk, ann: Room, kestrel: Room) -> None:
    begun = await asks(line, ann, "/channel @kestrel")
    assert begun.startswith("From now on, what you ask here is about @kestrel, until /channel off.")
    line.server.says(ann, "/follow drones")
    asked = await line.server.sees(ann, "Follow drones?")
    assert asked.text.startswith("For @kestrel:\n")
    assert asked.styled("italic") == ["For @kestrel:"]
    line.server.presses_button(ann, "Follow")
    saved = await line.server.sees(ann, "Saved as rule 1: drones")
    assert saved.id == asked.id
    assert (await rules_of(desk, kestrel), await rules_of(desk, ann)) == (["drones"], [])
    assert kestrel.sent == [], "its readers see nothing of all this"
    await desk.publish(builders.item("Drones seen over Kestrel pier"), alerting=True)
    dispatcher = Dispatcher(
        database=desk.database,
        sends={"telegram": line.telegram.send},
        index=desk.index,
        aliases=desk.services.aliases,
        clock=desk.clock,
    )
    await dispatcher.dispatch_due()
    assert [text.splitlines()[0] for text in line.server.sent_to(kestrel)] == ["Drones seen over Kestrel pier"]
    assert (await asks(line, ann, "/channel off")) == "What you ask here is about this chat again."
    assert (await asks(line, ann, "/rules")).startswith("This chat doesn't follow any rules yet.")


@pytest.mark.parametrize("wanted", ["kestrel", "https://t.me/kestrel", "t.me/kestrel/17"])
async def test_a_channel_is_found_as_people_write_its_name(line: Line, ann: Room, kestrel: Room, wanted: str) -> None:
    assert "is about @kestrel, until" in await asks(line, ann, f"/channel {wanted}")


async def test_a_channel_without_a_name_is_found_by_its_id_and_by_links_to_its_posts(
    line: Line, ann: Room, quay: Room
) -> None:
    for wanted in (str(quay.id), f"https://t.me/c/{-quay.id - 1_000_000_000_000}/5"):
        assert "is about Quay <& harbour, until" in await asks(line, ann, f"/channel {wanted}")


async def test_who_does_not_administer_a_channel_cannot_act_for_it(
    line: Line, desk: Desk, bob: Room, kestrel: Room
) -> None:
    assert await asks(line, bob, "/channel @kestrel") == (
        "You aren't an administrator of that channel. Only its administrators can act for it."
    )
    await follow(line, bob, "drones")
    assert (await rules_of(desk, kestrel), await rules_of(desk, bob)) == ([], ["drones"])


async def test_where_the_bot_may_not_post_nobody_acts(line: Line, server: TelegramServer, ann: Room) -> None:
    stranger = server.channel("Public", admin=ann, name="public", known=False)
    assert (await asks(line, ann, "/channel @public")).startswith("I'm not an administrator of that channel.")
    assert (await asks(line, ann, f"/channel {stranger.id}")).startswith("I can't see that channel.")
    mute = server.channel("Mute", admin=ann, name="mutechannel")
    mute.posting = False
    assert (await asks(line, ann, "/channel @mutechannel")).startswith("I'm not allowed to post in that channel.")
    assert (await asks(line, ann, "/rules")).startswith("This chat doesn't follow any rules yet.")


async def test_what_is_no_channel_is_said_to_be_none(line: Line, server: TelegramServer, ann: Room) -> None:
    group = server.group("Harbour watch", admin=ann)
    assert (await asks(line, ann, f"/channel {group.id}")).startswith("That is a group, not a channel.")
    assert (await asks(line, ann, "/channel @nowhere")).startswith("I can't see that channel.")
    assert (await asks(line, ann, "/channel the big one")) == (
        "“the big one” isn't a channel name. Send /channel @name."
    )


async def test_in_groups_and_channels_there_is_no_channel_to_choose(line: Line, ann: Room, kestrel: Room) -> None:
    group = line.server.group(admin=ann)
    for where in (group, kestrel):
        line.server.says(ann, "/channel @kestrel", where=where)
        await line.server.sees(where, "in a private chat with me")


async def test_a_channel_in_which_a_command_is_posted_is_known_as_one(
    line: Line, desk: Desk, ann: Room, quay: Room
) -> None:
    line.server.says(ann, "/follow drones", where=quay)
    await line.server.sees(quay, "Follow drones?")
    line.server.presses_button(ann, "Follow", where=quay)
    await line.server.sees(quay, "Saved as rule 1")
    line.server.says(ann, "/pause")
    await line.server.sees(ann, "Alerts are paused")
    async with desk.database.read() as tx:
        found = [await subscribers.find(tx, builders.chat(str(room.id), platform="telegram")) for room in (quay, ann)]
    assert [each.is_channel for each in found if each] == [True, False]


async def test_who_is_removed_as_administrator_loses_the_channel_at_once(
    line: Line, desk: Desk, ann: Room, kestrel: Room
) -> None:
    await asks(line, ann, "/channel @kestrel")
    await follow(line, ann, "drones")
    line.server.says(ann, "/rules")
    rules = await line.server.sees(ann, "1. drones")
    line.server.demotes(kestrel, ann)
    line.server.presses_button(ann, "Unfollow 1")
    lost = await line.server.sees(ann, "You're no longer an administrator of @kestrel")
    assert lost.id == rules.id
    assert await rules_of(desk, kestrel) == ["drones"]
    assert (await asks(line, ann, "/rules")).startswith("This chat doesn't follow any rules yet.")


async def test_rights_in_a_channel_are_those_of_the_moment(
    line: Line, server: TelegramServer, ann: Room, kestrel: Room
) -> None:
    await asks(line, ann, "/channel @kestrel")
    await asks(line, ann, "/rules")
    server.demotes(kestrel, ann, silently=True)
    assert "no longer an administrator of @kestrel" in await asks(line, ann, "/rules")


async def test_where_telegram_does_not_say_who_administers_a_channel_nothing_is_done(
    line: Line, server: TelegramServer, ann: Room, kestrel: Room
) -> None:
    server.refuses("getChat", Refusal(500, "Internal Server Error"), times=3)
    assert (await asks(line, ann, "/channel @kestrel")).startswith("I couldn't ask Telegram about that channel.")
    server.refuses("getChatMember", Refusal(500, "Internal Server Error"), times=3)
    assert (await asks(line, ann, "/channel @kestrel")).startswith("I couldn't ask Telegram about that channel.")
    await asks(line, ann, "/channel @kestrel")
    server.refuses("getChatMember", Refusal(500, "Internal Server Error"), times=3)
    assert (await asks(line, ann, "/pause")).startswith("I couldn't ask Telegram about that channel.")
    assert (await asks(line, ann, "/rules")).startswith("For @kestrel:")


async def test_a_bot_that_was_put_out_of_the_channel_says_so(line: Line, ann: Room, kestrel: Room) -> None:
    await asks(line, ann, "/channel @kestrel")
    line.server.kicks(kestrel, ann)
    assert (await asks(line, ann, "/rules")).startswith("I'm no longer an administrator of that channel")
    assert (await asks(line, ann, "/channel off")) == "What you ask here is about this chat again."


async def test_a_forwarded_post_offers_to_act_for_its_channel(line: Line, ann: Room, bob: Room, quay: Room) -> None:
    line.server.forwards(ann, "/rules of the harbour", of=quay)
    offered = await line.server.sees(ann, "Act for Quay <& harbour?")
    line.server.presses_button(ann, "Act for it")
    begun = await line.server.sees(ann, "is about Quay <& harbour, until")
    assert begun.id != offered.id
    line.server.forwards(bob, "Cable cut", of=quay)
    await line.server.sees(bob, "You aren't an administrator of that channel.")


async def test_a_channel_is_picked_with_a_button_below_the_keyboard(
    line: Line, server: TelegramServer, ann: Room
) -> None:
    fresh = server.channel("Fresh", admin=ann, known=False)
    server.says(ann, "/channel")
    offered = await server.sees(ann, "What you ask here is about this chat.")
    (row,) = offered.markup["keyboard"]
    assert [button["text"] for button in row] == ["Pick a channel"]
    server.picks(ann, fresh)
    begun = await server.sees(ann, "is about Fresh, until")
    assert begun.markup == {"remove_keyboard": True}
    server.says(ann, "/channel")
    told = await server.sees(ann, "What you ask here is about Fresh.")
    assert list(told.buttons) == ["Stop that"]
    server.presses_button(ann, "Stop that")
    stopped = await server.sees(ann, "about this chat again")
    assert stopped.markup == {"remove_keyboard": True}


async def test_old_buttons_never_touch_another_chat(
    line: Line, desk: Desk, ann: Room, kestrel: Room, quay: Room
) -> None:
    await follow(line, ann, "cable")
    line.server.says(ann, "/rules")
    mine = await line.server.sees(ann, "1. cable")
    await asks(line, ann, "/channel @kestrel")
    await follow(line, ann, "drones")
    for elsewhere in ("off", str(quay.id)):
        await asks(line, ann, "/channel @kestrel")
        line.server.says(ann, "/rules")
        await line.server.sees(ann, "1. drones")
        await asks(line, ann, f"/channel {elsewhere}")
        press = line.server.presses_button(ann, "Unfollow 1")
        await line.server.sees(ann, "That button is for a channel that you aren't acting for right now.")
        assert line.server.presses[press] == {"text": None, "alert": False}
        assert (await rules_of(desk, ann), await rules_of(desk, kestrel)) == (["cable"], ["drones"])
    await asks(line, ann, "/channel @kestrel")
    line.server.presses_button(ann, "Unfollow 1")
    ended = await line.server.sees(ann, "Rule 1 is no longer followed: cable")
    assert ended.id == mine.id
    assert (await rules_of(desk, ann), await rules_of(desk, kestrel)) == ([], ["drones"])
