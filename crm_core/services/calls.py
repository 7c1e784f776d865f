"""The call log: told by events, completed by people."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.domain.calls import CallFilter, CallRecord, Leg
from crm_core.domain.log import LoggedEvent
from crm_core.domain.paging import Page
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, ContactId, CustomerId, UserId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Calls:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def apply(self, event: Event) -> None:
        """Keep this event and retell the call it belongs to. In any order, as often as you like."""
        raise NotImplementedError

    async def apply_all(self, events: Sequence[Event]) -> None:
        """The same for many at once, in one transaction; what a busy journal should call."""
        raise NotImplementedError

    async def get(self, call: CallId) -> CallRecord:
        raise NotImplementedError

    async def search(
        self, filters: CallFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]:
        """Newest first."""
        raise NotImplementedError

    async def of_customer(
        self, customer: CustomerId, *, cursor: str | None = None, limit: int = 20
    ) -> Page[CallRecord]:
        raise NotImplementedError

    async def set_customer(
        self, call: CallId, customer: CustomerId | None, contact: ContactId | None = None, *, by: UserId | None = None
    ) -> CallRecord:
        raise NotImplementedError

    async def set_disposition(self, call: CallId, code: str, note: str = "", *, by: UserId | None = None) -> CallRecord:
        raise NotImplementedError

    async def legs(self, call: CallId) -> tuple[Leg, ...]:
        """In order of time."""
        raise NotImplementedError

    async def events(self, call: CallId) -> tuple[LoggedEvent, ...]:
        """Everything told about this call, in order of time."""
        raise NotImplementedError
