"""Who is being asked to take which ticket: looked up once, and kept for desks that come later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from agent_console.live.jobs import Jobs
from agent_console.live.protocol import Names, TicketAsk
from agent_console.live.screen_pop import names
from crm_core.domain.tickets import Ticket
from crm_core.errors import NotFound
from crm_core.kernel.ids import AgentId, TicketId
from crm_core.services.bundle import Services
from cti.events import TicketOffered, TicketOfferEnded, WaitingTicket
from routing.reasons import Because


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    ticket: TicketId
    agent: AgentId
    until: datetime
    because: Because


class TicketAsks:
    def __init__(self, services: Services, jobs: Jobs, tell: Callable[[AgentId, TicketAsk | None], None]) -> None:
        self._services, self._jobs, self._tell = services, jobs, tell
        self._asked: dict[AgentId, Asked] = {}
        self._messages: dict[AgentId, TicketAsk] = {}

    def of(self, agent: AgentId) -> TicketAsk | None:
        return self._messages.get(agent)

    def hear(self, event: TicketOffered | TicketOfferEnded) -> None:
        match event:
            case TicketOffered():
                self._begin(Asked(ticket=event.ticket, agent=event.agent, until=event.until, because=event.because))
            case TicketOfferEnded():
                asked = self._asked.get(event.agent)
                if asked is not None and asked.ticket == event.ticket:
                    self._end(asked)

    def seed(self, waiting: Iterable[WaitingTicket], fresh: Collection[str]) -> None:
        """As the floor is; what was heard meanwhile (`fresh`) is newer."""
        found = {
            one.offered_to: Asked(ticket=one.ticket, agent=one.offered_to, until=one.until, because=one.because)
            for one in waiting
            if one.offered_to is not None and one.until is not None and one.because is not None
        }
        for asked in list(self._asked.values()):
            if found.get(asked.agent) != asked and asked.ticket not in fresh:
                self._end(asked)
        for asked in found.values():
            if asked.ticket not in fresh and self._asked.get(asked.agent) != asked:
                self._begin(asked)

    def _begin(self, asked: Asked) -> None:
        self._asked[asked.agent] = asked
        self._messages.pop(asked.agent, None)
        self._jobs.start(self._look_up(asked), name="ticket")

    def _end(self, asked: Asked) -> None:
        del self._asked[asked.agent]
        self._messages.pop(asked.agent, None)
        self._tell(asked.agent, None)

    async def _look_up(self, asked: Asked) -> None:
        try:
            ticket = await self._services.tickets.get(asked.ticket)
            customer = await self._customer(ticket)
        except NotFound:
            return
        if self._asked.get(asked.agent) == asked:
            self._messages[asked.agent] = _message(asked, ticket, customer)
            self._tell(asked.agent, self._messages[asked.agent])

    async def _customer(self, ticket: Ticket) -> Names:
        if ticket.customer is None:
            return {}
        found = await self._services.customers.get(ticket.customer)
        return names(found.name, found.name_en)


def _message(asked: Asked, ticket: Ticket, customer: Names) -> TicketAsk:
    return TicketAsk(
        ticket=ticket.id,
        number=ticket.number,
        subject=ticket.subject,
        description=ticket.description,
        priority=ticket.priority.value,
        customer=customer,
        queue=ticket.queue,
        since=ticket.queued_at or ticket.created_at,
        until=asked.until,
        because=replace(asked.because, compared=()),
    )
