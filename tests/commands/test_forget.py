"""Deleting all that is kept about a chat."""

from pathlib import Path

from tests import builders
from tests.builders import item
from tests.commands.room import Room


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
