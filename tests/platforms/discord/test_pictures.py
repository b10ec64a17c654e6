"""Pictures on Discord, over the wire: in answers, in place of others, and in what goes out by itself."""

from collections.abc import AsyncIterator

import pytest
from discord import ChannelType

from bot.core.message.blocks import Block, Message, Picture, say
from tests.builders import item
from tests.commands.room import Room as Desk
from tests.platforms.discord.line import Line, on_the_line
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import Person, Refusal, Sent
from tests.platforms.telegram.line import answer_with

PNG = b"\x89PNG\r\n\x1a\nan invented picture"
TOLD = Message((Block(say("Tension of the news")),), picture=Picture(png=PNG, lines=("22 Nov  +1.0", "21 Nov  0.0")))


@pytest.fixture
async def line(desk: Desk) -> AsyncIterator[Line]:
    async with DiscordServer(desk.clock) as server, on_the_line(server, answer_with(desk.services)) as line:
        yield line


@pytest.fixture
def ann(line: Line) -> Person:
    return line.server.person("ann")


def shows_picture(sent: Sent) -> bool:
    return bool(sent.embeds[0].get("image", {}).get("url") == "attachment://picture.png")


@pytest.mark.parametrize("kind", [ChannelType.text, ChannelType.forum])
async def test_a_picture_stands_with_the_words_and_can_be_read_aloud(line: Line, kind: ChannelType) -> None:
    where = line.server.channel(line.server.server(), "news", kind)
    ref = await line.sends(where, TOLD)
    assert line.server.pictures == {"22 Nov  +1.0\n21 Nov  0.0": PNG}
    (sent,) = line.server.channels[ref.partition("/")[0]].sent
    assert (sent.text, shows_picture(sent)) == ("Tension of the news", True)


async def test_words_can_take_the_place_of_a_picture(line: Line, ann: Person) -> None:
    ref = await line.sends(ann, TOLD)
    await line.sends(ann, Message(TOLD.blocks), edits=ref)
    assert not shows_picture(ann.private.sent[0])


async def test_where_discord_does_not_take_the_picture_the_words_come_alone(line: Line, ann: Person) -> None:
    line.server.refuses("create_message", Refusal(400, 50035, "Invalid Form Body"))
    await line.sends(ann, TOLD)
    (sent,) = ann.private.sent
    assert (sent.text, sent.embeds, line.server.pictures) == ("Tension of the news", [], {})


async def test_a_picture_that_is_asked_for_comes_and_its_button_brings_the_other(
    line: Line, desk: Desk, ann: Person
) -> None:
    await desk.publish(item("Envoys hold talks in the town of Varn"))
    line.server.says(ann, "/tension")
    week = await line.server.sees(ann.private, "Tension in the news, last 7 days")
    assert shows_picture(week)
    line.server.presses(ann, "30 days")
    month = await line.server.sees(ann.private, "Tension in the news, last 30 days")
    assert shows_picture(month)
    assert len(line.server.pictures) == 2
    assert all(png.startswith(b"\x89PNG") for png in line.server.pictures.values())
