"""Chats that are lost: written down, and told to whoever set them up, once for each loss."""

from collections.abc import Callable

from discord import Guild, Thread
from discord.abc import GuildChannel

from bot.core.message.blocks import Block, Message, say
from bot.core.model import Chat
from bot.platforms.base import ChatEvents
from bot.platforms.discord.places import Channel, chat_of, missing_rights, rights_of
from bot.storage.subscribers import UNREACHABLE_LIFE

Tell = Callable[[str, Message], None]
"""Begins to write to a person, by their id; whether they can be reached is another matter."""

Find = Callable[[Chat], object]
"""The channel of a chat, as far as the library knows it."""


class LostChatNotifier:
    """Takes down what is lost, by what became of it. Each method raises what storage raises."""

    def __init__(self, changes: ChatEvents, *, tell: Tell, find: Find) -> None:
        self._changes = changes
        self._tell = tell
        self._find = find

    async def closed(self, chat: Chat) -> None:
        """We lack a right there for now; its alerts wait."""
        self._tell_all(await self._changes.set_up_by(chat), said_closed(self._find(chat)))

    async def refused(self, chat: Chat) -> None:
        """It is gone, or we are, without our having heard of it."""
        people = await self._changes.on_lost(chat)
        if people:
            self._tell_all(people, said_refused(self._find(chat)))

    async def deleted(self, channel_id: int, channel: Channel | None) -> None:
        """A channel or a thread was deleted."""
        people = await self._changes.on_lost(chat_of(channel_id))
        self._tell_all(people, said_deleted(channel))

    async def removed(self, guild: Guild) -> None:
        """We were put out of a server: one loss, however many of its channels had rules."""
        people: list[str] = []
        for channel in (*guild.channels, *guild.threads):
            people += await self._changes.on_lost(chat_of(channel.id))
        self._tell_all(tuple(dict.fromkeys(people)), said_removed(guild))

    def _tell_all(self, people: tuple[str, ...], message: Message) -> None:
        for person in people:
            self._tell(person, message)


def said_closed(channel: object) -> Message:
    """That alerts wait until we may write somewhere again, and what can be done."""
    if not isinstance(channel, GuildChannel | Thread):
        where = say("I can't write in a channel where you set up alerts.")
    else:
        where = say("I can't write in {channel} on {server}.", channel=f"#{channel.name}", server=channel.guild.name)
    lacking = missing_rights(rights_of(channel), channel) if isinstance(channel, GuildChannel | Thread) else ()
    remedy = (
        say(
            "Its alerts will wait for up to a day. Give me {rights} there, and they will be sent.",
            rights=", ".join(lacking),
        )
        if lacking
        else say("Its alerts will wait for up to a day. Let me write there again, and they will be sent.")
    )
    return Message((Block(where), Block(remedy)))


def said_refused(channel: object) -> Message:
    """That we cannot write somewhere any more, and what can be done."""
    if not isinstance(channel, GuildChannel | Thread):
        told = say(
            "I can no longer write in a channel where you set up alerts; it may have been deleted. Its rules are "
            "kept for {days} days: let me write there again, send /resume there, and alerts will continue.",
            days=UNREACHABLE_LIFE.days,
        )
    else:
        told = say(
            "I can no longer write in {channel} on {server}. Its rules are kept for {days} days: let me write there "
            "again, send /resume there, and alerts will continue.",
            channel=f"#{channel.name}",
            server=channel.guild.name,
            days=UNREACHABLE_LIFE.days,
        )
    return Message((Block(told),))


def said_deleted(channel: Channel | None) -> Message:
    """That alerts have ended for good."""
    if channel is None:
        return Message((Block(say("A thread where you set up alerts was deleted, so they have ended.")),))
    told = say(
        "{channel} on {server} was deleted, so the alerts that you set up there have ended.",
        channel=f"#{channel.name}",
        server=channel.guild.name,
    )
    return Message((Block(told),))


def said_removed(guild: Guild) -> Message:
    """That we are not in a server any more."""
    told = say(
        "I was removed from {server}. The rules of its channels are kept for {days} days, and alerts will continue "
        "if I'm added back by then.",
        server=guild.name,
        days=UNREACHABLE_LIFE.days,
    )
    return Message((Block(told),))
