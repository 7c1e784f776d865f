"""Tickets in the lines of queues: whoever serves them is told at once what somebody did here."""

from __future__ import annotations

import contextlib

from crm_core.domain.tickets import Ticket
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.services.tickets import Tickets
from cti.commands import PutTickets


async def tell_line(bus: Bus, tickets: Tickets, ticket: Ticket) -> None:
    """The telephone side finds it in the log as well, a moment later; also when it is away now."""
    if ticket.queue is None:
        return
    with contextlib.suppress(NobodyServes, RequestTimedOut):
        await bus.request(PutTickets(tickets=await tickets.work_of([ticket.id])))
