"""Old news, as the bot stored it when it was news."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from bot.core.model import Level, Relevance
from bot.storage.database import Database
from bot.storage.schema import item_keys, items, stories
from tests.builders import NOW, item

MONTH = timedelta(days=30)
KEYS_EACH = 3


async def store_old_news(database: Database, count: int, now: datetime = NOW) -> None:
    """So many stories of two months ago, with a report and three keys each."""
    then = now - 2 * MONTH
    story = {"relevance": Relevance.CORE, "topics": [], "level": Level.NORMAL, "revision": 1}
    story |= {"created": then, "updated": then}
    told = item("Cable cut between the islands of Kestrel", summary="Repairs take weeks. " * 20, published=then)
    names = ("source_name", "publisher", "publisher_kind", "side", "lang", "url", "title", "summary", "published")
    report = {name: getattr(told, name) for name in (*names, "relevance")}
    report |= {"source_id": told.source, "topics": [], "first_seen": then}
    async with database.write() as tx:
        # Keys outlive their items when housekeeping is killed in between.
        numbered = (stories.c.id, items.c.id, item_keys.c.item_id)
        first = 1 + max(*[await tx.scalar(select(func.coalesce(func.max(each), 0))) or 0 for each in numbered])
        ids = range(first, first + count)
        await tx.execute(insert(stories), [story | {"id": id_} for id_ in ids])
        await tx.execute(insert(items), [report | {"id": id_, "story_id": id_} for id_ in ids])
        numbers = range(first * KEYS_EACH, (first + count) * KEYS_EACH)
        keys = [{"key": b"%20d" % number, "item_id": number // KEYS_EACH, "seen": then} for number in numbers]
        await tx.execute(insert(item_keys), keys)
