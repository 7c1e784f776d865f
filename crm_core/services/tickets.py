"""Tickets: made, worked on, solved; with a number people can say on the phone and a full history."""

from __future__ import annotations

from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.domain.tickets import Ticket, TicketEntry, TicketFilter, TicketPriority, TicketStatus, TicketType
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, ContactId, CustomerId, TicketId, UserId
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Tickets:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def create(
        self,
        *,
        subject: str,
        description: str = "",
        type: TicketType = TicketType.OTHER,
        priority: TicketPriority = TicketPriority.NORMAL,
        topic: str = "",
        customer: CustomerId | None = None,
        contact: ContactId | None = None,
        call: CallId | None = None,
        assignee: UserId | None = None,
        department: str | None = None,
        by: UserId | None = None,
    ) -> Ticket:
        raise NotImplementedError

    async def update(
        self,
        ticket: TicketId,
        *,
        subject: str | Keep = KEEP,
        description: str | Keep = KEEP,
        type: TicketType | Keep = KEEP,
        status: TicketStatus | Keep = KEEP,
        priority: TicketPriority | Keep = KEEP,
        topic: str | Keep = KEEP,
        customer: CustomerId | Keep | None = KEEP,
        contact: ContactId | Keep | None = KEEP,
        assignee: UserId | Keep | None = KEEP,
        department: str | Keep | None = KEEP,
        version: int | None = None,
        by: UserId | None = None,
    ) -> Ticket:
        """With `version`: refused with TicketChangedMeanwhile when the ticket has moved on since."""
        raise NotImplementedError

    async def comment(
        self, ticket: TicketId, text: str, *, call: CallId | None = None, by: UserId | None = None
    ) -> TicketEntry:
        raise NotImplementedError

    async def link_call(self, ticket: TicketId, call: CallId, *, by: UserId | None = None) -> None:
        raise NotImplementedError

    async def get(self, ticket: TicketId | str) -> Ticket:
        """By id or by number."""
        raise NotImplementedError

    async def search(
        self, filters: TicketFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Ticket]:
        """Latest change first."""
        raise NotImplementedError

    async def history(self, ticket: TicketId) -> tuple[TicketEntry, ...]:
        """Oldest first."""
        raise NotImplementedError

    async def of_customer(
        self, customer: CustomerId, *, open_only: bool = False, cursor: str | None = None, limit: int = 20
    ) -> Page[Ticket]:
        raise NotImplementedError

    async def of_call(self, call: CallId) -> tuple[Ticket, ...]:
        raise NotImplementedError
