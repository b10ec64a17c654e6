"""The library's client as we use it: which intents, which addresses, and which of its events mean something to us."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog
import yarl
from discord import (
    AutoShardedClient,
    DiscordServerError,
    ForumChannel,
    Guild,
    Intents,
    Interaction,
    Member,
    MemberCacheFlags,
    RawAppCommandPermissionsUpdateEvent,
    RawThreadDeleteEvent,
    Role,
    TextChannel,
    Thread,
)
from discord.abc import GuildChannel
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.platforms.base import ChatEvents
from bot.platforms.closed_chats import ClosedChats
from bot.platforms.connection import Connection, Sleep
from bot.platforms.discord.buckets import Buckets
from bot.platforms.discord.errors import FAULT
from bot.platforms.discord.lost_chats import LostChatNotifier
from bot.platforms.discord.places import chat_of, missing_rights, rights_of

log = structlog.get_logger()
# The library logs each lost connection with a traceback, and libraries for voice that nobody misses.
logging.getLogger("discord").setLevel(logging.CRITICAL)

# Discord lets a bot identify once in five seconds (https://docs.discord.com/developers/events/gateway#identifying).
IDENTIFY_GAP = 5.0
# Seconds without another server after which the library believes that it has heard of all; we wait for none of them.
NO_MORE_SERVERS = 0.2
# The library takes no less than half a minute; what is asked to wait for longer comes back as an error.
LONGEST_RATE_LIMIT = 30.0
# The library waits for up to 2^10 s between its attempts to come back; it has no setting for that.
MOST_DOUBLINGS = 5
# Servers whose channels are looked up at a time, so that the loop is not held up.
MOST_TOGETHER = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """Whom the client tells what: an interaction to answer, in which server it was changed who may give which command,
    and how the connection and our chats stand.
    """

    asked: Callable[[Interaction], Awaitable[None]]
    granted_anew: Callable[[int], None]
    connection: Connection
    changes: ChatEvents
    losses: LostChatNotifier
    closed_chats: ClosedChats


class FaultlineClient(AutoShardedClient):
    """A client for the GUILDS intent alone, which keeps no messages and no members. Its `on_` methods are events."""

    def __init__(self, tells: Tells, *, api_url: str, sleep: Sleep) -> None:
        # The library has one address for all its clients.
        Route.BASE = api_url.rstrip("/")
        super().__init__(
            intents=Intents(guilds=True),
            max_messages=None,
            member_cache_flags=MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=NO_MORE_SERVERS,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
            http_trace=_without_repeats(),
        )
        self.http._buckets = Buckets(self.http.max_ratelimit_timeout)  # noqa: SLF001
        self._tells = tells
        self._sleep = sleep
        self._away: set[int] = set()
        self._available: list[Guild] = []
        self._looking_up = asyncio.Lock()

    async def setup_hook(self) -> None:
        """Reconnects go to the gateway that the API names, too. Raises GatewayNotFound."""
        _, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        if not initial:
            await self._sleep(IDENTIFY_GAP)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:  # noqa: ARG002
        """An event that could not be handled, such as a write that the database refused, ends nothing else."""
        log.exception("an event of Discord's could not be handled", method=event_method)

    async def on_interaction(self, interaction: Interaction) -> None:
        await self._tells.asked(interaction)

    async def on_raw_app_command_permissions_update(self, changed: RawAppCommandPermissionsUpdateEvent) -> None:
        self._tells.granted_anew(changed.guild.id)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._came(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._came(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self._away.add(shard_id)
        self._tells.connection.lost()
        if (shard := self.get_shard(shard_id)) is not None:
            shard._parent._backoff._max = MOST_DOUBLINGS  # noqa: SLF001

    async def on_guild_join(self, guild: Guild) -> None:
        """We were let into a server, perhaps again."""
        for channel in (*guild.channels, *guild.threads):
            await self._tells.changes.on_regained(chat_of(channel.id))

    async def on_guild_available(self, guild: Guild) -> None:
        """A server is there after all connections of ours; we may have been put out and let in again meanwhile."""
        self._available.append(guild)
        async with self._looking_up:
            # At the start they come by the thousand: what has come while others were looked up goes together.
            guilds, self._available = self._available[:MOST_TOGETHER], self._available[MOST_TOGETHER:]
            since = {
                chat_of(channel.id): each.me.joined_at
                for each in guilds
                for channel in (*each.channels, *each.threads)
                if each.me and each.me.joined_at
            }
            if since:
                await self._tells.changes.on_reconnected(since)

    async def on_guild_remove(self, guild: Guild) -> None:
        """We were put out of a server."""
        await self._tells.losses.removed(guild)

    async def on_guild_channel_delete(self, channel: GuildChannel) -> None:
        await self._tells.losses.deleted(channel.id, channel)

    async def on_raw_thread_delete(self, deleted: RawThreadDeleteEvent) -> None:
        await self._tells.losses.deleted(deleted.thread_id, deleted.thread)

    async def on_guild_channel_update(self, before: GuildChannel, after: GuildChannel) -> None:
        """Somebody may have given us a right that was missing there or in its threads, which have the same rights."""
        for place in (after, *(after.threads if isinstance(after, TextChannel | ForumChannel) else ())):
            if missing_rights(rights_of(before), place) and not missing_rights(rights_of(after), place):
                await self._tells.closed_chats.open(chat_of(place.id))

    async def on_guild_role_update(self, _before: Role, after: Role) -> None:
        """A role of ours may have been given a right."""
        await self._look_at_closed(after.guild)

    async def on_guild_role_delete(self, role: Role) -> None:
        """A role that took a right from us may be gone."""
        await self._look_at_closed(role.guild)

    async def on_member_update(self, _before: Member, after: Member) -> None:
        """Of the members Discord tells us only of ourselves: we may have been given a role, or a time-out has ended."""
        await self._look_at_closed(after.guild)

    async def on_guild_update(self, _before: Guild, after: Guild) -> None:
        await self._look_at_closed(after)

    async def on_thread_update(self, _before: Thread, after: Thread) -> None:
        """It may have been unlocked."""
        await self._look_at_closed(after.guild)

    async def _look_at_closed(self, guild: Guild) -> None:
        """Whether rights that were missing in channels of a server are there now."""
        for chat in self._tells.closed_chats:
            place = guild.get_channel_or_thread(int(chat.address))
            is_locked = isinstance(place, Thread) and place.locked
            if place is not None and not is_locked and not missing_rights(rights_of(place), place):
                await self._tells.closed_chats.open(chat)

    def _came(self, shard_id: int) -> None:
        self._away.discard(shard_id)
        if not self._away:
            self._tells.connection.restored()


def _without_repeats() -> aiohttp.TraceConfig:
    """Keeps the library from repeating by itself what must be asked otherwise, or sooner.

    After a 5xx it repeats whatever it has asked (discord/http.py, HTTPClient.request; discord/webhook/async_.py). But
    posts of forums have no nonce, and Discord may have obeyed; and of the 3 s that an interaction has, it lets one go
    by. An error that is raised where the answer comes in, ends that; whoever asked knows better.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_end_at_fault)
    return trace


async def _end_at_fault(_session: object, _context: object, ended: aiohttp.TraceRequestEndParams) -> None:
    makes_post = ended.method == "POST" and ended.url.path.endswith("/threads")
    answers = {"interactions", "webhooks"}.intersection(ended.url.parts)
    if (makes_post or answers) and ended.response.status >= FAULT:
        raise DiscordServerError(ended.response, None)
