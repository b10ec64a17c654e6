"""The intake: items of one fetch become part of stories, and what that changes is stored.

One fetch at a time is taken in, for each is grouped by what those before it have brought.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.grouping import Grouper
from bot.core.levels import LevelRules
from bot.core.matcher import RuleIndex
from bot.core.model import Item, StoryId
from bot.core.planning import Planner, UpdatePlan, ids_are_kept
from bot.storage import news, updates
from bot.storage.database import Database
from bot.storage.updates import Applied

Also = Callable[[AsyncConnection, UpdatePlan], Awaitable[None]]
"""What else is written in the transaction of a plan."""

# Stories stay in memory for days. After so many items the collector is told, or it would walk all of them again and
# again while they are read, a tenth of a second each time.
SETTLED = 500


async def nothing_else(_tx: AsyncConnection, _plan: UpdatePlan) -> None:
    """Write the plan alone."""


class Intake:
    """Takes items in; the first time it reads the stories that still run, as after any restart."""

    def __init__(self, *, database: Database, index: RuleIndex, grouper: Grouper, levels: LevelRules) -> None:
        self._database = database
        self._index = index
        self._levels = levels
        self._grouper = grouper
        self._turn = asyncio.Lock()
        self._is_loaded = False

    async def load(self, now: datetime) -> None:
        """Read the stories that still run, unless that is done; items wait for it, nobody else does.

        In a thread it would take the interpreter's lock from whatever the loop does meanwhile, milliseconds at a time.
        """
        async with self._turn:
            if self._is_loaded:
                return
            async with self._database.read() as tx:
                rows = [row async for page in news.running_items(tx, now) for row in page]
            for place, row in enumerate(rows, 1):
                self._grouper.add(news.item_of(row), StoryId(row.story_id))
                await asyncio.sleep(0)
                if place % SETTLED == 0:
                    gc.freeze()
            self._is_loaded = True

    async def take(
        self,
        items: Sequence[Item],
        now: datetime,
        *,
        alerting: bool,
        empty_at: datetime | None = None,
        keeps_ids: bool = False,
        also: Also = nothing_else,
    ) -> Applied:
        """Decide what classified items change, and write that in one transaction.

        Without `alerting` (a source's first reading) everything is stored and nobody is told, but for what is dated
        after `empty_at`, when the source was last seen empty. `keeps_ids` is what the last plan said of the source.
        """
        await self.load(now)
        async with self._turn:
            draft = self._grouper.draft()
            async with self._database.read() as tx:
                known = await news.known_items(tx, [key for item in items for key in item.keys])
                reprinted = await news.reprinted(tx, items, now)
            keeps_ids = ids_are_kept(items, known, keeps_ids)
            planner = Planner(known=known, reprinted=reprinted, draft=draft, keeps_ids=keeps_ids)
            for item in items:
                planner.place(item)
                await asyncio.sleep(0)  # an item takes milliseconds, a first poll has hundreds
            async with self._database.read() as tx:
                stored = await news.stored_stories(tx, planner.touched)
            index, levels = self._index, self._levels
            for _ in planner.decide(stored, index=index, levels=levels, alerting=alerting, now=now, empty_at=empty_at):
                await asyncio.sleep(0)
            plan = planner.plan()
            async with self._database.write() as tx:
                applied = await updates.apply(tx, plan, now)
                await also(tx, plan)
            # Only what is stored counts: had the transaction failed, the next poll would find all of it new again.
            self._grouper.accept(draft, applied.begun)
        return applied
