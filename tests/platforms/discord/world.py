"""Discord's side of the loopback: people, servers, channels, what stands in them. Payloads are as Discord has them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from discord import ChannelType, Permissions
from discord.utils import time_snowflake

from tests.builders import ManualClock
from tests.platforms.discord.text import read

PATIENCE = 5.0  # seconds; what is waited for takes milliseconds

Json = dict[str, Any]

APPLICATION = "700000000000000001"
BOT: Json = {
    "id": APPLICATION,
    "username": "faultline",
    "discriminator": "0",
    "avatar": None,
    "global_name": "Faultline",
    "bot": True,
}
THREADS = {ChannelType.news_thread.value, ChannelType.public_thread.value, ChannelType.private_thread.value}
EPHEMERAL = 64

READS = Permissions(view_channel=True, read_message_history=True, use_application_commands=True)
OURS = READS | Permissions(
    send_messages=True, send_messages_in_threads=True, embed_links=True, create_public_threads=True
)
MANAGES = READS | Permissions(manage_guild=True, manage_channels=True, send_messages=True)


class Refusal(Exception):
    """What Discord answers instead of a result."""

    def __init__(self, status: int, code: int, message: str, *, headers: Json | None = None, **body: Any) -> None:
        self.status = status
        self.body = {"code": code, "message": message, **body}
        self.headers = headers or {}
        super().__init__(message)


def flood(seconds: float, *, everywhere: bool = False) -> Refusal:
    headers = {"Retry-After": str(int(seconds) or 1), "Via": "1.1 google", "X-RateLimit-Remaining": "0"}
    words = "You are being rate limited."
    return Refusal(429, 0, words, headers=headers, retry_after=seconds, **{"global": everywhere})


MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
CLOSED_MESSAGES = Refusal(403, 50007, "Cannot send messages to this user")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNAVAILABLE = Refusal(503, 0, "Service Unavailable")


@dataclass(slots=True)
class Sent:
    """A message of the bot's, as people see it; `to` is the only one who does, if it is for one person alone.

    `woken` are the roles that it notified when it came, `interaction` what it was answered to.
    """

    id: str
    channel: str
    embeds: list[Json] = field(default_factory=list)
    content: str = ""
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    nonce: str = ""
    answers: str = ""
    to: str = ""
    edits: int = 0
    deleted: bool = False
    woken: tuple[str, ...] = ()
    published: bool = False
    interaction: Json | None = None

    @property
    def text(self) -> str:
        """All that is there to be read."""
        texts = [read(self.content).text]
        for embed in self.embeds:
            texts.append(embed.get("author", {}).get("name", ""))
            texts += [read(embed.get(key) or "").text for key in ("title", "description")]
            texts += [f"{each['name']}\n{read(each['value']).text}" for each in embed.get("fields", [])]
        return "\n".join(filter(None, texts))

    @property
    def buttons(self) -> dict[str, str]:
        return {each["label"]: each["custom_id"] for row in self.components for each in row["components"]}


@dataclass(slots=True)
class Channel:
    """A channel, thread or private conversation; `refusal` is what the bot is told when it writes there."""

    id: str
    type: int
    name: str = ""
    server: "Server | None" = None
    parent: str = ""
    denied: Permissions = field(default_factory=Permissions.none)
    tags: tuple[str, ...] = ()
    owner: str = ""
    refusal: Refusal | None = None
    sent: list[Sent] = field(default_factory=list)
    log: list[Sent] = field(default_factory=list)
    read: int = 0

    @property
    def json(self) -> Json:
        shown: Json = {"id": self.id, "type": self.type, "name": self.name, "position": 0, "nsfw": False}
        if self.server is not None:
            shown |= {"guild_id": self.server.id, "parent_id": self.parent or None, "permission_overwrites": []}
        if self.denied.value:
            denied = {"id": APPLICATION, "type": 1, "allow": "0", "deny": str(self.denied.value)}
            shown["permission_overwrites"] = [denied]
        if self.type == ChannelType.forum.value:
            tags = [
                {
                    "id": f"{place}",
                    "name": tag,
                    "moderated": tag.startswith("!"),
                    "emoji_id": None,
                    "emoji_name": None,
                }
                for place, tag in enumerate(self.tags, 1)
            ]
            shown |= {"available_tags": tags, "flags": 16 if self.tags else 0}
        if self.type in THREADS:
            shown |= {
                "owner_id": self.owner,
                "message_count": 0,
                "member_count": 1,
                "thread_metadata": {
                    "archived": False,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": "2026-11-22T12:00:00+00:00",
                    "locked": False,
                },
            }
        return shown


@dataclass(slots=True)
class Person:
    """Somebody, and their private conversation with the bot.

    `has_own_app` when they use what they installed for themselves, wherever they are; no server's rights bind that.
    `shares_app` when that is used beside what their server has installed.
    """

    id: str
    name: str
    private: Channel
    has_own_app: bool = False
    shares_app: bool = False

    @property
    def json(self) -> Json:
        return {"id": self.id, "username": self.name, "discriminator": "0", "avatar": None, "global_name": self.name}


@dataclass(slots=True)
class Server:
    """A server (guild): everybody in it reads; `ranks` are the rights of those who have more.

    `granted` are people and commands that its owner has allowed them in Discord's own settings.
    """

    id: str
    name: str
    owner: str
    with_us: bool = True
    joined: str = "2024-01-01T12:00:00+00:00"
    ours: Permissions = OURS
    channels: dict[str, Channel] = field(default_factory=dict)
    ranks: dict[str, Permissions] = field(default_factory=dict)
    granted: set[tuple[str, str]] = field(default_factory=set)
    roles: dict[str, Json] = field(default_factory=dict)

    @property
    def json(self) -> Json:
        threads = [each.json for each in self.channels.values() if each.type in THREADS]
        channels = [each.json for each in self.channels.values() if each.type not in THREADS]
        roles = [self._role(self.id, "@everyone", READS), self._role(str(int(self.id) + 1), "Faultline", self.ours)]
        roles += [self._role(self.rank_of(who), "Rank", rights) for who, rights in self.ranks.items()]
        roles += self.roles.values()
        us = self.member(BOT, [str(int(self.id) + 1)])
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner,
            "unavailable": False,
            "member_count": 9,
            "roles": roles,
            "members": [us],
            "channels": channels,
            "threads": threads,
            "large": False,
            "emojis": [],
            "stickers": [],
            "features": [],
            "joined_at": self.joined,
        }

    def rank_of(self, who: str) -> str:
        """The role of one person."""
        return str(int(who) + 500_000)

    def member(self, user: Json, roles: list[str]) -> Json:
        return {
            "user": user,
            "roles": roles,
            "joined_at": self.joined,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "pending": False,
        }

    def rights(self, who: str, channel: Channel) -> Permissions:
        """What somebody (or the bot) may do in a channel."""
        if who == APPLICATION:
            return Permissions((READS | self.ours).value & ~self._denied(channel).value)
        return READS | self.ranks.get(who, READS)

    def _denied(self, channel: Channel) -> Permissions:
        around = [self.channels[channel.parent]] if channel.type in THREADS else []
        return Permissions(reduce(or_, (each.denied.value for each in (channel, *around))))

    def _role(self, id_: str, name: str, rights: Permissions, *, mentionable: bool = False) -> Json:
        return {
            "id": id_,
            "name": name,
            "permissions": str(rights.value),
            "position": 0,
            "color": 0,
            "hoist": False,
            "managed": False,
            "mentionable": mentionable,
            "flags": 0,
        }


class World:
    """Who is there, and what they see. `changed` is set by all that the bot does."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.people: dict[str, Person] = {}
        self.servers: dict[str, Server] = {}
        self.channels: dict[str, Channel] = {}
        self.commands: list[Json] = []
        self.calls: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.changed = asyncio.Event()
        self._last_id = 0

    def next_id(self) -> str:
        """Ids tell the time, and each is greater than those before it."""
        self._last_id = max(self._last_id + 1_000_003, time_snowflake(self.clock.now()))
        return str(self._last_id)

    def dispatch(self, event: str, content: Json) -> None:
        """Discord tells the bot something."""
        raise NotImplementedError

    # Who is there

    def person(self, name: str = "ann") -> Person:
        who = Person(self.next_id(), name, self._add(Channel(self.next_id(), ChannelType.private.value)))
        self.people[who.id] = who
        return who

    def group(self, name: str = "friends") -> Channel:
        """A group's private conversation, into which nobody can let the bot."""
        return self._add(Channel(self.next_id(), ChannelType.group.value, name))

    def server(self, name: str = "Harbour watch", *, admin: Person | None = None, with_us: bool = True) -> Server:
        """A server with a channel `general`; the bot is in it unless it is said not to be."""
        server = Server(self.next_id(), name, self.next_id(), with_us=with_us)
        self.servers[server.id] = server
        if admin is not None:
            server.ranks[admin.id] = MANAGES
        self.channel(server, "general", silently=True)
        if with_us:
            self.dispatch("GUILD_CREATE", server.json)
        return server

    def channel(
        self,
        server: Server,
        name: str,
        kind: ChannelType = ChannelType.text,
        *,
        parent: Channel | None = None,
        tags: tuple[str, ...] = (),
        owner: str = "",
        silently: bool = False,
    ) -> Channel:
        made = self._add(
            Channel(
                self.next_id(),
                kind.value,
                name,
                server,
                parent.id if parent else "",
                tags=tags,
                owner=owner or server.owner,
            )
        )
        server.channels[made.id] = made
        if not silently and server.with_us:
            self.dispatch("THREAD_CREATE" if parent else "CHANNEL_CREATE", made.json)
        return made

    def role(self, server: Server, name: str, *, mentionable: bool = True) -> str:
        """A role that people take on; returns its id."""
        id_ = self.next_id()
        server.roles[id_] = server._role(id_, name, Permissions.none(), mentionable=mentionable)
        self.dispatch("GUILD_ROLE_CREATE", {"guild_id": server.id, "role": server.roles[id_]})
        return id_

    def _add(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    # What they do

    def denies(self, channel: Channel, **rights: bool) -> None:
        """Somebody takes rights in a channel from the bot (or gives them back, if none are named)."""
        channel.denied = Permissions(**rights)
        self.dispatch("CHANNEL_UPDATE", channel.json)

    def ranks_us(self, server: Server, rights: Permissions) -> None:
        """Somebody changes what the bot's role may do in a server."""
        server.ours = rights
        role = server._role(str(int(server.id) + 1), "Faultline", rights)
        self.dispatch("GUILD_ROLE_UPDATE", {"guild_id": server.id, "role": role})

    def deletes(self, channel: Channel) -> None:
        assert channel.server is not None
        channel.refusal = UNKNOWN_CHANNEL
        del channel.server.channels[channel.id]
        self.dispatch("THREAD_DELETE" if channel.type in THREADS else "CHANNEL_DELETE", channel.json)

    def promotes(self, server: Server, who: Person, rights: Permissions) -> None:
        """Somebody gets a role of their own."""
        server.ranks[who.id] = rights
        role = server._role(server.rank_of(who.id), "Rank", rights)
        self.dispatch("GUILD_ROLE_CREATE", {"guild_id": server.id, "role": role})

    def demotes(self, server: Server, who: Person) -> None:
        """Somebody administers nothing any more."""
        del server.ranks[who.id]

    def revokes(self, server: Server, who: Person, command: str) -> None:
        """The owner allows somebody a command no longer."""
        server.granted.discard((who.id, command))
        changed = {"id": "1", "application_id": APPLICATION, "guild_id": server.id, "permissions": []}
        self.dispatch("APPLICATION_COMMAND_PERMISSIONS_UPDATE", changed)

    def drops_role(self, server: Server, role: str) -> None:
        del server.roles[role]
        self.dispatch("GUILD_ROLE_DELETE", {"guild_id": server.id, "role_id": role})

    def puts_us_out(self, server: Server) -> None:
        """The bot is removed from a server."""
        server.with_us = False
        for channel in server.channels.values():
            channel.refusal = MISSING_ACCESS
        self.dispatch("GUILD_DELETE", {"id": server.id})

    def lets_us_in(self, server: Server) -> None:
        server.with_us, server.joined = True, self.clock.now().isoformat()
        for channel in server.channels.values():
            channel.refusal = None
        new = server.json
        del new["unavailable"]
        self.dispatch("GUILD_CREATE", new)

    # What they see

    def see(self, channel: Channel, sent: Sent) -> None:
        """Something new is there to be read."""
        channel.log.append(Sent(**{name: getattr(sent, name) for name in Sent.__slots__}))
        self.changed.set()

    def sent_to(self, channel: Channel) -> list[str]:
        """The texts that stand in a channel now."""
        return [sent.text for sent in channel.sent if not sent.deleted]

    async def sees(self, channel: Channel, words: str = "") -> Sent:
        """Wait until these words come, new or by an edit, after what was waited for before."""
        found: list[Sent] = []

        def has_come() -> bool:
            for place in range(channel.read, len(channel.log)):
                if words in channel.log[place].text:
                    channel.read = place + 1
                    found.append(channel.log[place])
                    return True
            return False

        await self.until(has_come, lambda: f"{words!r} in {[sent.text for sent in channel.log[channel.read :]]}")
        return found[0]

    async def until(self, happened: Callable[[], bool], wanted: Callable[[], str] = lambda: "") -> None:
        """Wait until the bot has done something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not happened():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain: {wanted()}") from None

    def message_json(self, sent: Sent) -> Json:
        answered = {"interaction_metadata": sent.interaction} if sent.interaction else {}
        return answered | {
            "id": sent.id,
            "channel_id": sent.channel,
            "author": BOT,
            "content": sent.content,
            "embeds": sent.embeds,
            "components": sent.components,
            "flags": sent.flags,
            "nonce": sent.nonce or None,
            "type": 0,
            "timestamp": datetime.now(UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
        }
