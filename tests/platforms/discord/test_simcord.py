"""The same conversations in another's model of Discord, which checks commands, permissions and messages on its own.

simcord runs the real library in one process, without a wire: what breaks there is tried in test_discord_connection.py.
"""

import asyncio
from dataclasses import replace

import pytest
import simcord
from discord import Client, PermissionOverwrite, Permissions

from bot.commands import COMMANDS
from bot.core.message.blocks import Message
from bot.core.wording.alert import alert
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import ChatClosed
from bot.platforms.closed_chats import ClosedChats
from bot.platforms.connection import Connection
from bot.platforms.discord.client import FaultlineClient, Tells
from bot.platforms.discord.commands import offer_commands
from bot.platforms.discord.conversations import Conversations
from bot.platforms.discord.lost_chats import LostChatNotifier
from bot.platforms.discord.places import chat_of
from bot.platforms.discord.sender import Post, attempts_of
from bot.storage import subscribers
from tests import builders
from tests.builders import NOW, item, story
from tests.commands.room import Room as Desk
from tests.platforms.discord.line import Ledger, complete_with
from tests.platforms.telegram.line import answer_with


def losses_in(ledger: Ledger) -> LostChatNotifier:
    """Written down in the ledger, where nobody is to be told."""

    def tell(person: str, _message: Message) -> None:
        raise AssertionError(f"{person} has set nothing up")

    return LostChatNotifier(ledger.changes, tell=tell, find=lambda _: None)


class Modelled(FaultlineClient):
    """Our client where there is no gateway to ask for."""

    async def setup_hook(self) -> None:
        assert self.application_id is not None
        await offer_commands(self.http, self.application_id, COMMANDS)


@pytest.fixture
def client(desk: Desk) -> Modelled:
    ledger = Ledger()
    conversations = Conversations(
        answer_with(desk.services),
        complete_with(desk.services),
        table=COMMANDS,
        changes=ledger.changes,
        clock=desk.clock,
        sleep=asyncio.sleep,
        is_offered=lambda: True,
    )
    tells = Tells(
        asked=conversations.handle,
        granted_anew=conversations.grants.forget,
        connection=Connection("Discord", desk.clock),
        changes=ledger.changes,
        losses=losses_in(ledger),
        closed_chats=ClosedChats(desk.clock, ledger.changes.on_regained),
    )
    return Modelled(tells, api_url="https://discord.com/api/v10", sleep=asyncio.sleep)


MANAGES = Permissions(view_channel=True, send_messages=True, manage_guild=True)
ALERT = alert(story(item("Cable <@1> cut")), number=1, rule_text="cable", words=("Cable",), now=NOW)


async def test_commands_are_ones_that_discord_takes_and_each_is_offered_to_whom_it_is_for(client: Modelled) -> None:
    async with simcord.run(client, shard_count=1) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("general")
        ann = guild.add_member(env.create_user("ann"), roles=[guild.create_role("admins", permissions=MANAGES)])
        bob = guild.add_member(env.create_user("bob"))
        everyone, admins = set(bob.available_commands(channel)), set(ann.available_commands(channel))
    assert {"latest", "search", "rules"} <= everyone
    assert {"follow", "unfollow", "pause"} <= admins - everyone


async def test_a_rule_is_followed_in_a_server_by_an_answer_that_nobody_else_sees(client: Modelled, desk: Desk) -> None:
    async with simcord.run(client, shard_count=1) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("general")
        ann = guild.add_member(env.create_user("ann"), roles=[guild.create_role("admins", permissions=MANAGES)])
        asked = await ann.slash(channel, "follow", rule="drones")
        assert asked.response is not None
        assert asked.ephemeral
        assert asked.response.embeds[0].title == "Follow `drones`?"
        saved = await ann.click(asked.response, label="Follow")
        assert saved.response is not None
        assert "Saved as rule 1" in (saved.response.embeds[0].description or "")
        assert channel.last_message is None
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(str(channel.id), platform="discord"))
    assert found is not None


async def test_what_is_typed_is_completed(client: Modelled) -> None:
    async with simcord.run(client, shard_count=1) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("general")
        bob = guild.add_member(env.create_user("bob"))
        choices = await bob.autocomplete(channel, "sources", "word", "volga")
    assert [choice["value"] for choice in choices] == ["Volga Courier"]


async def test_an_alert_is_a_message_that_discord_takes_where_we_may_send_it(client: Modelled, desk: Desk) -> None:
    ledger = Ledger()

    async def connected() -> Client:
        return client

    post = Post(connected, losses_in(ledger), ledger.changes, clock=desk.clock, limits=Limits(), sleep=asyncio.sleep)
    async with simcord.run(client, shard_count=1) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("news")
        assert guild.me is not None
        closed = guild.create_text_channel(
            "closed", overwrites={guild.me: PermissionOverwrite(view_channel=True, send_messages=False)}
        )
        (attempt,) = attempts_of(Outgoing(chat=chat_of(channel.id), message=ALERT))
        await post.deliver(attempt)
        assert channel.last_message is not None
        assert channel.last_message.embeds[0].title == "Cable \\<@1\\> cut"
        assert channel.last_message.mentions == []
        with pytest.raises(ChatClosed, match="Missing"):
            await post.deliver(replace(attempt, chat=chat_of(closed.id)))
    assert ledger.told("gone") == []
