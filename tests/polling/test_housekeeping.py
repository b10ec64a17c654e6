"""What housekeeping deletes, and what it leaves on the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.core.rules.index import RuleIndex
from bot.polling.housekeeping import Housekeeper
from bot.storage import news
from bot.storage.database import Database, open_database
from bot.storage.schema import item_keys, items, stories
from tests.builders import NOW, ManualClock
from tests.polling.old_news import MONTH, store_old_news

STORIES = 2000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


@pytest.fixture
def housekeeper(database: Database) -> Housekeeper:
    return Housekeeper(database=database, index=RuleIndex(), clock=ManualClock(), keep=MONTH)


def log_size(folder: Path) -> int:
    return (folder / "a.db-wal").stat().st_size


async def test_what_is_old_goes_with_its_keys_and_the_log_is_cut(
    database: Database, housekeeper: Housekeeper, tmp_path: Path
) -> None:
    await store_old_news(database, STORIES)
    assert await housekeeper.tidy() == STORIES
    assert log_size(tmp_path) == 0
    async with database.read() as tx:
        assert [await tx.scalar(select(func.count()).select_from(each)) for each in (stories, items, item_keys)] == [
            0
        ] * 3


async def test_keys_are_deleted_in_small_transactions(database: Database) -> None:
    await store_old_news(database, STORIES)
    async with database.write() as tx:
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == 5000
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == STORIES * 3 - 5000
        assert await news.delete_older_keys(tx, NOW - MONTH, chunk=5000) == 0


async def test_a_log_that_is_still_read_is_cut_as_soon_as_it_can_be(
    database: Database, housekeeper: Housekeeper, tmp_path: Path
) -> None:
    await store_old_news(database, STORIES)
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
