"""Sees to it that telephony knows the tickets in the lines as the database has them, whoever wrote them and where."""

from __future__ import annotations

import asyncio

import structlog

from crm_core.domain.audit import Audited
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import TicketId
from crm_core.services.event_log import EventLog
from crm_core.services.tickets import Tickets
from cti.commands import PutTickets

LOOK_S = 1.0
_AT_A_TIME = 500
_OF_A_TICKET = "ticket."
_log = structlog.get_logger(__name__)


class TicketWatch:
    """`run` it beside telephony. First all tickets are told, then those of which the log tells that they have changed.
    A console says at once what an agent did; everything else, and what was lost on the way, is noticed here."""

    def __init__(self, tickets: Tickets, event_log: EventLog, bus: Bus) -> None:
        self._tickets, self._event_log, self._bus = tickets, event_log, bus
        self._position: int | None = None
        """How far the log was read; None: telephony does not know yet what there is."""
        self._once_more: set[TicketId] = set()
        """Those told last. What a console had read before, and says after us, would be believed for ever."""

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        try:
            await (self._tell_all() if self._position is None else self._tell_changed(self._position))
        except Exception as error:  # the database is away, or telephony is; then it is told everything
            self._position = None
            _log.warning("how the tickets stand is not known", action="tell tickets", error=repr(error))

    async def _tell_all(self) -> None:
        position = await self._event_log.last()  # first: what changes while we read is read again
        await self._bus.request(PutTickets(tickets=await self._tickets.in_line(), whole=True))
        self._position = position

    async def _tell_changed(self, after: int) -> None:
        changed, before = set[TicketId](), self._once_more
        while lines := await self._event_log.read(after, _AT_A_TIME, Audited.topic):
            after = lines[-1].position
            changed |= {TicketId(line.body["subject"]) for line in lines if _is_of_a_ticket(line.body)}
        all_of_them = sorted(changed | before)
        for begin in range(0, len(all_of_them), _AT_A_TIME):
            some = all_of_them[begin : begin + _AT_A_TIME]
            await self._bus.request(PutTickets(tickets=await self._tickets.work_of(some)))
        self._position, self._once_more = after, changed


def _is_of_a_ticket(body: dict[str, object]) -> bool:
    return str(body.get("action", "")).startswith(_OF_A_TICKET)
