"""What goes out to Discord by itself: every alert and every edit passes here, at Discord's pace.

Answers to people do not: they go by the interaction that asked for them (see `discord_replies`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from secrets import token_hex
from typing import Any, TypeVar

import structlog
from discord import AllowedMentions, Client, DiscordException, File, ForumChannel, MessageReference, Object
from discord.utils import time_snowflake

from bot.clock import Clock
from bot.core.message.blocks import Card
from bot.core.model import Chat, Urgency
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Begin, Outgoing
from bot.errors import SendError, SendRefused
from bot.platforms.closed_chats import ClosedChats
from bot.platforms.connection import Sleep, backoff
from bot.platforms.discord.buttons import Scope
from bot.platforms.discord.errors import AWAY, Trouble, may_have_arrived, problem_of, to_send_error, trouble_of, wait_of
from bot.platforms.discord.lost_chats import LostChatNotifier
from bot.platforms.discord.markup import Part, files_of, name_of, parts_for, to_view
from bot.platforms.discord.tags import tag_for
from bot.platforms.discord.traces import Found, Trace, find_message, find_post

log = structlog.get_logger()

# An answer that may not show what it answers, faulty markup, a tag that a forum wants and answers that are lost can
# all befall one part.
MOST_ATTEMPTS = 5
# What may have arrived is sent again while Discord still knows its nonce: "the past few minutes"
# (https://docs.discord.com/developers/resources/message#create-message).
MOST_UNKNOWN = 3

# The library sleeps up to half a minute where Discord asks it to; what takes longer than that has gone wrong.
REQUEST_TIMEOUT = timedelta(seconds=45)
# Where turns do not come for so long, an alert goes back into the outbox.
PATIENCE = timedelta(minutes=5)

# Messages of which we remember whose they are.
REFS_KEPT = 1000
# Ids tell Discord's time, moments of ours do not.
CLOCKS_DIFFER = timedelta(minutes=1)

Key = TypeVar("Key")
Value = TypeVar("Value")

Connected = Callable[[], Awaitable[Client]]
"""The client, once it is logged in. Raises PlatformAway when that takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A sent message: a post of a forum stands in a channel of its own."""

    channel: int
    message: int

    def __str__(self) -> str:
        return f"{self.channel}/{self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One part on its way: a new message or, with `edits`, another text for a message that stands already.

    `refers` tells that an answer shows what it answers; without it, it only stands in the same channel. `since` is an
    id that is older than it, where it may stand there already.
    """

    chat: Chat
    part: Part
    name: str
    card: Card | None
    nonce: str
    urgency: Urgency
    edits: Ref | None = None
    answers: Ref | None = None
    refers: bool = True
    since: int | None = None
    mention: str = ""
    plain: bool = False
    in_forum: bool = False
    tagged: bool = False
    begin: Begin | None = None


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


class Post:
    """Sends messages and edits them, at Discord's pace (`limiter`)."""

    def __init__(
        self,
        connected: Connected,
        losses: LostChatNotifier,
        closed_chats: ClosedChats,
        *,
        clock: Clock,
        limits: Limits,
        sleep: Sleep,
    ) -> None:
        self._connected = connected
        self.limiter = RateLimiter(limits, wait_of, clock)
        self._losses = losses
        self._closed_chats = closed_chats
        self._sleep = sleep
        # Posts of forums have no nonce. For each attempt that has not come to its end, the newest post before it.
        self._begun: OrderedDict[str, int] = OrderedDict()
        # What has arrived: each message is one delivery's alone.
        self._made: OrderedDict[int, None] = OrderedDict()

    async def deliver(self, attempt: Attempt) -> Ref:
        """Send one part, and return its ref. Raises SendError."""
        self._closed_chats.check(attempt.chat)
        unknown = 0
        for _ in range(MOST_ATTEMPTS):
            try:
                ref = await self._request(attempt)
            except AWAY as error:
                if attempt.edits is not None and trouble_of(error) is Trouble.NOT_EDITABLE:
                    # Whoever deleted an alert, or let its thread sleep, does not want to read it again.
                    return attempt.edits
                if may_have_arrived(error):
                    unknown += 1
                if may_have_arrived(error) and unknown < MOST_UNKNOWN:
                    await self._sleep(backoff(unknown).total_seconds())
                else:
                    attempt = await self._mended(attempt, error)
            except DiscordException as error:
                raise SendError(f"the library refuses it: {error}") from error
            else:
                await self._closed_chats.arrived(attempt.chat)
                return ref
        raise SendRefused("Discord refuses it in every form")

    async def _request(self, attempt: Attempt) -> Ref:
        """One request at its turn, without remedies. Raises what is in AWAY, and SendError."""
        client = await self._connected()
        return await self.limiter.run(
            partial(self._request_now, client, attempt),
            chat=attempt.chat.address,
            kind=ChatKind.CHANNEL,
            urgency=attempt.urgency,
            patience=PATIENCE,
            begin=attempt.begin,
        )

    async def _request_now(self, client: Client, attempt: Attempt) -> Ref:
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
        _note(self._made, ref.message, None)
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
        _note(self._begun, attempt.nonce, _newest_in(forum) if since is None else since)
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

    async def _as_it_is_now(self, client: Client, attempt: Attempt, ref: Ref, found: Found) -> Ref:
        """What was found, with the words that it would be sent with now."""
        return ref if found.is_current else await self._edit(client, attempt, ref)

    async def _mended(self, attempt: Attempt, error: Exception) -> Attempt:
        """Another attempt that may go better. Raises SendError when there is none."""
        match trouble_of(error):
            case Trouble.MARKUP if not attempt.plain:
                log.error("Discord does not take our embed", problem=str(error), embed=attempt.part.embed.to_dict())
                return replace(attempt, plain=True)
            case Trouble.NOT_ANSWERABLE if attempt.refers:
                return replace(attempt, refers=False)
            case Trouble.NO_TEXT if not attempt.in_forum:
                return replace(attempt, in_forum=True)
            case Trouble.NO_TAG if not attempt.tagged:
                return replace(attempt, tagged=True)
            case Trouble.GONE | Trouble.LOCKED if _is_in_post(attempt):
                # Somebody has deleted or locked the post of one story; the forum is there for others.
                raise SendRefused(f"the post of this story is gone: {error}") from error
            case Trouble.GONE:
                self._closed_chats.forget(attempt.chat)
                await self._losses.refused(attempt.chat)
            case Trouble.NO_RIGHTS | Trouble.LOCKED:
                if self._closed_chats.close(attempt.chat, str(to_send_error(error))):
                    await self._losses.closed(attempt.chat)
        raise to_send_error(error) from error


async def _searched(search: Awaitable[Found | None]) -> Found | None:
    """What comes of looking for something; None where we may not look. Raises SendError, for nothing is sent yet."""
    try:
        return await search
    except AWAY as error:
        if trouble_of(error) in {Trouble.GONE, Trouble.NO_RIGHTS}:
            return None
        if wait_of(error) is not None:
            raise
        raise SendError(f"cannot look for what may have arrived: {problem_of(error)}") from error


def _newest_in(forum: ForumChannel) -> int:
    """The id of the newest post of which we have heard; ids grow with time."""
    return max((forum.last_message_id or 0, *(thread.id for thread in forum.threads)))


def _note(notes: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    notes[key] = value
    if len(notes) > REFS_KEPT:
        notes.popitem(last=False)


def _is_in_post(attempt: Attempt) -> bool:
    """Whether something goes into a post of a forum, which is a channel of its own."""
    target = attempt.edits or attempt.answers
    return target is not None and str(target.channel) != attempt.chat.address


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
        shown["view"] = to_view(attempt.part, Scope().custom_id)
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
