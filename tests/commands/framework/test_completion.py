"""What is offered to somebody who types an option."""

from datetime import timedelta

from bot.commands import COMMANDS
from bot.commands.framework.command import Param
from bot.commands.framework.completion import LONGEST_HEADLINE, completions
from bot.commands.framework.request import Request
from bot.core.model import Relevance
from tests import builders
from tests.builders import item
from tests.commands.room import Room

HOUR = timedelta(hours=1)


def param(command: str, name: str) -> Param:
    (row,) = [row for row in COMMANDS if row.name == command]
    return next(param for param in row.params if param.name == name)


async def offered(room: Room, command: str, name: str, typed: str = "") -> dict[str, str]:
    found = await completions(
        Request(chat=builders.chat(), command=command, arguments=typed),
        param(command, name),
        typed,
        table=COMMANDS,
        services=room.services,
    )
    return {each.shown: each.value for each in found}


async def test_a_story_is_chosen_by_its_headline_and_age_and_opened_by_its_id(room: Room) -> None:
    await room.publish(
        item("Harbour closed", ago=2 * HOUR),
        item("Drones over Kestrel", ago=HOUR),
        item("Depot burns at the front", relevance=Relevance.RELATED),
    )
    for command, name in (("story", "number"), ("why", "number"), ("mute", "story")):
        shown = await offered(room, command, name)
        assert shown == {"Drones over Kestrel · 1 h ago": "id:2", "Harbour closed · 2 h ago": "id:1"}
    assert await offered(room, "story", "number", "harb") == {"Harbour closed · 2 h ago": "id:1"}
    assert (await room.fill("story", number="id:1")).lines[0] == "Harbour closed"


async def test_a_number_is_one_of_the_last_list_and_needs_no_completion(room: Room) -> None:
    await room.publish(item("Harbour closed in 2026", ago=2 * HOUR), item("Drones over Kestrel", ago=HOUR))
    assert await offered(room, "story", "number", "2") == {}
    await room.say("/latest")
    assert (await room.fill("story", number="2")).lines[0] == "Harbour closed in 2026"


async def test_long_headlines_leave_room_for_the_age(room: Room) -> None:
    await room.publish(item("Tanker " * 60, ago=HOUR))
    ((shown, _),) = (await offered(room, "story", "number")).items()
    assert shown.endswith("… · 1 h ago")
    assert len(shown) <= LONGEST_HEADLINE + len(" · 1 h ago")


async def test_a_length_that_is_typed_into_the_option_of_a_rule_is_understood(room: Room) -> None:
    assert (await room.fill("mute", words="football 3d")).lines[
        0
    ] == "Muted for 3 days, until 25 Nov, 12:00 UTC: football"
    assert (await room.fill("mute", words="3d")).lines[0].startswith("Mute what?")
    two = await room.fill("mute", words="football 3d", duration="2h")
    assert two.lines[0].startswith("Two lengths of time are given, “3d” and “2h”")
    await room.publish(item("Tanker held off Varn", ago=20 * HOUR))
    assert (await room.fill("search", rule="tanker 12h")).lines[0] == "Nothing in the last 12 hours matches tanker."
    assert "0 stories in the last 12 hours" in (await room.fill("summary", rule="12h tanker")).text
