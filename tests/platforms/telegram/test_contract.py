"""Telegram keeps the promises of every platform."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.contract import Clerk, Contract
from tests.platforms.telegram.line import connected
from tests.platforms.telegram.seat import TelegramSeat
from tests.platforms.telegram.server import TelegramServer


class TestTelegram(Contract):
    @pytest.fixture
    async def seat(self, clerk: Clerk) -> AsyncIterator[TelegramSeat]:
        async with TelegramServer() as server, connected(server, clerk.answer) as line:
            yield TelegramSeat(server, line.telegram)
