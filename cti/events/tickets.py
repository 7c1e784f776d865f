"""What is told of tickets in the line: who is asked to take one, why, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from crm_core.kernel.ids import AgentId, QueueKey, TicketId
from crm_core.kernel.messages import Event, registered
from routing.reasons import Because


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOffered(Event):
    """This agent is asked to take it; nobody else is meanwhile."""

    topic: ClassVar[str] = "ticket.offered"
    ticket: TicketId
    agent: AgentId
    queue: QueueKey
    because: Because
    until: datetime
    """Then it goes back into the line."""


class TicketOfferEnd(StrEnum):
    TAKEN = "taken"
    HANDED_BACK = "handed_back"
    MISSED = "missed"
    """He has not answered in time."""
    WITHDRAWN = "withdrawn"
    """He has got a call, or is not ready any more, or it went elsewhere."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOfferEnded(Event):
    topic: ClassVar[str] = "ticket.offer_ended"
    ticket: TicketId
    agent: AgentId
    why: TicketOfferEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTicket:
    """A ticket in the line, as the floor is now."""

    ticket: TicketId
    number: str
    subject: str
    queue: QueueKey
    since: datetime
    priority: int
    """Levels above `normal`."""
    why_waiting: str = ""
    """A stable code, as of a call; of tickets also `desks_full`, `no_tickets`, `handed_back`."""
    offered_to: AgentId | None = None
    until: datetime | None = None
    """So long he has time to take it …"""
    because: Because | None = None
    """… and why he is asked."""
    turn: int = 0
    """Among all tickets in the line, from 1: the order in which somebody would be asked to take them now."""
