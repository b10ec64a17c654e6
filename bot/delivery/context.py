"""What alerts are made of: read for all that are to be composed at one moment, with one set of queries."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cachetools import LRUCache
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import BroadcastId, Delivery, DeliveryId, Following, SentAlert, StoryId, Subscriber, Urgency
from bot.core.stories.corroboration import coverage_of
from bot.delivery.snapshot import StorySnapshot
from bot.storage import alert_messages, broadcasts, mutes, news, subscribers
from bot.storage.database import Database
from bot.storage.mutes import Mute

# Asking for one alert takes several milliseconds of a processor, and for fifty hardly more.
MOST_AT_ONCE = 50
# Stories are kept read: one may go to very many chats.
STORIES_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeContext:
    """What one delivery is made of; None or empty where there is no such thing, or no longer."""

    story: StorySnapshot | None
    sent: Sequence[SentAlert]
    announced: str | None
    subscriber: Subscriber | None
    followed: Sequence[Following]
    muted: Sequence[Mute]


@dataclass(eq=False, slots=True)
class _Batch:
    """Deliveries that are read for together."""

    deliveries: list[Delivery] = field(default_factory=list)
    contexts: Mapping[DeliveryId, ComposeContext] | None = None


class ContextLoader:
    """Reads contexts; for each urgency one batch at a time, since the database has few readers, and people ask it too.
    Whoever asks while a batch is read is in the next.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = {urgency: asyncio.Lock() for urgency in Urgency}
        self._open = {urgency: _Batch() for urgency in Urgency}
        self._stories: LRUCache[StoryId, tuple[datetime, StorySnapshot]] = LRUCache(STORIES_KEPT)

    async def load(self, delivery: Delivery, now: datetime) -> ComposeContext:
        """What a delivery is made of at present."""
        batch = self._joined(delivery)
        await asyncio.sleep(0)  # others begin at the same moment
        async with self._turns[delivery.urgency]:
            if batch.contexts is None:
                if self._open[delivery.urgency] is batch:
                    self._open[delivery.urgency] = _Batch()
                batch.contexts = await self._read_together(batch.deliveries, now)
        return batch.contexts.get(delivery.id) or (await self._read([delivery], now))[delivery.id]

    def _joined(self, delivery: Delivery) -> _Batch:
        batch = self._open[delivery.urgency]
        if len(batch.deliveries) >= MOST_AT_ONCE:
            batch = self._open[delivery.urgency] = _Batch()
        batch.deliveries.append(delivery)
        return batch

    async def _read_together(
        self, deliveries: Sequence[Delivery], now: datetime
    ) -> Mapping[DeliveryId, ComposeContext]:
        try:
            return await self._read(deliveries, now)
        except Exception:  # noqa: BLE001  each is read alone then, and the one that it broke over fails alone
            return {}

    async def _read(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[DeliveryId, ComposeContext]:
        chats = list({delivery.subscriber for delivery in deliveries})
        async with self._database.read() as tx:
            stories = await self._stories_of(tx, list({each.story for each in deliveries if each.story is not None}))
            sent = await alert_messages.of_all(tx, [each.id for each in deliveries if each.story is not None])
            announced = await _announced(tx, {each.broadcast for each in deliveries if each.broadcast is not None})
            known = await subscribers.get_all(tx, chats)
            followed = await subscribers.followings_of_all(tx, chats)
            muted = await mutes.of_all(tx, chats, now)
        return {
            each.id: ComposeContext(
                story=None if each.story is None else stories.get(each.story),
                sent=sent.get(each.id, ()),
                announced=None if each.broadcast is None else announced[each.broadcast],
                subscriber=known.get(each.subscriber),
                followed=followed[each.subscriber],
                muted=muted[each.subscriber],
            )
            for each in deliveries
        }

    async def _stories_of(self, tx: AsyncConnection, ids: Sequence[StoryId]) -> Mapping[StoryId, StorySnapshot]:
        """The stories that there are, read anew only where something has been added."""
        if not ids:
            return {}
        updated = await news.updated(tx, ids)
        kept = {id_: self._stories[id_] for id_ in updated if id_ in self._stories}
        changed = [id_ for id_, at in updated.items() if id_ not in kept or kept[id_][0] != at]
        if changed:
            stored, former = await news.stored_stories(tx, changed), await news.former_titles_of(tx, changed)
            for id_, story in stored.items():
                snapshot = StorySnapshot(stored=story, former_titles=former[id_], coverage=coverage_of(story.story))
                kept[id_] = updated[id_], snapshot
        self._stories.update(kept)
        return {id_: snapshot for id_, (_, snapshot) in kept.items()}


async def _announced(tx: AsyncConnection, ids: set[BroadcastId]) -> Mapping[BroadcastId, str | None]:
    return {id_: await broadcasts.text_of(tx, id_) for id_ in ids}
