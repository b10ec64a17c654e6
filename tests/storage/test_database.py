import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from bot.errors import ConfigError
from bot.storage import schema
from bot.storage.database import Database, open_database

MIGRATIONS = Path(schema.__file__).parent / "migrations"


async def test_the_migrations_build_what_the_schema_says(tmp_path: Path) -> None:
    await (await open_database(f"sqlite:///{tmp_path}/a.db")).close()
    with create_engine(f"sqlite:///{tmp_path}/a.db").connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        made = {name: sql for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master")) if sql}
    with create_engine(f"sqlite:///{tmp_path}/b.db").connect() as connection:
        schema.metadata.create_all(connection)
        meant = {name: sql for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master")) if sql}
    # Autogenerate does not see AUTOINCREMENT nor partial indexes.
    assert {name for name, sql in made.items() if "AUTOINCREMENT" in sql} == {
        name for name, sql in meant.items() if "AUTOINCREMENT" in sql
    }
    assert made["deliveries_owed"] == meant["deliveries_owed"]


def test_the_newest_migration_is_the_one_that_start_up_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.REVISION


async def test_a_second_faultline_on_one_database_is_refused(tmp_path: Path) -> None:
    first = await open_database(f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(ConfigError, match="another Faultline is running"):
        await open_database(f"sqlite:///{tmp_path}/a.db")
    await first.close()
    await (await open_database(f"sqlite:///{tmp_path}/a.db")).close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://ann:hunter2@db/news", "only SQLite"),
        ("sqlite:////proc/nowhere/a.db", "cannot be opened"),
        ("no address at all", "not a database address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_clear_sentence(address: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        await open_database(address)
    assert "hunter2" not in str(caught.value)


async def test_a_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("shopping list " * 100)
    with pytest.raises(ConfigError, match="not a database"):
        await open_database(f"sqlite:///{tmp_path}/a.db")


async def test_a_task_that_fails_does_not_take_another_tasks_rows_with_it(database: Database) -> None:
    begun = asyncio.Event()

    async def failing() -> None:
        async with database.write() as tx:
            await tx.execute(text("INSERT INTO rules (text, names_relevance) VALUES ('lost', 0)"))
            begun.set()
            raise ValueError

    async def working() -> None:
        await begun.wait()
        async with database.write() as tx:
            await tx.execute(text("INSERT INTO rules (text, names_relevance) VALUES ('kept', 0)"))

    await asyncio.gather(failing(), working(), return_exceptions=True)
    async with database.read() as tx:
        assert list(await tx.scalars(text("SELECT text FROM rules"))) == ["kept"]


async def test_what_is_committed_survives_a_power_cut(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.scalar(text("PRAGMA synchronous")) == 2
        assert await tx.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await tx.scalar(text("PRAGMA foreign_keys")) == 1


async def test_a_reader_sees_one_moment_while_a_writer_writes(database: Database) -> None:
    async with database.read() as reading:
        assert await reading.scalar(text("SELECT count(*) FROM rules")) == 0
        async with database.write() as tx:
            await tx.execute(text("INSERT INTO rules (text, names_relevance) VALUES ('drone', 0)"))
        assert await reading.scalar(text("SELECT count(*) FROM rules")) == 0
    async with database.read() as reading:
        assert await reading.scalar(text("SELECT count(*) FROM rules")) == 1


def test_sqlite_here_is_new_enough() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35), "RETURNING came with 3.35"
