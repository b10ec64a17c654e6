"""Where something is asked on Discord, by whom, and what we may do there. Reads what the library knows."""

from dataclasses import dataclass, replace

from discord import ForumChannel, Guild, Interaction, Member, Permissions, TextChannel, Thread
from discord.abc import GuildChannel

from bot.core.message.blocks import Block, Message, Run, say
from bot.core.model import Chat
from bot.platforms.discord.adapter import PLATFORM

# What we need to send alerts, under the names that Discord shows.
_VIEW = {"view_channel": "View Channel"}
# Discord refuses what answers a message of which we may not read the history.
_ANYWHERE = {"embed_links": "Embed Links", "read_message_history": "Read Message History"}
_SEND = _VIEW | {"send_messages": "Send Messages"} | _ANYWHERE
_SEND_IN_THREAD = _VIEW | {"send_messages_in_threads": "Send Messages in Threads"} | _ANYWHERE
# A post of a forum is a thread, and what goes on there is sent into it.
_POST_IN_FORUM = _VIEW | {"send_messages": "Create Posts"} | _SEND_IN_THREAD

NOT_HERE = Message(
    (
        Block(say("I'm not in this chat, so I can't send anything here later.")),
        Block(say("Write to me directly to follow rules for yourself, or add me to the server.")),
    )
)
NOT_ANNOUNCING = Message((Block(say("Only an announcement channel can publish its messages.")),))
NOT_EVERYONE = Message((Block(say("I never mention everyone. Choose a role that people join by choice.")),))
NO_SUCH_ROLE = Message((Block(say("I don't know that role. Choose one from this server.")),))
NO_SUCH_CHANNEL = Message((Block(say("I can't see that channel. An admin can give me the right to view it.")),))

Channel = GuildChannel | Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation as somebody meets it: may they change what it follows, may they see it, and what do we lack.

    `name` is empty where they are themselves; `may_mention` tells that we may mention roles that not everybody may;
    `is_announcing` that other channels can follow this one.
    """

    chat: Chat
    is_admin: bool
    is_visible: bool = True
    name: str = ""
    missing: tuple[str, ...] = ()
    may_mention: bool = False
    is_announcing: bool = False


def chat_of(channel_id: int | str) -> Chat:
    """A channel, a thread or a private conversation: on Discord each has an id of its own."""
    return Chat(platform=PLATFORM, address=str(channel_id))


def here(interaction: Interaction) -> Place:
    """Where somebody asks."""
    chat = chat_of(interaction.channel_id or 0)
    if interaction.guild_id is None:
        # Everybody rules their own private conversation.
        return Place(chat=chat, is_admin=True)
    missing = missing_rights(interaction.app_permissions, interaction.channel)
    return Place(
        chat=chat,
        is_admin=is_admin(interaction.permissions),
        missing=missing,
        may_mention=interaction.app_permissions.mention_everyone,
        is_announcing=is_announcing(interaction.channel),
    )


def elsewhere(interaction: Interaction, channel_id: str) -> Place | None:
    """Another channel of the server, as whoever asks may use it; None when we know none."""
    guild, asking = interaction.guild, interaction.user
    channel = guild.get_channel_or_thread(int(channel_id)) if guild else None
    if guild is None or channel is None or not isinstance(asking, Member):
        return None
    if isinstance(channel, Thread) and channel.parent is None:
        # A thread has its rights from there.
        return None
    theirs = channel.permissions_for(asking)
    # Who is in a private thread is not known to us; whoever is can ask there.
    is_private = isinstance(channel, Thread) and channel.is_private()
    is_visible = theirs.view_channel and (theirs.manage_threads or not is_private)
    return Place(
        chat=chat_of(channel.id),
        is_admin=is_visible and is_admin(theirs),
        is_visible=is_visible,
        name=f"#{channel.name}",
        missing=missing_rights(rights_of(channel), channel),
        may_mention=rights_of(channel).mention_everyone,
        is_announcing=is_announcing(channel),
    )


def are_we_in(interaction: Interaction) -> bool:
    """Whether we can write in a chat by ourselves: where only a person has installed us, we can but answer."""
    if interaction.guild_id is not None:
        return interaction.client.get_guild(interaction.guild_id) is not None
    return not interaction.context.private_channel


def is_announcing(channel: object) -> bool:
    """Whether what stands in a channel can be published to others that follow it."""
    return isinstance(channel, TextChannel) and channel.is_news()


def is_admin(permissions: Permissions) -> bool:
    """Whether somebody may change what a channel follows."""
    return permissions.administrator or permissions.manage_guild or permissions.manage_channels


def rights_of(channel: Channel) -> Permissions:
    """What we may do in a channel."""
    guild: Guild = channel.guild
    return channel.permissions_for(guild.me) if guild.me else Permissions.none()


def may_read(channel: Channel) -> bool:
    """Whether we may look through what stands in a channel."""
    return rights_of(channel).is_superset(Permissions(view_channel=True, read_message_history=True))


def missing_rights(permissions: Permissions, channel: object) -> tuple[str, ...]:
    """The names of the rights without which alerts cannot be sent there."""
    if permissions.administrator:
        return ()
    needed = _POST_IN_FORUM if isinstance(channel, ForumChannel) else _SEND
    if isinstance(channel, Thread):
        needed = _SEND_IN_THREAD
    return tuple(name for right, name in needed.items() if not getattr(permissions, right))


def said_missing(place: Place) -> Message:
    """What is missing, in words."""
    rights = ", ".join(place.missing)
    if place.name:
        told = say("I can't send alerts to {channel}: I need {rights} there.", channel=place.name, rights=rights)
    else:
        told = say("I can't send alerts to this channel: I need {rights} here.", rights=rights)
    remedy = say("An admin can give me that in the channel's settings, under Permissions; then ask again.")
    return Message((Block(told), Block(remedy)))


def refused_role(guild: Guild, place: Place, role_id: str) -> Message | None:
    """Why alerts cannot mention a role; None when they can. Everybody is never mentioned."""
    role = guild.get_role(int(role_id))
    if role is None:
        return NO_SUCH_ROLE
    if role.is_default():
        return NOT_EVERYONE
    if role.mentionable or place.may_mention:
        return None
    told = say("I can't mention {role} there: it isn't open to mentions.", role=f"@{role.name}")
    remedy = say("An admin can allow anyone to mention it in the role's settings; then ask again.")
    return Message((Block(told), Block(remedy)))


def said_for(place: Place, answer: Message) -> Message:
    """An answer about another channel says so."""
    if not place.name:
        return answer
    head = Block(tuple(Run(run.text, italic=True) for run in say("For {channel}:", channel=place.name)))
    return replace(answer, blocks=(head, *answer.blocks))
