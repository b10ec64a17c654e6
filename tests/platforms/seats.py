"""Persons in front of the platforms, for the contract test: each reads and types as people there do."""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from bot.commands import COMMANDS
from bot.platforms.console.pipe import Pipe
from bot.platforms.console.platform import CHAT, Console
from bot.platforms.console.terminal import Terminal
from tests.platforms.contract import PATIENCE, Clerk

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[=>])")


def _number_of(label: str, text: str) -> str:
    return str(re.findall(rf"\[(\d+)\] {label}", text)[-1])


async def read_some(end: int) -> bytes:
    """What can be read from a pipe, once there is something; a thread would outlive a test that fails."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(end, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(end)
    return os.read(end, 65_536)


class PipeSeat:
    """A console whose input and output are pipes."""

    chat = CHAT

    def __init__(self, clerk: Clerk) -> None:
        stdin, self._typed = os.pipe()
        self._read, stdout = os.pipe()
        self._ends = [stdin, stdout, self._typed, self._read]
        self._all = ""
        self._unread = ""
        self.platform = Console(clerk.answer, Pipe(stdin, stdout))

    async def type(self, line: str) -> None:
        os.write(self._typed, f"{line}\n".encode())

    async def press(self, label: str) -> None:
        await self.type(_number_of(label, self._all))

    async def read(self, words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while words not in self._unread:
                more = (await read_some(self._read)).decode()
                self._all += more
                self._unread += more
        self._unread = self._unread.partition(words)[2]

    def end_input(self) -> None:
        """Close the input, as at the end of a file."""
        os.close(self._typed)
        self._ends.remove(self._typed)

    def close(self) -> None:
        for end in self._ends:
            os.close(end)


class Paper(StringIO):
    """What a terminal was sent; `written` is set by every write."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)

    def isatty(self) -> bool:
        return True


class TerminalSeat:
    """A console on a terminal of 80 columns."""

    chat = CHAT

    def __init__(self, clerk: Clerk, keyboard: PipeInput, paper: Paper) -> None:
        self.keyboard = keyboard
        self.paper = paper
        self._read_to = 0
        self.platform = Console(clerk.answer, Terminal(COMMANDS))

    @property
    def shown(self) -> str:
        """All that was shown so far, without escape codes."""
        return _ESCAPES.sub("", self.paper.getvalue())

    async def type(self, line: str) -> None:
        self.keyboard.send_text(f"{line}\r")

    async def press(self, label: str) -> None:
        await self.type(_number_of(label, self.shown))

    async def read(self, words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (place := self.shown.find(words, self._read_to)) < 0:
                self.paper.written.clear()
                await self.paper.written.wait()
        self._read_to = place + len(words)


@contextmanager
def terminal_seat(clerk: Clerk) -> Iterator[TerminalSeat]:
    """A person at a terminal."""
    paper = Paper()
    output = Vt100_Output(paper, lambda: Size(rows=40, columns=80), term="xterm", enable_cpr=False)
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=output):
        yield TerminalSeat(clerk, keyboard, paper)
