"""Short work in the background that is never cut off in the middle: a database does not like it.

At the end of a process jobs are waited for, not cancelled. A job that breaks is told to the log and nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

LIMIT_S: Final = 5.0
"""Jobs are queries; one that takes longer than this at the end has lost its database."""
_log = structlog.get_logger("agent_console.live")


class Jobs:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    async def run(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Waits until it is over, well or not; whoever waits may be cancelled, the job goes on to its end."""
        await asyncio.wait({self.start(work, name=name)})

    async def finish(self) -> None:
        """Until everything that was begun is done."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LIMIT_S)
        for task in self._tasks:
            task.cancel()

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a job failed", action=task.get_name(), exc_info=error)
