"""The short way to a few rows by an index, past SQLAlchemy's machinery: for look-ups that a ringing phone waits for.

On SQLite a read-only connection is asked on the loop's own thread: some ten microseconds, less than handing the
question to another thread, and in WAL no writer can hold it up. On PostgreSQL asyncpg is asked directly. Statement and
types are those of `tables.py`; only the way is shorter.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg as postgres_dialect
from sqlalchemy.dialects.sqlite import aiosqlite as sqlite_dialect
from sqlalchemy.engine import URL, Dialect

from crm_core.errors import DatabaseUnreachable

_LINES_TO_POSTGRES = 4
_BUSY_S = 0.05
"""SQLite answers readers at once but for moments (recovery after a crash)."""

_LINE_DIED = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says when the farewell of a server came between two questions
)
BROKEN = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

Rows = list[tuple[Any, ...]]


class QuickReader(Protocol):
    dialect: Dialect
    shown: str
    """The database's address for showing."""

    async def fetch(self, sql: str, values: tuple[Any, ...]) -> Rows: ...

    async def close(self) -> None: ...


class QuickQuery:
    """A SELECT compiled once; called with the values of its bind parameters, in the order they stand in."""

    def __init__(self, reader: QuickReader, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=reader.dialect, compile_kwargs={"render_postcompile": True})
        self._reader, self._sql = reader, str(compiled)
        self._convert: list[Callable[[Any], Any] | None] = [
            column.type.dialect_impl(reader.dialect).result_processor(reader.dialect, None)
            for column in statement.selected_columns
        ]

    async def __call__(self, *values: Any) -> Rows:
        try:
            rows = await self._reader.fetch(self._sql, values)
        except BROKEN as error:
            raise DatabaseUnreachable(url=self._reader.shown, why=str(error) or type(error).__name__) from error
        return [self._converted(row) for row in rows]

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(convert(value) if convert else value for convert, value in zip(self._convert, row, strict=True))


class SqliteReader:
    def __init__(self, url: URL) -> None:
        self.dialect: Dialect = sqlite_dialect.dialect()
        self.shown = url.set(drivername="sqlite").render_as_string()
        path = (url.database or "").removeprefix("file:")
        self._path = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        self._connection: sqlite3.Connection | None = None

    async def fetch(self, sql: str, values: tuple[Any, ...]) -> Rows:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{self._path}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
        return self._connection.execute(sql, values).fetchall()

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresReader:
    def __init__(self, url: URL) -> None:
        self.dialect: Dialect = postgres_dialect.dialect()  # type: ignore[no-untyped-call]
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.shown = url.set(drivername="postgresql").render_as_string(hide_password=True)
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def fetch(self, sql: str, values: tuple[Any, ...]) -> Rows:
        pool = self._pool or await self._open()
        try:
            rows = await pool.fetch(sql, *values)
        except _LINE_DIED:
            await pool.expire_connections()
            rows = await pool.fetch(sql, *values)  # a question may be asked twice
        return [tuple(row) for row in rows]

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=_LINES_TO_POSTGRES, reset=_as_it_was
                )
            return self._pool


async def _as_it_was(_connection: object) -> None:
    """Nothing but SELECTs went over it: there is nothing to reset between two questions."""


def quick_reader(url: URL) -> QuickReader:
    return SqliteReader(url) if url.get_backend_name() == "sqlite" else PostgresReader(url)
