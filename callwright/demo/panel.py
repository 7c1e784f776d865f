"""Carries out what the demo's panel asks: place a test call, hang it up."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from agent_console.pages.demo.commands import HangUpTestCall, PlaceTestCall, TestCallPlaced
from callwright.demo.callers import CallPlan, PlacedCall, TestCaller, TestCallImpossible
from callwright.demo.phones import NoPhoneFree
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import CallId
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.messages import Command, CommandResult

_ARRIVAL_LIMIT_S = 3.0
_LOOK_EVERY_S = 0.05


class DemoPanel:
    """`async with DemoPanel(bus, caller)`: serves the panel's commands until the block ends."""

    def __init__(self, bus: Bus, caller: TestCaller) -> None:
        self._bus = bus
        self._caller = caller
        self._resources = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._resources.enter_async_context(self._bus.serve(self._carry_out, PlaceTestCall, HangUpTestCall))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    async def _carry_out(self, command: Command) -> CommandResult:
        match command:
            case PlaceTestCall():
                return await self._place(command)
            case HangUpTestCall(call=call):
                return await self._hang_up(call)
            case _:
                return CommandResult(ok=False, code="demo.unknown_command")

    async def _place(self, command: PlaceTestCall) -> CommandResult:
        try:
            placed = await self._caller.place(_plan(command))
        except TestCallImpossible:
            return TestCallPlaced(ok=False, code="demo.bad_number")
        except NoPhoneFree:
            return TestCallPlaced(ok=False, code="demo.busy")
        return TestCallPlaced(ok=True, call=await _its_id(placed))

    async def _hang_up(self, call: CallId) -> CommandResult:
        for placed in self._caller.calls:
            if placed.call == call:
                await placed.hang_up()
                return CommandResult(ok=True)
        return CommandResult(ok=False, code="call.unknown")


def _plan(command: PlaceTestCall) -> CallPlan:
    known = set(Language)
    return CallPlan(
        number=command.caller or None,
        name=command.name,
        dnis=command.dnis,
        language=Language(command.language) if command.language in known else DEFAULT_LANGUAGE,
        choice=command.choice,
    )


async def _its_id(placed: PlacedCall) -> CallId | None:
    """Our conversation id, told by the house a moment after the line rang."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ARRIVAL_LIMIT_S):
            while placed.call is None and not placed.over.is_set():
                await asyncio.sleep(_LOOK_EVERY_S)
    return placed.call
