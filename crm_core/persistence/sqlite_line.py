"""aiosqlite's connection, of which two may say that it is over: the second does not wait for ever.

When a statement that waits for a lock is cancelled twice, SQLAlchemy first closes the connection and then stops it; the
close goes on, and stops it once more. The connection's thread ends at the first stop and answers no second one.
"""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import Any

import aiosqlite

_ROWS_AT_ONCE = 64  # as aiosqlite's own


class SqliteLine(aiosqlite.Connection):
    def __init__(self, database: str, **how: Any) -> None:
        """Opens when it is awaited, by what `sqlite3.connect` takes."""
        super().__init__(partial(sqlite3.connect, database, **how), _ROWS_AT_ONCE)
        self._stopped = False
        self._thread.daemon = True  # a lock that nobody frees does not keep the process

    def stop(self) -> asyncio.Future[Any] | None:
        """None the second time: there is nothing to wait for."""
        if self._stopped:
            return None
        self._stopped = True
        return super().stop()
