"""How one part of a message goes out on any platform: at its turn, and in another form where a refusal allows that.

A platform says how a request is made and what its errors mean (`Failure`); all else is the same everywhere.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

from bot.clock import Clock
from bot.core.model import Chat, Urgency
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Begin
from bot.errors import ChatClosed, ChatGone, SendError, SendLater, SendRefused
from bot.platforms.base import ChatEvents
from bot.platforms.closed_chats import TRIED_AGAIN, ClosedChats
from bot.platforms.connection import Sleep, wait_after

log = structlog.get_logger()

# A group that moved, a closed topic, faulty markup and a lost answer can all befall one part.
MOST_ATTEMPTS = 5

# Whoever asked has gone after half a minute; what the outbox owes goes back into it after five.
PATIENCE = {urgency: timedelta(minutes=5) for urgency in Urgency} | {Urgency.REPLY: timedelta(seconds=30)}

# A topic that was closed may have been opened again while nobody told us.
TOPIC_TRIED_AGAIN = timedelta(hours=1)

Part = TypeVar("Part")
Ref = TypeVar("Ref")


class Trouble(StrEnum):
    """What is wrong with a request, as far as something can be done about it."""

    GONE = "gone"  # blocked, kicked, deleted: the chat is lost to us
    NO_RIGHTS = "no rights"  # the chat is there, but we may not write in it for now
    LOCKED = "locked"  # a thread, until somebody unlocks it
    TOPIC_CLOSED = "topic closed"  # the rest of the group is there
    TOPIC_DELETED = "topic deleted"
    MARKUP = "markup"  # what we sent is no valid message: our fault
    NOT_EDITABLE = "not editable"
    NOT_ANSWERABLE = "not answerable"
    NO_TEXT = "no text"  # a forum, of which we have not heard yet
    NO_TAG = "no tag"  # posts of this forum need one
    UNSENDABLE = "unsendable"  # no chat will ever be shown it
    UNCHANGED = "unchanged"  # it reads already as we would have it read


# What the rest of the program is told of each, once nothing better is left to be tried; otherwise: try again later.
_ERRORS: Mapping[Trouble, Callable[[str], SendError]] = {
    Trouble.GONE: ChatGone,
    Trouble.NO_RIGHTS: partial(ChatClosed, retry_after=TRIED_AGAIN),
    Trouble.LOCKED: partial(ChatClosed, retry_after=TRIED_AGAIN),
    Trouble.TOPIC_CLOSED: lambda _: SendLater(TOPIC_TRIED_AGAIN),
    Trouble.MARKUP: SendRefused,
    Trouble.NOT_EDITABLE: SendRefused,
    Trouble.NOT_ANSWERABLE: SendRefused,
    Trouble.NO_TEXT: SendRefused,
    Trouble.NO_TAG: SendRefused,
    Trouble.UNSENDABLE: SendRefused,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What an error of a platform means: `error` is what the rest of the program is told.

    `trouble` is there where something can be done about it, `wait` where the platform asks us to wait;
    `may_have_arrived` tells that the request may have been obeyed all the same.
    """

    error: SendError
    trouble: Trouble | None = None
    wait: timedelta | None = None
    may_have_arrived: bool = False


def refused(trouble: Trouble, said: str) -> Failure:
    """The platform refuses a message, in these words."""
    return Failure(error=_ERRORS.get(trouble, SendError)(said), trouble=trouble)


def asked_to_wait(wait: timedelta) -> Failure:
    """The platform asks us to wait before anything else goes to the chat."""
    return Failure(error=SendLater(wait), wait=wait)


@dataclass(frozen=True, kw_only=True)
class SendAttempt(Generic[Part, Ref]):
    """One part of a message on its way: a new message or, with `edits`, another text for one that is there already.

    `answers` is the message that it replies to; `plain` leaves the markup out.
    """

    chat: Chat
    part: Part
    urgency: Urgency
    edits: Ref | None = None
    answers: Ref | None = None
    plain: bool = False
    begin: Begin | None = None


A = TypeVar("A", bound=SendAttempt[Any, Any])


class Sender(ABC, Generic[A, Ref]):
    """Sends parts of messages and edits them, at the platform's pace (`limiter`).

    `platform` is its name for people. `errors` are what a request raises when the platform, or the way to it, fails.
    An edit that meets `ends_edit` has come to its end. What may have arrived is sent up to `most_unheard` times here:
    more than once where the platform knows a second attempt for what it is.
    """

    platform: str
    errors: tuple[type[Exception], ...]
    ends_edit: Trouble = Trouble.UNCHANGED
    most_unheard = 1

    def __init__(self, changes: ChatEvents, limits: Limits, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self.limiter = RateLimiter(limits, lambda error: self.failure_of(error).wait, clock)
        self.closed_chats = ClosedChats(clock, changes.on_regained)
        self._changes = changes
        self._clock = clock
        self._sleep = sleep

    @property
    def refusals(self) -> int:
        """How often the platform asked us to wait since the start."""
        return self.limiter.refusals

    @abstractmethod
    async def request(self, attempt: A) -> Ref:
        """Send or edit one part now, and return its ref. Raises what is in `errors`, and SendError."""

    @abstractmethod
    def failure_of(self, error: Exception) -> Failure:
        """What an error means; one that is none of `errors` asks for no wait."""

    async def ready(self) -> None:
        """Wait, before anything waits for its turn, until there is a connection. Raises SendError."""

    async def mended(self, attempt: A, failure: Failure, error: Exception) -> A | None:  # noqa: ARG002
        """Another attempt that may go better on this platform; None where there is none. Raises SendError."""
        return None

    def written(self, attempt: A) -> object:
        """An attempt as it is marked up, for the log."""
        return attempt.part

    def kind_of(self, chat: Chat) -> ChatKind:  # noqa: ARG002
        """How the platform limits a chat."""
        return ChatKind.PRIVATE

    async def arrived(self, attempt: A) -> None:
        """Something of ours is there now."""
        await self.closed_chats.arrived(attempt.chat)

    async def lost(self, chat: Chat) -> None:
        """A chat is lost to us."""
        await self._changes.on_lost(replace(chat, thread=""))

    async def closed(self, chat: Chat) -> None:
        """We may not write in a chat, and have just learnt it."""

    async def deliver(self, attempt: A) -> Ref:
        """Send one part, and return its ref. Raises SendError."""
        if attempt.urgency is not Urgency.REPLY:
            self.closed_chats.check(attempt.chat)
        unheard = 0
        for _ in range(MOST_ATTEMPTS):
            try:
                ref = await self.request_at_turn(attempt)
            except self.errors as error:
                failure = self.failure_of(error)
                edited: Ref | None = attempt.edits
                if edited is not None and failure.trouble is self.ends_edit:
                    return edited
                unheard += failure.may_have_arrived
                if failure.may_have_arrived and unheard < self.most_unheard:
                    await self._sleep(wait_after(unheard).total_seconds())
                else:
                    attempt = await self._recovered(attempt, failure, error)
            else:
                await self.arrived(attempt)
                return ref
        raise SendError(f"{self.platform} refuses it in every form")

    async def request_at_turn(self, attempt: A) -> Ref:
        """One request at its turn, without remedies. Raises what is in `errors`, and SendError."""
        await self.ready()
        return await self.limiter.run(
            partial(self.request, attempt),
            chat=attempt.chat.address,
            kind=self.kind_of(attempt.chat),
            urgency=attempt.urgency,
            patience=PATIENCE[attempt.urgency],
            begin=attempt.begin,
        )

    async def _recovered(self, attempt: A, failure: Failure, error: Exception) -> A:
        """Another attempt that may go better. Raises SendError when there is none, once it is known what is closed."""
        better = await self.mended(attempt, failure, error)
        if better is not None:
            return better
        match failure.trouble:
            case Trouble.MARKUP if not attempt.plain:
                log.error(f"{self.platform} does not take our markup", problem=str(error), part=self.written(attempt))
                return replace(attempt, plain=True)
            case Trouble.GONE:
                self.closed_chats.forget(attempt.chat)
                await self.lost(attempt.chat)
            case Trouble.NO_RIGHTS | Trouble.LOCKED:
                if self.closed_chats.close(attempt.chat, str(failure.error)):
                    await self.closed(attempt.chat)
        raise failure.error from error
