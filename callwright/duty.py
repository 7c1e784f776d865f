"""Of several processes that could, one serves telephony; the others stand by, and one of them takes over when it dies.

Who serves is settled by a seat of the bus. Losing it ends the service; and whoever takes it ends what sessions the one
before still has at Asterisk (`AmiLink`), so that one who hung and wakes up can do nothing in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from agent_console.settings import Check
from crm_core.kernel.bus import Seat
from crm_core.kernel.errors import CallwrightError

_AGAIN_S = 1.0
"""After an attempt to serve that failed."""
_log = structlog.get_logger(__name__)


class Duty:
    """`async with Duty(seat, serve) as duty:` serves whenever the seat is ours, until the block ends.

    `serve(took_over)` is entered for each spell and gives its checks. If the seat is ours at once, a first spell that
    cannot begin raises; later ones are tried again.
    """

    def __init__(self, seat: Seat, serve: Callable[[bool], AbstractAsyncContextManager[Sequence[Check]]]) -> None:
        self._seat, self._serve = seat, serve
        self._checks: dict[str, Callable[[], Awaitable[str | None]]] = {}
        self._trouble = ""
        self._leaving = asyncio.Event()
        self._settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._work: asyncio.Task[None] | None = None

    @property
    def serves(self) -> bool:
        return bool(self._checks)

    def check(self, part: str) -> Check:
        """How this part of the service is, whoever serves: one who stands by is well."""
        return part, partial(self._ask, part)

    async def _ask(self, part: str) -> str | None:
        ask = self._checks.get(part)
        return await ask() if ask is not None else self._trouble or None

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._run(), name="duty")
        try:
            await asyncio.shield(self._settled)
        except BaseException:
            await self._end(self._work)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._work is not None:
            await self._end(self._work)

    async def _end(self, work: asyncio.Task[None]) -> None:
        self._leaving.set()
        await asyncio.wait({work})

    async def _run(self) -> None:
        while not self._leaving.is_set():
            if not self._seat.held:
                _log.info("standing by until it is our turn", action="duty")
                self._settle()
                await self._either(self._seat.taken())
            if not self._leaving.is_set():
                await self._spell()

    async def _spell(self) -> None:
        try:
            async with self._serve(self._settled.done()) as checks:
                self._checks, self._trouble = dict(checks), ""
                self._settle()
                await self._either(self._seat.lost())
                if not self._leaving.is_set():
                    _log.warning("another process serves from now on", action="duty")
        except Exception as error:
            if not self._settled.done():
                self._settled.set_exception(error)
                self._leaving.set()
                return
            self._trouble = str(error)
            known = isinstance(error, CallwrightError | OSError)
            _log.error("telephony cannot be served", action="duty", why=str(error), exc_info=not known)
            await self._seat.step_back()
            await self._either(asyncio.sleep(_AGAIN_S))
        finally:
            self._checks = {}

    def _settle(self) -> None:
        if not self._settled.done():
            self._settled.set_result(None)

    async def _either(self, wanted: Awaitable[None]) -> None:
        """Until that, or until we are to leave."""
        tasks = {asyncio.ensure_future(wanted), asyncio.ensure_future(self._leaving.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
