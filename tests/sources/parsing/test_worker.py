import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.errors import FetchError, ParseError
from bot.sources.parsing.worker import ParserPool
from tests.sources.chores import (
    backtrack,
    chatter,
    die,
    double,
    environment,
    gorge,
    hang,
    leave,
    length,
    refuse,
    stumble,
    toil,
    unpicklable,
    worker,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool() as pool:
        yield pool


async def test_a_function_runs_in_another_process(pool: ParserPool) -> None:
    assert await pool.run(double, 21) == 42
    assert await pool.run(worker) not in {os.getpid(), os.getppid()}
    assert await pool.run(worker) == await pool.run(worker)


async def test_large_bodies_pass(pool: ParserPool) -> None:
    assert await pool.run(length, bytes(5_000_000)) == 5_000_000


async def test_errors_come_back_as_they_are(pool: ParserPool) -> None:
    with pytest.raises(ParseError, match="this is a web page, not a feed") as caught:
        await pool.run(refuse)
    assert "in refuse" in caught.value.__notes__[0]
    with pytest.raises(FetchError) as other:
        await pool.run(stumble)
    assert other.value.gone
    assert await pool.run(double, 1) == 2


async def test_what_takes_too_long_is_stopped_even_deep_in_c() -> None:
    async with ParserPool(time_limit=timedelta(seconds=1)) as pool:
        with pytest.raises(ParseError, match=r"took too long to read \(over 1 s\)"):
            await pool.run(backtrack)
        assert await pool.run(double, 2) == 4


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
async def test_a_crash_costs_only_that_call(pool: ParserPool, number: int) -> None:
    with pytest.raises(ParseError, match="broke down over it"):
        await pool.run(die, number)
    assert await pool.run(double, 2) == 4
    with pytest.raises(ParseError, match="broke down over it"):
        await pool.run(leave)
    assert await pool.run(double, 3) == 6


async def test_a_worker_killed_while_idle_costs_nothing(pool: ParserPool) -> None:
    first = await pool.run(worker)
    os.kill(first, signal.SIGKILL)
    assert pool._first._process is not None
    await pool._first._process.wait()
    assert await pool.run(double, 2) == 4
    assert await pool.run(worker) != first


async def test_memory_is_limited(pool: ParserPool) -> None:
    with pytest.raises(ParseError, match="too much memory"):
        await pool.run(gorge)
    assert await pool.run(double, 2) == 4


async def test_what_a_library_prints_does_no_harm(pool: ParserPool) -> None:
    assert await pool.run(chatter) == "right"


async def test_a_result_that_cannot_travel_is_an_error(pool: ParserPool) -> None:
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        await pool.run(unpicklable)
    assert await pool.run(double, 2) == 4


async def test_calls_take_turns(pool: ParserPool) -> None:
    assert await asyncio.gather(*(pool.run(double, number) for number in range(20))) == [2 * n for n in range(20)]


async def test_sources_that_are_slow_for_the_first_time_hold_up_each_other_only() -> None:
    quick, full = timedelta(seconds=0.2), timedelta(seconds=30)
    async with asyncio.timeout(20), ParserPool(quick_limit=quick, time_limit=full) as pool:
        first = await pool.run(worker, whose="heron")
        slow = [asyncio.create_task(pool.run(hang, whose=whose)) for whose in ("tern", "gull", "skua", "auk")]
        await asyncio.sleep(0)
        assert await pool.run(worker, whose="heron") == first
        assert not any(each.done() for each in slow)
        for each in slow:
            each.cancel()


async def test_what_the_first_gives_up_is_read_by_the_second() -> None:
    async with ParserPool(quick_limit=timedelta(seconds=0.1), time_limit=timedelta(seconds=30)) as pool:
        first = await pool.run(worker, whose="tern")
        second = await pool.run(toil, 0.2, whose="tern")
        assert second != first
        assert await pool.run(worker, whose="tern") == second
        assert await pool.run(worker, whose="tern") == first, "it is quick again"
        assert await pool.run(worker, whose="heron") == first


async def test_waiting_for_slow_sources_has_an_end() -> None:
    quick, patience = timedelta(seconds=0.05), timedelta(seconds=0.5)
    async with ParserPool(quick_limit=quick, wait_limit=patience) as pool:
        tern = asyncio.create_task(pool.run(hang, whose="tern"))
        gull = asyncio.create_task(pool.run(hang, whose="gull"))
        with pytest.raises(ParseError, match=r"other slow sources kept the reader busy for over 0\.5 s"):
            await gull
        assert not tern.done()
        tern.cancel()


async def test_what_must_be_ready_is_prepared_once_and_in_nobodys_time() -> None:
    async with ParserPool(quick_limit=timedelta(seconds=0.1), prepare=partial(time.sleep, 0.3)) as pool:
        first = await pool.run(worker, whose="tern")
        assert await pool.run(worker, whose="tern") == first
        assert pool._second._process is None


async def test_a_crash_leaves_the_worker_alive(pool: ParserPool) -> None:
    first = await pool.run(worker)
    with pytest.raises(ParseError):
        await pool.run(leave)
    assert await pool.run(worker) == first


async def test_a_cancelled_call_frees_the_pool_at_once(pool: ParserPool) -> None:
    first = await pool.run(worker)
    task = asyncio.create_task(pool.run(hang))
    await asyncio.sleep(0)
    assert pool._first.turn.locked()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.run(worker) != first


async def test_the_worker_knows_no_secrets(pool: ParserPool) -> None:
    assert not {name for name in await pool.run(environment) if name.startswith(("FAULTLINE", "PYTEST"))}


async def test_closing_is_prompt_even_in_the_middle_of_a_call() -> None:
    async with asyncio.timeout(5), ParserPool() as pool:
        task = asyncio.create_task(pool.run(hang))
        await asyncio.sleep(0)
    with pytest.raises(ParseError):
        await task


@pytest.mark.parametrize("ending", ["", "await pool.__aexit__()", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_end_of_the_program_ends_the_worker(ending: str) -> None:
    program = f"""
import asyncio, os
from bot.sources.parsing.worker import ParserPool
async def main():
    pool = await ParserPool().__aenter__()
    print(await pool.run(os.getppid), flush=True)
    {ending}
asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=20, stdout=subprocess.PIPE, check=False)
    worker = int(ended.stdout)
    deadline = time.monotonic() + 10
    while _runs(worker) and time.monotonic() < deadline:
        os.sched_yield()
    assert not _runs(worker)


def _runs(process: int) -> bool:
    """Whether a process is there and not a zombie that nobody has collected."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
