"""The chat platforms that there are: the only list of them. What they tell of chats is written down here, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp

from bot.commands.framework.access import entry_of
from bot.commands.framework.services import Services
from bot.core.model import Chat
from bot.platforms.base import Adapter, ChatEvents
from bot.platforms.console.platform import OWNER, Console
from bot.platforms.discord import adapter as discord
from bot.platforms.telegram import adapter as telegram
from bot.storage import admissions, chat_moves, subscribers, waiting

ADAPTERS: tuple[Adapter[Any], ...] = (telegram.ADAPTER, discord.ADAPTER)
"""Each platform that people reach over the network; a new one is a line here."""

FALLBACK, OPERATOR = Console, OWNER
"""What is served where no other platform is set up, and who sits there: an owner always."""


def chat_session() -> aiohttp.ClientSession:
    """The HTTP session of the chat platforms: unlike the fetcher's it may open many connections to one host."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())


def chat_events_in(services: Services) -> ChatEvents:
    """What platforms tell of chats, written down."""
    database = services.database

    async def on_migrated(old: Chat, new: Chat) -> None:
        async with database.write() as tx:
            await chat_moves.move(tx, old, new)
            await admissions.move(tx, entry_of(old), entry_of(new))
            services.access.change(await admissions.entries(tx))
            services.access.note_move(old, new)

    async def on_lost(chat: Chat) -> tuple[str, ...]:
        async with database.write() as tx:
            return await subscribers.mark_unreachable(tx, chat, services.clock.now())

    async def on_regained(chat: Chat) -> None:
        async with database.read() as tx:
            is_unreachable = await subscribers.is_unreachable(tx, chat)
            may_go = is_unreachable or await waiting.is_put_off(tx, chat, services.clock.now())
        if may_go:
            async with database.write() as tx:
                await subscribers.mark_reachable(tx, chat)
                await waiting.hasten(tx, chat, services.clock.now())
            services.wake()

    async def set_up_by(chat: Chat) -> tuple[str, ...]:
        async with database.read() as tx:
            return await subscribers.set_up_by(tx, chat)

    async def on_reconnected(since: Mapping[Chat, datetime]) -> None:
        async with database.read() as tx:
            lost = await subscribers.unreachable_since(tx, tuple(since))
        again = [chat for chat, parked in lost.items() if parked < since[chat]]
        if again:
            async with database.write() as tx:
                for chat in again:
                    await subscribers.mark_reachable(tx, chat)

    return ChatEvents(
        on_migrated=on_migrated,
        on_lost=on_lost,
        on_regained=on_regained,
        on_reconnected=on_reconnected,
        set_up_by=set_up_by,
    )
