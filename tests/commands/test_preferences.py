from pathlib import Path

from bot.core.model import Relevance
from tests import builders
from tests.builders import item
from tests.commands.room import Room


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


async def test_forget_asks_first_and_then_deletes_everything(room: Room) -> None:
    bob = builders.chat("bob")
    await room.follow("tanker")
    await room.follow("cable")
    await room.follow("cable", chat=bob)
    await room.publish(item("Tanker held off Varn"), alerting=True)
    asked = await room.say("/forget")
    assert "its 2 rules" in asked.text
    assert await room.owed() == 1
    assert "Nothing is kept" in (await room.press(asked, "Delete it all")).text
    assert await room.owed() == 0
    assert len(room.index) == 1
    assert (await room.say("/rules")).lines[0] == "This chat doesn't follow any rules yet."
    assert list((await room.say("/rules", chat=bob)).buttons) == ["Unfollow 1"]


async def test_who_was_never_here_has_nothing_to_be_forgotten(room: Room) -> None:
    assert (await room.say("/forget")).lines == ["Nothing is kept about this chat."]


async def test_forget_leaves_no_word_on_the_disk(room: Room, tmp_path: Path) -> None:
    await room.follow("(zanzibar OR quokka) heliport")
    await room.say("/unfollow 1")
    await room.follow("marzipan heliport", chat=builders.chat("ben"))
    await room.say("/mute quokka 3d")
    await room.follow("zanzibar")
    assert b"zanzibar" in on_disk(tmp_path)
    await room.say("/forget yes")
    left = on_disk(tmp_path)
    assert [word for word in (b"zanzibar", b"quokka") if word in left] == []
    assert b"marzipan" in left, "of somebody else"


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
