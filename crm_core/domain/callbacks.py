"""Promises to call back: whom, when, why, and about which ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, TicketId, UserId
from crm_core.kernel.phone import PhoneNumber


class CallbackState(StrEnum):
    SCHEDULED = "scheduled"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"
    """Nobody called in time, and it is too late now; may be rescheduled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    id: CallbackId
    number: PhoneNumber
    due_at: datetime
    why: str
    state: CallbackState = CallbackState.SCHEDULED
    customer: CustomerId | None = None
    contact: ContactId | None = None
    ticket: TicketId | None = None
    call: CallId | None = None
    """The call in which it was promised."""
    assignee: UserId | None = None
    """None: whoever is free."""
    created_by: UserId | None = None
    created_at: datetime
    done_by: UserId | None = None
    done_at: datetime | None = None
    done_call: CallId | None = None
    """The call by which the promise was kept."""
    note: str = ""
    """What came of it."""

    def overdue(self, now: datetime) -> bool:
        return self.state is CallbackState.SCHEDULED and self.due_at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFilter:
    text: str = ""
    states: tuple[CallbackState, ...] = ()
    assignee: UserId | None = None
    or_unassigned: bool = False
    """With `assignee`: also those that belong to nobody."""
    unassigned: bool = False
    customer: CustomerId | None = None
    ticket: TicketId | None = None
    call: CallId | None = None
    """Promised in this call, or kept by it."""
    since: datetime | None = None
    until: datetime | None = None
    """Due before this."""
