"""How long a person waits for the first picture of /tension, and what that does to the rest of the bot meanwhile."""

import asyncio
import gc
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from tests.bench.test_commands import full_room
from tests.bench.test_start import held
from tests.bench.test_stories import megabytes
from tests.commands.room import Room

__all__ = ["full_room"]
pytestmark = pytest.mark.bench

RUNS = 5


async def measured(room: Room) -> str:
    """The wait, the longest that the loop was held up, and what the bot has taken of memory for it."""
    await room.say("/latest")
    gc.collect()
    gc.freeze()  # as at the start of the bot
    before, done = megabytes(), asyncio.Event()
    watching = asyncio.create_task(held(done))
    await asyncio.sleep(0.01)
    began = perf_counter()
    reply = await room.say("/tension")
    wait = perf_counter() - began
    done.set()
    stall, _ = await watching
    assert reply.message.picture is not None
    return f"{wait} {stall * 1000} {megabytes() - before}"


async def test_one_start(full_room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\nfirst picture:", await measured(full_room))


def test_first_picture_after_a_start() -> None:
    """Each run in a process of its own, for what is loaded is loaded once."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "bench", "-p", "no:cacheprovider"]
    runs = []
    for _ in range(RUNS):
        told = subprocess.run(
            [*command, f"{__file__}::test_one_start"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        line = next(line for line in told.splitlines() if line.startswith("first picture:"))
        runs.append([float(figure) for figure in line.removeprefix("first picture:").split()])
    wait, stall, memory = map(median, zip(*runs, strict=True))
    print(f"\nfirst picture over 5,000 reports, median of {RUNS} starts: {wait:.2f} s, ", end="")
    print(f"the loop held for {stall:.0f} ms at the most, {memory:.0f} MB more in memory")
    assert wait < 3
