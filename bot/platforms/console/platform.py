"""The console: one chat, in the terminal or the pipe that the bot was started in."""

import os
import sys
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from bot.commands import COMMANDS
from bot.commands.framework.arguments import to_request
from bot.core.message.blocks import Block, Message, say
from bot.core.model import Chat, Urgency
from bot.delivery.outgoing import Outgoing
from bot.errors import SendError
from bot.platforms.base import Answer
from bot.platforms.console.markup import Numbers, update_of
from bot.platforms.console.pipe import Pipe

CHAT = Chat(platform="console", address="console")
# Whoever sits at the console runs the bot.
USER = "console"
OWNER = f"{CHAT.platform}:{USER}"

# Buttons older than these many can no longer be pressed.
BUTTONS_KEPT = 1000
# Alerts whose state is remembered, so that an edit that changes nothing that was shown is not shown.
ALERTS_KEPT = 1000


class Screen(Protocol):
    """Where the console's lines come from and its messages go: a terminal or a pipe."""

    def lines(self) -> AsyncGenerator[str, None]:
        """What is typed; ends when the bot is to stop."""
        ...

    async def show(self, message: Message, numbers: Numbers) -> None:
        """Show a message whose buttons have these numbers. Raises OSError when nobody can see it."""
        ...


class Buttons:
    """The numbers of buttons; they run on, so that an arriving alert never changes what a number means."""

    def __init__(self) -> None:
        self._last = 0
        self._commands: OrderedDict[int, str] = OrderedDict()

    def number(self, message: Message) -> Numbers:
        """A number for each button of the message, in its rows."""
        return tuple(tuple(self._add(button.command) for button in row) for row in message.buttons)

    def command(self, number: int) -> str | None:
        """What pressing a button does; None for a number that no button has, or has any more."""
        return self._commands.get(number)

    def _add(self, command: str) -> int:
        self._last += 1
        self._commands[self._last] = command
        if len(self._commands) > BUTTONS_KEPT:
            self._commands.popitem(last=False)
        return self._last


class Updates:
    """How each alert was last shown to stand: what is printed cannot be changed, only added to."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, frozenset[str]] = OrderedDict()

    def of(self, ref: str, update: Message) -> Message | None:
        """The lines of an update that were not shown with the one before; None where nothing is new."""
        before = self._shown.pop(ref, frozenset())
        self._shown[ref] = frozenset(block.text for block in update.blocks)
        if len(self._shown) > ALERTS_KEPT:
            self._shown.popitem(last=False)
        new = tuple(block for block in update.blocks if block.text not in before)
        return replace(update, blocks=new) if new else None


class Console:
    """The platform `console`, with a single chat whose user is its admin."""

    name = "console"
    state = "connected"
    refusals = 0

    def __init__(self, answer: Answer, screen: Screen | None = None) -> None:
        self._answer = answer
        self._screen = screen or screen_here()
        self._buttons = Buttons()
        self._news = Updates()
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
                answer = await self._reply(line.strip())
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
        changed = self._news.of(ref, update_of(outgoing.message))
        shown = outgoing.message if outgoing.edits is None else changed
        if shown is not None:
            try:
                await self._screen.show(shown, self._buttons.number(shown))
            except OSError as error:
                raise SendError(f"the console's output is closed: {error.strerror}") from error
        return ref

    async def is_there(self) -> None:
        """It always is."""

    async def _reply(self, line: str) -> Message | None:
        if not line.isdecimal():
            return await self._answer(to_request(CHAT, line, user=USER))
        command = self._buttons.command(int(line))
        if command is None:
            return Message((Block(say("Button {number} doesn't exist.", number=line)),))
        return await self._answer(to_request(CHAT, command, user=USER, from_button=True))


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
