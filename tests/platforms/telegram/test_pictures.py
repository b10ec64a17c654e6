"""Pictures on Telegram, over the wire."""

from bot.core.message.blocks import Block, Button, Message, Picture, Role, Run
from tests.builders import item
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import Refusal, Room

PNG = b"\x89PNG\r\n\x1a\nan invented picture"
PICTURE = Picture(png=PNG, lines=("22 Nov  +1.0",))
BUTTONS = ((Button("30 days", "/tension 30d"),),)
FORBIDDEN = "Bad Request: not enough rights to send photos to the chat"


def told(*texts: str) -> Message:
    return Message(tuple(Block((Run(text),), Role.TEXT) for text in texts), BUTTONS, picture=PICTURE)


async def test_a_picture_has_the_words_as_its_caption(line: Line, ann: Room) -> None:
    ref = await line.sends(ann, told("Tension of the news", "Index today +1.0"))
    (sent,) = ann.sent
    assert (sent.photo, sent.text, str(sent.id)) == (PNG, "Tension of the news\n\nIndex today +1.0", ref)
    assert sent.buttons == {"30 days": "/tension 30d"}


async def test_words_too_long_for_a_caption_go_on_below_the_picture(line: Line, ann: Room) -> None:
    await line.sends(ann, told("a " * 450, "b " * 450))
    first, second = ann.sent
    assert (first.photo, second.photo) == (PNG, b"")
    assert first.text.startswith("a")
    assert second.text.startswith("b")
    assert (first.buttons, list(second.buttons)) == ({}, ["30 days"])


async def test_where_pictures_are_forbidden_a_table_comes_instead(
    line: Line, server: TelegramServer, ann: Room
) -> None:
    server.refuses("sendPhoto", Refusal(400, FORBIDDEN))
    await line.sends(ann, told("Tension of the news"))
    (sent,) = ann.sent
    assert (sent.photo, sent.text) == (b"", "Tension of the news\n\n22 Nov  +1.0")
    assert sent.styled("pre") == ["22 Nov  +1.0"]


async def test_a_picture_that_is_asked_for_comes_and_its_button_brings_the_other(
    line: Line, server: TelegramServer, desk: Desk, ann: Room
) -> None:
    await desk.publish(item("Envoys hold talks in the town of Varn"))
    server.says(ann, "/tension")
    week = await server.sees(ann, "Tension in the news, last 7 days")
    assert week.photo.startswith(b"\x89PNG")
    server.presses_button(ann, "30 days")
    month = await server.sees(ann, "Tension in the news, last 30 days")
    # Once for each picture, and again where the machine is so busy that one takes longer than Telegram shows it.
    assert server.actions[:2] == [(ann.id, "upload_photo")] * 2
    assert set(server.actions) == {(ann.id, "upload_photo")}
    assert month.id != week.id
    assert month.reply_to == week.id
