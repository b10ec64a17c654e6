"""A process that opens a database and may be killed meanwhile, and databases as earlier versions left them.

Those in `databases` are dumps of what the migrations and the bot of then had written by 12:25; what of is told in
test_upgrade.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from bot.storage.database import open_database
from bot.storage.upgrade import VERSION_TABLE

DATABASES = Path(__file__).parent / "databases"


class Flag(Protocol):
    """What one process raises for another to see."""

    def set(self) -> None: ...


def old_database(file: Path, version: str = "0003", rows: Sequence[str] = ()) -> None:
    """A database as that version left it, or with these rows instead of its own."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript((DATABASES / f"{version}.sql").read_text(encoding="utf-8"))
        if rows:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if table != VERSION_TABLE:
                    connection.execute(f"DELETE FROM {table}")
        for row in rows:
            connection.execute(row)


def migrate(address: str, begun: Flag) -> None:
    """Open the database, until killed."""
    begun.set()
    asyncio.run(_open(address))


async def _open(address: str) -> None:
    await (await open_database(address)).close()
