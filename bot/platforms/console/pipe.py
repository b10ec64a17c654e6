"""The console's lines where there is no terminal: a pipe, a file, /dev/null.

Two daemon threads read and write, for files cannot be watched by an event loop, and a reader that has stopped reading
(`faultline run | less`) must hold up neither the bot nor its end.
"""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from queue import SimpleQueue

from bot.core.message.blocks import Block, Message, say
from bot.platforms.console.markup import to_plain

# A longer line is taken in pieces.
LONGEST_LINE = 16_384
LINES_AHEAD = 100


NO_INPUT = Message((Block(say("No input: alerts appear here until the bot is stopped.")),))


class Pipe:
    """Lines in and messages out, by file descriptor; `stdin` is None where it was closed before we began."""

    def __init__(self, stdin: int | None, stdout: int) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(LINES_AHEAD)
        self._unwritten: SimpleQueue[tuple[bytes, asyncio.Future[None]]] = SimpleQueue()
        self._writer: threading.Thread | None = None

    async def lines(self) -> AsyncGenerator[str, None]:
        """Every line to the end of the input; of an input that was empty from the start there is no end.

        Ends early when nobody reads the output any more.
        """
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="console-input", daemon=True).start()
        line = await self._lines.get()
        if line is None:
            with suppress(OSError):
                await self.show(NO_INPUT)
                await self._lines.get()
        while line is not None:
            self._room.release()
            yield line
            line = await self._lines.get()

    async def show(self, message: Message) -> None:
        """Write a message, and wait until it is written. Raises OSError when nobody reads any more."""
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="console-output", daemon=True)
            self._writer.start()
        written = asyncio.get_running_loop().create_future()
        self._unwritten.put((to_plain(message).encode(errors="replace"), written))
        try:
            await written
        except OSError:
            self._lines.put_nowait(None)
            raise

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        # RuntimeError: the loop has ended. OSError: what we were given cannot be read, which is to have no input.
        with suppress(RuntimeError):
            with suppress(OSError):
                self._hand_on(loop)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _hand_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._stdin is None:
            return
        # A buffer of our own: the interpreter would wait at its end for the lock of sys.stdin's.
        with open(self._stdin, "rb", closefd=False) as stream:
            while line := stream.readline(LONGEST_LINE):
                self._room.acquire()
                loop.call_soon_threadsafe(self._lines.put_nowait, line.decode(errors="replace"))

    def _write(self) -> None:
        while True:
            unwritten, written = self._unwritten.get()
            error: OSError | None = None
            try:
                while unwritten:
                    unwritten = unwritten[os.write(self._stdout, unwritten) :]
            except OSError as broken:
                error = broken
            with suppress(RuntimeError):
                written.get_loop().call_soon_threadsafe(_settle, written, error)


def _settle(written: asyncio.Future[None], error: OSError | None) -> None:
    if written.done():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
