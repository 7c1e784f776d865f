"""How much has come and how much of it is over: who asks waits for what had come by then, and for no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Progress:
    __slots__ = ("_come", "_moved", "_over")

    def __init__(self) -> None:
        self._come = self._over = 0
        self._moved = asyncio.Event()

    def come(self) -> None:
        """One more, to be done in its turn."""
        self._come += 1

    def over(self, count: int = 1) -> None:
        """So many more of the oldest are done, or given up."""
        self._over += count
        self.stir()

    def stir(self) -> None:
        """Those who wait look again whether there is anything to wait for."""
        self._moved.set()

    async def of_now(self, *, as_long_as: Callable[[], bool] = lambda: True) -> None:
        """Returns when all that has come before now is over; at once when there is nothing to wait for any more."""
        wanted = self._come
        while self._over < wanted and as_long_as():
            self._moved.clear()
            await self._moved.wait()
