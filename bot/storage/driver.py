"""SQLite on a thread of its own, asked once a statement.

SQLAlchemy's aiosqlite asks that thread four times (open a cursor, execute, fetch, close), and each time the thread and
the loop wait for the interpreter in turn: beside a thread that computes, a tenth of a second for a few statements.
"""
# ruff: noqa: SLF001  the two libraries offer no other way in

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.engine import Dialect


@dataclass(frozen=True, slots=True)
class _Ran:
    """What a cursor tells once its statement has run."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()

    def close(self) -> None:
        """There is nothing to close: all rows have been fetched."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, _connection: Any) -> Any:
        return _Ran()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._run(sqlite3.Cursor.execute, operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._run(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    async def _run(self, execute: Any, operation: Any, parameters: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            ran = await connection._execute(_ran, connection._conn, execute, operation, parameters)
        self._cursor, self._rows = ran, deque(ran.rows)


def _ran(connection: sqlite3.Connection, execute: Any, operation: Any, parameters: Any) -> _Ran:
    cursor = connection.cursor()
    try:
        execute(cursor, operation, parameters)
        rows = cursor.fetchall() if cursor.description else ()
        return _Ran(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor

    def rollback(self) -> None:
        """Roll back where there is something to: the pool asks for it after every transaction."""
        if self._connection._connection and self._connection.in_transaction:
            super().rollback()


def connect(dialect: Dialect, _record: Any, arguments: Any, options: Any) -> Any:
    """What SQLAlchemy's `do_connect` makes of a new connection."""
    made: Any = dialect.connect(*arguments, **options)
    return _Connection(made.dbapi, made._connection)
