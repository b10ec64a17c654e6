"""Every platform keeps the promises of contract.py. A new platform is one more branch of `seat`."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.platforms.contract import PROMISES_OF_TALK, PROMISES_OF_WORDS, Clerk, Seat
from tests.platforms.seats import PipeSeat, terminal_seat

PLATFORMS = ("console pipe", "console terminal")


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture(params=PLATFORMS)
async def seat(request: pytest.FixtureRequest, clerk: Clerk) -> AsyncIterator[Seat]:
    match request.param:
        case "console pipe":
            piped = PipeSeat(clerk)
            yield piped
            piped.close()
        case "console terminal":
            with terminal_seat(clerk) as sitting:
                yield sitting


@pytest.mark.parametrize("promise", PROMISES_OF_WORDS, ids=lambda promise: promise.__name__)
async def test_words(promise: Callable[[Seat], Awaitable[None]], seat: Seat) -> None:
    await promise(seat)


@pytest.mark.parametrize("promise", PROMISES_OF_TALK, ids=lambda promise: promise.__name__)
async def test_talk(promise: Callable[[Seat, Clerk], Awaitable[None]], seat: Seat, clerk: Clerk) -> None:
    await promise(seat, clerk)
