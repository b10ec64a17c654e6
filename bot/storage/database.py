"""The database: one writer at a time, many readers, every change in a transaction.

aiosqlite lets two tasks on one connection share one transaction, so nobody shares: `write()` waits for the only writing
connection, `read()` takes one of a few others, `search()` one of two more. On SQLite a write begins with BEGIN
IMMEDIATE, so that it never finds half-way that it may not write.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.clock import Clock, SystemClock
from bot.errors import ConfigError, Fault, StorageError
from bot.outage import OutageMonitor
from bot.storage import driver
from bot.storage.outages import cause_of, watched
from bot.storage.upgrade import CannotOpen, bring_up_to_date

log = structlog.get_logger()

# What any use of the database may raise: an outage, or a fault of ours.
DatabaseFault = (SQLAlchemyError, StorageError)

READERS = 4
# Questions that take seconds read with connections of their own (`search`), so that they never keep one from the loops.
SEARCHERS = 2
# A start may wait so long for another program (a backup) to let go of the database.
OPENING_PATIENCE = 5.0
# Nobody but the owner: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/sys_stat.h.html
OWN_FILE, OWN_FOLDER, EVERYBODY = 0o600, 0o700, 0o077
# Where little room is left, small writes succeed between large ones that don't.
CALM = timedelta(minutes=1)
# A poll's transaction takes milliseconds; whoever waits this long waits for a bug.
WRITER_TIMEOUT = 30.0

BUSY_TIMEOUT = 10_000  # milliseconds

# WAL: readers never wait for the writer. FULL: what is committed survives a power cut (one commit a poll makes that
# affordable). https://www.sqlite.org/pragma.html
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
    "PRAGMA cache_size = -16000",
    "PRAGMA temp_store = MEMORY",
    # The log grows with what one transaction writes, and keeps its size; 16 MB are far more than a poll's.
    "PRAGMA journal_size_limit = 16777216",
    # What is deleted is overwritten: somebody has asked for that, or the disk may be sold one day.
    "PRAGMA secure_delete = ON",
)

# While the log is cut nobody can write: whoever still reads from it is waited for so many milliseconds at a time, so
# many times, with a pause in which others write.
CUT_PATIENCE, CUT_ATTEMPTS, CUT_PAUSE = 250, 8, 0.5


class Database:
    """An open database, its schema up to date; `writing` and `reading` tell whether it can be written and read now."""

    def __init__(self, url: URL, lock: IO[str] | None, clock: Clock) -> None:
        self.writing = OutageMonitor(
            clock,
            begins="the database cannot be written; what comes is tried again until it can",
            ends="the database can be written again",
            calm=CALM,
        )
        self.reading = OutageMonitor(clock, begins="the database cannot be read", ends="the database can be read again")
        self._lock = lock
        self._writer = _engine(url, size=1, begin="BEGIN IMMEDIATE")
        self._reader = _engine(url, size=READERS, begin="BEGIN")
        self._searcher = _engine(url, size=SEARCHERS, begin="BEGIN")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises.

        Raises StorageError in an outage.
        """
        with watched(self.writing):
            async with self._writer.begin() as tx:
                yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, and sees one moment of the database throughout. For milliseconds.

        Raises StorageError in an outage.
        """
        with watched(self.reading):
            async with self._reader.begin() as tx:
                yield tx

    @asynccontextmanager
    async def search(self) -> AsyncIterator[AsyncConnection]:
        """The same for one of the many reads of a question that takes seconds."""
        with watched(self.reading):
            async with self._searcher.begin() as tx:
                yield tx

    async def cut_log(self) -> None:
        """Write the write-ahead log back into the database and empty it: it keeps copies of what has been deleted."""
        for attempt in range(CUT_ATTEMPTS):
            if attempt:
                await asyncio.sleep(CUT_PAUSE)
            try:
                if await self._cut():
                    return
            except sqlite3.Error as error:
                log.warning("the log of the database cannot be cut", problem=cause_of(error))
                return
        log.warning("the log of the database cannot be cut: somebody reads from it for too long")

    async def _cut(self) -> bool:
        async with self._writer.connect() as connection:
            # Not through SQLAlchemy, which would begin a transaction.
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None, "a connection that has been made"  # noqa: S101
            await driver.execute_fetchall(f"PRAGMA busy_timeout = {CUT_PATIENCE}")
            try:
                ((is_held_up, _, _),) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await driver.execute_fetchall(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        return not is_held_up

    async def close(self) -> None:
        await self._searcher.dispose()
        await self._reader.dispose()
        await self._writer.dispose()
        if self._lock is not None:
            self._lock.close()


async def size_of(tx: AsyncConnection) -> int:
    """The bytes that the database takes."""
    return int(await tx.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")) or 0)


async def open_database(address: str, clock: Clock | None = None, *, patience: float = OPENING_PATIENCE) -> Database:
    """Open (and make, and migrate) the database at a URL such as `sqlite:///data/faultline.db`.

    Waits up to `patience` seconds where another program has locked it. Raises ConfigError when it cannot be opened, or
    another Faultline runs on it.
    """
    url = checked_address(address)
    lock = _claim_file(url)
    try:
        await asyncio.to_thread(bring_up_to_date, url, patience=patience)
        await asyncio.to_thread(_keep_private, url)
    except CannotOpen as error:
        if lock is not None:
            lock.close()
        raise ConfigError(_fault(url, f"the database cannot be opened: {error}")) from error
    return Database(url, lock, clock or SystemClock())


@contextmanager
def faults_told(address: str) -> Iterator[None]:
    """Turn a database that fails at the start, when nobody is there to try again, into a ConfigError."""
    try:
        yield
    except DatabaseFault as error:
        cause = cause_of(error.__cause__ if isinstance(error, StorageError) and error.__cause__ else error)
        raise ConfigError(_fault(make_url(address), f"the database cannot be read: {cause}")) from error


def checked_address(address: str) -> URL:
    """The address of a database that can be served, with its driver. Raises ConfigError."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise ConfigError(Fault(where="setting database.url", what="not a database address")) from None
    if url.get_backend_name() != "sqlite":
        raise ConfigError(_fault(url, "only SQLite is supported so far; use sqlite:///data/faultline.db"))
    if not url.database or url.database == ":memory:":
        raise ConfigError(
            _fault(
                url, "names no file, so everything would be lost when the bot stops; use sqlite:///data/faultline.db"
            )
        )
    return url.set(drivername="sqlite+aiosqlite")


def _claim_file(url: URL) -> IO[str] | None:
    """Two processes on one outbox would send everything twice: hold a lock file for as long as we run.

    The files, and a folder that is made for them, are for nobody but who runs the bot: they tell who follows what.
    """
    if not url.database or url.database == ":memory:":
        return None
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
        lock = os.fdopen(os.open(f"{path}.lock", os.O_CREAT | os.O_WRONLY | os.O_APPEND, OWN_FILE), "a")
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, OWN_FILE))  # SQLite makes its own files as this one is
    except OSError as error:
        raise ConfigError(_fault(url, f"the database cannot be opened: {error.strerror}")) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ConfigError(_fault(url, "another Faultline is running on this database; stop it first")) from None
    return lock


def _keep_private(url: URL) -> None:
    """Let nobody else read the files, also where an earlier version or another program made them so."""
    if not url.database:
        return
    for suffix in ("", "-wal", "-shm", ".lock"):
        file = Path(url.database + suffix)
        try:
            if file.exists() and file.stat().st_mode & EVERYBODY:
                file.chmod(OWN_FILE)
        except OSError as error:
            log.warning("others may be able to read the database", file=str(file), problem=error.strerror)


def _fault(url: URL, what: str) -> Fault:
    address = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return Fault(where=f"setting database.url ({address})", what=what)


def _engine(url: URL, *, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=size, max_overflow=0, pool_timeout=WRITER_TIMEOUT)
    event.listen(engine.sync_engine, "do_connect", driver.connect)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes late and DEFERRED; None leaves the transactions to us.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
