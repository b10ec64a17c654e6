"""Whether a platform answers, and how long to leave it alone when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import random

import structlog

from bot.clock import Clock, backoff

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[object]]

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)


class Connection:
    """The connection with one platform: away at first, and again from each loss on until it is `restored`."""

    def __init__(self, platform: str, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._platform = platform
        self._clock = clock
        self._sleep = sleep
        self._failures = 0
        self._away_since: datetime | None = clock.now()

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self._away_since is None:
            return "connected"
        return f"waiting for {self._platform} since {self._away_since:%H:%M} UTC"

    def restored(self) -> None:
        """It answers."""
        self._failures, self._away_since = 0, None

    def lost(self) -> None:
        """It does not answer any more."""
        self._away_since = self._away_since or self._clock.now()

    async def wait_out(self, problem: str, *, wait: timedelta | None = None, hint: str | None = None) -> None:
        """Wait before another try: as long as the platform asked (`wait`), or longer after each failure."""
        self.lost()
        self._failures += 1
        seconds = (wait or wait_after(self._failures)).total_seconds()
        log.warning(f"waiting for {self._platform}", problem=problem, hint=hint, seconds=round(seconds, 1))
        await self._sleep(seconds)


def wait_after(failures: int) -> timedelta:
    """How long a platform is left alone: 1 s, doubled up to a minute, and up to a quarter less."""
    return backoff(failures, FIRST_WAIT, LONGEST_WAIT, less=random() / 4)
