"""What an earlier attempt has left on Discord without our hearing it: a message of ours, or a post of a forum.

Discord forgets nonces after minutes, and posts have none. So the newest messages of a chat are looked through before
anything is sent a second time, as far as we may read them.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from discord import Client, ForumChannel, Message, NotFound, Thread
from discord.abc import GuildChannel

from bot.platforms.discord.buttons import ButtonScope, buttons_of
from bot.platforms.discord.markup import EmbedPart
from bot.platforms.discord.places import may_read

# Further back than this many messages nothing is looked for.
MOST_READ = 300

_MENTION = re.compile(r"<@&\d+>\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is looked for: this part of a message, newer than an id, and not one of those that are known already.

    A post about it is called `name`.
    """

    part: EmbedPart
    name: str
    since: int
    known: Container[int]

    def is_like(self, message: Message) -> bool:
        """Whether a message is it: by its buttons, which tell of story and rule, or where it has none by its words."""
        if message.interaction_metadata is not None:
            # An answer to somebody.
            return False
        buttons = {each.custom_id for each in buttons_of(message)}
        if buttons:
            return buttons == {ButtonScope().custom_id(button) for row in self.part.rows for button in row}
        return self.says(message)

    def says(self, message: Message) -> bool:
        """Whether a message has the very words."""
        embed = self.part.embed
        words = (embed.title or "").strip(), (embed.description or "").strip()
        return _words_of(message) in {words, self.part.plain.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMessage:
    """A message that is what was looked for; `is_current` when it has the words that it would get now."""

    message: int
    is_current: bool


async def find_message(client: Client, channel_id: int, trace: Trace) -> FoundMessage | None:
    """The oldest message of ours in a channel that is what is looked for. Raises what is in AWAY."""
    channel = client.get_channel(channel_id)
    if isinstance(channel, GuildChannel | Thread) and not may_read(channel):
        return None
    found = None
    # The newest come first.
    async for message in client.get_partial_messageable(channel_id).history(limit=MOST_READ):
        if message.id <= trace.since:
            break
        if message.author == client.user and message.id not in trace.known and trace.is_like(message):
            found = FoundMessage(message=message.id, is_current=trace.says(message))
    return found


async def find_post(client: Client, forum: ForumChannel, trace: Trace) -> FoundMessage | None:
    """The first message of the oldest post of ours in a forum that is what is looked for. Raises what is in AWAY.

    Other stories can have the same headline, and a story another one by now; its name decides where we may not read.
    """
    us = client.user.id if client.user else None
    posts = [
        each
        for each in await forum.guild.active_threads()
        if (each.parent_id, each.owner_id) == (forum.id, us) and each.id > trace.since and each.id not in trace.known
    ]
    # Of two that are alike, the one that was begun later may have heard of the older post, and passes it over.
    for post in sorted(posts, key=lambda each: each.id):
        try:
            first = await post.fetch_message(post.id) if may_read(forum) else None
        except NotFound:
            continue
        if first is None and post.name == trace.name:
            return FoundMessage(message=post.id, is_current=True)
        if first is not None and trace.is_like(first):
            return FoundMessage(message=post.id, is_current=trace.says(first))
    return None


def _words_of(message: Message) -> tuple[str, str] | str:
    if not message.embeds:
        return _MENTION.sub("", message.content, count=1).strip()
    embed = message.embeds[0]
    return (embed.title or "").strip(), (embed.description or "").strip()
