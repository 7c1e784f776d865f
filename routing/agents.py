"""Agents: what each can do, and what each is doing now.

The state everybody sees is *derived* from four facts: what the agent wishes (offline, ready, paused), the queue call in
his hands and how far it has come, calls of his own beside the queue, and which servers reach his phone. So a pause
asked for during a call simply shows when the call lets go of him.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId, SkillKey
from routing.lines import ANYWHERE, DESK, Caller
from routing.occupancy import Occupancy
from routing.reasons import Exclusion
from routing.states import AgentState
from routing.strategies import Idle
from routing.values import quickly_made


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who may get which calls; changed by an administrator only."""

    id: AgentId
    skills: dict[SkillKey, int] = field(default_factory=dict)
    """Skill -> level 1–5."""
    queues: frozenset[QueueKey] = frozenset()
    calls_per_hour: int | None = None
    """So many calls from queues he talks with within an hour at most; None: as they come."""
    tickets_at_once: int = 0
    """So many tickets out of the line he may have on his desk."""
    department: str = ""
    """Key of the department whose people he belongs to; empty: none."""


class Wish(StrEnum):
    """What the agent asked to be when no call is in his hands."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"


def wish_behind(state: AgentState) -> Wish:
    """Whoever has a call, or its paperwork, wants to go on afterwards."""
    match state:
        case AgentState.OFFLINE:
            return Wish.OFFLINE
        case AgentState.PAUSED:
            return Wish.PAUSED
        case _:
            return Wish.READY


class Stage(StrEnum):
    """How far the queue call in an agent's hands has come."""

    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


_CALLBACKS = frozenset({ANYWHERE})
_TICKETS = frozenset({DESK})
_NOBODY: frozenset[ServerId] = frozenset()
_BY_STAGE = {stage: AgentState(stage.value) for stage in Stage}
_BY_WISH = {wish: AgentState(wish.value) for wish in Wish}


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """The one queue call an agent has to do with."""

    call: CallId
    stage: Stage
    queue: QueueKey
    until: datetime | None = None
    """When a mandatory wrap-up ends by itself."""


class Shown(NamedTuple):
    """What everybody sees of an agent; a tuple, as two of them are made and compared with each decision."""

    state: AgentState = AgentState.OFFLINE
    reason: str = ""
    call: CallId | None = None
    reachable: bool = False
    wish: Wish = Wish.OFFLINE
    wish_reason: str = ""
    """What he asked for; a call in his hands hides it."""


@dataclass(slots=True, kw_only=True, eq=False)
class AtWork:
    """One agent on the floor as the engine keeps him; only the engine changes it."""

    profile: Agent
    wish: Wish = Wish.OFFLINE
    reason: str = ""
    """Of the wish `paused`."""
    paused_over: CallId | None = None
    """Not he wished for it: he was put on pause, as it rang in vain at his phone for this caller of all."""
    servers: frozenset[ServerId] = frozenset()
    """Those that reach his phone; he can be given the callers of these."""
    hand: Hand | None = None
    put_aside: list[Hand] = field(default_factory=list)
    """Wrap-ups that a further conversation broke into: each is in his hands again when that one is done."""
    beside: set[CallId] = field(default_factory=set)
    """Calls of his own, made or taken outside the queue."""
    idle_since: datetime
    """From when he counts as idle; an offer that failed through no fault of his does not change it."""
    turn: datetime
    """When he took the last call from a queue, or came to the floor."""
    occupancy: Occupancy
    taken: deque[datetime] = field(default_factory=deque)
    """When he took each call of the last hour."""
    missed: int = 0
    """So many calls rang in vain since he last took one, or said that he is ready."""
    full_until: datetime | None = None
    """He has had his calls for this hour: until when he gets no other."""
    since: datetime
    """When the state everybody sees began."""
    shown: Shown
    """What was last told about him."""
    tickets: dict[CallId, bool] = field(default_factory=dict)
    """Those out of the line on his desk, and whether calls leave him alone with it."""
    offered: Caller | None = None
    """A ticket he is being asked to take …"""
    first: bool = False
    """… whose turn has come before that of the calls: until he has answered he gets none."""
    leaving: bool = False
    """Taken off the floor while a call was in his hands: goes when it is over."""
    id: AgentId = field(init=False)
    busy: Exclusion = field(init=False)
    """What is said of him most often: on a busy floor by every decision that passes him over."""

    def __post_init__(self) -> None:
        self.id = self.profile.id
        self.busy = Exclusion(agent=self.id, why="busy")

    @property
    def reachable(self) -> bool:
        return bool(self.servers)

    @property
    def reach(self) -> frozenset[ServerId]:
        """Whose callers he can be given: callbacks as well, wherever his phone is, and tickets while he has room."""
        callers = self.servers | _CALLBACKS if self.takes_calls else _NOBODY
        return callers | _TICKETS if self.has_room else callers

    def is_at(self, server: ServerId) -> bool:
        """Whether he can be given the callers of this one."""
        return server in self.servers or (server == ANYWHERE and bool(self.servers))

    @property
    def has_room(self) -> bool:
        """For one more ticket; he is asked about one at a time."""
        return self.offered is None and len(self.tickets) < self.profile.tickets_at_once

    @property
    def undisturbed(self) -> bool:
        """He has, or is being offered, a ticket that comes before calls."""
        return self.first or (bool(self.tickets) and any(self.tickets.values()))

    @property
    def takes_calls(self) -> bool:
        """Whether nothing but what he is at keeps calls from him."""
        if not self.servers or self.full_until is not None or self.first:
            return False
        return not self.tickets or not any(self.tickets.values())

    @property
    def wrap_up_until(self) -> datetime | None:
        return self.hand.until if self.hand is not None else None

    @property
    def state(self) -> AgentState:
        if self.hand is not None:
            return _BY_STAGE[self.hand.stage]
        if self.beside and self.wish is not Wish.OFFLINE:
            return AgentState.TALKING
        return _BY_WISH[self.wish]

    @property
    def call(self) -> CallId | None:
        if self.hand is not None:
            return self.hand.call
        return min(self.beside) if self.beside and self.wish is not Wish.OFFLINE else None

    @property
    def idle(self) -> Idle:
        """What counts when he is compared with others who are free."""
        return Idle(self.idle_since, self.occupancy.rank, self.turn)

    def look(self) -> Shown:
        """What there is to see of him right now."""
        state = self.state
        reason = self.reason if state is AgentState.PAUSED else ""
        return Shown(state, reason, self.call, bool(self.servers), self.wish, self.reason)

    def asked_no_more(self) -> None:
        """About the ticket he was asked to take."""
        self.offered, self.first = None, False

    def wants(self, wish: Wish, reason: str = "", *, over: CallId | None = None) -> None:
        self.wish, self.reason, self.paused_over = wish, reason, over

    @property
    def available(self) -> bool:
        """Whether he can be offered a call this instant."""
        return self.is_free and self.takes_calls

    @property
    def is_free(self) -> bool:
        """Ready, and nothing in his hands that concerns a call."""
        return self.hand is None and self.wish is Wish.READY and not self.beside

    @property
    def may_sit(self) -> bool:
        """Whether he can be offered anything this instant."""
        if self.hand is not None or self.wish is not Wish.READY or self.beside:
            return False
        return self.takes_calls or self.has_room

    def why_not(self, server: ServerId) -> str:  # noqa: PLR0911 - a table
        """The stable code of why he gets nothing now from this server; empty when he is available."""
        if self.hand is not None:
            return "wrap_up" if self.hand.stage is Stage.WRAP_UP else "busy"
        if self.wish is Wish.OFFLINE:
            return "offline"
        if self.beside:
            return "busy"
        if self.wish is Wish.PAUSED:
            return "paused"
        if server == DESK:
            return "" if self.has_room else "desk_full" if self.profile.tickets_at_once else "no_tickets"
        if self.full_until is not None:
            return "hour_full"
        if self.undisturbed:
            return "ticket"
        return "" if self.is_at(server) else "other_server" if self.servers else "unreachable"

    def is_busy_at(self, server: ServerId) -> bool:
        """At work and willing, and will be free for this server's callers when what he is at is over."""
        busy = self.hand is not None or bool(self.beside)
        return busy and self.wish is Wish.READY and self.is_at(server) and self.full_until is None

    def holds_another(self) -> bool:
        """Whether a conversation is in his hands that a further one must not push out."""
        return self.hand is not None and self.hand.stage is Stage.TALKING

    def holds(self, call: CallId, *stages: Stage) -> bool:
        return self.hand is not None and self.hand.call == call and self.hand.stage in stages

    @property
    def wrap_ups(self) -> tuple[Hand, ...]:
        """All paperwork that is still to be done; what is in his hands comes last."""
        in_hand = [self.hand] if self.hand is not None and self.hand.stage is Stage.WRAP_UP else []
        return (*self.put_aside, *in_hand)

    def wraps_up(self, call: CallId) -> bool:
        hand = self.hand
        if hand is not None and hand.stage is Stage.WRAP_UP and hand.call == call:
            return True
        return bool(self.put_aside) and any(hand.call == call for hand in self.put_aside)
