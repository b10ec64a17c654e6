"""How loud a story must be: /level, and where it is shown."""

from tests.builders import item
from tests.commands.room import Room


async def test_a_chat_chooses_how_loud_a_story_must_be(room: Room) -> None:
    shown = await room.say("/level")
    assert shown.lines == ["Alerts of this chat: stories of every level."]
    assert list(shown.buttons) == ["✓ Every level", "From major", "Only breaking"]
    set_ = await room.press(shown, "From major")
    assert set_.lines == [
        "Alerts of this chat: major and breaking stories only.",
        "You'll get quieter stories if they reach that level.",
    ]
    assert list(set_.buttons) == ["Every level", "✓ From major", "Only breaking"]
    assert (await room.say("/level")).lines == set_.lines


async def test_a_rule_has_a_level_of_its_own(room: Room) -> None:
    await room.follow("drone")
    await room.follow("tanker")
    reply = await room.say("/level breaking 2")
    assert reply.lines == ["Rule 2 sends breaking stories only: tanker"]
    assert reply.buttons["Every level"] == "/level all 2:2"
    assert (await room.say("/level 1")).lines == ["Rule 1 sends stories of every level: drone"]
    assert (await room.say("/level")).lines[1:] == ["Rule 2 sends breaking stories only."]
    lines = (await room.say("/rules")).lines
    assert lines[lines.index("2. tanker") :][:3] == ["2. tanker", "tanker", "Sends breaking stories only"]
    assert "This chat has no rule 7." in (await room.say("/level major 7")).text


async def test_rules_and_settings_show_the_level_of_the_chat(room: Room) -> None:
    await room.follow("drone")
    await room.say("/level breaking")
    assert "Alerts: breaking stories only. /level all ends that." in (await room.say("/rules")).lines
    panel = await room.say("/settings")
    assert "Level: breaking stories only." in panel.lines
    assert panel.buttons["✓ Only breaking"] == "/settings level breaking"
    assert "Level: stories of every level." in (await room.say("/settings level all")).lines


async def test_only_admins_set_it(room: Room) -> None:
    assert "Only admins" in (await room.say("/level major", admin=False)).text


async def test_what_is_not_loud_enough_is_missed_for_that(room: Room) -> None:
    await room.follow("drone")
    await room.say("/level breaking")
    room.clock.advance(minutes=1)
    await room.publish(item("Drones over Varn", published=room.clock.now()), alerting=True)
    assert "Rule 1, drone: It is normal, but rule 1 sends breaking stories only." in (await room.say("/missed")).lines
    lines = (await room.say("/why id:1")).lines
    assert lines[-1] == "It wasn't sent. It is normal, but rule 1 sends breaking stories only."
