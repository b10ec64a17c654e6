"""Signs of life: how late the loop runs, the state of each platform, and a file that is touched as long as it turns."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import structlog
from sqlalchemy import make_url

from bot.clock import backoff
from bot.commands.framework.services import Health, PlatformHealth
from bot.platforms.base import Platform
from bot.polling.internet import Internet
from bot.storage.database import Database

log = structlog.get_logger()

HEARTBEAT = timedelta(seconds=30)
# Before a part that has failed goes on.
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


class LoopLag:
    """Measures how long the event loop is held up: a task that wants to go on every second notes how late it may."""

    def __init__(self) -> None:
        self._late: deque[float] = deque([0.0], maxlen=60)

    @property
    def longest(self) -> timedelta:
        """The longest of the last minute."""
        return timedelta(seconds=max(self._late))

    async def measure(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 1
            await asyncio.sleep(1)
            self._late.append(loop.time() - due)


AwaySince = Callable[[str], datetime | None]
"""Since when a platform takes no alerts; None when it does."""


def health_of(
    started: datetime,
    lag: LoopLag,
    served: Sequence[Platform],
    away_since: AwaySince,
    *,
    database: Database,
    internet: Internet,
) -> Callable[[], Health]:
    """What tells the health of the program, whenever it is asked; `served` may still fill."""

    def health() -> Health:
        platforms = []
        for each in served:
            state, since = each.state, away_since(each.name)
            if since is not None:
                state = f"has taken no alerts since {since:%H:%M} UTC; they are waiting"
            platforms.append(PlatformHealth(name=each.name, state=state, refusals=each.refusals))
        return Health(
            started=started,
            lag=lag.longest,
            platforms=tuple(platforms),
            unwritable=database.writing.outage,
            offline=internet.outage,
        )

    return health


def heartbeat_file(database_url: str) -> Path | None:
    """The file to touch, beside the database's; None where that has none."""
    file = make_url(database_url).database
    return Path(f"{file}.alive") if file and file != ":memory:" else None


async def beat(file: Path | None, every: timedelta = HEARTBEAT) -> None:
    """Touch a file for as long as the loop turns; the container's health check looks at its age."""
    is_told = False
    while True:
        if file is not None:
            try:
                await asyncio.to_thread(file.touch)
                is_told = False
            except OSError as error:
                if not is_told:
                    log.warning("the heartbeat file cannot be touched", file=str(file), problem=error.strerror)
                is_told = True
        await asyncio.sleep(every.total_seconds())


async def beside(run: Callable[[], Awaitable[None]], *, name: str, pause: timedelta = FIRST_PAUSE) -> None:
    """What runs beside the loops: a fault in it ends nothing else, and it goes on after a pause, longer each time."""
    for stops in count(1):
        try:
            await run()
        except Exception:
            log.exception("a part beside the loops has stopped; it goes on later", part=name)
        await asyncio.sleep(backoff(stops, pause, LONGEST_PAUSE).total_seconds())
