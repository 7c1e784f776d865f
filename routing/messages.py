"""What the engine is told and what it answers: `engine.handle(input, now) -> decisions`.

Inputs that make no sense (an unknown agent, an offer long over, a call told twice) change nothing and answer nothing:
what comes from the wire may be late, missing or doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId, SkillKey, TicketId
from routing.floor import Floor
from routing.lines import ONE_SERVER
from routing.reasons import Because, StepTaken, Tie
from routing.skills import Requirements
from routing.states import AgentState
from routing.values import quickly_made


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWaits:
    """A caller asks for a person."""

    call: CallId
    queue: QueueKey
    requires: Mapping[SkillKey, int] | Requirements = field(default_factory=dict)
    """Skill -> lowest level, or several ways to be able enough."""
    priority: int = 0
    since: datetime
    """His place in the line: from when he waits, however often he was offered in vain."""
    server: ServerId = ONE_SERVER
    """Who holds him: he is offered only to phones that are registered there. `ANYWHERE`: nobody does, he is to be
    called back, and waits in the same line by his own time."""
    familiar: AgentId | None = None
    """Who knows him: he goes first if he is able, and is waited for as the queue says …"""
    tie: Tie | None = None
    """… and why he does."""
    brought_s: float = 0.0
    """So much of his wait he brought from a call in which he was cut off while waiting: for the explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGone:
    """The caller waits no longer; if he was just being offered, that agent keeps his place among the idle."""

    call: CallId
    set_aside: bool = False
    """He waits all the same, and it is we who cannot serve him now: of his patience that tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAgent:
    """Root of what concerns one agent."""

    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(OfAgent):
    """Signs the agent in if need be. While a call is in his hands it shows when that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(OfAgent):
    """Signs the agent in if need be. While a call is in his hands it shows when that is over."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff(OfAgent):
    """While a call is in his hands it shows when that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable(OfAgent):
    """The phone is registered at this server."""

    server: ServerId = ONE_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable(OfAgent):
    """The phone is not registered there. An offer in his hands is not touched: its own failure will be told."""

    server: ServerId = ONE_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRang(OfAgent):
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered(OfAgent):
    """He picked up, and is about to talk: wherever else it rang for this caller it does so no more, and nobody there
    has missed anything. CallTaken says the same if this was not told."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFailed(OfAgent):
    """The agent did not take the call; the caller goes back to his place, and both are looked at again."""

    call: CallId
    pause: str = ""
    """Put the agent on pause for this reason; empty: he did no wrong and keeps his place among the idle."""
    missed: bool = False
    """It rang in vain: `pause` holds only when he has missed as many as his queue allows."""
    unreachable: bool = False
    """The phone turned out not to be there: not at the caller's server."""
    call_stays: bool = True
    """False: the caller does not wait any more (he hung up, or is kept aside for a while)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFound(OfAgent):
    """After a restart of ours: this agent's phone was found ringing for this caller."""

    caller: CallWaits
    others: tuple[AgentId, ...] = ()
    """Whose phones rang for him as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTaken(OfAgent):
    """The agent talks to this caller: he took our offer, or it came about without us (safety queue, a transfer)."""

    call: CallId
    queue: QueueKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFinished(OfAgent):
    """The agent's part of the conversation is over: wrap-up, as the queue wants it."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpFinished(OfAgent):
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCallBegan(OfAgent):
    """A call beside the queue, made or taken: the agent is busy."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCallEnded(OfAgent):
    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWaits:
    """A ticket is in the line, for anybody who is able and has room on his desk. Told again with other words it stands
    anew; from whose desk it comes is known."""

    ticket: TicketId
    queue: QueueKey
    requires: Mapping[SkillKey, int] | Requirements = field(default_factory=dict)
    priority: int = 0
    """Each level halves the time for which it gives way to calls."""
    since: datetime
    without: tuple[AgentId, ...] = ()
    """Who handed it back: they are not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTaken:
    """This agent has it on his desk: he took our offer, or it came to him without us."""

    ticket: TicketId
    agent: AgentId
    queue: QueueKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketGone:
    """Done, put off, or with somebody who is not on the floor: neither in the line nor on a desk."""

    ticket: TicketId


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMissed:
    """Who was asked to take it has not answered: it goes back to its place, he on pause for this reason."""

    ticket: TicketId
    agent: AgentId
    pause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorChanged:
    """An administrator changed agents, skills or queues; who is doing what stays."""

    floor: Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(OfAgent):
    """What the agent was before a restart of ours; to be told before any call.

    A conversation counts as still going on until CallFinished; an offer does not: tell it with OfferFound.
    """

    state: AgentState
    reason: str = ""
    since: datetime
    call: CallId | None = None
    queue: QueueKey
    """The queue of `call`: its terms decide about the wrap-up. Empty when there is none."""
    wish: AgentState | None = None
    """What the agent asked to be when no call is in his hands; None: as he is, or ready after a call."""
    wish_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """An agent's conversation before a restart of ours, with its paperwork."""

    agent: AgentId
    call: CallId
    queue: QueueKey
    """Empty: beside any."""
    at: datetime
    until: datetime | None
    """None: he is still at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """An agent's phone rang in vain before a restart of ours, since he last said that he is ready."""

    agent: AgentId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """A caller's time in a queue before a restart of ours."""

    queue: QueueKey
    until: datetime
    waited_s: float
    left: bool
    """He hung up; else he was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """How work went in the last hours before a restart of ours, each in the order of time; to be told once, first."""

    worked: tuple[Worked, ...] = ()
    missed: tuple[Missed, ...] = ()
    waited: tuple[Waited, ...] = ()


NOTHING_REMEMBERED = Remembered()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed: wrap-ups over their limit end, and who has waited for long is relaxed."""


AgentFact = Ready | Paused | SignedOff | Reachable | Unreachable | WrapUpFinished | OwnCallBegan | OwnCallEnded
"""One thing that became true of an agent; what follows from it is the engine's business."""

AgentInput = OfferRang | OfferAnswered | OfferFailed | OfferFound | CallTaken | CallFinished | Restored | AgentFact

TicketInput = TicketWaits | TicketTaken | TicketGone | TicketMissed

Input = CallWaits | CallGone | AgentInput | TicketInput | FloorChanged | Remembered | Tick
"""Everything the engine can be told."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Offer this call to this agent now. Both are taken until CallTaken, OfferFailed or CallGone is told."""

    call: CallId
    agent: AgentId
    queue: QueueKey
    ring_s: float
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedAll:
    """Offer this call to all of these agents at once, now. Each is taken until CallTaken, OfferFailed, CallGone, or
    another's OfferAnswered is told."""

    call: CallId
    queue: QueueKey
    ring_s: float
    because: Mapping[AgentId, Because]
    """Of each of them, the longest idle first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketAssigned:
    """Ask this agent to take this ticket. Nobody else is asked until TicketTaken, TicketMissed or another word about it
    is told, or we withdraw it."""

    ticket: TicketId
    agent: AgentId
    queue: QueueKey
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWithdrawn:
    """He is not asked any more: he has got a call, or is at work no longer, or it went elsewhere."""

    ticket: TicketId
    agent: AgentId


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChanged:
    """What everybody sees of this agent has changed, or what he wishes to be when his call lets go of him."""

    agent: AgentId
    before: AgentState
    state: AgentState
    reason: str = ""
    call: CallId | None = None
    reachable: bool
    wish: AgentState
    wish_reason: str = ""
    wrap_up_until: datetime | None = None
    """Send a Tick then: a mandatory wrap-up ends."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """This caller has waited for long: he asks for less now, or more people may take him; or he begins by waiting for
    the one who knows him. He keeps his place."""

    call: CallId
    queue: QueueKey
    step: StepTaken
    requires: Requirements
    """What he asks for from now on."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAt:
    """Send a Tick then; one that was asked for before is still wanted."""

    when: datetime


Decision = Assigned | AssignedAll | TicketAssigned | TicketWithdrawn | AgentChanged | Relaxed | WakeAt
