"""The same wish twice is carried out once: a double click, or a browser that sends again after its line broke."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

_R = TypeVar("_R")
REMEMBERED: Final = 5_000


class Once(Generic[_R]):
    """Answers by key, the newest kept. Whoever comes while the first is at work waits for the same answer."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._answers: OrderedDict[tuple[str, str], asyncio.Future[_R]] = OrderedDict()
        self._remembered = remembered

    async def __call__(self, who: str, key: str, work: Callable[[], Awaitable[_R]]) -> _R:
        """`work` must not raise for expected refusals; after an exception the same key may be tried again."""
        known = self._answers.get((who, key))
        if known is not None:
            return await asyncio.shield(known)
        answer = self._answers[(who, key)] = asyncio.get_running_loop().create_future()
        self._drop_oldest()
        try:
            found = await work()
        except BaseException as error:
            del self._answers[(who, key)]
            answer.set_exception(error)
            answer.exception()  # nobody else may be waiting
            raise
        answer.set_result(found)
        return found

    def _drop_oldest(self) -> None:
        while len(self._answers) > self._remembered:
            self._answers.popitem(last=False)
