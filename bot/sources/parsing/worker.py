"""Reading what strangers sent in processes of its own, under limits of time and memory.

A thread can't be stopped, and feedparser takes 21 s on a feed of 200,000 items. A worker is a plain child of asyncio
with a pipe of its own, so that killing it can't damage anything shared, and it inherits none of our secrets. Each body
is read in a fork of it: starting a worker takes 0.2 s, importing and reading the config 0.5 to 1.5 s, a fork 5 ms, so
that a body which must be given up costs nobody a new start.
"""

import asyncio
import os
import pickle
import signal
import struct
import sys
import time
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import BinaryIO, NoReturn, Self, TypeVar, TypeVarTuple, cast

from bot.errors import ParseError
from bot.sources.parsing.allowance import limit_here

# An ordinary feed takes 0.05 s, one of 5 MB 0.4 s. What takes longer is read where it holds up only its like.
QUICK_LIMIT = timedelta(seconds=0.5)
TIME_LIMIT = timedelta(seconds=10)
WAIT_LIMIT = timedelta(minutes=1)  # so long a source waits for its turn
MEMORY_LIMIT = 1 << 29  # bytes of address space, where there is as much; a body of 5 MB was seen to take 95 MB

_START_LIMIT = timedelta(minutes=1)
_GRACE = 5  # seconds that a worker has to say that its time was up
_QUESTION = struct.Struct("!Qd")  # how long the question is, how many seconds it may take
_ANSWER = struct.Struct("!Qd")  # how long the answer is, how many seconds it took
_INHERITED = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TZ")

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class TooSlow(ParseError):
    """A body could not be read within the time it was given."""


def nothing() -> None:
    """What a worker does before its first task where there is nothing to prepare."""


class ParserPool:
    """Runs functions in two worker processes; an async context manager.

    The first gives up what takes longer than `quick_limit`; that is run again by the second, within `time_limit`, and
    whatever comes from the same source from then on goes there at once, until it proves to be quick again. So slow
    bodies wait for each other only. A worker runs `prepare` once, before its first task. The first starts while the
    caller goes on, the second when somebody needs it.
    """

    def __init__(
        self,
        *,
        quick_limit: timedelta = QUICK_LIMIT,
        time_limit: timedelta = TIME_LIMIT,
        wait_limit: timedelta = WAIT_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
        prepare: Callable[[], None] = nothing,
    ) -> None:
        self._quick_limit = quick_limit.total_seconds()
        self._first = Worker(quick_limit, wait_limit, memory_limit, prepare)
        self._second = Worker(time_limit, wait_limit, memory_limit, prepare)
        self._slow: set[str] = set()  # ids of sources

    async def __aenter__(self) -> Self:
        await self._first.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._first.stop()
        await self._second.stop()

    async def run_quickly(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """As `run`, for what can be done without: it is given up when it takes longer than `quick_limit`."""
        answer, _ = await self._first.answer(pickle.dumps((function, args)))
        return cast("T", _unpacked(answer))

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, whose: str = "") -> T:
        """What a top-level function returns or raises; arguments and result must pickle, and it may be run twice.

        `whose` is the id of the source whose work this is. Raises ParseError if it takes too long, too much memory,
        kills its process, or had to wait too long for others. Cancelling stops it at once.
        """
        question = pickle.dumps((function, args))
        if whose not in self._slow:
            answer, _ = await self._first.answer(question)
            try:
                return cast("T", _unpacked(answer))
            except TooSlow:
                self._slow.add(whose)
        answer, took = await self._second.answer(question)
        if took <= self._quick_limit:
            self._slow.discard(whose)
        return cast("T", _unpacked(answer))


class Worker:
    """A child process that answers one question at a time."""

    def __init__(
        self, time_limit: timedelta, wait_limit: timedelta, memory_limit: int, prepare: Callable[[], None]
    ) -> None:
        self._time_limit = time_limit.total_seconds()
        self._wait_limit = wait_limit.total_seconds()
        self._memory_limit = memory_limit
        self._prepare = pickle.dumps((prepare, ()))
        self._process: Process | None = None
        self._ready = False
        self.turn = asyncio.Lock()

    async def answer(self, question: bytes) -> tuple[bytes, float]:
        """What the process says to a pickled function with its arguments, and the seconds that it took.

        Raises ParseError if the process dies, or is busy with others for too long.
        """
        try:
            async with asyncio.timeout(self._wait_limit):
                await self.turn.acquire()
        except TimeoutError:
            raise ParseError(
                f"could not be read: other slow sources kept the reader busy for over {self._wait_limit:g} s"
            ) from None
        try:
            return await self._asked(question)
        except BaseException:
            await self.stop()  # its pipe is out of step
            raise
        finally:
            self.turn.release()

    async def start(self) -> None:
        """Start the process, and wait for nothing."""
        self._ready = False
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"from {__name__} import serve; serve({self._memory_limit})"),
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for us to answer
        )
        _ask(self._process, self._prepare, 0)

    async def stop(self) -> None:
        """Kill the process with its fork, if there is one."""
        if self._process is not None:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def _asked(self, question: bytes) -> tuple[bytes, float]:
        if self._process is None or self._process.returncode is not None:
            await self.start()
        assert self._process is not None, "it was started"  # noqa: S101
        try:
            if not self._ready:
                # It is prepared first, which does not count against the time of its first task.
                async with asyncio.timeout(_START_LIMIT.total_seconds()):
                    answer, _ = await _heard(self._process)
                _unpacked(answer)
                self._ready = True
            async with asyncio.timeout(self._time_limit + _GRACE):
                _ask(self._process, question, self._time_limit)
                return await _heard(self._process)
        except TimeoutError:
            raise ParseError("the reader hangs") from None
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ParseError("the reader broke down over it") from error


def _ask(worker: Process, question: bytes, seconds: float) -> None:
    """Hand over a question without waiting; a worker reads each whole before it does anything else."""
    if worker.stdin is None:
        raise BrokenPipeError
    worker.stdin.write(_QUESTION.pack(len(question), seconds) + question)


async def _heard(worker: Process) -> tuple[bytes, float]:
    if worker.stdout is None:
        raise BrokenPipeError
    length, took = _ANSWER.unpack(await worker.stdout.readexactly(_ANSWER.size))
    return await worker.stdout.readexactly(length), took


def _unpacked(answer: bytes) -> object:
    result, error = pickle.loads(answer)  # noqa: S301  our own child's words
    if error is not None:
        raise error
    return result


def serve(memory_limit: int) -> None:
    """The worker's side: answers until its pipe closes, which it does with the bot, however that ends."""
    limit_here(memory_limit)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not pass for an answer
    questions = _questions(sys.stdin.buffer)
    prepare, _ = next(questions)
    _say(answers, _worked_out(*pickle.loads(prepare)), 0)  # noqa: S301  our own parent's words
    for question, seconds in questions:
        # What its function needs is imported by this, here, for all forks to come.
        function, args = pickle.loads(question)  # noqa: S301  our own parent's words
        started = time.monotonic()
        answer = _forked(function, args, seconds)
        _say(answers, answer, time.monotonic() - started)


def _questions(pipe: BinaryIO) -> Iterator[tuple[bytes, float]]:
    while len(header := pipe.read(_QUESTION.size)) == _QUESTION.size:
        length, seconds = _QUESTION.unpack(header)
        yield pipe.read(length), seconds


def _say(pipe: BinaryIO, answer: bytes, took: float) -> None:
    pipe.write(_ANSWER.pack(len(answer), took) + answer)
    pipe.flush()


def _forked(function: Callable[..., object], args: tuple[object, ...], seconds: float) -> bytes:
    """The answer that a fork of this process works out, which the kernel ends when its time is up, even deep in C."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(function, args, seconds, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return pickle.dumps((None, TooSlow(f"took too long to read (over {seconds:g} s)")))
    return pickle.dumps((None, ParseError("the reader broke down over it"))) if status else answer


def _work(function: Callable[..., object], args: tuple[object, ...], seconds: float, writing: int) -> NoReturn:
    code = 1
    try:
        # None but the worker may hold its pipes: that it died must be seen at once.
        os.dup2(2, 0)
        os.closerange(3, writing)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_worked_out(function, args))
        code = 0
    finally:
        os._exit(code)


def _worked_out(function: Callable[..., object], args: tuple[object, ...]) -> bytes:
    try:
        return pickle.dumps((function(*args), None))
    except MemoryError:
        return pickle.dumps((None, ParseError("needs too much memory to read")))
    except Exception as error:  # noqa: BLE001  handed on whole with the traceback, for the parent to deal with
        error.add_note(traceback.format_exc())
        try:
            packed = pickle.dumps((None, error))
            pickle.loads(packed)  # noqa: S301  a trial: not every error survives it
        except (TypeError, AttributeError, pickle.PickleError):
            return pickle.dumps((None, RuntimeError(traceback.format_exc())))
        return packed
