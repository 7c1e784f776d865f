"""Callbacks of the line and those of the CRM: who was never reached in the line becomes one of the CRM, with what was
tried; and whom the menu promised one because the line's answer was lost on its way has the one in the line only."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta, tzinfo
from types import TracebackType
from typing import Final, Self

import structlog

from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import Event
from crm_core.services.bundle import Services
from cti.events import CallbackGivenUp, CallbackPromised, InVain, Outcome
from ivr.enquiries import Enquiries

GROUP = "callbacks"
ANSWER_LOST = timedelta(minutes=1)
"""So long after a promise the menu may have made its own, not knowing of it."""
IN_LINE = "已在排队中登记回电 · promised in the line"
_WORDS: Final = {
    Outcome.BUSY: ("忙线", "busy"),
    Outcome.NO_ANSWER: ("无人接听", "no answer"),
    Outcome.REJECTED: ("拒接", "declined"),
    Outcome.CANCELLED: ("坐席挂断", "we hung up"),
}
_OTHERWISE: Final = ("未接通", "not put through")

_log = structlog.get_logger(__name__)


class CallbackKeeper:
    """`async with CallbackKeeper(…)`: none is lost until the block ends."""

    def __init__(self, bus: Bus, services: Services, clock: Clock, zone: tzinfo) -> None:
        self._bus, self._services, self._clock, self._zone = bus, services, clock, zone
        self._enquiries = Enquiries(services, clock.now, zone)
        self._parts = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._parts.enter_async_context(self._bus.consume(GROUP, self.take, CallbackGivenUp, CallbackPromised))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    async def take(self, event: Event) -> None:
        """May be told twice; raising means: once more."""
        try:
            match event:
                case CallbackGivenUp():
                    await self._keep(event)
                case CallbackPromised():
                    await self._only_one(event)
                case _:
                    return
        except CallwrightError as error:  # nobody can ever call that number, or it is known already
            _log.error("the callback could not be kept", action="callbacks", told=event.topic, why=str(error))

    async def _only_one(self, promised: CallbackPromised) -> None:
        """What a person has promised him stays, and so does one at another number."""
        of_this_call = CallbackFilter(call=promised.call, states=(CallbackState.SCHEDULED,))
        number = self._services.customers.number(promised.number).key
        for one in await self._services.callbacks.search(of_this_call):
            if one.created_by is None and one.created_at <= promised.at + ANSWER_LOST and one.number.key == number:
                await self._services.callbacks.cancel(one.id, note=IN_LINE)

    async def _keep(self, given_up: CallbackGivenUp) -> None:
        callbacks = self._services.callbacks
        kept = await callbacks.search(CallbackFilter(call=given_up.call, states=(CallbackState.SCHEDULED,)))
        if any(True for _ in kept):
            return
        await self._services.calls.expect(given_up.call, given_up.at)
        await callbacks.schedule(
            due_at=self._clock.now(),
            why=self.why(given_up),
            number=given_up.number,
            customer=await self._enquiries.customer("", given_up.number),
            call=given_up.call,
        )

    def why(self, given_up: CallbackGivenUp) -> str:
        """In both languages, as nobody knows yet who will read it."""
        if given_up.unsure is not None:
            return (
                "排队时要求回电；回拨期间系统中断，不确定是否已与客户通话，请先核实 · "
                "asked for while waiting; the system was away while he was called back, so it is not known whether he "
                "was talked with: ask first"
            )
        if not given_up.in_vain:
            return "排队时要求回电，一周内未能拨打 · asked for while waiting; nobody could call for a week"
        times, zh, en = len(given_up.in_vain), self._tried(given_up.in_vain, 0), self._tried(given_up.in_vain, 1)
        return (
            f"排队时要求回电，已拨打 {times} 次未接通（{'，'.join(zh)}） · "
            f"asked for while waiting; called {times} times in vain ({', '.join(en)})"
        )

    def _tried(self, in_vain: tuple[InVain, ...], language: int) -> list[str]:
        return [
            f"{one.at.astimezone(self._zone):%H:%M} {_WORDS.get(one.outcome, _OTHERWISE)[language]}" for one in in_vain
        ]
