"""Opening a database file: whose it is, its schema brought up to date, and whether its tables are those of the code.

All of it happens in one transaction, DDL included: whoever is killed meanwhile leaves the file as it was.
"""

import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot.errors import FaultlineError
from bot.storage import schema
from bot.storage.outages import DAMAGED, cause_of

# How long damage is looked for. A large database is not looked through to its end: a start must not wait for that.
DAMAGE_SECONDS = 1.0
# SQLite's virtual machine does so many steps between two looks at the clock.
STEPS = 100_000

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
# Every version has had these tables.
OURS = frozenset({"item_keys", "poll_states"})
# Versions whose migrations are one by now, see there.
SQUASHED = frozenset({"0003", "0004", "0005", "0006", "0007", "0008"})
# Differences that one sentence names.
NAMED = 3

# Columns, indexes and foreign keys of all tables, one row each: kind, table, what, how.
_SHAPE = text(
    """
    WITH tables AS (SELECT name FROM sqlite_master WHERE type = 'table')
    SELECT 'column', t.name, c.name, c.type || ' ' || c."notnull" || ' ' || c.pk || coalesce(' ' || c.dflt_value, '')
    FROM tables AS t, pragma_table_info(t.name) AS c
    UNION ALL
    SELECT 'index', t.name, (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)), i."unique"
    FROM tables AS t, pragma_index_list(t.name) AS i WHERE i.origin <> 'pk'
    UNION ALL
    SELECT 'foreign key', t.name, f."from", f."table" || ' ' || f.on_delete
    FROM tables AS t, pragma_foreign_key_list(t.name) AS f
    """
)


class TablePart(NamedTuple):
    """A column, an index or a foreign key of a table: `what` are its columns, `how` is all else that matters."""

    kind: str
    table: str
    what: str
    how: str

    @property
    def named(self) -> str:
        return f"{self.kind} {self.table}.{self.what}"


class CannotOpen(FaultlineError):
    """A database file that cannot be used; the sentence says why, and what to do."""


def bring_up_to_date(url: URL, *, patience: float) -> None:
    """Make or migrate the tables of a database to `schema.REVISION`, all or nothing, and hold them against the code.

    Waits up to `patience` seconds for another program's lock. Raises CannotOpen; whatever it raises, the file is as it
    was.
    """
    engine = _engine(url, patience)
    try:
        with engine.begin() as connection:
            _look_for_damage(connection)
            version = _version(connection)
            if version != schema.REVISION:
                _upgrade(connection, version)
            _hold_against_code(connection)
    except DBAPIError as error:
        raise CannotOpen(cause_of(error)) from error
    finally:
        engine.dispose()


def _engine(url: URL, patience: float) -> Engine:
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver commits before DDL unless the transactions are left to us.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # At once: a lock, or a file that cannot be written, is found here and not in the first poll.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _look_for_damage(connection: Connection) -> None:
    """Raise CannotOpen when a page is found within a second that is not what it should be."""
    driver: Any = connection.connection.driver_connection
    until = monotonic() + DAMAGE_SECONDS
    driver.set_progress_handler(lambda: monotonic() > until, STEPS)
    try:
        found = connection.scalar(text("PRAGMA quick_check(1)"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        driver.set_progress_handler(None, 0)
    if found != "ok":
        raise CannotOpen("; ".join(DAMAGED))


def _version(connection: Connection) -> str | None:
    """The version of the tables, None where there are none yet. Raises CannotOpen for what is not ours."""
    tables = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    version: str | None = None
    if VERSION_TABLE in tables:
        version = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    if version is None and tables <= {VERSION_TABLE}:
        return None
    if not tables & OURS:
        raise CannotOpen("this file belongs to another program; choose another name")
    if version is None:
        raise CannotOpen("its first start was interrupted before anything was stored; delete the file and start again")
    return version


def _upgrade(connection: Connection, version: str | None) -> None:
    """Run the migrations that are missing. Alembic is loaded only here: it takes 0.3 s of a start."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if version in SQUASHED:
        # The one migration that took their place builds on what is there.
        connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))  # noqa: S608
        config.attributes["carried_over_from"] = version
    elif version is not None and version < min(SQUASHED):
        raise CannotOpen(
            f"it was written by a Faultline from before the first release (tables of version {version}), which this "
            "one cannot read; move it away to begin with an empty one"
        )
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known | SQUASHED:
        raise CannotOpen(
            f"it was written by a newer Faultline (tables of version {version}, this one knows {schema.REVISION}); "
            "run that one, or restore a backup from before"
        )
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
            raise
        raise CannotOpen(_other_tables(f"version {version}: {error.orig}")) from error


def _hold_against_code(connection: Connection) -> None:
    """Raise CannotOpen when tables are not as the code expects them. Takes some 20 ms."""
    there, expected = _shape(connection), _expected_shape()
    tables = {part.table for part in there}
    missing = {f"table {part.table}" if part.table not in tables else part.named for part in expected - there}
    # Tables and indexes that somebody has added harm nothing; a column may want a value that we do not write.
    known = schema.metadata.tables
    added = {part.named for part in there - expected if part.kind == "column" and part.table in known}
    wrong = sorted(missing | added)
    if wrong:
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise CannotOpen(_other_tables(", ".join(wrong[:NAMED]) + more))


def _shape(connection: Connection) -> set[TablePart]:
    return {TablePart(*row) for row in connection.execute(_SHAPE)}


def _expected_shape() -> set[TablePart]:
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            return _shape(connection)
    finally:
        engine.dispose()


def _other_tables(where: str) -> str:
    return (
        f"its tables are not those that this version expects ({where}); restore a backup, "
        "or move the file away to begin with an empty one"
    )
