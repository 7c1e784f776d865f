"""One call on one agent's desk, and what is known of the call there. Pure values; `cases` tells how they change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from cti.events import CallbackBegan, CallTransferred, Direction, LiveCall, Outcome, RingFor
from routing.reasons import Because


class Phase(StrEnum):
    OFFERED = "offered"
    """Chosen; the phone has not begun to ring."""
    RINGING = "ringing"
    DIALLING = "dialling"
    """He calls; it does not ring over there yet."""
    FAR_RINGING = "far_ringing"
    TALKING = "talking"
    HELD = "held"
    WRAP_UP = "wrap_up"
    """The call is over, its paperwork is not."""
    MISSED = "missed"
    """It never became his call."""
    DONE = "done"


OPEN = (
    *(Phase.OFFERED, Phase.RINGING, Phase.DIALLING, Phase.FAR_RINGING),
    *(Phase.TALKING, Phase.HELD, Phase.WRAP_UP),
)
LIVE = (Phase.TALKING, Phase.HELD)
UNANSWERED = (Phase.OFFERED, Phase.RINGING)
CALLING = (Phase.DIALLING, Phase.FAR_RINGING)
_OF_LIVE_CALL = {
    "offered": Phase.OFFERED,
    "ringing": Phase.RINGING,
    "talking": Phase.TALKING,
    "held": Phase.HELD,
    "safety": Phase.TALKING,
}


_IN_VAIN = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REJECTED, Outcome.FAILED)
NO_SUCH_NUMBER = "no_such_number"
_WRONG_NUMBERS = (1, 22, 28)
"""Q.850: unallocated, changed, incomplete."""


def why_unreached(direction: Direction, outcome: str, cause: int) -> str:
    """Empty for a call that came to us, that was answered, or that our side gave up."""
    if direction is not Direction.OUTBOUND or outcome not in list(_IN_VAIN):
        return ""
    return NO_SUCH_NUMBER if outcome == Outcome.FAILED and cause in _WRONG_NUMBERS else outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    node: str
    entered: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What the caller's side of a call is known to be; the same for every desk it comes to."""

    call: CallId
    arrived_at: datetime
    direction: Direction = Direction.INBOUND
    made_by: AgentId | None = None
    """Who of ours makes the call."""
    called: AgentId | None = None
    """… and which colleague is called."""
    ani: str = ""
    ani_name: str = ""
    dnis: str = ""
    queue: QueueKey | None = None
    language: str = ""
    intent: str = ""
    path: tuple[Step, ...] = ()
    ended_at: datetime | None = None
    unreached: str = ""
    """Why whom we called never came to the phone, once that is sure: an `Outcome`, or `NO_SUCH_NUMBER`."""
    callback: CallbackBegan | None = None
    """It is made for somebody who had asked to be called back."""

    @property
    def customers_number(self) -> str:
        """Empty between colleagues, and when it is withheld."""
        match self.direction:
            case Direction.OUTBOUND:
                return self.dnis
            case Direction.INTERNAL:
                return ""
            case Direction.INBOUND:
                return self.ani


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCase:
    facts: CallFacts
    agent: AgentId
    phase: Phase
    since: datetime
    offer: OfferId | None = None
    because: Because | None = None
    offered_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    why_missed: str = ""
    taken_by: AgentId | None = None
    """The colleague who was quicker, where all phones rang."""
    by_safety_queue: bool = False
    rings_for: RingFor = RingFor.CALL
    """How it came here, when our engine did not offer it."""
    sent_by: str = ""
    """The party who gave the call away to this desk, or asks here for advice."""
    sent_by_agent: AgentId | None = None
    advice: bool = False
    """He has left the customer with the music, to ask somebody."""
    held: bool = False
    transfer: CallTransferred | None = None
    """What became of the last transfer that he gave away or was given."""
    keeps_him: bool = False
    """Telephony has him in its paperwork; when it lets go of him, that is done."""
    paperwork_waits: bool = False
    """It rings at his desk once more, and what he had to write of it is not done."""

    @property
    def call(self) -> CallId:
        return self.facts.call

    @property
    def colleague(self) -> AgentId | None:
        """Between colleagues: the other one."""
        if self.facts.direction is not Direction.INTERNAL:
            return None
        return self.facts.called if self.agent == self.facts.made_by else self.facts.made_by

    @property
    def has_paperwork(self) -> bool:
        """A talk between colleagues has none, nor has advice."""
        return self.facts.direction is not Direction.INTERNAL and self.rings_for is not RingFor.CONSULTATION

    def sent(self, rings_for: RingFor, by: str, agent: AgentId | None) -> DeskCase:
        """By whom it came; unsaid, it stays as it was."""
        return replace(self, rings_for=rings_for, sent_by=by, sent_by_agent=agent) if by else self

    def with_hold(self, at: datetime, *, held: bool, advice: bool) -> DeskCase:
        """The customer hears music in both cases."""
        phase = Phase.HELD if held or advice else Phase.TALKING
        since = self.since if (self.phase, self.advice) == (phase, advice) else at
        return replace(self, phase=phase, since=since, held=held, advice=advice)


def who_has_it(live: LiveCall) -> dict[AgentId, Phase]:
    """On whose desks a call of the floor's full picture is, and how far it has come there."""
    found: dict[AgentId, Phase] = {}
    phase = _OF_LIVE_CALL.get(live.phase)
    spoken = phase if phase in LIVE else None
    if live.made_by is not None:
        there = Phase.FAR_RINGING if live.phase == Phase.FAR_RINGING.value else Phase.DIALLING
        found[live.made_by] = spoken or there
    found |= dict.fromkeys(live.called, Phase.RINGING)
    if live.agent is not None and phase is not None:
        found |= dict.fromkeys((live.agent, *live.offers), phase)
    return found if spoken is None else found | dict.fromkeys(live.talking, spoken)
