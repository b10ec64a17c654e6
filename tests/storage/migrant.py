"""A process that opens a database and may be killed meanwhile, and databases as earlier versions left them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.storage import schema
from bot.storage.database import open_database

MIGRATIONS = Path(schema.__file__).parent / "migrations"

ROWS = (
    "INSERT INTO subscribers (id, platform, address, thread, relevance, created) "
    "VALUES (1, 'fake', 'ann', '', 'core', 1)",
    "INSERT INTO stories (id, relevance, topics, level, revision, created, updated) "
    "VALUES (1, 'core', '[]', 'normal', 0, 1, 1), (2, 'core', '[]', 'normal', 0, 1, 1)",
    "INSERT INTO deliveries (id, subscriber_id, story_id, rule_id, state, due, attempts, created, settled) "
    "VALUES (1, 1, 1, 7, 'sent', 5, 1, 5, 6), (2, 1, 2, 7, 'queued', 5, 0, 5, NULL)",
)


class Flag(Protocol):
    """What one process raises for another to see."""

    def set(self) -> None: ...


def config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def old_database(file: Path, rows: Sequence[str] = ROWS) -> None:
    """A database of the first version; unless told otherwise with one alert that was sent and one that is owed."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "0001")
        for row in rows:
            connection.execute(text(row))
    engine.dispose()


def migrate(address: str, begun: Flag) -> None:
    """Open the database, until killed."""
    begun.set()
    asyncio.run(_open(address))


async def _open(address: str) -> None:
    await (await open_database(address)).close()
