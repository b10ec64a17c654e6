"""Items and their stories, as they are stored."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Row, Text, and_, delete, func, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.intake.planning import KnownItem, StoredStory
from bot.core.language.text import Words, words_in, words_of
from bot.core.model import Item, ItemId, Level, PublisherKind, Relevance, Side, Story, StoryId
from bot.core.stories.grouping import LONGEST, QUIET
from bot.storage.schema import EPOCH, MICROSECOND, former_titles, item_keys, items, stories

T = TypeVar("T")

NO_WORDS = Words((), ())

Wording = Callable[[str, str, str], Words]  # of a title, a text, and their language
"""The words of a title and a summary."""

FormerTitle = tuple[ItemId, str, datetime, bool]
"""What an item was called until then, and whether its next title took that back."""

# What `item_of` reads, in the order in which it does: moments and topics as they are stored, for it reads thousands at
# once and away from the loop.
_ITEM: Sequence[ColumnElement[Any]] = (
    *(items.c.id, items.c.story_id, items.c.source_id, items.c.source_name, items.c.publisher, items.c.publisher_kind),
    *(items.c.side, items.c.lang, items.c.url, items.c.title, items.c.summary, items.c.lead),
    *(type_coerce(items.c.published, BigInteger), type_coerce(items.c.first_seen, BigInteger)),
    *(items.c.relevance, type_coerce(items.c.topics, Text)),
)
# Thousands of items are made at once, and calling an enum takes ten times as long.
_KINDS = {kind.value: kind for kind in PublisherKind}
_SIDES = {side.value: side for side in Side}
_RELEVANCES = {relevance.value: relevance for relevance in Relevance}

# So many titles are read and cut into words within 0.2 s, in a thread.
TITLES_READ = 20_000

# SQLite takes at most 32,766 variables a statement (SQLITE_MAX_VARIABLE_NUMBER).
BATCH = 5000

# Deleting this many stories, with their deliveries, holds up other writers for well under 0.2 s.
DELETE_CHUNK = 500
# So does deleting this many keys.
KEY_CHUNK = 5000

# An address that comes again within this time is a reprint.
REPRINT_WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRows:
    """Stories as they are stored; `told` are the rows of their items, oldest first."""

    stories: Sequence[Row[Any]]
    told: Mapping[int, Sequence[Row[Any]]]


async def known_items(tx: AsyncConnection, keys: Sequence[bytes]) -> dict[bytes, KnownItem]:
    """The items that these identity keys lead to."""
    found: dict[bytes, KnownItem] = {}
    of_items = [items.c[name] for name in ("story_id", "title", "summary", "url", "lead")]
    for batch in batches(keys):
        joined = item_keys.outerjoin(items, items.c.id == item_keys.c.item_id)
        chosen = select(item_keys.c.key, item_keys.c.item_id, *of_items).select_from(joined)
        for key, id_, story, title, summary, url, lead in await tx.execute(chosen.where(item_keys.c.key.in_(batch))):
            known = KnownItem(id=id_, story=story, title=title, summary=summary, url=url, lead=lead or "")
            found[key] = known
    return found


async def reprinted(tx: AsyncConnection, new: Iterable[Item], now: datetime) -> dict[str, StoryId]:
    """The stories of the last days that have these items' addresses already, where one story alone has it."""
    found: dict[str, StoryId] = {}
    for batch in batches([item.url for item in new if item.url]):
        told = and_(items.c.url.in_(batch), items.c.published >= now - REPRINT_WINDOW)
        statement = select(items.c.url, func.min(items.c.story_id)).where(told).group_by(items.c.url)
        rows = await tx.execute(statement.having(func.count(items.c.story_id.distinct()) == 1))
        found |= {url: StoryId(story) for url, story in rows}
    return found


async def linked(tx: AsyncConnection, urls: Iterable[str]) -> set[str]:
    """Which of these addresses items have."""
    found: set[str] = set()
    for batch in batches(list(urls)):
        found.update(await tx.scalars(select(items.c.url).where(items.c.url.in_(batch))))
    return found


async def titles_since(tx: AsyncConnection, since: datetime) -> str:
    """The newest titles since then as one text, a line each: as rows they would hold up the loop."""
    newest = select(items.c.title).where(items.c.published >= since).order_by(items.c.published.desc())
    found = newest.limit(TITLES_READ).subquery()
    return (await tx.scalar(select(func.group_concat(found.c.title, "\n")))) or ""


async def running_items(tx: AsyncConnection, now: datetime) -> list[ItemId]:
    """The items of all stories that may still go on, oldest first."""
    running = select(items.c.story_id).where(items.c.published >= now - QUIET)
    statement = select(items.c.id).where(items.c.published >= now - QUIET - LONGEST, items.c.story_id.in_(running))
    return [ItemId(id_) for id_ in await tx.scalars(statement.order_by(items.c.published, items.c.id))]


async def item_rows(tx: AsyncConnection, ids: Sequence[ItemId]) -> Sequence[Row[Any]]:
    """The rows of up to BATCH items, for `item_of`, oldest first; those deleted since are left out."""
    found = select(*_ITEM).where(items.c.id.in_(ids)).order_by(items.c.published, items.c.id)
    return (await tx.execute(found)).all()


async def stored_stories(tx: AsyncConnection, ids: Sequence[StoryId]) -> dict[StoryId, StoredStory]:
    """Stories by their ids, with the ids of their items; those that have been deleted are left out."""
    rows = await rows_of(tx, ids)
    # Hundreds of items to tokenize: not on the loop.
    told = await asyncio.to_thread(lambda: list(stories_from(rows)))
    return {
        story.id: StoredStory(story=story, ids=tuple(ItemId(row.id) for row in rows.told[story.id])) for story in told
    }


async def updated(tx: AsyncConnection, ids: Sequence[StoryId]) -> dict[StoryId, datetime]:
    """When something was last added to these stories; those that have been deleted are left out."""
    found = await tx.execute(select(stories.c.id, stories.c.updated).where(stories.c.id.in_(ids)))
    return {StoryId(id_): at for id_, at in found}


async def former_titles_of(tx: AsyncConnection, ids: Sequence[StoryId]) -> Mapping[StoryId, list[FormerTitle]]:
    """What items of each story were called before that was changed in substance, oldest first."""
    statement = (
        select(items.c.story_id, *(former_titles.c[name] for name in ("item_id", "title", "until", "reverses")))
        .join(items, items.c.id == former_titles.c.item_id)
        .where(items.c.story_id.in_(ids))
        .order_by(former_titles.c.id)
    )
    found: dict[StoryId, list[FormerTitle]] = {id_: [] for id_ in ids}
    for story, item, title, until, reverses in await tx.execute(statement):
        found[StoryId(story)].append((ItemId(item), title, until, reverses))
    return found


async def story(tx: AsyncConnection, id_: StoryId) -> Story | None:
    """A story with its items, oldest first; None once it has been deleted."""
    row = (await tx.execute(select(stories).where(stories.c.id == id_))).one_or_none()
    rows = await tx.execute(select(*_ITEM).where(items.c.story_id == id_).order_by(items.c.published, items.c.id))
    told = rows.all()
    return _story_of(row, told) if row is not None and told else None


async def first_told(
    tx: AsyncConnection,
    since: datetime,
    relevances: Sequence[Relevance],
    *,
    seen_by: datetime,
    limit: int | None = None,
    offset: int = 0,
) -> list[StoryId]:
    """The stories first told at or after `since` with one of these relevances, newest first.

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
        select(items.c.story_id)
        .where(items.c.relevance.in_(relevances), items.c.published >= since, items.c.first_seen <= seen_by)
        .where(~told_before.exists())
        .order_by(items.c.published.desc(), items.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [StoryId(id_) for id_ in await tx.scalars(firsts)]


async def stories_since(
    tx: AsyncConnection,
    since: datetime,
    relevances: Sequence[Relevance],
    *,
    seen_by: datetime,
    limit: int,
    offset: int = 0,
) -> list[Story]:
    """The same stories, each with all its items."""
    ids = await first_told(tx, since, relevances, seen_by=seen_by, limit=limit, offset=offset)
    return await stories_of(tx, ids)


async def stories_of(tx: AsyncConnection, ids: Sequence[StoryId], words: Wording = words_of) -> list[Story]:
    """These stories, in this order, each with all its items; those deleted since are left out.

    Cutting texts into words takes most of the time: `title_words` or `no_words` will do for whoever needs no more.
    """
    rows = await rows_of(tx, ids)
    # Thousands of items to tokenize: not on the loop.
    return await asyncio.to_thread(lambda: list(stories_from(rows, words)))


async def rows_of(tx: AsyncConnection, ids: Sequence[StoryId]) -> StoryRows:
    """The rows of these stories and of their items: for `stories_from`, once the connection has been given back."""
    found = {
        row.id: row
        for batch in batches(ids)
        for row in await tx.execute(select(stories).where(stories.c.id.in_(batch)))
    }
    told: dict[int, list[Row[Any]]] = {}
    for batch in batches(ids):
        statement = select(*_ITEM).where(items.c.story_id.in_(batch)).order_by(items.c.published, items.c.id)
        for row in await tx.execute(statement):
            told.setdefault(row.story_id, []).append(row)
    return StoryRows(stories=[found[id_] for id_ in ids if id_ in found], told=told)


def stories_from(rows: StoryRows, words: Wording = words_of) -> Iterator[Story]:
    """The stories that rows make, in the order of the rows."""
    return (_story_of(row, rows.told[row.id], words) for row in rows.stories if row.id in rows.told)


def no_words(_title: str, _summary: str, _lang: str) -> Words:
    """For whoever reads the texts alone."""
    return NO_WORDS


def title_words(title: str, _summary: str, lang: str) -> Words:
    """For whoever looks at titles only."""
    return Words(words_in(title, lang), ())


async def collecting_since(tx: AsyncConnection) -> datetime | None:
    """When the oldest item that is kept was first seen; None when there is none."""
    first: datetime | None = await tx.scalar(select(func.min(items.c.first_seen)))
    return first


async def counts_since(tx: AsyncConnection, since: datetime) -> Mapping[Relevance, int]:
    """How many items were first seen at or after `since`, by relevance."""
    statement = select(items.c.relevance, func.count()).where(items.c.first_seen >= since).group_by(items.c.relevance)
    found = {Relevance(relevance): count for relevance, count in await tx.execute(statement)}
    return {relevance: found.get(relevance, 0) for relevance in Relevance}


async def delete_older(tx: AsyncConnection, before: datetime, chunk: int = DELETE_CHUNK) -> int:
    """Delete up to `chunk` stories that nothing has been added to since `before`, with all that hangs on them.

    Returns how many; 0 means that nothing so old is left.
    """
    old = select(stories.c.id).where(stories.c.updated < before).limit(chunk)
    result = await tx.execute(delete(stories).where(stories.c.id.in_(old)))
    return int(result.rowcount)


async def delete_older_keys(tx: AsyncConnection, before: datetime, chunk: int = KEY_CHUNK) -> int:
    """Delete up to `chunk` keys that no source has shown since `before`; returns how many."""
    old = select(item_keys.c.key).where(item_keys.c.seen < before).limit(chunk)
    result = await tx.execute(delete(item_keys).where(item_keys.c.key.in_(old)))
    return int(result.rowcount)


def _story_of(row: Row[Any], told: Sequence[Row[Any]], words: Wording = words_of) -> Story:
    return Story(
        id=StoryId(row.id),
        items=tuple(item_of(item, words) for item in told),
        relevance=Relevance(row.relevance),
        topics=tuple(row.topics),
        level=Level(row.level),
        revision=row.revision,
    )


def item_of(row: Sequence[Any], words: Wording = words_of) -> Item:
    """The item of a row; its keys stay behind."""
    (_, _, source, source_name, publisher, kind, side, lang, url, title, summary, lead, *rest) = row
    published, first_seen, relevance, topics = rest
    return Item(
        keys=(),
        source=source,
        source_name=source_name,
        publisher=publisher,
        publisher_kind=_KINDS[kind],
        side=_SIDES[side],
        lang=lang,
        url=url,
        title=title,
        summary=summary,
        published=EPOCH + published * MICROSECOND,
        first_seen=EPOCH + first_seen * MICROSECOND,
        words=words(title, lead or summary, lang),
        relevance=_RELEVANCES[relevance],
        topics=_topics(topics),
        lead=lead,
    )


@lru_cache(maxsize=1000)
def _topics(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


def batches(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """Pieces that one statement takes."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
