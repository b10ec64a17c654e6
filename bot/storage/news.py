"""Items and their stories, and the fan-out of a story to everybody whose rule it satisfies."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, and_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import (
    Item,
    ItemId,
    Level,
    PublisherKind,
    Relevance,
    RuleId,
    Side,
    SourceId,
    Story,
    StoryId,
)
from bot.core.stories import REPRINT_WINDOW, reprint_keys
from bot.core.text import words_of
from bot.core.update import KnownItem, StoryPlan, UpdatePlan, most_relevant
from bot.storage.schema import (
    deliveries,
    fanouts,
    followings,
    item_keys,
    items,
    matches,
    rules,
    stories,
    subscribers,
)
from bot.storage.schema import (
    reprint_keys as reprints,
)

T = TypeVar("T")

# SQLite takes at most 32,766 variables a statement (SQLITE_MAX_VARIABLE_NUMBER).
BATCH = 5000

# How many subscribers one fan-out transaction serves: 20,000 rows take about 0.1 s, so that nobody waits over 0.2 s.
FANOUT_CHUNK = 20_000

# A key that its source still shows is marked as seen at most this often: no poll should write what nothing has changed.
SEEN_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item with its row's id and its story's."""

    id: ItemId
    story: StoryId
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a plan came to: how many items were new, how many of them core, and how many alerts are owed so far."""

    new: int
    relevant: int
    owed: int


async def known_items(tx: AsyncConnection, keys: Sequence[bytes]) -> dict[bytes, KnownItem]:
    """The items that these identity keys lead to."""
    found: dict[bytes, KnownItem] = {}
    columns = (item_keys.c.key, item_keys.c.item_id, items.c.story_id, items.c.title, items.c.summary, items.c.url)
    for batch in _batches(keys):
        joined = item_keys.outerjoin(items, items.c.id == item_keys.c.item_id)
        rows = await tx.execute(select(*columns).select_from(joined).where(item_keys.c.key.in_(batch)))
        for key, id_, story, title, summary, url in rows:
            found[key] = KnownItem(id=id_, story=story, title=title, summary=summary, url=url)
    return found


async def recent_stories(
    tx: AsyncConnection, new: Iterable[Item], now: datetime
) -> dict[bytes, tuple[StoryId, datetime]]:
    """The stories of the last 72 hours that these items could be reprints of (see core.stories.assign)."""
    found: dict[bytes, tuple[StoryId, datetime]] = {}
    for batch in _batches([key for item in new for key in reprint_keys(item)]):
        rows = await tx.execute(
            select(reprints.c.key, reprints.c.story_id, reprints.c.seen).where(
                reprints.c.key.in_(batch), reprints.c.seen >= now - REPRINT_WINDOW
            )
        )
        found.update({key: (story, seen) for key, story, seen in rows})
    return found


async def apply(tx: AsyncConnection, plan: UpdatePlan, now: datetime) -> Applied:
    """Write the plan: items, stories, matches and the first of their deliveries. Law 2: all in the caller's `tx`."""
    await _mark_seen(tx, plan.seen, now)
    owed = 0
    for story in plan.stories:
        id_ = await _write_story(tx, story, now)
        await _write_items(tx, id_, story.items, now)
        for change in story.changes:
            await _rewrite_item(tx, change.id, change.item)
        owed += await _write_matches(tx, id_, story.matches, now)
    new = [item for story in plan.stories for item in story.items]
    relevant = sum(item.relevance is Relevance.CORE for item in new)
    return Applied(new=len(new), relevant=relevant, owed=owed)


async def _mark_seen(tx: AsyncConnection, seen: Sequence[tuple[bytes, ItemId]], now: datetime) -> None:
    for batch in _batches(seen):
        statement = insert(item_keys).values([{"key": key, "item_id": id_, "seen": now} for key, id_ in batch])
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[item_keys.c.key],
                set_={"seen": statement.excluded.seen},
                where=item_keys.c.seen < now - SEEN_EVERY,
            )
        )


async def _write_story(tx: AsyncConnection, plan: StoryPlan, now: datetime) -> StoryId:
    written = [*plan.items, *(change.item for change in plan.changes)]
    if plan.story is None:
        values = {
            "relevance": most_relevant(item.relevance for item in written),
            "topics": _union([], written),
            "level": Level.NORMAL,
            "revision": 1,
            "created": now,
            "updated": now,
        }
        row = (await tx.execute(insert(stories).values(values).returning(stories.c.id))).one()
        return StoryId(row.id)
    row = (await tx.execute(select(stories).where(stories.c.id == plan.story))).one()
    await tx.execute(
        update(stories)
        .where(stories.c.id == plan.story)
        .values(
            relevance=most_relevant([Relevance(row.relevance), *(item.relevance for item in written)]),
            topics=_union(row.topics, written),
            revision=stories.c.revision + 1,
            updated=now,
        )
    )
    return plan.story


def _union(topics: Sequence[str], written: Iterable[Item]) -> list[str]:
    return list(dict.fromkeys([*topics, *(topic for item in written for topic in item.topics)]))


async def _write_items(tx: AsyncConnection, story: StoryId, new: Sequence[Item], now: datetime) -> None:
    if not new:
        return
    # The id of each row in the order of the parameters: SQLAlchemy guarantees it only when asked.
    returned = insert(items).returning(items.c.id, sort_by_parameter_order=True)
    ids = (await tx.scalars(returned, [_columns(item) | {"story_id": story} for item in new])).all()
    keys = [{"key": key, "item_id": id_, "seen": now} for id_, item in zip(ids, new, strict=True) for key in item.keys]
    for batch in _batches(keys):
        statement = insert(item_keys).values(batch)
        # A key that led to another item has been given to this one by its source.
        taken = {"item_id": statement.excluded.item_id, "seen": statement.excluded.seen}
        await tx.execute(statement.on_conflict_do_update(index_elements=[item_keys.c.key], set_=taken))
    for item in new:
        for key in reprint_keys(item):
            values = {"key": key, "story_id": story, "seen": item.published}
            statement = insert(reprints).values(values)
            await tx.execute(
                statement.on_conflict_do_update(
                    index_elements=[reprints.c.key],
                    set_={"story_id": story, "seen": func.max(reprints.c.seen, item.published)},
                )
            )


def _columns(item: Item) -> dict[str, Any]:
    return {
        "source_id": item.source,
        "source_name": item.source_name,
        "publisher": item.publisher,
        "publisher_kind": item.publisher_kind,
        "side": item.side,
        "lang": item.lang,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "published": item.published,
        "first_seen": item.first_seen,
        "relevance": item.relevance,
        "topics": list(item.topics),
    }


async def _rewrite_item(tx: AsyncConnection, id_: ItemId, item: Item) -> None:
    """The new wording; when it was published and first seen stay as they were."""
    columns = _columns(item)
    kept = {"published", "first_seen"}
    await tx.execute(
        update(items).where(items.c.id == id_).values({name: columns[name] for name in columns if name not in kept})
    )


async def _write_matches(tx: AsyncConnection, story: StoryId, rule_ids: Sequence[RuleId], now: datetime) -> int:
    if not rule_ids:
        return 0
    for batch in _batches([{"story_id": story, "rule_id": rule} for rule in rule_ids]):
        await tx.execute(insert(matches).values(batch).on_conflict_do_nothing())
    # More rules for a story that was already told: begin again; who has the alert keeps it, by the UNIQUE constraint.
    statement = insert(fanouts).values(story_id=story, after=0)
    await tx.execute(statement.on_conflict_do_update(index_elements=[fanouts.c.story_id], set_={"after": 0}))
    return await fan_out(tx, story, now)


async def fan_out(tx: AsyncConnection, story: StoryId, now: datetime, chunk: int = FANOUT_CHUNK) -> int:
    """Queue the story's alert for the next `chunk` subscribers; returns how many were queued.

    The row in `fanouts` goes when nobody is left, so a story for more chats than that is finished by later
    transactions, whatever happens in between. Paused chats are passed over; what is only related to our subject goes to
    rules that name a relevance and to chats that asked for the wider circle.
    """
    after = await tx.scalar(select(fanouts.c.after).where(fanouts.c.story_id == story))
    if after is None:
        return 0
    wide_enough = or_(
        stories.c.relevance == Relevance.CORE,
        rules.c.names_relevance,
        and_(stories.c.relevance == Relevance.RELATED, subscribers.c.relevance == Relevance.RELATED),
    )
    told = (
        select(followings.c.subscriber_id, func.min(followings.c.rule_id).label("rule_id"))
        .select_from(matches.join(followings, followings.c.rule_id == matches.c.rule_id))
        .join(rules, rules.c.id == followings.c.rule_id)
        .join(subscribers, subscribers.c.id == followings.c.subscriber_id)
        .join(stories, stories.c.id == matches.c.story_id)
        .where(matches.c.story_id == story, followings.c.subscriber_id > after, wide_enough)
        .where(or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= now))
        .group_by(followings.c.subscriber_id)
        .order_by(followings.c.subscriber_id)
        .limit(chunk)
        .subquery()
    )
    count, last = (await tx.execute(select(func.count(), func.max(told.c.subscriber_id)).select_from(told))).one()
    values = (told.c.subscriber_id, literal(story), told.c.rule_id, literal("queued"), literal(0), _at(now), _at(now))
    names = ["subscriber_id", "story_id", "rule_id", "state", "attempts", "due", "created"]
    # WHERE TRUE: without it SQLite takes ON CONFLICT for a join's ON (https://www.sqlite.org/lang_upsert.html, 2.2).
    queued = insert(deliveries).from_select(names, select(*values).where(literal(True)))
    result = await tx.execute(queued.on_conflict_do_nothing())
    if count < chunk:
        await tx.execute(delete(fanouts).where(fanouts.c.story_id == story))
    else:
        await tx.execute(update(fanouts).where(fanouts.c.story_id == story).values(after=last))
    return int(result.rowcount)


def _at(now: datetime) -> Any:
    return literal(now, deliveries.c.due.type)


async def open_fanouts(tx: AsyncConnection) -> list[StoryId]:
    """Stories whose alerts are not yet all queued, oldest first."""
    return [StoryId(id_) for id_ in await tx.scalars(select(fanouts.c.story_id).order_by(fanouts.c.story_id))]


async def story(tx: AsyncConnection, id_: StoryId) -> Story | None:
    """A story with its items, oldest first; None once it has been deleted."""
    row = (await tx.execute(select(stories).where(stories.c.id == id_))).one_or_none()
    rows = await tx.execute(select(items).where(items.c.story_id == id_).order_by(items.c.published, items.c.id))
    told = tuple(_item_of(item) for item in rows)
    if row is None or not told:
        return None
    return Story(
        id=id_,
        items=told,
        relevance=Relevance(row.relevance),
        topics=tuple(row.topics),
        level=Level(row.level),
        revision=row.revision,
    )


async def items_since(
    tx: AsyncConnection,
    since: datetime,
    relevances: Sequence[Relevance],
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[StoredItem]:
    """Items published at or after `since` with one of these relevances, newest first."""
    statement = (
        select(items)
        .where(items.c.relevance.in_(relevances), items.c.published >= since)
        .order_by(items.c.published.desc(), items.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = (await tx.execute(statement)).all()
    # Thousands of items to tokenize: not on the loop.
    return await asyncio.to_thread(_stored_items, rows)


def _stored_items(rows: Sequence[Row[Any]]) -> list[StoredItem]:
    return [StoredItem(id=ItemId(row.id), story=StoryId(row.story_id), item=_item_of(row)) for row in rows]


async def counts_since(tx: AsyncConnection, since: datetime) -> Mapping[Relevance, int]:
    """How many items were first seen at or after `since`, by relevance."""
    statement = select(items.c.relevance, func.count()).where(items.c.first_seen >= since).group_by(items.c.relevance)
    found = {Relevance(relevance): count for relevance, count in await tx.execute(statement)}
    return {relevance: found.get(relevance, 0) for relevance in Relevance}


async def delete_older(tx: AsyncConnection, before: datetime) -> int:
    """Delete stories that nothing has been added to since `before`, with their items and deliveries; how many."""
    await tx.execute(delete(item_keys).where(item_keys.c.seen < before))
    await tx.execute(delete(reprints).where(reprints.c.seen < before))
    result = await tx.execute(delete(stories).where(stories.c.updated < before))
    return int(result.rowcount)


def _item_of(row: Row[Any]) -> Item:
    return Item(
        keys=(),
        source=SourceId(row.source_id),
        source_name=row.source_name,
        publisher=row.publisher,
        publisher_kind=PublisherKind(row.publisher_kind),
        side=Side(row.side),
        lang=row.lang,
        url=row.url,
        title=row.title,
        summary=row.summary,
        published=row.published,
        first_seen=row.first_seen,
        words=words_of(row.title, row.summary),
        relevance=Relevance(row.relevance),
        topics=tuple(row.topics),
    )


def _batches(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
