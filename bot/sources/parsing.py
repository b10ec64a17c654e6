"""Reading what strangers sent in processes of its own, under limits of time and memory.

A thread can't be stopped, and feedparser takes 21 s on a feed of 200,000 items. A worker is a plain child of asyncio
with a pipe of its own, so that killing it can't damage anything shared, and it inherits none of our secrets.
"""

import asyncio
import os
import pickle
import struct
import sys
import time
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Self, TypeVar, TypeVarTuple, cast

from bot.errors import ParseError
from bot.sources.allowance import limit_here

TIME_LIMIT = timedelta(seconds=10)
SLOW_AFTER = timedelta(seconds=2)
MEMORY_LIMIT = 1 << 29  # bytes of address space, where there is as much; a body of 5 MB was seen to take 95 MB

_START_LIMIT = timedelta(minutes=1)
_READY = b"ready"
_LENGTH = struct.Struct("!Q")
_ANSWERED = struct.Struct("!Qd")  # how long the answer is, how many seconds it took
_INHERITED = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TZ")

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class ParserPool:
    """Runs functions in two worker processes; an async context manager.

    A source whose body has once taken longer than `slow_after`, or killed its worker, is read by the second from then
    on, so that no other waits for it. The first worker starts (and imports) while the caller goes on, the second when
    somebody needs it; both anew after they were killed.
    """

    def __init__(
        self,
        *,
        time_limit: timedelta = TIME_LIMIT,
        slow_after: timedelta = SLOW_AFTER,
        memory_limit: int = MEMORY_LIMIT,
    ) -> None:
        self._slow_after = slow_after.total_seconds()
        self._first = Worker(time_limit, memory_limit)
        self._second = Worker(time_limit, memory_limit)
        self._slow: set[str] = set()  # ids of sources

    async def __aenter__(self) -> Self:
        await self._first.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._first.stop()
        await self._second.stop()

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, whose: str = "") -> T:
        """What a top-level function returns or raises; arguments and result must pickle.

        `whose` is the id of the source whose work this is. Raises ParseError if it takes too long, too much memory, or
        kills the worker. Cancelling stops it at once.
        """
        worker = self._second if whose in self._slow else self._first
        async with worker.turn:
            try:
                answer, took = await worker.answer(pickle.dumps((function, args)))
            except ParseError:
                self._slow.add(whose)
                raise
        if took > self._slow_after:
            self._slow.add(whose)
        result, error = pickle.loads(answer)  # noqa: S301  our own child's words
        if error is not None:
            raise error
        return cast("T", result)


class Worker:
    """A child process that answers one question at a time: whoever asks holds its `turn`."""

    def __init__(self, time_limit: timedelta, memory_limit: int) -> None:
        self._time_limit = time_limit.total_seconds()
        self._memory_limit = memory_limit
        self._process: Process | None = None
        self._greeted = False
        self.turn = asyncio.Lock()

    async def answer(self, question: bytes) -> tuple[bytes, float]:
        """What the process says to a pickled function with its arguments, and the seconds of work that it took.

        Raises ParseError if the process is too slow or dies.
        """
        if self._process is None or self._process.returncode is not None:
            await self.start()
        try:
            return await self._asked(question)
        except BaseException:
            await self.stop()  # its pipe is out of step
            raise

    async def start(self) -> None:
        """Start the process, and wait for nothing."""
        self._greeted = False
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"from {__name__} import serve; serve({self._memory_limit})"),
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for us to answer
        )

    async def stop(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _asked(self, question: bytes) -> tuple[bytes, float]:
        assert self._process is not None, "it was started"  # noqa: S101
        try:
            await self._greet(self._process)
            async with asyncio.timeout(self._time_limit):
                return await _exchanged(self._process, question)
        except TimeoutError:
            raise ParseError(f"took too long to read (over {self._time_limit:g} s)") from None
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ParseError("the parser crashed on it") from error

    async def _greet(self, process: Process) -> None:
        """Waits until a new process has started, which does not count against the time of its first task."""
        if not self._greeted and process.stdout is not None:
            async with asyncio.timeout(_START_LIMIT.total_seconds()):
                await process.stdout.readexactly(len(_READY))
            self._greeted = True


async def _exchanged(worker: Process, question: bytes) -> tuple[bytes, float]:
    if worker.stdin is None or worker.stdout is None:
        raise BrokenPipeError
    worker.stdin.write(_LENGTH.pack(len(question)) + question)
    await worker.stdin.drain()
    length, took = _ANSWERED.unpack(await worker.stdout.readexactly(_ANSWERED.size))
    return await worker.stdout.readexactly(length), took


def serve(memory_limit: int) -> None:
    """The worker's side: answers until its pipe closes, which it does with the bot, however that ends."""
    limit_here(memory_limit)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not pass for an answer
    answers.write(_READY)
    answers.flush()
    while len(header := questions.read(_LENGTH.size)) == _LENGTH.size:
        started = time.process_time()
        answer = _worked_out(questions.read(*_LENGTH.unpack(header)))
        answers.write(_ANSWERED.pack(len(answer), time.process_time() - started) + answer)
        answers.flush()


def _worked_out(question: bytes) -> bytes:
    try:
        function, args = pickle.loads(question)  # noqa: S301  our own parent's words
        return pickle.dumps((function(*args), None))
    except MemoryError:
        return pickle.dumps((None, ParseError("needs too much memory to read")))
    except Exception as error:  # noqa: BLE001  handed on whole, for the parent to deal with
        return _packed(error)


def _packed(error: Exception) -> bytes:
    """The error with the traceback as a note; one that does not survive pickling goes as a RuntimeError."""
    error.add_note(traceback.format_exc())
    try:
        packed = pickle.dumps((None, error))
        pickle.loads(packed)  # noqa: S301  a trial
    except (TypeError, AttributeError, pickle.PickleError):
        return pickle.dumps((None, RuntimeError(traceback.format_exc())))
    return packed
