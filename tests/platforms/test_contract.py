"""The console keeps the promises of contract.py, in a pipe and on a terminal."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.platforms.contract import Clerk, Contract
from tests.platforms.seats import PipeSeat, TerminalSeat, terminal_seat


class TestPipe(Contract):
    @pytest.fixture
    def seat(self, clerk: Clerk) -> Iterator[PipeSeat]:
        piped = PipeSeat(clerk)
        yield piped
        piped.close()


class TestTerminal(Contract):
    @pytest.fixture
    async def seat(self, clerk: Clerk) -> AsyncIterator[TerminalSeat]:
        with terminal_seat(clerk) as sitting:
            yield sitting
