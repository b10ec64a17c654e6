"""Discord keeps the promises of every platform."""

from collections.abc import AsyncIterator

import pytest

from tests.platforms.contract import Clerk, Contract
from tests.platforms.discord.line import connected
from tests.platforms.discord.seat import DiscordSeat
from tests.platforms.discord.server import DiscordServer


class TestDiscord(Contract):
    @pytest.fixture
    async def seat(self, clerk: Clerk) -> AsyncIterator[DiscordSeat]:
        async with DiscordServer() as server:
            yield DiscordSeat(connected(server, clerk.answer), server.person())
