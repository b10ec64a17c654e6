"""What a chat platform is to the rest of the program: something that runs, asks, and is sent messages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.commands.framework.request import Request
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.delivery.outgoing import Outgoing

Answer = Callable[[Request], Awaitable[Message | None]]
"""Answers what somebody asked, or is silent (None); never raises but for being cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEvents:
    """What must be written down when a platform moves, closes or reopens a chat, each with all its topics.

    `on_migrated(old, new)` is told of every move, perhaps twice, and perhaps after `on_lost(old)`. `on_lost` returns
    the ids of those who set the chat up and have not been told yet that it is lost; `set_up_by` only looks for them.
    After `on_regained` alerts go there, and those that wait go at once. `on_reconnected(since)` is told in which chats
    we are, and since when: whichever was lost before that is back.
    """

    on_migrated: Callable[[Chat, Chat], Awaitable[None]]
    on_lost: Callable[[Chat], Awaitable[tuple[str, ...]]]
    on_regained: Callable[[Chat], Awaitable[None]]
    on_reconnected: Callable[[Mapping[Chat, datetime]], Awaitable[None]]
    set_up_by: Callable[[Chat], Awaitable[tuple[str, ...]]]


class Platform(Protocol):
    """One chat platform; `name` is what `Chat.platform` says of its chats."""

    name: str

    @property
    def state(self) -> str:
        """How it stands, in a few words (`connected`)."""
        ...

    @property
    def refusals(self) -> int:
        """How often it asked us to wait since the start."""
        ...

    async def run(self) -> None:
        """Serve people until cancelled; returns only when the platform itself asks the program to stop."""
        ...

    async def send(self, outgoing: Outgoing) -> str:
        """Send a message, or edit one, and return its ref there. Raises SendError (see errors.py for its kinds).

        Asks `outgoing.begin` once its turn has come, before anything leaves.
        """
        ...

    async def is_there(self) -> None:
        """Ask the platform for something that shows nothing to anybody. Raises SendError: PlatformAway, SendUnknown
        when it does not answer.
        """
        ...
