import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.core.message.blocks import Block, Message, Run
from bot.platforms.console.pipe import LONGEST_LINE, Pipe
from tests.platforms.seats import read_some

HELLO = Message((Block((Run("hello"),)),))


@pytest.fixture
def output() -> Iterator[tuple[int, int]]:
    """The reading and the writing end of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


async def collect(lines: AsyncIterator[str]) -> list[str]:
    async with asyncio.timeout(5):
        return [line async for line in lines]


def source_of(text: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, text)
    os.close(writing)
    return reading


async def test_a_pipe_is_read_to_its_end(output: tuple[int, int]) -> None:
    lines = await collect(Pipe(source_of("/latest\n/search дрон\nlast".encode()), output[1]).lines())
    assert [line.strip() for line in lines] == ["/latest", "/search дрон", "last"]


async def test_a_file_is_read_to_its_end(output: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "questions"
    file.write_bytes(b"/latest\n\xff\xfe\n")
    with file.open("rb") as stream:
        lines = await collect(Pipe(stream.fileno(), output[1]).lines())
    assert [line.strip() for line in lines] == ["/latest", "\ufffd\ufffd"]


async def test_an_endless_line_comes_in_pieces(output: tuple[int, int]) -> None:
    lines = await collect(Pipe(source_of(b"x" * (LONGEST_LINE + 5)), output[1]).lines())
    assert [len(line) for line in lines] == [LONGEST_LINE, 5]


async def test_a_flood_of_lines_waits_until_it_is_asked_for(output: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "flood"
    file.write_bytes(b"/latest\n" * 5000)
    with file.open("rb") as stream:
        lines = Pipe(stream.fileno(), output[1]).lines()
        assert (await anext(lines)).strip() == "/latest"
        assert len(await collect(lines)) == 4999


@pytest.mark.parametrize("nothing", ["/dev/null", None])
async def test_without_input_it_says_so_and_goes_on_until_it_is_stopped(
    output: tuple[int, int], nothing: str | None
) -> None:
    stdin = None if nothing is None else os.open(nothing, os.O_RDONLY)
    pipe = Pipe(stdin, output[1])
    running = asyncio.create_task(collect(pipe.lines()))
    async with asyncio.timeout(5):
        said = await read_some(output[0])
        await pipe.show(HELLO)
        alert = await read_some(output[0])
    assert said == b"No input: alerts appear here until the bot is stopped.\n\n"
    assert alert == b"hello\n\n"
    assert not running.done()
    running.cancel()
    if stdin is not None:
        os.close(stdin)


async def test_a_reader_that_goes_away_ends_the_lines(output: tuple[int, int]) -> None:
    reading, writing = os.pipe()
    pipe = Pipe(reading, output[1])
    running = asyncio.create_task(collect(pipe.lines()))
    os.close(output[0])
    with pytest.raises(BrokenPipeError):
        await pipe.show(HELLO)
    assert await running == []
    os.close(writing)
    os.close(reading)


async def test_a_reader_that_has_stopped_reading_does_not_hold_up_the_loop(output: tuple[int, int]) -> None:
    pipe = Pipe(None, output[1])
    big = Message((Block((Run("x" * 1_000_000),)),))
    sending = asyncio.create_task(pipe.show(big))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not sending.done()
    received = 0
    async with asyncio.timeout(5):
        while received < 1_000_000:
            received += len(await read_some(output[0]))
        await sending
