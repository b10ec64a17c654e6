"""How a chat wants its alerts: the panel, and the commands beside it."""

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
        "Languages: this chat reads all.",
        "Alerts: on.",
        "Muted: nothing. /mute football 3d leaves out a subject.",
    ]
    assert [len(row) for row in panel.message.buttons] == [4, 3, 2, 3, 4]
    assert marked(panel) == ["Ring for all", "Every level", "Core only", "All languages", "Alerts on"]


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
    assert "Core only" in marked(await room.press(panel, "Core only"))
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
    assert marked(panel) == ["Ring for all", "Every level", "Core only", "All languages"]
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
    assert "You can set sound, level, wider, read, pause;" in (await room.say("/settings colour")).text
    assert "only breaking news rings" in (await room.say("/settings Sound Breaking")).text


async def test_a_panel_can_be_pressed_twice_and_by_admins_alone(room: Room) -> None:
    panel = await room.say("/settings")
    first, second = await room.press(panel, "Breaking"), await room.press(panel, "Breaking")
    assert first.message == second.message
    assert "Only admins" in (await room.press(panel, "None", admin=False)).text
    assert (await stored(room)).sound is Level.BREAKING


async def test_every_value_can_be_set_and_is_then_said(room: Room) -> None:
    for setting in SETTINGS.values():
        for value in setting.choices:
            assert "Settings of this chat" in (await room.say(f"/settings {setting.name} {value}")).text


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


async def test_a_pause_lasts_as_long_as_asked_and_drops_what_waits(room: Room) -> None:
    await room.follow("tanker")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    reply = await room.say("/pause 2h")
    assert reply.lines[0] == "Alerts are paused for 2 hours, until 22 Nov, 14:00 UTC."
    assert await room.owed() == 0
    await room.publish(item("Tanker lost off Varn"), alerting=True)
    assert await room.owed() == 0
    assert "Alerts are paused until 22 Nov, 14:00 UTC, or /resume." in (await room.say("/rules")).lines
    room.clock.advance(hours=2)
    await room.publish(item("Tanker found off Varn"), alerting=True)
    assert await room.owed() == 1
    assert "paused" not in (await room.say("/rules")).text


async def test_a_pause_without_end_lasts_until_resume(room: Room) -> None:
    await room.follow("tanker")
    paused = await room.say("/pause")
    assert paused.lines[0] == "Alerts are paused until you send /resume."
    room.clock.advance(days=300)
    await room.publish(item("Tanker held off Varn", published=room.clock.now()), alerting=True)
    assert await room.owed() == 0
    assert "Alerts are paused until /resume." in (await room.follow("cable")).lines
    assert (await room.press(paused, "Resume")).lines == ["Alerts are back on."]
    await room.publish(item("Tanker lost off Varn", published=room.clock.now()), alerting=True)
    assert await room.owed() == 1


async def test_resume_without_a_pause_says_so(room: Room) -> None:
    assert (await room.say("/resume")).lines == ["Alerts aren't paused."]
    await room.say("/pause 1h")
    room.clock.advance(hours=2)
    assert (await room.say("/resume")).lines == ["Alerts aren't paused."]


async def test_the_wider_circle_lets_related_news_in(room: Room) -> None:
    await room.follow("depot")
    await room.publish(item("Depot burns at the front", relevance=Relevance.RELATED), alerting=True)
    assert await room.owed() == 0
    widened = await room.say("/wider on")
    assert widened.lines[0].startswith("The wider circle is on:")
    await room.publish(item("Second depot burns at the front", relevance=Relevance.RELATED), alerting=True)
    assert await room.owed() == 1
    assert "wider circle" in (await room.say("/rules")).text
    assert (await room.press(widened, "Switch it off")).lines[0].startswith("The wider circle is off:")
    assert "wider circle" not in (await room.say("/rules")).text


async def test_wider_alone_tells_how_it_stands_and_changes_nothing(room: Room) -> None:
    assert "is off" in (await room.say("/wider")).text
    await room.say("/wider on")
    assert "is on" in (await room.say("/wider")).text
    assert "is on" in (await room.say("/wider")).text


async def test_a_rule_mentions_a_role_until_none_is_named(room: Room) -> None:
    await room.follow("drones")
    await room.follow("cable")
    chosen = await room.say("/mention 2 123", in_server=True)
    assert chosen.lines == ["Alerts of rule 2 now mention @123: cable"]
    listed = (await room.say("/rules")).lines
    assert listed[-1] == "Its alerts mention a role."
    assert listed.count("Its alerts mention a role.") == 1
    ended = await room.say("/mention 2", in_server=True)
    assert ended.lines == ["Alerts of rule 2 don't mention anyone: cable"]
    assert "mention" not in (await room.say("/rules")).text


async def test_only_a_rule_that_is_there_can_mention_a_role(room: Room) -> None:
    answer = await room.say("/mention 3 123", in_server=True)
    assert answer.lines == ["This chat has no rule 3. /rules shows the numbers."]


async def test_where_there_is_no_server_it_is_neither_offered_nor_done(room: Room) -> None:
    await room.follow("drones")
    answer = await room.say("/mention 1 123")
    assert answer.lines == ["That works in server channels on Discord."]
    assert "mention" not in (await room.say("/rules")).text
    assert "/mention" not in (await room.say("/help")).text
    assert "/mention" in (await room.say("/help", in_server=True)).text


async def test_only_admins_choose_whom_alerts_mention(room: Room) -> None:
    await room.follow("drones")
    answer = await room.say("/mention 1 123", in_server=True, admin=False)
    assert answer.text.startswith("Only admins of this chat")
