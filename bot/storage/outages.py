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

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StorageError
from bot.outage import OutageMonitor

log = structlog.get_logger()

_LOCKED = ("another program has locked it", "close that program and start again")
DAMAGED = (
    "it is damaged",
    "restore a backup, or save what can still be read: sqlite3 faultline.db .recover | sqlite3 rescued.db",
)
# What SQLite's primary result codes mean, and what whoever starts the bot can do. https://www.sqlite.org/rescode.html
_FAULTS: Mapping[int, tuple[str, ...]] = {
    SQLITE_FULL: ("the disk is full",),
    SQLITE_BUSY: _LOCKED,
    SQLITE_LOCKED: _LOCKED,
    SQLITE_READONLY: ("its file is read-only", "check who owns the file and its folder"),
    SQLITE_IOERR: ("the disk reports errors",),
    SQLITE_CORRUPT: DAMAGED,
    SQLITE_NOTADB: ("its file is not a database", "move it away, or choose another name"),
    SQLITE_CANTOPEN: ("its file cannot be opened", "check that its folder exists and that you may write there"),
    SQLITE_NOMEM: ("there is not enough memory",),
}


def fault_of(error: BaseException) -> tuple[str, ...]:
    """What is wrong with the database and, perhaps, what to do about it; empty for what may be our fault."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    # The upper bits say more than we need.
    return _FAULTS.get(code & 0xFF, ()) if isinstance(code, int) else ()


def cause_of(error: BaseException) -> str:
    """Why the database failed, in words for whoever runs the bot."""
    return "; ".join(fault_of(error)) or str(error.orig if isinstance(error, DBAPIError) else error)


@contextmanager
def watched(monitor: OutageMonitor) -> Iterator[None]:
    """Tell `monitor` how a use of the database went. Raises StorageError instead of what is not our fault."""
    try:
        yield
    except SQLAlchemyError as error:
        waited = ("too many requests are waiting for it",) if isinstance(error, PoolTimeoutError) else ()
        problem = next(iter((*waited, *fault_of(error))), None)
        if problem is None:
            raise
        monitor.failed(problem)
        raise StorageError(problem) from error
    monitor.worked()


def log_prevented(event: str, fault: Exception, **facts: object) -> None:
    """Log what a fault has prevented: for debugging only in an outage, which is told once for all."""
    loudness = logging.DEBUG if isinstance(fault, StorageError) else logging.WARNING
    log.log(loudness, event, problem=str(fault), **facts)
