"""Whose question is worked on, where an answer takes seconds: one at a time for each person, a few for all.

What costs milliseconds asks for no turn and waits for nobody.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from bot.core.message.blocks import say, text_of
from bot.errors import UsageError
from bot.storage.database import SEARCHERS

# Sixteen people who search 60,000 reports at one moment: the last is answered after about a minute.
PATIENCE = 180.0


class Turns:
    """Hands out the turns."""

    def __init__(self, few: int = SEARCHERS, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = asyncio.Semaphore(few)
        self._people: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.thread = asyncio.Lock()
        """Held while a thread computes: two at once are no faster, and keep the loop waiting twice as long."""

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait until it is this person's turn. Raises UsageError when that takes too long."""
        own = self._people.setdefault(who, asyncio.Lock())
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._patience):
                    await held.enter_async_context(own)
                    await held.enter_async_context(self._free)
            except TimeoutError:
                raise UsageError(text_of(say("Too many searches are waiting. Please ask again in a minute."))) from None
            yield
