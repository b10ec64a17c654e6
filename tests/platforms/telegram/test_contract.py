"""Telegram keeps the promises of every platform."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.platforms.contract import PROMISES_OF_TALK, PROMISES_OF_WORDS, Clerk, Seat
from tests.platforms.telegram.line import connected
from tests.platforms.telegram.seat import TelegramSeat
from tests.platforms.telegram.server import TelegramServer


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
async def seat(clerk: Clerk) -> AsyncIterator[TelegramSeat]:
    async with TelegramServer() as server, connected(server, clerk.answer) as line:
        yield TelegramSeat(server, line.telegram)


@pytest.mark.parametrize("promise", PROMISES_OF_WORDS, ids=lambda promise: promise.__name__)
async def test_words(promise: Callable[[Seat], Awaitable[None]], seat: TelegramSeat) -> None:
    await promise(seat)


@pytest.mark.parametrize("promise", PROMISES_OF_TALK, ids=lambda promise: promise.__name__)
async def test_talk(promise: Callable[[Seat, Clerk], Awaitable[None]], seat: TelegramSeat, clerk: Clerk) -> None:
    await promise(seat, clerk)
