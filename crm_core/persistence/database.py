"""The house's database: SQLite in a file, or PostgreSQL. Gives out transactions; keeps the schema up to date.

Everything is written in Core statements over `persistence.tables`; the same statements run on both.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from crm_core.errors import DatabaseNotWritable, DatabaseUnreachable, DatabaseUrlWrong, SchemaTooNew, SchemaTooOld
from crm_core.kernel.errors import CallwrightError
from crm_core.persistence import migrate
from crm_core.persistence.quick import QuickQuery, quick_reader
from crm_core.persistence.sqlite_line import SqliteLine

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for another process's transaction on SQLite, and anybody for PostgreSQL to connect."""

_PULSE_TIMEOUT_S = 3.0


class Database:
    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Opens nothing yet. Raises DatabaseUrlWrong."""
        self._url = _driver_url(url)
        backend = self._url.get_backend_name()
        self.url = self._url.set(drivername=backend).render_as_string(hide_password=True)
        """For showing: without the password."""
        self.is_sqlite = backend == "sqlite"
        self._engine = _engine(self._url, pool_size)
        self._readers = self._engine if self.is_sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._quick = quick_reader(self._url)
        # SQLite has one writer at a time; waiting in line here is fair and wakes at once, its busy handler sleeps.
        self._writer: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for writing: committed at the end, undone on an exception. Do not open one inside another."""
        async with self._writer, self._opened(self._engine) as connection:
            with _clear_errors(self.url):
                await connection.execution_options(callwright_writes=True)
                await connection.begin()
            with _refusals(self.url):
                yield connection
            with _clear_errors(self.url):
                await connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; each statement sees the latest committed state."""
        async with self._opened(self._readers) as connection:
            yield connection

    def quick(self, statement: Select[Any]) -> QuickQuery:
        """A look-up by an index on the shortest way (see `persistence.quick`). Make it once, call it often."""
        return QuickQuery(self._quick, statement)

    async def upgrade(self) -> None:
        """Brings the schema to this program's version; harmless when it is there already."""
        self._make_file()
        async with self.session() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(4207001)"))
            await connection.run_sync(self._upgrade)

    async def check(self) -> None:
        """Raises a DatabaseError when the database is not reachable, not writable or of another version."""
        if self._file_is_missing():
            raise SchemaTooOld(found="empty", needed=migrate.newest())
        async with self.session() as connection:
            found = await connection.run_sync(migrate.found)
            if found:
                await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        if found == migrate.newest():
            return
        if migrate.knows(found):
            raise SchemaTooOld(found=found or "empty", needed=migrate.newest())
        raise SchemaTooNew(found=found, needed=migrate.newest())

    async def healthy(self) -> str | None:
        """None, or what is wrong, in a sentence."""
        try:
            async with asyncio.timeout(_PULSE_TIMEOUT_S), self.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except TimeoutError:
            return DatabaseUnreachable(url=self.url, why=f"no answer within {_PULSE_TIMEOUT_S:g} s").sentence()
        except CallwrightError as error:
            return error.sentence()
        except DBAPIError as error:
            return DatabaseUnreachable(url=self.url, why=_first_line(error)).sentence()
        return None

    async def close(self) -> None:
        await self._quick.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def _opened(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        connection = engine.connect()
        with _clear_errors(self.url):
            await connection.start()
        try:
            yield connection
        finally:
            await asyncio.shield(connection.close())

    def _upgrade(self, connection: Connection) -> None:
        found = migrate.found(connection)
        if not migrate.knows(found):
            raise SchemaTooNew(found=found, needed=migrate.newest())
        migrate.upgrade(connection)

    def _file_is_missing(self) -> bool:
        return self.is_sqlite and not self._file.exists()

    @property
    def _file(self) -> Path:
        return Path((self._url.database or "").removeprefix("file:"))

    def _make_file(self) -> None:
        """For its owner only: customers, password hashes and the phones' secrets are in it. (SQLite gives its other
        files the same mode.)"""
        if not self._file_is_missing():
            return
        try:
            self._file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
        except OSError as error:
            raise DatabaseNotWritable(url=self.url, why=f"{error.filename}: {error.strerror}") from error


def _driver_url(text_url: str) -> URL:
    try:
        url = make_url(text_url)
    except ArgumentError:
        raise DatabaseUrlWrong(why="it is not a URL") from None
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            if url.database in (None, "", ":memory:"):
                raise DatabaseUrlWrong(why="SQLite needs a file")
            return url.set(drivername="sqlite+aiosqlite")
        case "postgres" | "postgresql" | "postgresql+asyncpg":
            if not url.database:
                raise DatabaseUrlWrong(why="the name of the database is missing")
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise DatabaseUrlWrong(why=f"{other} is neither sqlite nor postgresql")


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        pool_pre_ping=not is_sqlite,  # a server that was restarted costs nobody an error
        connect_args={"timeout": BUSY_TIMEOUT_S, **({"async_creator_fn": SqliteLine} if is_sqlite else {})},
        hide_parameters=True,  # errors are logged, and among the values are passwords' hashes and phones' secrets
    )
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: a reader must never become a writer half-way
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("callwright_writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _clear_errors(url: str) -> Iterator[None]:
    """The driver's complaint in our own words: not there, or not writable."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnreachable(url=url, why="all connections are in use") from error
    except DBAPIError as error:
        kind = DatabaseNotWritable if _is_refusal(error) else DatabaseUnreachable
        raise kind(url=url, why=_first_line(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnreachable(url=url, why=_first_line(error)) from error


@contextmanager
def _refusals(url: str) -> Iterator[None]:
    """Within a transaction only one thing is the database's own fault: that it lets nobody write."""
    try:
        yield
    except DBAPIError as error:
        if _is_refusal(error):
            raise DatabaseNotWritable(url=url, why=_first_line(error)) from error
        raise


def _is_refusal(error: DBAPIError) -> bool:
    """A file without write permission, a full disk, a standby server."""
    why = _first_line(error)
    return any(words in why for words in ("readonly", "read-only", "is full", "No space left"))


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
