"""Group commit: changes of many tasks in one transaction, as many as have come while the last was being written."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.outages import log_prevented

log = structlog.get_logger()

T = TypeVar("T")
Change = Callable[[AsyncConnection], Awaitable[T]]
Sleep = Callable[[float], Awaitable[None]]

FAULT_PAUSE = timedelta(seconds=5)


@dataclass(eq=False, slots=True)
class _Waiting:
    """A change that waits to be written."""

    change: Change[Any]
    is_done: bool = False
    result: Any = None
    error: Exception | None = None


class GroupCommit:
    """Writes changes in the order in which they come; each task waits until its own is on the disk.

    While the database fails for a while (a full disk, a lock held by another program: no change is to blame) they are
    tried again and again. A change that breaks by itself is raised to whoever wanted it, and the others are written
    without it.
    """

    def __init__(self, database: Database, *, sleep: Sleep = asyncio.sleep) -> None:
        self._database = database
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    @property
    def unwritten(self) -> int:
        """How many changes wait."""
        return len(self._waiting)

    async def write(self, change: Change[T]) -> T:
        """Make a change, and return what it returns once it is committed. It may be called more than once."""
        waiting = _Waiting(change)
        self._waiting.append(waiting)
        try:
            async with self._lock:
                # Whoever waited for the lock before may have written this one as well.
                while not waiting.is_done:
                    await self._write_all()
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        if waiting.error is not None:
            raise waiting.error
        result: T = waiting.result
        return result

    async def catch_up(self, most: int) -> None:
        """Wait until fewer than so many changes are unwritten."""
        while len(self._waiting) >= most:
            async with self._lock:
                if len(self._waiting) >= most:
                    await self._write_all()

    async def _write_all(self) -> None:
        group = tuple(self._waiting)
        try:
            results = await self._committed(group)
        except StorageError as error:
            log_prevented("the outbox cannot be written; trying again", error, changes=len(group))
            await self._sleep(FAULT_PAUSE.total_seconds())
            return
        except Exception:  # noqa: BLE001  found again below, by the change that it belongs to
            await self._write_each(group)
            return
        for waiting, result in zip(group, results, strict=True):
            self._finish(waiting, result)

    async def _write_each(self, group: tuple[_Waiting, ...]) -> None:
        """One of them breaks the rest: each in a transaction of its own."""
        for waiting in group:
            try:
                self._finish(waiting, (await self._committed((waiting,)))[0])
            except StorageError:
                return
            except Exception as error:  # noqa: BLE001  raised to whoever wanted the change
                waiting.error = error
                self._finish(waiting, None)

    async def _committed(self, group: tuple[_Waiting, ...]) -> list[Any]:
        async with self._database.write() as tx:
            return [await waiting.change(tx) for waiting in group]

    def _finish(self, waiting: _Waiting, result: Any) -> None:
        waiting.result, waiting.is_done = result, True
        if waiting in self._waiting:
            self._waiting.remove(waiting)
