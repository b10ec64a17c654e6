"""Writing what one poll changes: items, their stories, and the alerts that these owe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.intake.planning import Change, StoryPlan, UpdatePlan
from bot.core.model import Item, ItemId, Relevance, RuleId, StoryId
from bot.core.stories.grouping import NewStory
from bot.storage import fanout
from bot.storage.news import batches
from bot.storage.schema import fanouts, former_titles, item_keys, items, matches, stories, story_levels

# A key that its source still shows is marked as seen at most this often: no poll should write what nothing has changed.
SEEN_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a plan came to: how many items were new, how many of them core, how many alerts are owed so far, and the
    ids of the stories that it began.
    """

    new: int
    relevant: int
    owed: int
    begun: Mapping[NewStory, StoryId]


async def apply(tx: AsyncConnection, plan: UpdatePlan, now: datetime) -> Applied:
    """Write the plan: items, stories, matches and the first of their deliveries. Law 2: all in the caller's `tx`."""
    await _mark_seen(tx, plan.seen, now)
    owed = 0
    begun: dict[NewStory, StoryId] = {}
    for story in plan.stories:
        id_ = await _write_story(tx, story, now)
        if isinstance(story.story, NewStory):
            begun[story.story] = id_
        await _write_items(tx, id_, story.items, now)
        for change in story.changes:
            await _rewrite_item(tx, change, now)
        await _write_matches(tx, id_, story.matches, now)
        if story.matches or story.revised:
            owed += await _begin_fanout(tx, id_, now)
    relevant = sum(item.relevance is Relevance.CORE for item in plan.new_items)
    return Applied(new=len(plan.new_items), relevant=relevant, owed=owed, begun=begun)


async def _mark_seen(tx: AsyncConnection, seen: Sequence[tuple[bytes, ItemId]], now: datetime) -> None:
    for batch in batches(seen):
        statement = insert(item_keys).values([{"key": key, "item_id": id_, "seen": now} for key, id_ in batch])
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[item_keys.c.key],
                set_={"seen": statement.excluded.seen},
                where=item_keys.c.seen < now - SEEN_EVERY,
            )
        )


async def _write_story(tx: AsyncConnection, plan: StoryPlan, now: datetime) -> StoryId:
    values = {"relevance": plan.relevance, "topics": list(plan.topics), "level": plan.level, "updated": now}
    if isinstance(plan.story, NewStory):
        row = insert(stories).values(values | {"revision": 1, "created": now}).returning(stories.c.id)
        id_ = StoryId((await tx.execute(row)).scalar_one())
    else:
        id_ = plan.story
        revision = stories.c.revision + (1 if plan.revised else 0)
        await tx.execute(update(stories).where(stories.c.id == id_).values(values | {"revision": revision}))
    if plan.reason is not None:
        lifted = {"story_id": id_, "level": plan.level, "reason": plan.reason, "at": now}
        await tx.execute(insert(story_levels).values(lifted))
    return id_


async def _write_items(tx: AsyncConnection, story: StoryId, new: Sequence[Item], now: datetime) -> None:
    if not new:
        return
    # The id of each row in the order of the parameters: SQLAlchemy guarantees it only when asked.
    returned = insert(items).returning(items.c.id, sort_by_parameter_order=True)
    ids = (await tx.scalars(returned, [_columns(item) | {"story_id": story} for item in new])).all()
    keys = [{"key": key, "item_id": id_, "seen": now} for id_, item in zip(ids, new, strict=True) for key in item.keys]
    for batch in batches(keys):
        statement = insert(item_keys).values(batch)
        # A key that led to another item has been given to this one by its source.
        taken = {"item_id": statement.excluded.item_id, "seen": statement.excluded.seen}
        await tx.execute(statement.on_conflict_do_update(index_elements=[item_keys.c.key], set_=taken))


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
        "lead": item.lead,
        "published": item.published,
        "first_seen": item.first_seen,
        "relevance": item.relevance,
        "topics": list(item.topics),
    }


async def _rewrite_item(tx: AsyncConnection, change: Change, now: datetime) -> None:
    """The new wording; when it was published and first seen stay as they were."""
    columns = _columns(change.item)
    kept = {"published", "first_seen"}
    wording = {name: columns[name] for name in columns if name not in kept}
    await tx.execute(update(items).where(items.c.id == change.id).values(wording))
    if change.before is not None:
        await tx.execute(
            insert(former_titles).values(item_id=change.id, title=change.before, until=now, reverses=change.reverses)
        )


async def _write_matches(tx: AsyncConnection, story: StoryId, rule_ids: Sequence[RuleId], now: datetime) -> None:
    for batch in batches([{"story_id": story, "rule_id": rule, "at": now} for rule in rule_ids]):
        statement = insert(matches).values(batch)
        key = [matches.c.story_id, matches.c.rule_id]
        await tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"at": statement.excluded.at}))


async def _begin_fanout(tx: AsyncConnection, story: StoryId, now: datetime) -> int:
    """Begin at the first chat, also when the story is told already: whom it concerns and what they read may differ."""
    wanted = select(literal(story), literal(0)).where(
        select(matches.c.rule_id).where(matches.c.story_id == story).exists()
    )
    begin = insert(fanouts).from_select(["story_id", "after"], wanted)
    await tx.execute(begin.on_conflict_do_update(index_elements=[fanouts.c.story_id], set_={"after": 0}))
    return await fanout.fan_out(tx, story, now)
