"""The house's database: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection


class Database:
    def __init__(self, url: str) -> None:
        """Opens nothing yet. Raises DatabaseUrlWrong."""
        self.url = url

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for writing: committed at the end, undone on an exception."""
        raise NotImplementedError
        yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading only."""
        raise NotImplementedError
        yield

    async def upgrade(self) -> None:
        """Brings the schema to this program's version; harmless when it is there already."""
        raise NotImplementedError

    async def check(self) -> None:
        """Raises a DatabaseError when the database is not reachable, not writable or of another version."""
        raise NotImplementedError

    async def healthy(self) -> str | None:
        """None, or what is wrong, in a sentence."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
