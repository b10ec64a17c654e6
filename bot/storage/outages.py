"""What can befall a database that is not our fault, in words; and what it means for whoever wanted to use it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_NOMEM,
    SQLITE_NOTADB,
    SQLITE_READONLY,
)

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StorageError
from bot.outage import OutageMonitor

# https://www.sqlite.org/rescode.html
_PROBLEMS: Mapping[int, str] = {
    SQLITE_FULL: "the disk is full",
    SQLITE_BUSY: "another program has locked it",
    SQLITE_LOCKED: "another program has locked it",
    SQLITE_READONLY: "its file is read-only",
    SQLITE_IOERR: "the disk reports errors",
    SQLITE_CORRUPT: "its file is damaged",
    SQLITE_NOTADB: "its file is damaged",
    SQLITE_CANTOPEN: "its file cannot be opened",
    SQLITE_NOMEM: "there is not enough memory",
}
# The upper bits say more than we need.
_PRIMARY = 0xFF


@contextmanager
def watched(monitor: OutageMonitor) -> Iterator[None]:
    """Tell `monitor` how a use of the database went. Raises StorageError instead of what is not our fault."""
    try:
        yield
    except SQLAlchemyError as error:
        code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
        problem = None if code is None else _PROBLEMS.get(code & _PRIMARY)
        if isinstance(error, PoolTimeoutError):
            problem = "too many requests are waiting for it"
        if problem is None:
            raise
        monitor.failed(problem)
        raise StorageError(problem) from error
    monitor.worked()


def loudness_of(fault: Exception) -> int:
    """How loud the log tells what a fault has prevented: not at all in an outage, which is told once for all."""
    return logging.DEBUG if isinstance(fault, StorageError) else logging.WARNING
