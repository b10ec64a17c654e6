"""What housekeeping deletes, and what it leaves on the disk."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from bot.core.matcher import RuleIndex
from bot.core.model import Level, Relevance
from bot.polling.housekeeping import Housekeeper
from bot.storage import news
from bot.storage.database import Database, open_database
from bot.storage.schema import item_keys, items, stories
from tests.builders import NOW, ManualClock, item

MONTH = timedelta(days=30)
STORIES = 2000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


@pytest.fixture
def housekeeper(database: Database) -> Housekeeper:
    return Housekeeper(database=database, index=RuleIndex(), clock=ManualClock(), keep=MONTH)


async def store_old_news(database: Database) -> None:
    """Stories of two months ago, with a report and three keys each."""
    then = NOW - 2 * MONTH
    story = {"relevance": Relevance.CORE, "topics": [], "level": Level.NORMAL, "revision": 1}
    story |= {"created": then, "updated": then}
    told = item("Cable cut between the islands of Kestrel", summary="Repairs take weeks. " * 20, published=then)
    names = ("source_name", "publisher", "publisher_kind", "side", "lang", "url", "title", "summary", "published")
    report = {name: getattr(told, name) for name in (*names, "relevance")}
    report |= {"source_id": told.source, "topics": [], "first_seen": then}
    async with database.write() as tx:
        await tx.execute(insert(stories), [story | {"id": number} for number in range(1, STORIES + 1)])
        await tx.execute(insert(items), [report | {"story_id": number} for number in range(1, STORIES + 1)])
        keys = [{"key": b"%20d" % number, "item_id": number, "seen": then} for number in range(STORIES * 3)]
        await tx.execute(insert(item_keys), keys)


def log_size(folder: Path) -> int:
    return (folder / "a.db-wal").stat().st_size


async def test_what_is_old_goes_with_its_keys_and_the_log_is_cut(
    database: Database, housekeeper: Housekeeper, tmp_path: Path
) -> None:
    await store_old_news(database)
    assert await housekeeper.tidy() == STORIES
    assert log_size(tmp_path) == 0
    async with database.read() as tx:
        assert [await tx.scalar(select(func.count()).select_from(each)) for each in (stories, items, item_keys)] == [
            0
        ] * 3


async def test_keys_are_deleted_in_small_transactions(database: Database) -> None:
    await store_old_news(database)
    async with database.write() as tx:
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == 5000
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == STORIES * 3 - 5000
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == 0


async def test_a_log_that_is_still_read_is_cut_as_soon_as_it_can_be(
    database: Database, housekeeper: Housekeeper, tmp_path: Path
) -> None:
    await store_old_news(database)
    async with database.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM stories")) == STORIES
        async with database.write() as writing:
            await writing.execute(text("DELETE FROM items"))
        assert not await database._cut()
    assert log_size(tmp_path) > 0
    await database.cut_log()
    assert log_size(tmp_path) == 0
    async with database.write() as tx:
        assert await tx.scalar(text("PRAGMA busy_timeout")) == 10_000
