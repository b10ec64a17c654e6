"""Alerts that mention a role, over the wire: the one that was chosen, and nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from discord import ChannelType

from bot.core.message.blocks import Message
from bot.core.wording.alert import alert
from bot.storage import subscribers
from tests import builders
from tests.builders import NOW, item, story
from tests.commands.room import Room as Desk
from tests.platforms.discord.line import Line, on_the_line
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import Channel, Person, Refusal, Server
from tests.platforms.telegram.line import answer_with


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(desk.clock) as server:
        yield server


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


@pytest.fixture
def harbour(server: DiscordServer, ann: Person) -> Server:
    return server.server(admin=ann)


@pytest.fixture
def general(harbour: Server) -> Channel:
    return next(iter(harbour.channels.values()))


@pytest.fixture
def watch(server: DiscordServer, harbour: Server) -> str:
    return server.role(harbour, "Watch")


@pytest.fixture
async def line(server: DiscordServer, desk: Desk, watch: str) -> AsyncIterator[Line]:
    async with on_the_line(server, answer_with(desk.services)) as line:
        yield line


def mentioning(role: str, title: str = "Cable cut") -> Message:
    told = alert(story(item(title)), number=1, rule_text="cable", words=("Cable",), now=NOW)
    return replace(told, mention=role)


async def mentioned(desk: Desk, channel: Channel) -> list[str]:
    """The roles of the chat's rules, as storage has them."""
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(channel.id, platform="discord"))
        return [each.mention for each in await subscribers.followings_of(tx, found.id)] if found else []


async def follow(line: Line, ann: Person, general: Channel) -> None:
    line.server.says(ann, "/follow cable", where=general)
    await line.server.sees(general, "Follow cable?")
    line.server.presses(ann, "Follow", where=general)
    await line.server.sees(general, "Saved as rule 1")


async def test_an_admin_chooses_a_role_and_ends_that(
    line: Line, desk: Desk, ann: Person, general: Channel, watch: str
) -> None:
    await follow(line, ann, general)
    line.server.gives(ann, "mention", rule="1", role=watch, where=general)
    answered = await line.server.sees(general, "Alerts of rule 1 now mention @Watch: cable")
    assert (answered.to, answered.woken) == (ann.id, ())
    assert await mentioned(desk, general) == [watch]
    line.server.says(ann, "/rules", where=general)
    await line.server.sees(general, "Its alerts mention @Watch.")
    line.server.gives(ann, "mention", rule="1", where=general)
    await line.server.sees(general, "don't mention anyone")
    assert await mentioned(desk, general) == [""]


async def test_a_role_is_chosen_for_another_channel_too(
    line: Line, desk: Desk, ann: Person, general: Channel, watch: str
) -> None:
    await follow(line, ann, general)
    assert general.server is not None
    other = line.server.channel(general.server, "desk")
    line.server.gives(ann, "mention", rule="1", role=watch, where=other, channel=general)
    await line.server.sees(other, "now mention @Watch")
    assert await mentioned(desk, general) == [watch]


async def test_everyone_is_refused_and_so_is_what_nobody_may_mention(
    line: Line, desk: Desk, ann: Person, harbour: Server, general: Channel
) -> None:
    await follow(line, ann, general)
    line.server.gives(ann, "mention", rule="1", role=harbour.id, where=general)
    await line.server.sees(general, "I never mention everyone.")
    closed = line.server.role(harbour, "Crew", mentionable=False)
    line.server.gives(ann, "mention", rule="1", role=closed, where=general)
    await line.server.sees(general, "I can't mention @Crew there: it isn't open to mentions.")
    line.server.gives(ann, "mention", rule="1", role="42", where=general)
    await line.server.sees(general, "I don't know that role.")
    assert await mentioned(desk, general) == [""]


async def test_an_alert_mentions_the_role_and_no_other(
    line: Line, harbour: Server, general: Channel, watch: str
) -> None:
    other = line.server.role(harbour, "Crew")
    await line.sends(general, mentioning(watch, f"Cable cut <@&{other}> @everyone"))
    await line.sends(general, mentioning("", f"Cable cut <@&{other}> @everyone"))
    assert [sent.woken for sent in general.sent] == [(watch,), ()]
    assert [sent.content for sent in general.sent] == [f"<@&{watch}>", ""]


async def test_an_edit_leaves_the_mention_as_it_stands(line: Line, general: Channel, watch: str) -> None:
    ref = await line.sends(general, mentioning(watch))
    await line.sends(general, mentioning(watch, "Cable mended"), edits=ref)
    assert general.sent[0].content == f"<@&{watch}>"
    assert general.sent[0].embeds[0]["title"] == "Cable mended"


async def test_posts_of_forums_and_plain_words_mention_it_too(
    line: Line, harbour: Server, general: Channel, watch: str
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    await line.sends(forum, mentioning(watch))
    assert [sent.woken for sent in forum.log] == [(watch,)]
    line.server.refuses("create_message", Refusal(400, 50035, "Invalid Form Body"))
    await line.sends(general, mentioning(watch, "Cable " * 800))
    assert [sent.woken for sent in general.sent] == [(watch,)]
    assert general.sent[0].content.startswith(f"<@&{watch}>\nCable")


async def test_a_role_that_is_no_more_is_not_mentioned(
    line: Line, ann: Person, harbour: Server, general: Channel, watch: str
) -> None:
    await follow(line, ann, general)
    line.server.gives(ann, "mention", rule="1", role=watch, where=general)
    await line.server.sees(general, "now mention @Watch")
    line.server.drops_role(harbour, watch)
    line.server.says(ann, "/rules", where=general)
    await line.server.sees(general, "Its alerts don't mention anyone: the role was deleted.")
    general.sent.clear()
    await line.sends(general, mentioning(watch))
    await line.sends(general, mentioning(harbour.id))
    assert [(sent.content, sent.woken) for sent in general.sent] == [("", ()), ("", ())]
