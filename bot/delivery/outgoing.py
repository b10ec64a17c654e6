"""What is to go out: a message on its way to a chat, and how urgent that is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.message.blocks import Message
from bot.core.model import Chat, Urgency

Begin = Callable[[], Awaitable[None]]
"""Asked when a message's turn has come, right before it leaves. Raises NotBegun where it is not to leave any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message for a chat.

    `edits` is the ref of a sent message that is to read like this now, `answers` that of one that this replies to.
    `nonce` is the same for every attempt at one delivery, and no other's ever, so that a platform that knows nonces
    takes it once.
    `publishes` asks that it goes on to the followers of the channel, where the platform has such channels.
    `unseen_since` is there when an earlier attempt may have arrived without our hearing it, at that moment or later: a
    platform that can look for it, does so first. `begin` is to be awaited before each request that could show the
    message to somebody.
    """

    chat: Chat
    message: Message
    urgency: Urgency = Urgency.ALERT
    nonce: str = ""
    edits: str | None = None
    answers: str | None = None
    publishes: bool = False
    unseen_since: datetime | None = None
    begin: Begin | None = field(default=None, compare=False, repr=False)


Send = Callable[[Outgoing], Awaitable[str]]
"""Sends, and returns the message's ref there. Raises SendError (see errors.py for its kinds)."""
