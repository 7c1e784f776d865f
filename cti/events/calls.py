"""What happens to a call, from its arrival to the paperwork after it.

Every call event carries our own conversation id; `at` is the time Asterisk said, not the time we heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId, SkillKey
from crm_core.kernel.messages import Event, registered
from crm_core.kernel.requirements import Requirements, asking, unpacked
from cti.events.words import (
    ClosedBy,
    Direction,
    HungUpBy,
    MonitorMode,
    OfferFailure,
    Outcome,
    RingFor,
    TransferKind,
    TransferOutcome,
    UnparkedBy,
)
from routing.reasons import Because, StepTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent(Event):
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(CallEvent):
    topic: ClassVar[str] = "call.arrived"
    server: ServerId
    direction: Direction
    ani: str
    """The caller's number exactly as the line gave it; empty when withheld."""
    ani_name: str = ""
    dnis: str = ""
    """The number that was dialled."""
    agent: AgentId | None = None
    """Who of ours makes the call; None when it comes from outside."""
    entered_by: ClosedBy | None = None
    """None: it was heard. Else nobody of ours heard it begin, and a true beginning replaces this one."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallStepped(CallEvent):
    """The caller took one step in the voice menu."""

    topic: ClassVar[str] = "call.stepped"
    flow: str
    node: str
    entered: str = ""
    """What the caller pressed; empty for silence."""
    label: str = ""
    """The choice's key, e.g. `repair`; for the agent's screen."""


def wish_of(asks: str, requires: Mapping[str, int]) -> Requirements:
    """What is asked for, as events and rows of the board say it in two fields."""
    if asks and (wish := unpacked(asks)) is not None:
        return wish
    return asking({SkillKey(skill): level for skill, level in requires.items()})


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(CallEvent):
    topic: ClassVar[str] = "call.queued"
    queue: QueueKey
    requires: dict[str, int]
    """Skill key -> lowest level."""
    priority: int = 0
    language: str = ""
    intent: str = ""
    since: datetime | None = None
    """His place in the line, where it is older than this event: he came back, or was found waiting."""
    asks: str = ""
    """What he asks for when that is more than `requires` can say, e.g. `en:3/repair:3|repair:3/zh:2~zh:4`; `requires`
    then holds what every way asks for."""

    @property
    def wish(self) -> Requirements:
        """Events are made by us; one that cannot be read is of a version that knew more."""
        return wish_of(self.asks, self.requires)


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaceKept(CallEvent):
    """The caller was cut off, or hung up, while he waited: should he call again soon, he has his place back."""

    topic: ClassVar[str] = "call.place_kept"
    ani: str
    """The number he has to call from, as the line gave it."""
    queues: tuple[QueueKey, ...]
    """Those in which he waited: his place is good for each."""
    since: datetime
    """His place."""
    until: datetime
    """He has to call by then."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaceGivenBack(CallEvent):
    """The caller was cut off while he waited, and has called again: he waits at his former place."""

    topic: ClassVar[str] = "call.place_given_back"
    former: CallId
    """The call in which he waited."""
    queue: QueueKey
    since: datetime
    """His place from now on …"""
    instead_of: datetime
    """… and the one he would have by this call alone."""

    @property
    def brought_s(self) -> float:
        return round(max((self.instead_of - self.since).total_seconds(), 0.0), 3)


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallToldWait(CallEvent):
    """The caller was told for how long he will still wait."""

    topic: ClassVar[str] = "call.told_wait"
    queue: QueueKey
    wait_s: float
    """As it was estimated; he hears minutes."""
    position: int | None = None
    """In the queue, from 1; None: he was not told."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallRelaxed(CallEvent):
    """The caller has waited for long: he asks for less from now on, or more people may take him; his place is kept."""

    topic: ClassVar[str] = "call.relaxed"
    queue: QueueKey
    step: StepTaken
    asks: str = ""
    """What he asks for now."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallOverflowed(CallEvent):
    """The caller could not wait in this queue, or not any longer, and went on: to another, outside, or he was told."""

    topic: ClassVar[str] = "call.overflowed"
    queue: QueueKey
    """Out of which he went."""
    why: OverflowWhy
    kind: OverflowKind
    to: str
    """Queue, number or prompt."""
    step: int
    """Of the queue's chain, from 1."""
    waited_s: float = 0.0
    """In this queue."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(CallEvent):
    """An agent was chosen: his screen pops now, before his phone rings."""

    topic: ClassVar[str] = "call.offered"
    agent: AgentId
    extension: str
    offer: OfferId
    queue: QueueKey
    because: Because


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallRinging(CallEvent):
    topic: ClassVar[str] = "call.ringing"
    agent: AgentId | None
    """None when the phone is nobody's of ours."""
    offer: OfferId | None = None
    """None when it was not our engine that chose this phone."""
    party: str = ""
    """The extension or number that rings."""
    ring_for: RingFor = RingFor.CALL
    by: str = ""
    """The party who gave the call away, or asks for advice."""
    by_agent: AgentId | None = None


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallMissed(CallEvent):
    """A phone that nothing was offered to rings no more, and nobody took the call there."""

    topic: ClassVar[str] = "call.missed"
    agent: AgentId | None
    party: str
    why: OfferFailure
    sip_cause: int = 0
    """Status of SIP with which the phone said no (486, 603 …); 0: it said nothing."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEvent):
    """Who was asked for advice is there and talks with the one who asks; the customer still hears the music."""

    topic: ClassVar[str] = "call.answered"
    agent: AgentId | None
    party: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFailed(CallEvent):
    """This agent did not take the call; the caller is back at his place, if he is not gone and nobody else is asked."""

    topic: ClassVar[str] = "call.offer_failed"
    agent: AgentId
    offer: OfferId
    why: OfferFailure
    sip_cause: int = 0
    """Status of SIP with which the phone said no; 0: it said nothing."""
    taken_by: AgentId | None = None
    """Of `elsewhere`: the colleague who was the first to answer."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallConnected(CallEvent):
    """Both can hear each other."""

    topic: ClassVar[str] = "call.connected"
    agent: AgentId | None
    """None when the party is nobody we know (a phone outside)."""
    party: str
    """The extension or number the customer was connected with."""
    offer: OfferId | None = None
    by_safety_queue: bool = False
    """Asterisk's own queue made the connection because our engine was away."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(CallEvent):
    topic: ClassVar[str] = "call.held"
    by: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(CallEvent):
    topic: ClassVar[str] = "call.resumed"
    by: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallDisconnected(CallEvent):
    """One party left the conversation; the call may go on with others."""

    topic: ClassVar[str] = "call.disconnected"
    agent: AgentId | None
    party: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallConsulted(CallEvent):
    """This party left the customer with the music to talk with somebody else; the call is still his."""

    topic: ClassVar[str] = "call.consulted"
    agent: AgentId | None
    party: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallReturned(CallEvent):
    """… and is back with the customer."""

    topic: ClassVar[str] = "call.returned"
    agent: AgentId | None
    party: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallTransferred(CallEvent):
    """What became of a transfer: told when it is known, so after the new party was connected."""

    topic: ClassVar[str] = "call.transferred"
    kind: TransferKind
    by: str
    """The party who gave the call away."""
    to: str
    """The extension or number it was given to."""
    outcome: TransferOutcome
    by_agent: AgentId | None = None
    to_agent: AgentId | None = None


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallParked(CallEvent):
    """The customer was put aside, with music: any agent may fetch him."""

    topic: ClassVar[str] = "call.parked"
    lot: str
    """The number of his place, which agents dial; empty when nobody told us."""
    agent: AgentId | None
    party: str
    """The extension that parked him."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnparked(CallEvent):
    """… and is not any more."""

    topic: ClassVar[str] = "call.unparked"
    lot: str
    by: UnparkedBy
    agent: AgentId | None = None
    """Who fetched him."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallMuted(CallEvent):
    """This agent is not heard (any more, or again), by his own wish."""

    topic: ClassVar[str] = "call.muted"
    agent: AgentId
    muted: bool


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class DigitsSent(CallEvent):
    """An agent pressed keys for a machine at the other end."""

    topic: ClassVar[str] = "call.digits_sent"
    agent: AgentId
    digits: str
    """As many `•` while the recording was paused: they may be somebody's card."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallMonitored(CallEvent):
    """A supervisor hears an agent's conversation: told when it begins, for each change of the mode, and at the end."""

    topic: ClassVar[str] = "call.monitored"
    by: AgentId
    of: AgentId
    mode: MonitorMode
    since: datetime
    """From when on in this mode."""
    until: datetime | None = None
    """None: he still does."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallTakenOver(CallEvent):
    """The customer talks with a supervisor from now on, and the agent is let go."""

    topic: ClassVar[str] = "call.taken_over"
    by: AgentId
    of: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallFellToSafety(CallEvent):
    """The dialplan found our engine silent and put the caller into Asterisk's own queue."""

    topic: ClassVar[str] = "call.fell_to_safety"
    queue: QueueKey


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The call is over; all its durations in seconds. The sum of what was told before, never less. A duration is None
    where nobody knows it: the call was found in Asterisk's own account."""

    topic: ClassVar[str] = "call.ended"
    outcome: Outcome
    hung_up_by: HungUpBy
    cause: int = 16
    """Q.850 cause of the customer's leg."""
    wait_s: float | None = 0.0
    """From entering the queue to being connected, or to the end."""
    ring_s: float | None = 0.0
    talk_s: float | None = 0.0
    """With a person; without the time on hold or during a consultation."""
    hold_s: float | None = 0.0
    agents: tuple[AgentId, ...] = ()
    """Everybody the customer was connected with, in order."""
    consult_s: float | None = 0.0
    """The customer heard music while his agent talked with somebody else."""
    into: CallId | None = None
    """The call it became a part of: it was a consultation, and ended in a transfer."""
    closed_by: ClosedBy | None = None
    """None: the end was heard. Else it is a guess, at the last time the call was known or at the one of Asterisk's own
    account; a true end replaces it."""
    sip_cause: int = 0
    """Status of SIP that ended it (486, 603 …), beside its cause; 0: there was none, as after a good-bye."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallWrappedUp(CallEvent):
    """An agent has done paperwork for this call; told after its end, and once more if another call broke into it."""

    topic: ClassVar[str] = "call.wrapped_up"
    agent: AgentId
    wrap_up_s: float
