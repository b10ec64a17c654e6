"""What alerts are made of: read for all that are to be composed at one moment, with one set of queries."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.intake.planning import StoredStory
from bot.core.language.text import title_key
from bot.core.model import (
    BroadcastId,
    Delivery,
    DeliveryId,
    Following,
    Head,
    Item,
    ItemId,
    Story,
    StoryCoverage,
    StoryId,
    Subscriber,
    Urgency,
)
from bot.core.stories.corroboration import standing_of
from bot.core.wording.alert import Correction
from bot.storage import broadcasts, mutes, news, subscribers
from bot.storage.database import Database
from bot.storage.mutes import Mute
from bot.storage.news import FormerTitle

# Asking for one alert takes several milliseconds of a processor, and for fifty hardly more.
MOST_AT_ONCE = 50
# Stories are kept read: one may go to very many chats.
STORIES_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySnapshot:
    """A story with what its alerts need to know of it."""

    stored: StoredStory
    former_titles: Sequence[FormerTitle]
    standing: StoryCoverage

    @property
    def story(self) -> Story:
        """The story itself."""
        return self.stored.story

    def id_of(self, item: Item) -> ItemId:
        """The id of one of its items."""
        return self.stored.ids[self.story.items.index(item)]

    def item_of(self, id_: ItemId) -> Item | None:
        """The item as it is now."""
        return next((item for own, item in zip(self.stored.ids, self.story.items, strict=True) if own == id_), None)

    def corrections_of(self, heads: Iterable[Head]) -> tuple[Correction, ...]:
        """What has become of titles that a chat has read, where that is not what they said."""
        found = (self._correction_of(head) for head in heads)
        return tuple([correction for correction in found if correction is not None])

    @property
    def last_reversal(self) -> datetime | None:
        """When something was last taken back in it."""
        return max((until for _, _, until, reverses in self.former_titles if reverses), default=None)

    def reversal_of(self, heads: Iterable[Head], since: datetime) -> tuple[Head, Correction] | None:
        """The newest of these heads whose title was taken back after `since`, and what it says instead."""
        reversed_ = {id_: until for id_, _, until, reverses in self.former_titles if reverses and until > since}
        found = (
            (reversed_[head.item], head, correction)
            for head in heads
            if reversed_.get(head.item, head.at) > head.at and (correction := self._correction_of(head)) is not None
        )
        last = max(found, key=itemgetter(0), default=None)
        return None if last is None else last[1:]

    def shown(self, head: Head) -> Head:
        """The head of a message that has been corrected as far as it is to be."""
        correction = self._correction_of(head)
        return replace(head, now=None if correction is None else correction.item.title)

    def shows(self, head: Head) -> bool:
        """Whether a message has been corrected as far as it is to be."""
        return head == self.shown(head)

    def _correction_of(self, head: Head) -> Correction | None:
        item = self.item_of(head.item)
        was = next((title for id_, title, until, _ in self.former_titles if id_ == head.item and until > head.at), None)
        if item is None or was is None or title_key(was) == title_key(item.title):
            return None
        return Correction(item=item, was=was)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeContext:
    """What one delivery is made of; None or empty where there is no such thing, or no longer."""

    tale: StorySnapshot | None
    announced: str | None
    subscriber: Subscriber | None
    followed: Sequence[Following]
    muted: Sequence[Mute]


@dataclass(eq=False, slots=True)
class _Batch:
    """Deliveries that are read for together."""

    deliveries: list[Delivery] = field(default_factory=list)
    material: Mapping[DeliveryId, ComposeContext] | None = None


class ContextLoader:
    """Reads material; for each urgency one batch at a time, since the database has few readers, and people ask it too.
    Whoever asks while a batch is read is in the next.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = {urgency: asyncio.Lock() for urgency in Urgency}
        self._open = {urgency: _Batch() for urgency in Urgency}
        self._tales: OrderedDict[StoryId, tuple[datetime, StorySnapshot]] = OrderedDict()

    async def material(self, delivery: Delivery, now: datetime) -> ComposeContext:
        """What a delivery is made of at present."""
        batch = self._joined(delivery)
        await asyncio.sleep(0)  # others begin at the same moment
        async with self._turns[delivery.urgency]:
            if batch.material is None:
                if self._open[delivery.urgency] is batch:
                    self._open[delivery.urgency] = _Batch()
                batch.material = await self._read_together(batch.deliveries, now)
        return batch.material.get(delivery.id) or (await self._read([delivery], now))[delivery.id]

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
            tales = await self._tales_of(tx, list({each.story for each in deliveries if each.story is not None}))
            announced = await _announced(tx, {each.broadcast for each in deliveries if each.broadcast is not None})
            known = await subscribers.get_all(tx, chats)
            followed = await subscribers.followings_of_all(tx, chats)
            muted = await mutes.of_all(tx, chats, now)
        return {
            each.id: ComposeContext(
                tale=None if each.story is None else tales.get(each.story),
                announced=None if each.broadcast is None else announced[each.broadcast],
                subscriber=known.get(each.subscriber),
                followed=followed[each.subscriber],
                muted=muted[each.subscriber],
            )
            for each in deliveries
        }

    async def _tales_of(self, tx: AsyncConnection, ids: Sequence[StoryId]) -> Mapping[StoryId, StorySnapshot]:
        """The stories that there are, read anew only where something has been added."""
        if not ids:
            return {}
        updated = await news.updated(tx, ids)
        kept = {id_: self._tales[id_] for id_ in updated if id_ in self._tales}
        changed = [id_ for id_, at in updated.items() if id_ not in kept or kept[id_][0] != at]
        if changed:
            stored, former = await news.stored_stories(tx, changed), await news.former_titles_of(tx, changed)
            for id_, story in stored.items():
                tale = StorySnapshot(stored=story, former_titles=former[id_], standing=standing_of(story.story))
                kept[id_] = updated[id_], tale
        self._tales.update(kept)
        while len(self._tales) > STORIES_KEPT:
            self._tales.popitem(last=False)
        return {id_: tale for id_, (_, tale) in kept.items()}


async def _announced(tx: AsyncConnection, ids: set[BroadcastId]) -> Mapping[BroadcastId, str | None]:
    return {id_: await broadcasts.text_of(tx, id_) for id_ in ids}
