"""Chats that are lost, over the wire: whoever set one up is told once, in private, and nobody else is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from discord import ChannelType

from bot.core.message.blocks import Block, Message, say
from bot.core.model import Chat
from bot.errors import ChatClosed, ChatGone
from bot.platforms.discord.lost_chats import said_refused
from bot.platforms.discord.places import chat_of
from bot.platforms.registry import chat_events_in
from bot.storage import subscribers
from tests.commands.room import Room as Desk
from tests.platforms.contract import PATIENCE, Clerk
from tests.platforms.discord.line import Line, on_the_line
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import CLOSED_MESSAGES, MISSING_PERMISSIONS, UNKNOWN_CHANNEL, Channel, Person, Server
from tests.platforms.telegram.line import answer_with

ALERT = Message((Block(say("Cable cut")),))


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(desk.clock) as server:
        yield server


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


@pytest.fixture
def harbour(server: DiscordServer, ann: Person) -> Server:
    return server.server("Harbour", admin=ann)


@pytest.fixture
def alerts(server: DiscordServer, harbour: Server) -> Channel:
    return server.channel(harbour, "alerts")


@pytest.fixture
async def line(server: DiscordServer, desk: Desk, alerts: Channel) -> AsyncIterator[Line]:
    changes = chat_events_in(desk.services)
    async with on_the_line(server, answer_with(desk.services), changes=changes) as line:
        yield line


async def set_up(line: Line, who: Person, where: Channel) -> None:
    line.server.says(who, "/follow cable", where=where)
    await line.server.sees(where, "Follow cable?")
    line.server.presses(who, "Follow", where=where)
    await line.server.sees(where, "Saved as rule 1")
    await line.is_done()


async def fails(line: Line, where: Channel) -> None:
    with pytest.raises((ChatClosed, ChatGone)):
        await line.sends(where, ALERT)
    await line.is_done()


async def test_whoever_set_a_channel_up_is_told_once_that_we_cannot_write_there(
    line: Line, ann: Person, alerts: Channel
) -> None:
    await set_up(line, ann, alerts)
    alerts.refusal = MISSING_PERMISSIONS
    await fails(line, alerts)
    await fails(line, alerts)
    assert line.server.sent_to(ann.private) == [
        "I can't write in #alerts on Harbour.\n\nIts alerts will wait for up to a day. Let me write there again, and "
        "they will be sent."
    ]


async def test_a_question_there_is_no_sign_that_we_may_write_there_again(
    line: Line, ann: Person, alerts: Channel
) -> None:
    await set_up(line, ann, alerts)
    alerts.refusal = MISSING_PERMISSIONS
    await fails(line, alerts)
    line.server.says(ann, "/latest", where=alerts)
    await line.server.sees(alerts)
    await line.is_done()
    await fails(line, alerts)
    assert len(ann.private.sent) == 1


async def test_a_second_loss_is_told_again(line: Line, ann: Person, alerts: Channel) -> None:
    await set_up(line, ann, alerts)
    for _ in range(2):
        alerts.refusal = MISSING_PERMISSIONS
        await fails(line, alerts)
        alerts.refusal = None
        line.server.clock.advance(minutes=10)
        await line.sends(alerts, ALERT)
    assert len(line.server.sent_to(ann.private)) == 2


async def test_the_last_admin_who_changed_something_is_told(
    line: Line, ann: Person, harbour: Server, alerts: Channel
) -> None:
    await set_up(line, ann, alerts)
    bob = line.server.person("bob")
    harbour.granted.add((bob.id, "pause"))
    line.server.says(bob, "/pause 2h", where=alerts)
    await line.server.sees(alerts, "Alerts are paused")
    line.server.says(ann, "/latest", where=alerts)
    await line.is_done()
    alerts.refusal = MISSING_PERMISSIONS
    await fails(line, alerts)
    assert (len(ann.private.sent), len(bob.private.sent)) == (0, 1)


async def test_a_deleted_channel_or_thread_is_told(line: Line, ann: Person, harbour: Server, alerts: Channel) -> None:
    thread = line.server.channel(harbour, "cables", ChannelType.public_thread, parent=alerts)
    for channel in (alerts, thread):
        await set_up(line, ann, channel)
    for channel in (thread, alerts):
        line.server.deletes(channel)
        told = await line.server.sees(ann.private, "was deleted")
        assert told.text == (f"#{channel.name} on Harbour was deleted, so the alerts that you set up there have ended.")


async def test_being_put_out_of_a_server_is_one_loss(line: Line, ann: Person, harbour: Server) -> None:
    for channel in list(harbour.channels.values()):
        await set_up(line, ann, channel)
    assert len(harbour.channels) == 2
    line.server.puts_us_out(harbour)
    await line.server.sees(ann.private, "I was removed from Harbour.")
    await line.is_done()
    assert len(ann.private.sent) == 1


async def test_who_cannot_be_reached_is_left_alone_and_the_alert_is_none_the_worse(
    line: Line, ann: Person, alerts: Channel
) -> None:
    await set_up(line, ann, alerts)
    ann.private.refusal = CLOSED_MESSAGES
    alerts.refusal = MISSING_PERMISSIONS
    calls = line.server.calls["create_message"]
    await fails(line, alerts)
    assert line.server.calls["create_message"] == calls + 2
    assert ann.private.sent == []


async def test_nobody_is_told_of_a_chat_that_followed_nothing_or_is_forgotten(
    line: Line, ann: Person, harbour: Server, alerts: Channel
) -> None:
    line.server.says(ann, "/pause 2h", where=alerts)
    await line.server.sees(alerts, "Alerts are paused")
    general = next(iter(harbour.channels.values()))
    await set_up(line, ann, general)
    line.server.gives(ann, "forget", yes="yes", where=general)
    await line.server.sees(general)
    await line.is_done()
    for channel in (alerts, general):
        channel.refusal = MISSING_PERMISSIONS
        await fails(line, channel)
    assert ann.private.sent == []


async def test_a_private_chat_that_is_closed_tells_nobody(line: Line, ann: Person) -> None:
    await set_up(line, ann, ann.private)
    sent = len(ann.private.sent)
    ann.private.refusal = CLOSED_MESSAGES
    await fails(line, ann.private)
    assert line.server.calls["open_private"] == 0
    assert len(ann.private.sent) == sent


class Returns:
    """Whether what the bot heard of its return to servers was written down; `may_go_on` holds it up until it is set."""

    def __init__(self, desk: Desk) -> None:
        self.written = 0
        self.chats: list[Chat] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self._changes = chat_events_in(desk.services)
        self.changes = replace(self._changes, on_reconnected=self._returned)

    async def _returned(self, since: Mapping[Chat, datetime]) -> None:
        self.chats += since
        await self.may_go_on.wait()
        await self._changes.on_reconnected(since)
        self.written += 1

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not happened():  # noqa: ASYNC110 (the library tells it to nobody else)
                await asyncio.sleep(0.001)


async def is_lost(desk: Desk, channel: Channel) -> bool:
    async with desk.database.read() as tx:
        return await subscribers.is_unreachable(tx, chat_of(channel.id))


async def test_a_server_that_let_us_in_again_while_we_were_away_gets_its_alerts(
    server: DiscordServer, desk: Desk, ann: Person, harbour: Server, alerts: Channel
) -> None:
    returns = Returns(desk)
    async with on_the_line(server, answer_with(desk.services), changes=returns.changes) as line:
        await set_up(line, ann, alerts)
        server.puts_us_out(harbour)
        await server.sees(ann.private, "I was removed from Harbour.")
    assert await is_lost(desk, alerts)
    desk.clock.advance(minutes=5)
    server.lets_us_in(harbour)
    before = returns.written
    async with on_the_line(server, answer_with(desk.services), changes=returns.changes):
        await returns.until(lambda: returns.written > before)
    assert not await is_lost(desk, alerts)


async def test_a_channel_that_was_lost_since_we_came_in_is_no_return(
    server: DiscordServer, desk: Desk, ann: Person, alerts: Channel
) -> None:
    returns = Returns(desk)
    async with on_the_line(server, answer_with(desk.services), changes=returns.changes) as line:
        await set_up(line, ann, alerts)
        alerts.refusal = UNKNOWN_CHANNEL
        await fails(line, alerts)
    before = returns.written
    async with on_the_line(server, answer_with(desk.services), changes=returns.changes):
        await returns.until(lambda: returns.written > before)
    assert await is_lost(desk, alerts)
    assert len(ann.private.sent) == 1, "nobody is told twice"


async def test_servers_that_come_together_are_looked_up_together(server: DiscordServer, desk: Desk) -> None:
    returns = Returns(desk)
    returns.may_go_on.clear()
    known = [server.server(f"Harbour {number}") for number in range(30)]
    async with on_the_line(server, answer_with(desk.services), changes=returns.changes) as line:
        await line.is_ready()
        returns.may_go_on.set()
        await returns.until(lambda: len(returns.chats) == sum(len(each.channels) for each in known))
        await returns.until(lambda: returns.written == 2)


def test_a_channel_of_which_nothing_is_known_may_have_been_deleted() -> None:
    (block,) = said_refused(None).blocks
    assert "it may have been deleted" in "".join(run.text for run in block.runs)


async def test_rights_given_back_to_a_channel_bring_back_its_threads(
    server: DiscordServer, harbour: Server, alerts: Channel
) -> None:
    thread = server.channel(harbour, "cables", ChannelType.public_thread, parent=alerts)
    async with on_the_line(server, Clerk().answer) as line:
        server.denies(alerts, send_messages_in_threads=True)
        server.denies(alerts)
        await line.hears(lambda: line.ledger.told("back") == [thread.id])
        server.denies(alerts, view_channel=True)
        server.denies(alerts)
        await line.hears(lambda: line.ledger.told("back")[1:] == [alerts.id, thread.id])
