"""The console: one chat, in the terminal or the pipe that the bot was started in."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from bot.commands import COMMANDS
from bot.core.message.blocks import Message
from bot.core.model import Chat, Urgency
from bot.delivery.outgoing import Outgoing
from bot.errors import SendError
from bot.platforms.base import Answer
from bot.platforms.console.pipe import Pipe
from bot.platforms.text_only import NumberedButtons, Updates

CHAT = Chat(platform="console", address="console")
# Whoever sits at the console runs the bot.
USER = "console"
OWNER = f"{CHAT.platform}:{USER}"


class Screen(Protocol):
    """Where the console's lines come from and its messages go: a terminal or a pipe."""

    def lines(self) -> AsyncGenerator[str, None]:
        """What is typed; ends when the bot is to stop."""
        ...

    async def show(self, message: Message) -> None:
        """Show a message. Raises OSError when nobody can see it."""
        ...


class Console:
    """The platform `console`, with a single chat whose user is its admin."""

    name = "console"
    state = "connected"
    refusals = 0

    def __init__(self, answer: Answer, screen: Screen | None = None) -> None:
        self._answer = answer
        self._screen = screen or screen_here()
        self._buttons = NumberedButtons()
        self._updates = Updates()
        self._sent = 0

    @property
    def has_prompt(self) -> bool:
        """Whether somebody sits at a keyboard and sees what is shown."""
        return not isinstance(self._screen, Pipe)

    async def run(self) -> None:
        """Answer what is typed, until the person or the end of the input asks the bot to stop."""
        async with aclosing(self._screen.lines()) as lines:
            async for line in lines:
                if not line.strip():
                    continue
                asked = self._buttons.asked(CHAT, line.strip(), user=USER)
                answer = asked if isinstance(asked, Message) else await self._answer(asked)
                try:
                    if answer is not None:
                        await self.send(Outgoing(chat=CHAT, message=answer, urgency=Urgency.REPLY))
                except SendError:
                    return

    async def send(self, outgoing: Outgoing) -> str:
        """Show a message, of an edited one a line that tells what is new; its ref is its number in this run.

        Raises SendError when nobody can see it any more.
        """
        if outgoing.begin is not None:
            await outgoing.begin()
        # Numbered before it is shown: an answer and an alert are shown at the same time.
        self._sent += outgoing.edits is None
        ref = outgoing.edits or str(self._sent)
        changed = self._updates.of(ref, outgoing.message)
        shown = outgoing.message if outgoing.edits is None else changed
        if shown is not None:
            try:
                await self._screen.show(self._buttons.number(CHAT, shown))
            except OSError as error:
                raise SendError(f"the console's output is closed: {error.strerror}") from error
        return ref

    async def is_there(self) -> None:
        """It always is."""


def screen_here() -> Screen:
    """The terminal that we were started in, or the pipe or file where there is none."""
    stdin, stdout = sys.stdin, sys.stdout
    if stdin is not None and stdin.isatty() and stdout is not None and stdout.isatty():
        # Loaded only where it is used: the library takes a fifth of a second of every start.
        from bot.platforms.console.terminal import Terminal  # noqa: PLC0415

        return Terminal(COMMANDS)
    # Closed streams are None; the number of one may by now belong to a file of ours.
    return Pipe(
        stdin.fileno() if stdin is not None else None,
        stdout.fileno() if stdout is not None else os.open(os.devnull, os.O_WRONLY),
    )
