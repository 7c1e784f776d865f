"""Promises to call back: made, moved, kept."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.callbacks import Callback, CallbackFilter
from crm_core.domain.paging import Page
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, TicketId, UserId
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Callbacks:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def schedule(
        self,
        *,
        due_at: datetime,
        why: str,
        number: str = "",
        customer: CustomerId | None = None,
        contact: ContactId | None = None,
        ticket: TicketId | None = None,
        call: CallId | None = None,
        assignee: UserId | None = None,
        by: UserId | None = None,
    ) -> Callback:
        """Without `number` the customer's most likely one is taken; without either it is refused."""
        raise NotImplementedError

    async def reschedule(
        self, callback: CallbackId, due_at: datetime, *, why: str | None = None, by: UserId | None = None
    ) -> Callback:
        """Moves a scheduled or missed callback."""
        raise NotImplementedError

    async def assign(self, callback: CallbackId, assignee: UserId | None, *, by: UserId | None = None) -> Callback:
        raise NotImplementedError

    async def complete(
        self, callback: CallbackId, *, note: str = "", call: CallId | None = None, by: UserId | None = None
    ) -> Callback:
        raise NotImplementedError

    async def cancel(self, callback: CallbackId, *, note: str = "", by: UserId | None = None) -> Callback:
        raise NotImplementedError

    async def get(self, callback: CallbackId) -> Callback:
        raise NotImplementedError

    async def due(self, now: datetime, *, assignee: UserId | None = None, limit: int = 100) -> tuple[Callback, ...]:
        """Scheduled for now or earlier, longest overdue first; with `assignee` his and nobody's."""
        raise NotImplementedError

    async def mark_missed(self, before: datetime) -> tuple[Callback, ...]:
        """Scheduled before this and still not made: they are missed now. For the worker."""
        raise NotImplementedError

    async def search(
        self, filters: CallbackFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Callback]:
        """Earliest due first."""
        raise NotImplementedError

    async def of_customer(
        self, customer: CustomerId, *, scheduled_only: bool = False, cursor: str | None = None, limit: int = 20
    ) -> Page[Callback]:
        raise NotImplementedError
