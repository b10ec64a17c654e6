"""What goes out to Discord by itself: every alert and every edit passes here, at Discord's pace.

Answers to people do not: they go by the interaction that asked for them (see `discord_replies`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from secrets import token_hex
from typing import Any

from cachetools import FIFOCache
from discord import AllowedMentions, Client, DiscordException, File, ForumChannel, MessageReference, Object
from discord.utils import time_snowflake

from bot.clock import Clock
from bot.core.message.blocks import Card
from bot.core.model import Chat
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import SendError, SendRefused
from bot.platforms import sending
from bot.platforms.base import ChatEvents
from bot.platforms.connection import Sleep
from bot.platforms.discord.buttons import ButtonScope
from bot.platforms.discord.errors import AWAY, failure_of, problem_of
from bot.platforms.discord.lost_chats import LostChatNotifier
from bot.platforms.discord.markup import EmbedPart, files_of, name_of, parts_for, to_view
from bot.platforms.discord.tags import tag_for
from bot.platforms.discord.traces import FoundMessage, Trace, find_message, find_post
from bot.platforms.sending import Failure, Trouble

# The library sleeps up to half a minute where Discord asks it to; what takes longer than that has gone wrong.
REQUEST_TIMEOUT = timedelta(seconds=45)

# Messages of which we remember whose they are.
REFS_KEPT = 1000
# Ids tell Discord's time, moments of ours do not.
CLOCKS_DIFFER = timedelta(minutes=1)

Connected = Callable[[], Awaitable[Client]]
"""The client, once it is logged in. Raises PlatformAway when that takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A sent message: a post of a forum stands in a channel of its own."""

    channel: int
    message: int

    def __str__(self) -> str:
        return f"{self.channel}/{self.message}"


@dataclass(frozen=True, kw_only=True)
class Attempt(sending.SendAttempt[EmbedPart, Ref]):
    """One part on its way; in a forum it is a post called `name`, with a tag where `tagged`.

    `refers` tells that an answer shows what it answers; without it, it only stands in the same channel. `since` is an
    id that is older than it, where it may stand there already.
    """

    name: str
    card: Card | None
    nonce: str
    refers: bool = True
    since: int | None = None
    mention: str = ""
    in_forum: bool = False
    tagged: bool = False


def to_ref(text: str) -> Ref:
    """The ref that `Post.deliver` returned."""
    channel, _, message = text.partition("/")
    return Ref(channel=int(channel), message=int(message))


def attempts_of(outgoing: Outgoing) -> tuple[Attempt, ...]:
    """A message as its parts: the first takes the place of the message it edits, or answers the one it replies to."""
    delivery = outgoing.nonce or token_hex(8)
    since = time_snowflake(outgoing.unseen_since - CLOCKS_DIFFER) if outgoing.unseen_since else None
    first, *others = (
        Attempt(
            chat=outgoing.chat,
            part=part,
            name=name_of(outgoing.message),
            card=outgoing.message.card,
            nonce=nonce_of(delivery, outgoing.chat, place),
            urgency=outgoing.urgency,
            since=since,
            begin=outgoing.begin,
        )
        for place, part in enumerate(parts_for(outgoing.message))
    )
    edits = to_ref(outgoing.edits) if outgoing.edits else None
    answers = to_ref(outgoing.answers) if outgoing.answers else None
    return (replace(first, edits=edits, answers=answers, mention=outgoing.message.mention), *others)


def nonce_of(delivery: str, chat: Chat, place: int) -> str:
    """The nonce of one part of a delivery: the same at every attempt, in the 25 characters that Discord takes."""
    return blake2b(f"{delivery} {chat.address} {place}".encode(), digest_size=12).hexdigest()


class Post(sending.Sender[Attempt, Ref]):
    """Sends messages and edits them, at Discord's pace (`limiter`)."""

    platform = "Discord"
    errors = (DiscordException, *AWAY)
    # Whoever deleted an alert, or let its thread sleep, does not want to read it again.
    ends_edit = Trouble.NOT_EDITABLE
    # While Discord still knows its nonce: "the past few minutes"
    # (https://docs.discord.com/developers/resources/message#create-message).
    most_unheard = 3

    def __init__(
        self,
        connected: Connected,
        losses: LostChatNotifier,
        changes: ChatEvents,
        *,
        clock: Clock,
        limits: Limits,
        sleep: Sleep,
    ) -> None:
        super().__init__(changes, limits, clock, sleep)
        self._connected = connected
        self._losses = losses
        # Posts of forums have no nonce. For each attempt that has not come to its end, the newest post before it.
        self._begun: FIFOCache[str, int] = FIFOCache(REFS_KEPT)
        # What has arrived: each message is one delivery's alone.
        self._made: FIFOCache[int, None] = FIFOCache(REFS_KEPT)

    def failure_of(self, error: Exception) -> Failure:
        return failure_of(error)

    def written(self, attempt: Attempt) -> object:
        return attempt.part.embed.to_dict()

    def kind_of(self, chat: Chat) -> ChatKind:  # noqa: ARG002
        return ChatKind.CHANNEL

    async def lost(self, chat: Chat) -> None:
        await self._losses.refused(chat)

    async def closed(self, chat: Chat) -> None:
        await self._losses.closed(chat)

    async def ready(self) -> None:
        await self._connected()

    async def request(self, attempt: Attempt) -> Ref:
        client = await self._connected()
        async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
            if attempt.edits is not None:
                return await self._edit(client, attempt, attempt.edits)
            channel = client.get_channel(int(attempt.chat.address))
            if channel is None and attempt.in_forum:
                channel = await client.fetch_channel(int(attempt.chat.address))
            if isinstance(channel, ForumChannel) and attempt.answers is None:
                ref = await self._post(client, channel, attempt)
            else:
                ref = await self._send(client, attempt)
        self._made[ref.message] = None
        return ref

    async def _send(self, client: Client, attempt: Attempt) -> Ref:
        address = attempt.answers.channel if attempt.answers else int(attempt.chat.address)
        if attempt.since is not None:
            found = await _searched(find_message(client, address, self._trace(attempt, attempt.since)))
            if found is not None:
                return await self._as_it_is_now(client, attempt, Ref(channel=address, message=found.message), found)
        shown = _shown(attempt, client)
        if attempt.answers and attempt.refers:
            # A message that was deleted meanwhile is answered all the same.
            shown["reference"] = MessageReference(
                message_id=attempt.answers.message, channel_id=address, fail_if_not_exists=False
            )
        sent = await client.get_partial_messageable(address).send(
            nonce=attempt.nonce, silent=attempt.part.silent, files=_files(attempt), **shown
        )
        return Ref(channel=address, message=sent.id)

    async def _edit(self, client: Client, attempt: Attempt, edits: Ref) -> Ref:
        message = client.get_partial_messageable(edits.channel).get_partial_message(edits.message)
        cleared = {"content": None, "embed": None, "view": None}
        await message.edit(attachments=_files(attempt), **cleared | _shown(attempt, client))
        return edits

    async def _post(self, client: Client, forum: ForumChannel, attempt: Attempt) -> Ref:
        """A post of its own in a forum. It has no nonce, so what may be there already is looked for."""
        since = self._begun.get(attempt.nonce, attempt.since)
        if since is not None:
            found = await _searched(find_post(client, forum, self._trace(attempt, since)))
            if found is not None:
                self._begun.pop(attempt.nonce, None)
                ref = Ref(channel=found.message, message=found.message)
                return await self._as_it_is_now(client, attempt, ref, found)
        if since is None:
            # The newest post of which we have heard; ids grow with time.
            since = max((forum.last_message_id or 0, *(thread.id for thread in forum.threads)))
        self._begun[attempt.nonce] = since
        shown = _shown(attempt, client)
        tag = tag_for(forum.available_tags, attempt.card) if attempt.tagged or forum.flags.require_tag else None
        if tag is not None:
            shown["applied_tags"] = [tag]
        made = await forum.create_thread(name=attempt.name, silent=attempt.part.silent, files=_files(attempt), **shown)
        self._begun.pop(attempt.nonce, None)
        return Ref(channel=made.thread.id, message=made.message.id)

    def _trace(self, attempt: Attempt, since: int) -> Trace:
        answers = (attempt.answers.message,) if attempt.answers else ()
        return Trace(part=attempt.part, name=attempt.name, since=since, known=frozenset((*self._made, *answers)))

    async def _as_it_is_now(self, client: Client, attempt: Attempt, ref: Ref, found: FoundMessage) -> Ref:
        """What was found, with the words that it would be sent with now."""
        return ref if found.is_current else await self._edit(client, attempt, ref)

    async def mended(self, attempt: Attempt, failure: Failure, error: Exception) -> Attempt | None:
        match failure.trouble:
            case Trouble.NOT_ANSWERABLE if attempt.refers:
                return replace(attempt, refers=False)
            case Trouble.NO_TEXT if not attempt.in_forum:
                return replace(attempt, in_forum=True)
            case Trouble.NO_TAG if not attempt.tagged:
                return replace(attempt, tagged=True)
            case Trouble.GONE | Trouble.LOCKED:
                target = attempt.edits or attempt.answers
                if target is not None and str(target.channel) != attempt.chat.address:
                    # Somebody has deleted or locked the post of one story; the forum is there for others.
                    raise SendRefused(f"the post of this story is gone: {error}") from error
        return None


async def _searched(search: Awaitable[FoundMessage | None]) -> FoundMessage | None:
    """What comes of looking for something; None where we may not look. Raises SendError, for nothing is sent yet."""
    try:
        return await search
    except AWAY as error:
        failure = failure_of(error)
        if failure.trouble in {Trouble.GONE, Trouble.NO_RIGHTS}:
            return None
        if failure.wait is not None:
            raise
        raise SendError(f"cannot look for what may have arrived: {problem_of(error)}") from error


def _shown(attempt: Attempt, client: Client) -> dict[str, Any]:
    """What is to be seen, as the library takes it; nobody is mentioned but the role that was chosen."""
    role = _role_of(attempt, client)
    woken = AllowedMentions(everyone=False, users=False, roles=[role] if role else False, replied_user=False)
    mention = f"<@&{role.id}>" if role else ""
    if attempt.plain:
        return {"content": f"{mention}\n{attempt.part.plain}".strip(), "allowed_mentions": woken}
    shown: dict[str, Any] = {"embed": attempt.part.embed, "allowed_mentions": woken}
    if mention:
        shown["content"] = mention
    if attempt.part.rows:
        shown["view"] = to_view(attempt.part, ButtonScope().custom_id)
    return shown


def _files(attempt: Attempt) -> list[File]:
    return [] if attempt.plain else files_of(attempt.part)


def _role_of(attempt: Attempt, client: Client) -> Object | None:
    """The role to be mentioned; None when there is none, or no more."""
    if not attempt.mention:
        return None
    guild = getattr(client.get_channel(int(attempt.chat.address)), "guild", None)
    if guild is not None and guild.get_role(int(attempt.mention)) in {None, guild.default_role}:
        return None
    return Object(int(attempt.mention))
