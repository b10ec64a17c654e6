"""Reading what strangers sent in a process of its own, under limits of time and memory.

A thread can't be stopped, and feedparser takes 21 s on a feed of 200,000 items. The worker is a plain child of asyncio
with a pipe of its own, so that killing it can't damage anything shared, and it inherits none of our secrets.
"""

import asyncio
import os
import pickle
import struct
import sys
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Self, TypeVar, TypeVarTuple, cast

from bot.errors import ParseError

TIME_LIMIT = timedelta(seconds=10)
MEMORY_LIMIT = 1 << 29  # bytes of address space; a body of 5 MB was seen to take 95 MB

_START_LIMIT = timedelta(minutes=1)
_READY = b"ready"
_LENGTH = struct.Struct("!Q")
_INHERITED = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TZ")

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class ParserPool:
    """Runs functions in a worker process, one at a time; an async context manager.

    The worker starts (and imports) while the caller goes on, and anew after it was killed.
    """

    def __init__(self, *, time_limit: timedelta = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._turn = asyncio.Lock()
        self._worker: Process | None = None
        self._greeted = False

    async def __aenter__(self) -> Self:
        self._worker = await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._worker is not None:
            await _kill(self._worker)

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """What a top-level function returns or raises; arguments and result must pickle.

        Raises ParseError if it takes too long, too much memory, or kills the worker. Cancelling stops it at once.
        """
        async with self._turn:
            if self._worker is None or self._worker.returncode is not None:
                self._worker = await self._start()
            try:
                answer = await self._answer(self._worker, pickle.dumps((function, args)))
            except BaseException:
                await _kill(self._worker)  # its pipe is out of step
                raise
        result, error = pickle.loads(answer)  # noqa: S301  our own child's words
        if error is not None:
            raise error
        return cast("T", result)

    async def _answer(self, worker: Process, question: bytes) -> bytes:
        try:
            await self._greet(worker)
            async with asyncio.timeout(self._time_limit.total_seconds()):
                return await _exchanged(worker, question)
        except TimeoutError:
            raise ParseError(f"took too long to read (over {self._time_limit.total_seconds():g} s)") from None
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ParseError("the reader broke down over it") from error

    async def _greet(self, worker: Process) -> None:
        """Waits until a new worker has started, which does not count against the time of its first task."""
        if not self._greeted and worker.stdout is not None:
            async with asyncio.timeout(_START_LIMIT.total_seconds()):
                await worker.stdout.readexactly(len(_READY))
            self._greeted = True

    async def _start(self) -> Process:
        self._greeted = False
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"from {__name__} import serve; serve({self._memory_limit})"),
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for us to answer
        )


async def _exchanged(worker: Process, question: bytes) -> bytes:
    if worker.stdin is None or worker.stdout is None:
        raise BrokenPipeError
    worker.stdin.write(_LENGTH.pack(len(question)) + question)
    await worker.stdin.drain()
    (length,) = _LENGTH.unpack(await worker.stdout.readexactly(_LENGTH.size))
    return await worker.stdout.readexactly(length)


async def _kill(worker: Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()
    await worker.wait()


def serve(memory_limit: int) -> None:
    """The worker's side: answers until its pipe closes, which it does with the bot, however that ends."""
    _limit_memory(memory_limit)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not pass for an answer
    answers.write(_READY)
    answers.flush()
    while len(header := questions.read(_LENGTH.size)) == _LENGTH.size:
        answer = _worked_out(questions.read(*_LENGTH.unpack(header)))
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _limit_memory(most: int) -> None:
    try:
        import resource  # noqa: PLC0415  only Unix has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


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
