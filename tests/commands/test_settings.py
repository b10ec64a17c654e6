"""The panel of settings."""

import pytest

from bot.commands.settings import SETTINGS
from bot.core.model import Level, Relevance, Subscriber
from bot.storage import subscribers
from tests import builders
from tests.builders import item
from tests.commands.room import Reply, Room


async def stored(room: Room) -> Subscriber:
    async with room.database.read() as tx:
        found = await subscribers.find(tx, builders.chat())
    assert found is not None
    return found


def marked(panel: Reply) -> list[str]:
    """The buttons that stand for what is so."""
    return [label.removeprefix("✓ ") for label in panel.buttons if label.startswith("✓ ")]


async def test_the_panel_says_how_everything_stands(room: Room) -> None:
    panel = await room.say("/settings")
    assert panel.lines == [
        "Settings of this chat",
        "Sound: every alert rings.",
        "Level: stories of every level.",
        "Circle: only what is between Russia and NATO or the West counts.",
        "Alerts: on.",
        "Muted: nothing. /mute football 3d leaves out a subject.",
    ]
    assert [len(row) for row in panel.message.buttons] == [4, 3, 2, 4]
    assert marked(panel) == ["Ring for all", "Every level", "Core only", "Alerts on"]


@pytest.mark.parametrize(
    ("label", "level", "said"),
    [
        ("Major", Level.MAJOR, "only major and breaking news rings"),
        ("Breaking", Level.BREAKING, "only breaking news rings"),
        ("None", None, "all alerts arrive silently"),
    ],
)
async def test_a_chat_says_what_rings(room: Room, label: str, level: Level | None, said: str) -> None:
    panel = await room.press(await room.say("/settings"), label)
    assert said in panel.text
    assert marked(panel)[0] == label
    assert (await stored(room)).sound is level
    again = await room.press(panel, "Ring for all")
    assert "every alert rings" in again.text
    assert (await stored(room)).sound is Level.NORMAL


async def test_the_circle_is_widened_and_narrowed(room: Room) -> None:
    panel = await room.press(await room.say("/settings"), "Wider circle")
    assert "the war in Ukraine" in panel.text
    assert (await stored(room)).relevance is Relevance.RELATED
    assert marked(await room.press(panel, "Core only")) == ["Ring for all", "Every level", "Core only", "Alerts on"]
    assert (await stored(room)).relevance is Relevance.CORE


@pytest.mark.parametrize(
    ("label", "moment"), [("Pause 1 h", "22 Nov, 13:00"), ("8 h", "22 Nov, 20:00"), ("A day", "23 Nov, 12:00")]
)
async def test_alerts_are_paused_and_flow_again(room: Room, label: str, moment: str) -> None:
    await room.follow("tanker")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    panel = await room.press(await room.say("/settings"), label)
    assert f"Alerts: paused until {moment} UTC." in panel.lines
    assert await room.owed() == 0
    assert marked(panel) == ["Ring for all", "Every level", "Core only"]
    assert "Alerts: on." in (await room.press(panel, "Alerts on")).lines
    await room.publish(item("Tanker lost off Varn"), alerting=True)
    assert await room.owed() == 1


async def test_a_pause_that_is_over_or_without_end_is_told_as_such(room: Room) -> None:
    await room.say("/pause 1h")
    room.clock.advance(hours=2)
    assert "Alerts: on." in (await room.say("/settings")).lines
    await room.say("/pause")
    assert "Alerts: paused until you switch them on." in (await room.say("/settings")).lines


async def test_the_panel_counts_what_is_muted(room: Room) -> None:
    await room.say("/mute cable")
    assert "Muted: 1 subject or story; /mutes shows it." in (await room.say("/settings")).lines
    await room.say("/mute tanker 1h")
    assert "Muted: 2 subjects and stories; /mutes shows them." in (await room.say("/settings")).lines
    room.clock.advance(hours=2)
    assert "Muted: 1 subject or story; /mutes shows it." in (await room.say("/settings")).lines


async def test_a_setting_is_told_what_it_can_be(room: Room) -> None:
    assert (await room.say("/settings sound on")).lines == ["sound can be set to all, major, breaking, none."]
    assert (await room.say("/settings pause")).lines == ["pause can be set to off, 1h, 8h, 1d."]
    assert "You can set sound, level, wider, pause;" in (await room.say("/settings colour")).text
    assert "only breaking news rings" in (await room.say("/settings Sound Breaking")).text


async def test_a_panel_can_be_pressed_twice_and_by_admins_alone(room: Room) -> None:
    panel = await room.say("/settings")
    first, second = await room.press(panel, "Breaking"), await room.press(panel, "Breaking")
    assert first.message == second.message
    assert "Only admins" in (await room.press(panel, "None", admin=False)).text
    assert (await stored(room)).sound is Level.BREAKING


async def test_every_value_can_be_set_and_is_then_said(room: Room) -> None:
    for setting in SETTINGS:
        for value in setting.labels:
            assert "Settings of this chat" in (await room.say(f"/settings {setting.name} {value}")).text
