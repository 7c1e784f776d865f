"""What the live board is told, as JSON: its rows, and that nobody can tell for now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from agent_console.live.control_protocol import Monitoring, ParkedCall
from agent_console.live.protocol import Names, Told
from crm_core.kernel.ids import AgentId, CallId, QueueKey, TicketId
from cti.events import LiveCall, Tried, WaitingCall, WaitingTicket, WentOn, wish_of
from routing.reasons import StepTaken
from routing.states import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLevel:
    """How soon callers were answered (`crm_core.domain.service_level` says what counts)."""

    percent: int
    in_time: int
    offered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQueue:
    queue: QueueKey
    names: Names
    waiting: int
    oldest: datetime | None
    """Since when the longest waiting caller waits."""
    ready: int
    signed_in: int
    tickets: int = 0
    """How many tickets wait, beside the callers."""
    today: BoardLevel | None = None
    """None: nobody came, or the log cannot be read."""
    lately: BoardLevel | None = None
    """Of the last half hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWaiting:
    call: CallId
    queue: QueueKey
    since: datetime
    shown: Names
    customer: Names
    priority: int
    requires: dict[str, int]
    offered_to: AgentId | None
    why: str
    also_offered_to: tuple[AgentId, ...] = ()
    """Where all phones ring at once."""
    ways: tuple[dict[str, int], ...] = ()
    """Where one of several ways is enough: each. `requires` holds what they have in common."""
    steps: tuple[StepTaken, ...] = ()
    """How his wish was relaxed while he waited."""
    went_on: tuple[WentOn, ...] = ()
    """Through which queues he came."""
    tried: tuple[Tried, ...] = ()
    """Who did not take him, and why."""
    expected_s: float | None = None
    """How long he will still wait, as far as anybody can tell."""
    callback: bool = False
    """He is called back when his turn comes …"""
    callback_tries: int = 0
    """… and was called in vain so often."""
    turn: int = 0
    """By which callers are served: the smallest first."""

    @classmethod
    def of(cls, row: WaitingCall, shown: Names, customer: Names) -> BoardWaiting:
        ways = wish_of(row.asks, row.requires).ways
        return cls(
            call=row.call,
            queue=row.queue,
            since=row.since,
            shown=shown,
            customer=customer,
            priority=row.priority,
            requires=row.requires,
            offered_to=row.offered_to,
            also_offered_to=row.also_offered_to,
            why=row.why_waiting,
            ways=tuple({str(skill): level for skill, level in way} for way in ways) if len(ways) > 1 else (),
            steps=row.steps,
            went_on=row.went_on,
            tried=row.tried,
            expected_s=row.expected_s,
            callback=row.callback,
            callback_tries=row.callback_tries,
            turn=row.turn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardTicket:
    """A ticket in the line."""

    ticket: TicketId
    number: str
    subject: str
    queue: QueueKey
    since: datetime
    priority: int
    offered_to: AgentId | None
    why: str
    turn: int = 0
    """By which somebody is asked to take them: the smallest first."""

    @classmethod
    def of(cls, row: WaitingTicket) -> BoardTicket:
        return cls(
            ticket=row.ticket,
            number=row.number,
            subject=row.subject,
            queue=row.queue,
            since=row.since,
            priority=row.priority,
            offered_to=row.offered_to,
            why=row.why_waiting,
            turn=row.turn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAgent:
    agent: AgentId
    extension: str
    state: AgentState
    since: datetime
    reason: str
    call: CallId | None
    reachable: bool
    queues: tuple[QueueKey, ...]
    missed: int = 0
    """So many calls in a row rang in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCall:
    call: CallId
    direction: str
    shown: Names
    customer: Names
    since: datetime
    phase: str
    queue: QueueKey | None
    agent: AgentId | None
    connected_at: datetime | None
    monitored: tuple[Monitoring, ...] = ()

    @classmethod
    def of(cls, row: LiveCall, shown: Names, customer: Names) -> BoardCall:
        return cls(
            call=row.call,
            direction=row.direction.value,
            shown=shown,
            customer=customer,
            since=row.since,
            phase=row.phase,
            queue=row.queue,
            agent=row.agent,
            connected_at=row.connected_at,
            monitored=tuple(Monitoring(by=one.by, of=one.of, mode=one.mode, since=one.since) for one in row.monitored),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSaid(Told):
    """The live board: everything (`full`), or the rows that changed and the keys of those that are gone."""

    t: ClassVar[str] = "floor"
    at: datetime
    full: bool
    queues: tuple[BoardQueue, ...] = ()
    waiting: tuple[BoardWaiting, ...] = ()
    agents: tuple[BoardAgent, ...] = ()
    calls: tuple[BoardCall, ...] = ()
    parked: tuple[ParkedCall, ...] = ()
    tickets: tuple[BoardTicket, ...] = ()
    gone_queues: tuple[str, ...] = ()
    gone_waiting: tuple[str, ...] = ()
    gone_agents: tuple[str, ...] = ()
    gone_calls: tuple[str, ...] = ()
    gone_parked: tuple[str, ...] = ()
    gone_tickets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorAway(Told):
    """The telephone part does not answer, so what the board shows is of then; the next `floor` ends it."""

    t: ClassVar[str] = "floor_away"
    since: datetime | None
    """None: it has not shown anything yet."""
