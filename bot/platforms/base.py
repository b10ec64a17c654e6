"""What a chat platform is to the rest of the program: something that runs, asks, and is sent messages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.commands.framework.command import Request
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.delivery.outgoing import Outgoing

Answer = Callable[[Request], Awaitable[Message | None]]
"""Answers what somebody asked, or is silent (None); never raises but for being cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanges:
    """What must be written down when a platform moves, closes or reopens a chat, each with all its topics.

    `migrated(old, new)` is told of every move, perhaps twice, and perhaps after `gone(old)`. `gone` returns the ids of
    those who set the chat up and have not been told yet that it is lost; `set_up_by` only looks for them. After `back`
    alerts go there, and those that wait go at once. `returned(since)` is told in which chats we are, and since when:
    whichever was lost before that is back.
    """

    migrated: Callable[[Chat, Chat], Awaitable[None]]
    gone: Callable[[Chat], Awaitable[tuple[str, ...]]]
    back: Callable[[Chat], Awaitable[None]]
    returned: Callable[[Mapping[Chat, datetime]], Awaitable[None]]
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
