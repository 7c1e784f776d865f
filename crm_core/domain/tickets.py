"""What was promised to be done: tickets and everything that happened to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from crm_core.kernel.ids import CallbackId, CallId, ContactId, CustomerId, QueueKey, TicketId, UserId


class TicketStatus(StrEnum):
    NEW = "new"
    """Nobody has taken it up."""
    OPEN = "open"
    PENDING = "pending"
    """Waiting for the customer or somebody outside."""
    SOLVED = "solved"
    CLOSED = "closed"
    """Done for good; may be reopened, nothing else."""


OPEN_STATUSES = (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING)


IN_LINE = (TicketStatus.NEW, TicketStatus.OPEN)
"""A ticket with a queue is work of that queue's line while it is one of these: it waits, or somebody has it."""


class TicketPriority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class TicketType(StrEnum):
    CONSULTATION = "consultation"
    REPAIR = "repair"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    id: TicketId
    number: str
    """`T-20260105-0007`: the day in the house's time zone, and a count within it."""
    subject: str
    description: str = ""
    type: TicketType = TicketType.OTHER
    status: TicketStatus = TicketStatus.NEW
    priority: TicketPriority = TicketPriority.NORMAL
    topic: str = ""
    """The product or subject it is about."""
    customer: CustomerId | None = None
    contact: ContactId | None = None
    call: CallId | None = None
    """The call it was born in; `Tickets.of_call` also finds those linked later."""
    assignee: UserId | None = None
    department: str | None = None
    created_by: UserId | None = None
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    queue: QueueKey | None = None
    """In whose line it waits while nobody has it; None: it is given to nobody …"""
    queued_at: datetime | None = None
    """… and since when it counts as waiting there, whoever had it meanwhile."""
    version: int = 1
    """Grows with every change; give it back with an update to notice that somebody else was faster."""


class EntryKind(StrEnum):
    CREATED = "created"
    COMMENT = "comment"
    CHANGED = "changed"
    CALL = "call"
    """A call was linked."""
    CALLBACK = "callback"
    """A callback was promised, kept or cancelled."""
    HANDED_BACK = "handed_back"
    """Somebody who was given it did not want it, or put it back into the line: he is not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEntry:
    """One line of a ticket's history."""

    id: str
    ticket: TicketId
    at: datetime
    kind: EntryKind
    by: UserId | None = None
    text: str = ""
    changes: dict[str, tuple[Any, Any]] | None = None
    """Field -> (before, after), for `changed`; for `callback` its `state` and `due_at`, and which `callback` it is."""
    call: CallId | None = None

    @property
    def callback(self) -> CallbackId | None:
        """Which promise a line of the kind `callback` tells of; None also in lines from before this was kept."""
        before_and_after = (self.changes or {}).get("callback")
        return CallbackId(before_and_after[1]) if before_and_after else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    text: str = ""
    """Part of the number, the subject, the description, the topic or the customer's name."""
    statuses: tuple[TicketStatus, ...] = ()
    types: tuple[TicketType, ...] = ()
    priorities: tuple[TicketPriority, ...] = ()
    assignee: UserId | None = None
    unassigned: bool = False
    open: bool | None = None
    """True: still to be done. False: solved or closed."""
    department: str | None = None
    queue: QueueKey | None = None
    customer: CustomerId | None = None
    call: CallId | None = None
    """Born in this call, or linked to it."""
    created_by: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWork:
    """A ticket as work in a line: all that whoever gives it to somebody has to know."""

    ticket: TicketId
    number: str
    subject: str
    queue: QueueKey | None = None
    since: datetime
    priority: int = 0
    """Levels above `normal`."""
    assignee: UserId | None = None
    in_line: bool = False
    """It waits, or is on the desk of its assignee; False: it is no work of any line."""
    without: tuple[UserId, ...] = ()
    """Who handed it back."""


_LEVELS = {TicketPriority.LOW: -1, TicketPriority.NORMAL: 0, TicketPriority.HIGH: 1, TicketPriority.URGENT: 2}


def as_work(ticket: Ticket, without: tuple[UserId, ...] = ()) -> TicketWork:
    return TicketWork(
        ticket=ticket.id,
        number=ticket.number,
        subject=ticket.subject,
        queue=ticket.queue,
        since=ticket.queued_at or ticket.created_at,
        priority=_LEVELS[ticket.priority],
        assignee=ticket.assignee,
        in_line=ticket.queue is not None and ticket.status in IN_LINE,
        without=without,
    )


def ticket_number(day: date, count: int) -> str:
    return f"T-{day:%Y%m%d}-{count:04d}"


def status_after_assignment(status: TicketStatus, assignee: UserId | None) -> TicketStatus:
    """A new ticket that somebody gets is open."""
    return TicketStatus.OPEN if status is TicketStatus.NEW and assignee is not None else status


def times_of(status: TicketStatus, ticket: Ticket, now: datetime) -> dict[str, datetime | None]:
    """`solved_at` and `closed_at` that go with a status; reopening forgets them."""
    match status:
        case TicketStatus.SOLVED:
            return {"solved_at": ticket.solved_at or now, "closed_at": None}
        case TicketStatus.CLOSED:
            return {"solved_at": ticket.solved_at or now, "closed_at": ticket.closed_at or now}
        case TicketStatus.NEW | TicketStatus.OPEN | TicketStatus.PENDING:
            return {"solved_at": None, "closed_at": None}
