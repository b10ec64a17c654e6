"""What takes long to work out, once for all who ask for the same at about the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

LIFE = timedelta(minutes=1)

T = TypeVar("T")


class Shared(Generic[T]):
    """Results by key, for `life`; whoever asks while one is being worked out waits for that one.

    The work goes on when somebody stops waiting for it, and ends with the loop.
    """

    def __init__(self, life: timedelta = LIFE) -> None:
        self._life = life
        self._works: dict[Hashable, tuple[datetime, asyncio.Task[T]]] = {}

    async def get(
        self, key: Hashable, now: datetime, work: Callable[[], Coroutine[Any, Any, T]], *, is_kept: Callable[[T], bool]
    ) -> T:
        """The result for a key: one that is there or under way, else a new one. Raises what `work` does.

        A result that is not `is_kept` serves only those who wait for it already.
        """

        def drop_unless_kept(done: asyncio.Task[T]) -> None:
            failed = done.cancelled() or done.exception() is not None
            if (failed or not is_kept(done.result())) and key in self._works and self._works[key][1] is done:
                del self._works[key]

        for other, (begun, task) in tuple(self._works.items()):
            # A clock that was put back must keep nothing alive.
            if task.done() and not timedelta(0) <= now - begun < self._life:
                del self._works[other]
        if key not in self._works:
            task = asyncio.create_task(work())
            task.add_done_callback(drop_unless_kept)
            self._works[key] = now, task
        return await asyncio.shield(self._works[key][1])
