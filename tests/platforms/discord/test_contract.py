"""Discord keeps the promises of every platform."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.platforms.contract import PROMISES_OF_TALK, PROMISES_OF_WORDS, Clerk, Seat
from tests.platforms.discord.line import connected
from tests.platforms.discord.seat import DiscordSeat
from tests.platforms.discord.server import DiscordServer


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
async def seat(clerk: Clerk) -> AsyncIterator[DiscordSeat]:
    async with DiscordServer() as server:
        yield DiscordSeat(connected(server, clerk.answer), server.person())


@pytest.mark.parametrize("promise", PROMISES_OF_WORDS, ids=lambda promise: promise.__name__)
async def test_words(promise: Callable[[Seat], Awaitable[None]], seat: DiscordSeat) -> None:
    await promise(seat)


@pytest.mark.parametrize("promise", PROMISES_OF_TALK, ids=lambda promise: promise.__name__)
async def test_talk(promise: Callable[[Seat, Clerk], Awaitable[None]], seat: DiscordSeat, clerk: Clerk) -> None:
    await promise(seat, clerk)
