"""A seat of the bus that a test gives and takes away."""

from __future__ import annotations

import asyncio


class GivenSeat:
    shared = True

    def __init__(self, *, held: bool = False) -> None:
        self._ours, self._theirs = asyncio.Event(), asyncio.Event()
        self.stepped_back = 0
        if held:
            self._ours.set()

    @property
    def held(self) -> bool:
        return self._ours.is_set()

    @property
    def may_tell(self) -> bool:
        return not self._theirs.is_set()

    async def sure(self) -> bool:
        return self.held

    async def taken(self) -> None:
        await self._ours.wait()

    async def lost(self) -> None:
        await self._theirs.wait()

    async def step_back(self) -> None:
        self.stepped_back += 1

    def goes(self) -> None:
        self._ours.clear()
        self._theirs.set()

    def comes(self) -> None:
        self._theirs.clear()
        self._ours.set()
