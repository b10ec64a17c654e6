"""Group commit: what waits is written together, and one change that breaks takes no other with it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import Database
from bot.storage.group_commit import Change, GroupCommit


def lets_in(entry: str) -> Change[int]:
    async def change(tx: AsyncConnection) -> int:
        made = await tx.execute(text("INSERT INTO admissions (entry, created) VALUES (:entry, 0)"), {"entry": entry})
        return made.rowcount

    return change


async def entries(database: Database) -> list[str]:
    async with database.read() as tx:
        return list(await tx.scalars(text("SELECT entry FROM admissions ORDER BY rowid")))


async def test_changes_that_come_while_one_is_written_share_the_next_transaction(database: Database) -> None:
    commit = GroupCommit(database)
    many = [asyncio.create_task(commit.write(lets_in(f"telegram:{number}"))) for number in range(9)]
    async with database.read() as tx:
        pages = await tx.scalar(text("PRAGMA data_version"))
    assert await asyncio.gather(*many) == [1] * 9
    assert await entries(database) == [f"telegram:{number}" for number in range(9)]
    async with database.read() as tx:
        assert await tx.scalar(text("PRAGMA data_version")) - (pages or 0) <= 2
    assert commit.unwritten == 0


async def test_a_change_that_breaks_is_its_own_callers_and_takes_no_other_with_it(database: Database) -> None:
    commit = GroupCommit(database)
    results = await asyncio.gather(
        *[commit.write(lets_in(entry)) for entry in ("telegram:1", "telegram:2", "telegram:1", "telegram:3")],
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [int, int, IntegrityError, int]
    assert await entries(database) == ["telegram:1", "telegram:2", "telegram:3"]
    assert commit.unwritten == 0


async def test_who_gives_up_takes_its_change_back(database: Database) -> None:
    commit = GroupCommit(database)
    async with database.write():
        first = asyncio.create_task(commit.write(lets_in("telegram:1")))
        second = asyncio.create_task(commit.write(lets_in("telegram:2")))
        await asyncio.sleep(0)
        assert commit.unwritten == 2
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
    await first
    assert await entries(database) == ["telegram:1"]


async def test_what_cannot_be_written_while_another_program_holds_the_database_is_written_after_it(
    database: Database,
) -> None:
    async with database.write() as tx:
        await tx.exec_driver_sql("PRAGMA busy_timeout = 0")
        (file,) = (await tx.exec_driver_sql("SELECT file FROM pragma_database_list")).scalars()
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        pauses = 0

        async def sleep(_seconds: float) -> None:
            nonlocal pauses
            pauses += 1
            if pauses == 3:
                other.rollback()

        commit = GroupCommit(database, sleep=sleep)
        results = await asyncio.gather(*[commit.write(lets_in(f"telegram:{number}")) for number in range(3)])
    assert results == [1, 1, 1]
    assert pauses == 3
    assert await entries(database) == ["telegram:0", "telegram:1", "telegram:2"]
