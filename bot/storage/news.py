"""Items and their stories, and the fan-out of a story to everybody whose rule it satisfies."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, and_, case, delete, func, literal, or_, select, tuple_, update
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
    Urgency,
)
from bot.core.stories import reprint_keys
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

# How many followings one fan-out transaction serves: 10,000 take about 0.05 s, so that nobody waits over 0.2 s.
FANOUT_CHUNK = 10_000

# Deleting this many stories, with their deliveries, holds up other writers for well under 0.2 s.
DELETE_CHUNK = 500

# A key that its source still shows is marked as seen at most this often: no poll should write what nothing has changed.
SEEN_EVERY = timedelta(days=1)


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


async def recent_stories(tx: AsyncConnection, new: Iterable[Item]) -> dict[bytes, tuple[StoryId, datetime]]:
    """The stories that these items could be reprints of (see core.stories.assign)."""
    found: dict[bytes, tuple[StoryId, datetime]] = {}
    for batch in _batches([key for item in new for key in reprint_keys(item)]):
        statement = select(reprints.c.key, reprints.c.story_id, reprints.c.seen)
        rows = await tx.execute(statement.where(reprints.c.key.in_(batch)))
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
    relevant = sum(item.relevance is Relevance.CORE for item in plan.new_items)
    return Applied(new=len(plan.new_items), relevant=relevant, owed=owed)


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
                    set_={"story_id": story, "seen": func.max(reprints.c.seen, _at(item.published))},
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
    """Queue the story's alert for the next `chunk` followings; returns how many alerts were queued.

    The row in `fanouts` goes when nobody is left, so a story for more chats than that is finished by later
    transactions, whatever happens in between. Paused and parked chats are passed over; what is only related to our
    subject goes to rules that name a relevance and to chats that asked for the wider circle.
    """
    after = await tx.scalar(select(fanouts.c.after).where(fanouts.c.story_id == story))
    if after is None:
        return 0
    matched = followings.c.rule_id.in_(select(matches.c.rule_id).where(matches.c.story_id == story))
    upto = await tx.scalar(
        select(followings.c.subscriber_id)
        .where(matched, followings.c.subscriber_id > after)
        .order_by(followings.c.subscriber_id)
        .offset(chunk - 1)
        .limit(1)
    )
    queued = await _queue(tx, story, now, after, upto)
    if upto is None:
        await tx.execute(delete(fanouts).where(fanouts.c.story_id == story))
    else:
        await tx.execute(update(fanouts).where(fanouts.c.story_id == story).values(after=upto))
    return queued


async def _queue(tx: AsyncConnection, story: StoryId, now: datetime, after: int, upto: int | None) -> int:
    """Deliveries for the subscribers with ids in (after, upto]; of several rules of a chat one is named."""
    wide_enough = or_(
        stories.c.relevance == Relevance.CORE,
        rules.c.names_relevance,
        and_(stories.c.relevance == Relevance.RELATED, subscribers.c.relevance == Relevance.RELATED),
    )
    values = (
        followings.c.subscriber_id,
        literal(story),
        followings.c.rule_id,
        case((stories.c.level == Level.BREAKING, Urgency.BREAKING), else_=Urgency.ALERT),
        literal("queued"),
        literal(0),
        _at(now),
        _at(now),
    )
    told = (
        select(*values)
        .select_from(matches.join(followings, followings.c.rule_id == matches.c.rule_id))
        .join(rules, rules.c.id == followings.c.rule_id)
        .join(subscribers, subscribers.c.id == followings.c.subscriber_id)
        .join(stories, stories.c.id == matches.c.story_id)
        .where(matches.c.story_id == story, followings.c.subscriber_id > after, wide_enough)
        .where(or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= now))
        .where(subscribers.c.parked.is_(None))
    )
    if upto is not None:
        told = told.where(followings.c.subscriber_id <= upto)
    names = ["subscriber_id", "story_id", "rule_id", "urgency", "state", "attempts", "due", "created"]
    result = await tx.execute(insert(deliveries).from_select(names, told).on_conflict_do_nothing())
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
    told = rows.all()
    return _story_of(row, told) if row is not None and told else None


async def stories_since(
    tx: AsyncConnection,
    since: datetime,
    relevances: Sequence[Relevance],
    *,
    seen_by: datetime,
    limit: int,
    offset: int = 0,
) -> list[Story]:
    """Stories first told at or after `since` with one of these relevances, newest first, each with all its items.

    Items first seen after `seen_by` count for nothing, so that the pages of a list stay put while news comes in.
    """
    earlier = items.alias()
    told_before = select(earlier.c.id).where(
        earlier.c.story_id == items.c.story_id,
        # Bare, the column would tempt SQLite to look through all items of that relevance rather than the story's.
        func.coalesce(earlier.c.relevance, "").in_(relevances),
        earlier.c.first_seen <= seen_by,
        tuple_(earlier.c.published, earlier.c.id) < tuple_(items.c.published, items.c.id),
    )
    firsts = (
        select(stories)
        .join(items, items.c.story_id == stories.c.id)
        .where(items.c.relevance.in_(relevances), items.c.published >= since, items.c.first_seen <= seen_by)
        .where(~told_before.exists())
        .order_by(items.c.published.desc(), items.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return await _whole(tx, (await tx.execute(firsts)).all())


async def stories_of(tx: AsyncConnection, ids: Sequence[StoryId]) -> list[Story]:
    """These stories, in the order of their ids, each with all its items; those deleted since are left out."""
    found = select(stories).where(stories.c.id.in_(ids)).order_by(stories.c.id)
    return await _whole(tx, (await tx.execute(found)).all())


async def _whole(tx: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Story]:
    told = await _items_of(tx, [row.id for row in rows])
    # Thousands of items to tokenize: not on the loop.
    return await asyncio.to_thread(lambda: [_story_of(row, told[row.id]) for row in rows if row.id in told])


async def collecting_since(tx: AsyncConnection) -> datetime | None:
    """When the oldest item that is kept was first seen; None when there is none."""
    first: datetime | None = await tx.scalar(select(func.min(items.c.first_seen)))
    return first


async def _items_of(tx: AsyncConnection, ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    """The rows of these stories' items, oldest first."""
    told: dict[int, list[Row[Any]]] = {}
    for batch in _batches(ids):
        statement = select(items).where(items.c.story_id.in_(batch)).order_by(items.c.published, items.c.id)
        for row in await tx.execute(statement):
            told.setdefault(row.story_id, []).append(row)
    return told


async def counts_since(tx: AsyncConnection, since: datetime) -> Mapping[Relevance, int]:
    """How many items were first seen at or after `since`, by relevance."""
    statement = select(items.c.relevance, func.count()).where(items.c.first_seen >= since).group_by(items.c.relevance)
    found = {Relevance(relevance): count for relevance, count in await tx.execute(statement)}
    return {relevance: found.get(relevance, 0) for relevance in Relevance}


async def delete_older(tx: AsyncConnection, before: datetime, chunk: int = DELETE_CHUNK) -> int:
    """Delete up to `chunk` stories that nothing has been added to since `before`, with all that hangs on them.

    Returns how many; 0 means that nothing so old is left.
    """
    await tx.execute(delete(item_keys).where(item_keys.c.seen < before))
    await tx.execute(delete(reprints).where(reprints.c.seen < before))
    old = select(stories.c.id).where(stories.c.updated < before).limit(chunk)
    result = await tx.execute(delete(stories).where(stories.c.id.in_(old)))
    return int(result.rowcount)


def _story_of(row: Row[Any], told: Sequence[Row[Any]]) -> Story:
    return Story(
        id=StoryId(row.id),
        items=tuple(_item_of(item) for item in told),
        relevance=Relevance(row.relevance),
        topics=tuple(row.topics),
        level=Level(row.level),
        revision=row.revision,
    )


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
