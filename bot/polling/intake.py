"""The intake: items of one fetch become part of stories, and what that changes is stored.

One fetch at a time is taken in, for each is grouped by what those before it have brought.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.intake.planning import Planner, UpdatePlan, ids_are_kept, shown_again
from bot.core.model import Item, ItemId, StoryId
from bot.core.rules.index import RuleIndex
from bot.core.stories.grouping import Draft, Grouper
from bot.core.stories.levels import LevelRules
from bot.storage import news, updates
from bot.storage.database import Database
from bot.storage.updates import Applied

Also = Callable[[AsyncConnection, UpdatePlan], Awaitable[None]]
"""What else is written in the transaction of a plan."""

# Items that are fetched at once, and that a thread reads in one go: some 10 ms, a fifth of what a search has in a turn.
SLICE, TURN = 100, 25
# Stories stay in memory for days. After so many slices the collector is told, or it would walk all of them again and
# again while they are read, a tenth of a second each time.
SETTLED = 5


async def nothing_else(_tx: AsyncConnection, _plan: UpdatePlan) -> None:
    """Write the plan alone."""


class Intake:
    """Takes items in; the first time it reads the stories that still run, as after any restart.

    `thread` is held while a thread computes, here and elsewhere.
    """

    def __init__(
        self,
        *,
        database: Database,
        index: RuleIndex,
        grouper: Grouper,
        levels: LevelRules,
        thread: asyncio.Lock | None = None,
    ) -> None:
        self._database = database
        self._index = index
        self._levels = levels
        self._grouper = grouper
        self._thread = thread or asyncio.Lock()
        self._turn = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._unread: list[ItemId] | None = None
        self._no_stories = Grouper(grouper.lexicon)

    @property
    def _is_loaded(self) -> bool:
        return self._unread == []

    async def load(self, now: datetime) -> None:
        """Read the stories that still run, unless that is done: a slice at a time, so that nobody else waits for long.

        After a fault it goes on where it stopped.
        """
        async with self._loading:
            if self._unread is None:
                async with self._database.search() as tx:
                    self._unread = await news.running_items(tx, now)
            slices = 0
            while batch := self._unread[:SLICE]:
                async with self._database.search() as tx:
                    rows = await news.item_rows(tx, batch)
                for at in range(0, len(rows), TURN):
                    async with self._thread:
                        await asyncio.to_thread(self._remember, rows[at : at + TURN])
                del self._unread[:SLICE]
                slices += 1
                if slices % SETTLED == 0:
                    gc.freeze()

    def _remember(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            self._grouper.add(news.item_of(row), StoryId(row.story_id))

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
        What brings nothing new, as most polls after a restart, does not wait for the stories to be read.
        """
        take = partial(self._take, items, now, alerting=alerting, empty_at=empty_at, keeps_ids=keeps_ids, also=also)
        async with self._turn:
            if self._is_loaded or not await self._bring_news(items, now, keeps_ids=keeps_ids):
                return await take()
        await self.load(now)
        async with self._turn:
            return await take()

    async def _bring_news(self, items: Sequence[Item], now: datetime, *, keeps_ids: bool) -> bool:
        """Whether one of the items needs a story."""
        draft = self._no_stories.draft()
        planner = await self._planner(items, now, draft, keeps_ids=keeps_ids)
        for item in items:
            planner.place(item)
            if draft.assigned:
                return True
        return False

    async def _planner(self, items: Sequence[Item], now: datetime, draft: Draft, *, keeps_ids: bool) -> Planner:
        async with self._database.read() as tx:
            known = await news.known_items(tx, [key for item in items for key in item.keys])
            reprinted = await news.reprinted(tx, items, now)
        return Planner(
            known=known,
            reprinted=reprinted,
            draft=draft,
            shown=shown_again(items, known),
            keeps_ids=ids_are_kept(items, known, keeps_ids),
        )

    async def _take(
        self,
        items: Sequence[Item],
        now: datetime,
        *,
        alerting: bool,
        empty_at: datetime | None,
        keeps_ids: bool,
        also: Also,
    ) -> Applied:
        draft = self._grouper.draft()
        planner = await self._planner(items, now, draft, keeps_ids=keeps_ids)
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
