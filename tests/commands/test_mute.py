"""Muting a story or a subject, what is muted, and how it ends; what that does to alerts is the composer's."""

from datetime import timedelta

import pytest

from bot.commands.mute import MOST_MUTES
from bot.core.model import SubscriberId, Urgency
from bot.delivery.composing import Composer, ToSend
from bot.storage import mutes, news, outbox, subscribers
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import ALIASES, Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def subscriber_of(room: Room) -> SubscriberId:
    async with room.database.read() as tx:
        found = await subscribers.find(tx, builders.chat())
    assert found is not None
    return found.id


async def wanted(room: Room) -> list[str]:
    """The headlines of the alerts that would be sent now."""
    composer = Composer(database=room.database, index=room.index, aliases=ALIASES, clock=room.clock)
    async with room.database.write() as tx:
        due = await outbox.claim(tx, ("console",), Urgency.ALERT, room.clock.now(), limit=100, lease=HOUR)
        await outbox.release(tx, due)
    found = []
    for delivery in due:
        composed = await composer.compose(delivery)
        if isinstance(composed, ToSend):
            found.append(composed.outgoing.message.blocks[0].text)
    return found


async def test_a_muted_story_sends_nothing_more_and_its_mute_ends_by_itself(room: Room) -> None:
    await room.follow("tanker")
    await room.publish(item("Tanker held off Varn"), item("Tanker lost off Tolm", ago=2 * HOUR), alerting=True)
    assert sorted(await wanted(room)) == ["Tanker held off Varn", "Tanker lost off Tolm"]
    muted = await room.say("/mute story id:1")
    assert muted.lines == [
        "Muted until 29 Nov, 12:00 UTC: “Tanker held off Varn”. This chat gets nothing more about this story. /mutes "
        "ends that."
    ]
    assert await wanted(room) == ["Tanker lost off Tolm"]
    room.clock.advance(days=7, seconds=1)
    assert len(await wanted(room)) == 2


async def test_a_story_is_muted_for_as_long_as_asked(room: Room) -> None:
    await room.publish(item("Tanker held off Varn"))
    assert (await room.say("/mute story id:1 2h")).text.startswith("Muted until 22 Nov, 14:00 UTC")


async def test_muted_words_hold_back_what_fits_them_by_whatever_name(room: Room) -> None:
    await room.follow("tanker")
    await room.publish(
        item("Tanker held off Kestrel"),
        item("Кестрел готовит ярмарку, выборы и учения, но tanker ушел"),
        item("Tanker off Varn"),
        alerting=True,
    )
    muted = await room.say("/mute kestrel 3d")
    assert muted.lines == [
        "Muted for 3 days, until 25 Nov, 12:00 UTC: kestrel",
        "Kestrel. Also matches: Kestrel (Кестрел)",
        "This chat gets no alerts about stories that match it, whichever of its rules they match.",
        "/latest and /search still show them. To unmute, send /mutes, which lists what is muted.",
    ]
    assert await wanted(room) == ["Tanker off Varn"]
    await room.press(muted, "Undo")
    assert len(await wanted(room)) == 3


async def test_words_without_a_length_are_muted_until_that_is_ended(room: Room) -> None:
    assert (await room.say('/mute "air show" side:russia')).lines[0] == 'Muted until you end it: "air show" side:russia'
    room.clock.advance(days=300)
    assert '1. "air show" side:russia' in (await room.say("/mutes")).lines


async def test_a_reply_to_an_alert_mutes_its_story(room: Room) -> None:
    await room.follow("tanker")
    room.clock.advance(minutes=1)
    await room.publish(item("Tanker held off Varn", published=room.clock.now()), alerting=True)
    await room.sent("71")
    for line, until in (
        ("/mute story", "29 Nov, 12:01 UTC"),
        ("/mute story 2h", "22 Nov, 14:01 UTC"),
        ("/mute 3 дня", "25 Nov, 12:01 UTC"),
        ("/mute story forever", "you end it"),
    ):
        assert (await room.say(line, reply_to="71")).text.startswith(f"Muted until {until}: “Tanker held off Varn”.")
    assert (await room.say("/mute story 2h")).text == (
        "Mute which story? Reply with /mute story to an alert, press “Mute this story” below it, "
        "or give a story's number in the last list: /mute story 1."
    )
    assert "Mute which story?" in (await room.say("/mute story", reply_to="72")).text
    assert "1. “Tanker held off Varn”" in (await room.say("/mutes")).lines
    assert "2." not in (await room.say("/mutes")).text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/mute football forever", "Muted until you end it: football"),
        ("/mute дрон 3 дня", "Muted for 3 days, until 25 Nov, 12:00 UTC: дрон"),
        ("/mute дрон на неделю", "Muted for 7 days, until 29 Nov, 12:00 UTC: дрон"),
        ("/mute football for half an hour", "Muted for 30 minutes, until 22 Nov, 12:30 UTC: football"),
        ("/mute футбол навсегда", "Muted until you end it: футбол"),
    ],
)
async def test_lengths_are_understood_as_people_write_them(room: Room, line: str, told: str) -> None:
    assert (await room.say(line)).lines[0] == told


async def test_a_headline_leaves_room_for_what_a_notice_says(room: Room) -> None:
    await room.publish(item("Tanker " * 60, published=NOW - DAY))
    assert len((await room.say("/mute story id:1")).text) <= 200


async def test_mutes_are_listed_with_a_button_to_end_each(room: Room) -> None:
    assert (await room.say("/mutes")).lines[0] == "Nothing is muted in this chat."
    await room.publish(item("Tanker held off Varn"))
    await room.say("/mute kestrel OR cable")
    await room.say("/mute story id:1")
    listed = await room.say("/mutes")
    assert listed.lines == [
        "Muted in this chat",
        "",
        "1. kestrel OR cable",
        "Kestrel or cable. Also matches: Kestrel (Кестрел)",
        "Until you end it",
        "",
        "2. “Tanker held off Varn”",
        "Until 29 Nov, 12:00 UTC",
    ]
    after = await room.press(listed, "End 1")
    assert after.lines[:5] == [
        "No longer muted: kestrel OR cable",
        "",
        "Muted in this chat",
        "",
        "1. “Tanker held off Varn”",
    ]
    assert "has already ended" in (await room.press(listed, "End 1")).text
    last = await room.press(after, "End 1")
    assert last.lines[:3] == ["No longer muted: “Tanker held off Varn”", "", "Nothing is muted in this chat."]


async def test_what_is_muted_twice_is_muted_once_as_long_as_was_said_last(room: Room) -> None:
    await room.say("/mute cable")
    await room.say("/mute CABLE 1d")
    assert [line for line in (await room.say("/mutes")).lines if line.startswith(("1", "2", "Until"))] == [
        "1. cable",
        "Until 23 Nov, 12:00 UTC",
    ]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/mute", "/pause"),
        ("/mute 8h", "/pause 480 min"),
        ("/mute 2 days", "/pause 2880 min"),
        ("/mute forever", "/pause"),
    ],
)
async def test_who_names_nothing_may_mean_a_pause(room: Room, line: str, command: str) -> None:
    reply = await room.say(line)
    assert reply.lines[0].startswith("Mute what?")
    (label,) = reply.buttons
    assert reply.buttons[label] == command
    assert "Alerts are paused" in (await room.press(reply, label)).text


async def test_a_story_that_is_gone_and_a_story_with_words_are_answered_politely(room: Room) -> None:
    assert "no longer exists" in (await room.say("/mute story id:99")).text
    await room.publish(item("Tanker held off Varn"))
    assert "either a story or words" in (await room.say("/mute story id:1 cable")).text
    assert (await room.say("/mute story telling")).lines[0] == "Muted until you end it: story telling"
    assert "^" in (await room.say("/mute (cable")).text


async def test_a_mute_goes_with_its_story(room: Room) -> None:
    await room.publish(item("Tanker held off Varn"))
    await room.say("/mute story id:1")
    async with room.database.write() as tx:
        assert await news.delete_older(tx, NOW + DAY) == 1
    assert (await room.say("/mutes")).lines[0] == "Nothing is muted in this chat."


async def test_only_so_much_can_be_muted_and_only_by_admins(room: Room) -> None:
    async with room.database.write() as tx:
        subscriber = await subscribers.ensure(tx, builders.chat(), NOW)
        for number in range(MOST_MUTES):
            await mutes.add_rule(tx, subscriber.id, f"tanker{number}", None, NOW)
    assert (await room.say("/mute cable")).lines == [
        "50 things are muted here, which is the maximum. Unmute some of them in /mutes."
    ]
    listed = await room.say("/mutes", admin=False)
    assert "Only admins" in (await room.press(listed, "End 1", admin=False)).text
    assert "Only admins" in (await room.say("/mute cable", admin=False)).text
    assert "has already ended" in (await room.press(listed, "End 1", chat=builders.chat("eve"))).text
    await room.press(listed, "End 1")
    assert "Muted until you end it: cable" in (await room.say("/mute cable")).text


async def test_a_story_is_muted_in_the_chat_that_asked_and_no_other(room: Room) -> None:
    bob = builders.chat("bob")
    await room.follow("tanker")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    await room.say("/mute story id:1", chat=bob)
    assert await wanted(room) == ["Tanker held off Varn"]
    async with room.database.read() as tx:
        assert await mutes.of(tx, await subscriber_of(room), NOW) == []


@pytest.mark.parametrize("line", ["/mute 2", "/mute #2", "/mute 2 3d"])
async def test_a_number_alone_is_asked_for_its_story(room: Room, line: str) -> None:
    asked = await room.say(line)
    assert asked.lines[0] == "Do you mean story 2? Then say /mute story 2. A number in quotes is a word."
    assert "Nothing is muted" in (await room.say("/mutes")).text
    assert "Muted until you end it" in (await room.say('/mute "2"')).text
