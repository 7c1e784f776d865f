"""Who is calling, looked up before anybody asks: begun when the call arrives, ready when an agent is chosen.

One entry a call. `on_change` is told each time a call's pop is ready or has become another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from agent_console.live.jobs import Jobs
from agent_console.live.screen_pop import Background, Chosen, Names, ScreenPop, screen_pop, wanted
from crm_core.domain.calls import CallNote, CallRecord
from crm_core.domain.customers import Match
from crm_core.domain.orders import OrderFilter
from crm_core.errors import NotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, CustomerId
from crm_core.services.bundle import Services

LAST_CALLS: Final = 8
MOST_ORDERS: Final = 8
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0)
"""Before a failed look-up is tried again."""
_log = structlog.get_logger("agent_console.live")


@dataclass(slots=True)
class _Entry:
    ani: str
    match: Match | None = None
    chosen: Chosen | None = None
    disowned: bool = False
    """The agent said that it is not who the number belongs to."""
    pop: ScreenPop | None = None
    notes: tuple[CallNote, ...] = ()
    """What was written about this call by now."""
    looks: int = 0
    """How often it was asked for, and which of the answers is shown."""
    shown: int = 0


class Lookup:
    def __init__(self, services: Services, clock: Clock, jobs: Jobs, on_change: Callable[[CallId], None]) -> None:
        self._services, self._clock, self._jobs, self._on_change = services, clock, jobs, on_change
        self._entries: dict[CallId, _Entry] = {}

    def begin(self, call: CallId, ani: str, *, resumed: bool = False) -> None:
        """Look the caller up, unless that was begun already. `resumed`: an agent may have said who it is before."""
        if call in self._entries:
            return
        entry = self._entries[call] = _Entry(ani=ani)
        self._jobs.start(self._find(call, entry, resumed), name=f"lookup {call}")

    def pop(self, call: CallId) -> ScreenPop | None:
        """What is known by now; None while the look-up is under way."""
        entry = self._entries.get(call)
        return entry.pop if entry else None

    def notes(self, call: CallId) -> tuple[CallNote, ...]:
        entry = self._entries.get(call)
        return entry.notes if entry else ()

    def chosen(self, call: CallId) -> Chosen | None:
        """Whose call it is: said by the agent, or known for certain."""
        entry = self._entries.get(call)
        if entry is None:
            return None
        if entry.chosen is None and not entry.disowned and entry.match is not None and entry.match.customer is not None:
            return Chosen(customer=entry.match.customer, contact=entry.match.contact)
        return entry.chosen

    async def whose(self, call: CallId) -> Chosen | None:
        """The same for what is written about a call; the call log knows it of one that is no longer looked up."""
        entry = self._entries.get(call)
        if entry is not None and entry.match is not None:
            return self.chosen(call)
        record = await self._record(call)
        return _chosen(record) if record else None

    def caller_names(self, call: CallId) -> Names:
        """The customer's name when he is certain, for lists."""
        pop = self.pop(call)
        return pop.customer.names if pop and pop.customer and self.chosen(call) else {}

    async def choose(self, call: CallId, chosen: Chosen) -> None:
        """The agent said who it is."""
        entry = self._entries.get(call)
        if entry is not None:
            entry.chosen, entry.disowned = chosen, False
            await self.refresh(call)

    async def disown(self, call: CallId) -> None:
        """The agent said that it is not who we thought."""
        entry = self._entries.get(call)
        if entry is not None:
            entry.chosen, entry.disowned = None, True
            await self.refresh(call)

    async def reread(self, call: CallId) -> None:
        """Somebody said it elsewhere: at another console, on the call's page, over the interface."""
        entry, record = self._entries.get(call), await self._record(call)
        if entry is None or record is None or record.customer_by is None:
            return
        chosen = _chosen(record)
        if chosen != entry.chosen or entry.disowned is not (chosen is None):
            entry.chosen, entry.disowned = chosen, chosen is None
            await self.refresh(call)

    async def refresh(self, call: CallId) -> None:
        """Ask the services again."""
        entry = self._entries.get(call)
        if entry is None:
            return
        await self._look(call, entry)

    def forget(self, call: CallId) -> None:
        self._entries.pop(call, None)

    def forget_all_but(self, calls: set[CallId]) -> None:
        for call in [known for known in self._entries if known not in calls]:
            self.forget(call)

    async def _find(self, call: CallId, entry: _Entry, resumed: bool) -> None:
        for attempt, pause in enumerate((*_PAUSES_S, None), start=1):
            try:
                if resumed:
                    await self._remember(call, entry)
                await self._look(call, entry)
            except Exception:
                _log.exception("look-up failed", action="lookup", call=call, attempt=attempt)
                if pause is None or not await self._still_wanted(call, entry, pause):
                    return
            else:
                return

    async def _look(self, call: CallId, entry: _Entry) -> None:
        """What a later look has found already stays: it knows what the agent has said since."""
        entry.looks += 1
        mine = entry.looks
        pop = await self._pop(call, entry)
        if mine > entry.shown:
            entry.shown, entry.pop = mine, pop
            self._on_change(call)

    async def _still_wanted(self, call: CallId, entry: _Entry, pause: float) -> bool:
        """Whether, after a pause, anybody still asks for this caller."""
        await asyncio.sleep(pause)
        return self._entries.get(call) is entry

    async def _remember(self, call: CallId, entry: _Entry) -> None:
        """What an agent said before our time: who it is, or that it is somebody else."""
        record = await self._record(call)
        said_since = entry.chosen is not None or entry.disowned
        if record is not None and record.customer_by is not None and not said_since:
            entry.chosen = _chosen(record)
            entry.disowned = entry.chosen is None

    async def _record(self, call: CallId) -> CallRecord | None:
        try:
            return await self._services.calls.get(call)
        except NotFound:
            return None

    async def _pop(self, call: CallId, entry: _Entry) -> ScreenPop:
        entry.match = await self._services.customers.who_is(entry.ani, self._clock.now())
        entry.notes = await self._notes(call)
        subjects = wanted(entry.match, entry.chosen)
        found = await asyncio.gather(*(self._background(one) for one in subjects))
        known = {one: background for one, background in zip(subjects, found, strict=True) if background is not None}
        region = self._services.customers.region
        return screen_pop(call, entry.match, known, region=region, chosen=entry.chosen, disowned=entry.disowned)

    async def _notes(self, call: CallId) -> tuple[CallNote, ...]:
        """None of a call that the log has not heard of yet."""
        try:
            return await self._services.calls.notes(call)
        except NotFound:
            return ()

    async def _background(self, customer: CustomerId) -> Background | None:
        """None when the customer has been removed this very moment."""
        services = self._services
        try:
            details, calls, tickets, callbacks, orders = await asyncio.gather(
                services.customers.details(customer),
                services.calls.of_customer(customer, limit=LAST_CALLS),
                services.tickets.of_customer(customer, open_only=True),
                services.callbacks.of_customer(customer, scheduled_only=True),
                services.orders.search(OrderFilter(customer=customer, open=True), limit=MOST_ORDERS),
            )
        except NotFound:
            return None
        return Background(
            details=details,
            calls=calls.items,
            tickets=tickets.items,
            callbacks=callbacks.items,
            orders=orders.items,
        )


def _chosen(record: CallRecord) -> Chosen | None:
    return Chosen(customer=record.customer, contact=record.contact) if record.customer else None
