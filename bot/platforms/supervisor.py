"""The platforms side by side: whatever befalls one is no concern of the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock, SystemClock, backoff
from bot.errors import ConfigError
from bot.platforms.base import Platform

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[object]]

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
# What ran as long as this before it failed has not failed in a row.
RAN_WELL = timedelta(minutes=10)


async def serve(platform: Platform, *, clock: Clock | None = None, sleep: Sleep = asyncio.sleep) -> ConfigError | None:
    """Run a platform until it asks the program to stop (None) or cannot go on as it is set up (the error).

    After any other failure it is run again: 1 s later, doubled with each failure in a row up to five minutes.
    """
    clock = clock or SystemClock()
    failures = 0
    while True:
        started = clock.now()
        try:
            await platform.run()
        except ConfigError as error:
            log.error("a platform is not served any more", platform=platform.name, problem=str(error))  # noqa: TRY400
            return error
        except Exception:
            failures = 1 if clock.now() - started >= RAN_WELL else failures + 1
            wait = backoff(failures, FIRST_WAIT, LONGEST_WAIT)
            log.exception(
                "a platform failed; it is started again", platform=platform.name, seconds=wait.total_seconds()
            )
        else:
            return None
        await sleep(wait.total_seconds())


async def stop_asked(serving: Sequence[asyncio.Task[ConfigError | None]]) -> ConfigError | None:
    """Wait until a platform asks the program to stop, or every one is down: then the errors of all, as one."""
    left, errors = set(serving), list[ConfigError]()
    while left:
        ended, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        for error in (task.result() for task in ended):
            if error is None:
                return None
            errors.append(error)
    return ConfigError(*(fault for error in errors for fault in error.faults))
