"""One at a time: two programs that install, or start, the same Asterisk take turns."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

_LOOK_AGAIN_S = 0.2


@contextlib.asynccontextmanager
async def alone(lock: Path) -> AsyncIterator[None]:
    """Waits until nobody else is in a block with this lock file. A program that dies gives its turn back."""
    with lock.open("w") as ours:
        while not _taken(ours):
            await asyncio.sleep(_LOOK_AGAIN_S)  # not in a thread that waits for the lock: Ctrl-C would not end that
        yield


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
