"""What a typed number means: the story behind it in the last list that was shown there, and never another one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.framework.lists import READERS_KEPT, Lists
from bot.core.message.blocks import Button
from bot.core.model import Chat, StoryId
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import Room

HOUR = timedelta(hours=1)


async def published(room: Room, *titles: str) -> None:
    """Stories, the first the newest; in the database the ids run the other way."""
    for ago, title in reversed(list(enumerate(titles, 1))):
        await room.publish(item(title, ago=ago * HOUR))


async def test_a_number_is_that_of_the_last_list(room: Room) -> None:
    await published(room, "Tanker held off Varn", "Drones over Kestrel", "Harbour closed")
    assert (await room.say("/latest")).titles == ["Tanker held off Varn", "Drones over Kestrel", "Harbour closed"]
    assert (await room.say("/story 1")).lines[0] == "Tanker held off Varn"
    assert (await room.say("/why #3")).lines[0] == "Harbour closed"
    await room.say("/search harbour")
    assert (await room.say("/story 1")).lines[0] == "Harbour closed"
    assert (await room.say("/mute story 1")).lines[0].startswith("Muted until 29 Nov, 12:00 UTC: “Harbour closed”.")


async def test_a_number_that_the_list_has_not_opens_nothing(room: Room) -> None:
    await published(room, "Tanker held off Varn", "Drones over Kestrel")
    await room.say("/latest 1")
    for line in ("/story 2", "/why 2", "/mute story 2"):
        assert (await room.say(line)).text == "The last list shown here has no story 2. /latest shows a new one."
    assert (await room.say("/mutes")).lines[0] == "Nothing is muted in this chat."


@pytest.mark.parametrize("line", ["/story 1", "/why 1", "/mute story 1"])
async def test_before_a_list_and_after_a_restart_a_number_means_nothing_and_that_is_said(room: Room, line: str) -> None:
    await published(room, "Tanker held off Varn")
    unknown = (
        "I don't know which story is number 1: numbers come from the last list shown here, which I forget when I "
        "restart. /latest shows the latest stories with their numbers."
    )
    assert (await room.say(line)).text == unknown
    await room.say("/latest")
    assert (await room.say(line)).text != unknown
    room.services = replace(room.services, lists=Lists())
    assert (await room.say(line)).text == unknown


async def test_buttons_carry_ids_and_so_do_those_of_before(room: Room) -> None:
    await published(room, "Tanker held off Varn", "Drones over Kestrel")
    listed = await room.say("/latest")
    assert listed.buttons == {"1": "/story id:2", "2": "/story id:1"}
    await room.say("/search drone")
    assert (await room.press(listed, "1")).lines[0] == "Tanker held off Varn"
    old = replace(listed, message=replace(listed.message, buttons=((Button("1", "/story 2"),),)))
    assert (await room.press(old, "1")).lines[0] == "Tanker held off Varn"
    assert (await room.say("/story id:2")).lines[0] == "Tanker held off Varn"


async def test_the_numbers_of_all_pages_of_a_list_count(room: Room) -> None:
    await published(room, *(f"Report number {n} of today" for n in range(1, 13)))
    first = await room.say("/latest")
    second = await room.press(first, "Older")
    assert (await room.say("/story 7")).lines[0] == "Report number 7 of today"
    assert (await room.say("/story 2")).lines[0] == "Report number 2 of today"
    room.clock.advance(minutes=1)
    await room.say("/search number 3h")
    await room.press(second, "Older")
    assert (await room.say("/story 11")).lines[0] == "Report number 11 of today"
    assert "has no story 2." in (await room.say("/story 2")).text, "the list between has taken its place"


async def test_what_was_missed_a_briefing_and_mutes_are_lists_too(room: Room) -> None:
    await room.follow("drone")
    room.clock.advance(minutes=1)
    now = room.clock.now()
    await room.publish(item("Boats leave the harbour of Varn at dawn", published=now - HOUR))
    await room.say("/pause 2h")
    await room.publish(item("Drones seen over the pier of Kestrel", published=now), alerting=True)
    assert "1. Drones seen over the pier of Kestrel" in (await room.say("/missed")).lines
    assert (await room.say("/story 1")).lines[0] == "Drones seen over the pier of Kestrel"
    briefed = (await room.say("/summary")).lines
    place = next(line[0] for line in briefed if "Boats leave" in line)
    assert (
        (await room.say(f"/mute story {place}")).lines[0].endswith("nothing more about this story. /mutes ends that.")
    )
    assert "1. “Boats leave the harbour of Varn at dawn”" in (await room.say("/mutes")).lines
    assert (await room.say("/story 1")).lines[0] == "Boats leave the harbour of Varn at dawn"


async def test_the_peaks_of_a_picture_are_a_list(room: Room) -> None:
    await published(room, "Harbour closed", "Guards fires shots at a tanker")
    await room.say("/latest")
    assert "1. 22 Nov" in (await room.say("/tension")).text
    assert (await room.say("/story 1")).lines[0] == "Guards fires shots at a tanker"


async def test_each_chat_has_lists_of_its_own_and_on_a_server_each_person(room: Room) -> None:
    await published(room, "Tanker held off Varn", "Drones over Kestrel")
    bob = builders.chat("bob")
    await room.say("/latest")
    await room.say("/search drone", chat=bob)
    assert (await room.say("/story 1")).lines[0] == "Tanker held off Varn"
    assert (await room.say("/story 1", chat=bob)).lines[0] == "Drones over Kestrel"
    await room.say("/latest", in_server=True)
    await room.say("/search drone", in_server=True, user="bob")
    assert (await room.say("/story 1", in_server=True)).lines[0] == "Tanker held off Varn"


async def test_a_story_that_is_no_number_is_said_so(room: Room) -> None:
    assert (await room.say("/story tanker")).lines[0] == (
        "“tanker” isn't a story's number. /latest shows the latest stories with theirs."
    )


def test_only_so_many_lists_are_kept() -> None:
    lists = Lists()
    readers = [(Chat(platform="fake", address=str(number)), "") for number in range(READERS_KEPT + 1)]
    for reader in readers:
        lists.begin(reader, NOW, {1: StoryId(1)})
    assert lists.last(readers[0]) is None
    assert lists.last(readers[1]) == {1: 1}


async def test_after_forgetting_no_number_of_an_old_list_means_anything(room: Room) -> None:
    await room.publish(item("Drone over Kestrel"))
    await room.follow("drone")
    await room.say("/latest")
    await room.say("/forget yes")
    assert "I don't know which story is number 1" in (await room.say("/story 1")).text
