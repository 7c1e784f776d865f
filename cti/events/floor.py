"""How things stand right now, in rows: who waits, who works, which calls are live."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from cti.events.callbacks import CallbackBegan
from cti.events.calls import CallMonitored
from cti.events.words import Direction, OfferFailure
from routing.reasons import StepTaken
from routing.states import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOn:
    """A caller went on out of a queue in which he could not wait, or not any longer: as of `CallOverflowed`."""

    queue: QueueKey
    why: OverflowWhy
    kind: OverflowKind
    to: str
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Somebody was asked for this caller, and did not take him."""

    agent: AgentId
    why: OfferFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCall:
    """One row of the live board: who waits, since when, and why he still waits."""

    call: CallId
    queue: QueueKey
    since: datetime
    ani: str
    priority: int
    requires: dict[str, int]
    offered_to: AgentId | None = None
    also_offered_to: tuple[AgentId, ...] = ()
    """Where all phones ring at once."""
    why_waiting: str = ""
    """A stable code: `nobody_logged_in`, `all_busy`, `no_skill`, `being_offered` …"""
    asks: str = ""
    """What he asks for by now when that is more than `requires` can say: as of `CallQueued`."""
    steps: tuple[StepTaken, ...] = ()
    """How his wish was relaxed while he waited."""
    went_on: tuple[WentOn, ...] = ()
    """Through which queues he came."""
    tried: tuple[Tried, ...] = ()
    """Who did not take him so far, and why; the last of them last."""
    turn: int = 0
    """Among all callers who wait, or are being offered, from 1: the order in which they would be served now."""
    position: int | None = None
    """How many stand before him in his queue, and one; None while a phone rings for him."""
    expected_s: float | None = None
    """How long he will still wait; None when nobody can tell."""
    callback: bool = False
    """He holds no line, and is called when his turn comes."""
    callback_tries: int = 0
    """So often he was not reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOnFloor:
    agent: AgentId
    extension: str
    state: AgentState
    since: datetime
    reason: str = ""
    call: CallId | None = None
    reachable: bool = False
    queues: tuple[QueueKey, ...] = ()
    skills: dict[str, int] | None = None
    missed: int = 0
    """So many calls rang in vain since he last took one, or said that he is ready."""
    wrap_up_until: datetime | None = None
    """Of paperwork with a limit: when it ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """Somebody asks somebody else while the customer hears the music."""

    party: str
    """Who asks …"""
    agent: AgentId | None
    """… and who of ours that is."""
    since: datetime
    asked: str = ""
    """The party who is asked; empty until a phone rings for it."""
    asked_agent: AgentId | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A call in progress as the floor sees it now; lets a reloaded desk pick up where it was."""

    call: CallId
    direction: Direction
    ani: str
    ani_name: str
    dnis: str
    since: datetime
    phase: str
    """`menu`, `waiting`, `offered`, `ringing`, `talking`, `held`, `parked`, `safety`, `sent_on` (out of a queue: a
    number is called, or he is told why); of a call made by us before anybody answers `dialling`, `far_ringing`."""
    queue: QueueKey | None = None
    intent: str = ""
    language: str = ""
    agent: AgentId | None = None
    offer: OfferId | None = None
    offers: dict[AgentId, OfferId] = field(default_factory=dict)
    """To whom it is offered now, and by which offer: several, where all phones ring at once."""
    connected_at: datetime | None = None
    path: tuple[str, ...] = ()
    """Labels of the steps taken in the menu."""
    made_by: AgentId | None = None
    """Who of ours makes the call."""
    talking: tuple[AgentId, ...] = ()
    """Everybody of ours who is in the conversation, whoever came first."""
    called: tuple[AgentId, ...] = ()
    """Whose phones ring for it, and were offered nothing."""
    recording_paused_until: datetime | None = None
    """The recording is paused, and goes on by itself then."""
    muted: tuple[AgentId, ...] = ()
    """Agents who are not heard, by their own wish."""
    callback: CallbackBegan | None = None
    """Whom it is made for: he had asked to be called back."""
    monitored: tuple[CallMonitored, ...] = ()
    """Supervisors who hear it."""
    parties: tuple[str, ...] = ()
    """Everybody who is in the conversation with the customer, ours or not."""
    consultation: Consultation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCustomer:
    """A customer who was put aside."""

    call: CallId
    lot: str
    since: datetime
    by: AgentId | None
    """Who parked him …"""
    extension: str
    """… and where."""
