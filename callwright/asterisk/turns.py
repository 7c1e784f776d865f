"""One at a time: two programs that install, or start, the same Asterisk take turns."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path


@contextlib.asynccontextmanager
async def alone(lock: Path) -> AsyncIterator[None]:
    """Waits until nobody else is in a block with this lock file. A program that dies gives its turn back."""
    with lock.open("w") as held:
        await asyncio.to_thread(fcntl.flock, held, fcntl.LOCK_EX)
        yield
