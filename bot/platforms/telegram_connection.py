"""Whether Telegram answers, and how long to leave it alone when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import random

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.clock import Clock
from bot.platforms.telegram_errors import wait_of

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[object]]

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)


class Connection:
    """The connection with Telegram: away at first, and again from each failure on until it is `restored`."""

    def __init__(self, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._failures = 0
        self._away_since: datetime | None = clock.now()

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self._away_since is None:
            return "connected"
        return f"waiting for Telegram since {self._away_since:%H:%M} UTC"

    def restored(self) -> None:
        """Telegram answers."""
        self._failures, self._away_since = 0, None

    async def insist(self, ask: Callable[[], Awaitable[None]]) -> None:
        """Do what Telegram must be there for, again and again after a wait until it succeeds."""
        while True:
            try:
                return await ask()
            except TelegramError as error:
                await self._wait_out(error)

    async def _wait_out(self, error: TelegramError) -> None:
        self._failures += 1
        self._away_since = self._away_since or self._clock.now()
        wait = wait_of(error) if isinstance(error, RetryAfter) else backoff(self._failures)
        # PTB puts the token into the message of InvalidToken.
        problem = "the token is refused" if isinstance(error, InvalidToken) else error.message
        hint = "another program runs with the same token" if isinstance(error, Conflict) else None
        log.warning("waiting for Telegram", problem=problem, hint=hint, seconds=round(wait.total_seconds(), 1))
        await self._sleep(wait.total_seconds())


def backoff(failures: int) -> timedelta:
    """1 s, doubled with each failure up to a minute, and up to a quarter less, so that no two bots keep step."""
    return min(FIRST_WAIT * (1 << min(failures - 1, 10)), LONGEST_WAIT) * (1 - random() / 4)
