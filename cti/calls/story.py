"""The story of one call, retold from its own events: where it stands, with whom, and how long everything took.

Because it is made of nothing but published events, it can be told again from the log after a restart of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId
from cti import events as e
from cti.ami.vocabulary import DialStatus
from cti.calls.words import AFTER_CALL
from cti.causes import NOT_TO_BE_HAD, REJECTED
from cti.events import CallEvent, Direction, HungUpBy, LiveCall, Outcome
from routing.reasons import StepTaken

_TRIED = 8
_BY_STATUS = {
    DialStatus.BUSY: Outcome.BUSY,
    DialStatus.NO_ANSWER: Outcome.NO_ANSWER,
    DialStatus.CANCEL: Outcome.CANCELLED,
}


class Phase(StrEnum):
    MENU = "menu"
    WAITING = "waiting"
    OFFERED = "offered"
    RINGING = "ringing"
    TALKING = "talking"
    PARKED = "parked"
    SAFETY = "safety"


@dataclass(slots=True)
class Stopwatch:
    """Adds up stretches of time; starting twice or stopping twice changes nothing."""

    total_s: float = 0.0
    since: datetime | None = None

    def start(self, at: datetime) -> None:
        if self.since is None:
            self.since = at

    def stop(self, at: datetime) -> None:
        if self.since is not None:
            self.total_s += max((at - self.since).total_seconds(), 0.0)
            self.since = None


@dataclass(slots=True, kw_only=True, eq=False)
class Story:
    call: CallId
    server: ServerId
    direction: Direction
    ani: str
    ani_name: str
    dnis: str
    since: datetime
    phase: Phase = Phase.MENU
    queued: e.CallQueued | None = None
    place_back: e.CallPlaceGivenBack | None = None
    """The place of a former call that he has."""
    relaxed: list[StepTaken] = field(default_factory=list)
    """How his wish was relaxed while he waited."""
    overflowed: list[e.WentOn] = field(default_factory=list)
    """Through which queues he came."""
    in_vain: list[e.Tried] = field(default_factory=list)
    """Who did not take him in this wait, as far as anybody wants to know."""
    offer_over_at: datetime | None = None
    """When the last offer came to nothing."""
    in_queue_since: datetime | None = None
    """When he came into this queue, or back into it from a conversation; into another he brings his waiting time with
    him."""
    steps_on: int = 0
    """How many steps of its overflow chain are behind him …"""
    gone_on: e.CallOverflowed | None = None
    """… and the one he is at now."""
    promised: bool = False
    """He shall be called back."""
    callback: e.CallbackBegan | None = None
    """For whom of those this call is made."""
    path: list[str] = field(default_factory=list)
    agent: AgentId | None = None
    """Whom it is offered to, or who talks with the customer (the first of them)."""
    offered: dict[OfferId, AgentId] = field(default_factory=dict)
    """To whom; several, where all phones ring at once."""
    connected_at: datetime | None = None
    talking: dict[str, AgentId | None] = field(default_factory=dict)
    """Party -> agent, of everybody in the conversation now."""
    agents: list[AgentId] = field(default_factory=list)
    """Everybody the customer was connected with, in order."""
    ever_connected: bool = False
    holders: set[str] = field(default_factory=set)
    aside: set[str] = field(default_factory=set)
    """Parties who left the customer with the music, to talk with somebody else."""
    consultation: e.Consultation | None = None
    waited: bool = False
    """In a queue, ours or another."""
    made_by: AgentId | None = None
    """Who of ours makes the call."""
    ringing: dict[str, AgentId | None] = field(default_factory=dict)
    """Phones beside the queue that ring now."""
    advising: dict[str, AgentId | None] = field(default_factory=dict)
    """Who was asked for advice and answered, and is not with the customer."""
    tried: Outcome | None = None
    """How the last phone that was called beside the queue reacted."""
    recording: str | None = None
    """The file, while it is being written."""
    paused: e.RecordingPaused | None = None
    """… with silence, until it goes on."""
    parked: e.CallParked | None = None
    muted: set[AgentId] = field(default_factory=set)
    monitors: dict[AgentId, e.CallMonitored] = field(default_factory=dict)
    """Supervisor -> how he hears the conversation."""
    wait: Stopwatch = field(default_factory=Stopwatch)
    ring: Stopwatch = field(default_factory=Stopwatch)
    talk: Stopwatch = field(default_factory=Stopwatch)
    hold: Stopwatch = field(default_factory=Stopwatch)
    consult: Stopwatch = field(default_factory=Stopwatch)

    @staticmethod
    def begins(event: e.CallArrived) -> Story:
        return Story(
            call=event.call,
            server=event.server,
            direction=event.direction,
            ani=event.ani,
            ani_name=event.ani_name,
            dnis=event.dnis,
            since=event.at,
            made_by=event.agent,
        )

    def hear(self, event: CallEvent) -> None:  # noqa: PLR0912, PLR0915 - one line per event
        match event:
            case e.CallStepped():
                self._stepped(event)
            case e.CallQueued():
                self._queued(event)
            case e.CallPlaceGivenBack():
                self.place_back = event
            case e.CallRelaxed():
                self.relaxed.append(event.step)
            case e.CallOverflowed():
                self.gone_on, self.steps_on = event, event.step or self.steps_on
                self.overflowed.append(_went_on(event))
            case e.CallbackPromised():
                self.promised = True
            case e.CallbackBegan():
                self.callback = event
            case e.CallbackAccepted():
                self._accepted(event.at)
            case e.CallOffered():
                if not self.offered:
                    self.phase, self.agent = Phase.OFFERED, event.agent
                self.offered[event.offer] = event.agent
            case e.CallRinging(offer=None):
                self.rings_elsewhere(event.at, event.party, event.agent)
                self._is_asked(event)
            case e.CallRinging():
                self.phase = Phase.RINGING
                self.ring.start(event.at)
            case e.CallMissed():
                self._rings_no_more(event.party, event.at)
            case e.CallAnswered():
                self.advising[event.party] = event.agent
                if self.consultation is not None:
                    self.consultation = replace(self.consultation, answered=True)
                self._rings_no_more(event.party, event.at)
            case e.OfferFailed():
                self._offer_failed(event)
            case e.CallConnected():
                self._connected(event)
            case e.CallHeld():
                self.holders.add(event.by)
                self._conversation_changes(event.at)
            case e.CallResumed():
                self.holders.discard(event.by)
                self.aside.discard(event.by)
                self._asks_no_more(event.by)
                self._conversation_changes(event.at)
            case e.CallConsulted():
                self.aside.add(event.party)
                self._asks(event)
                self._conversation_changes(event.at)
            case e.CallReturned():
                self.aside.discard(event.party)
                self._asks_no_more(event.party)
                self._conversation_changes(event.at)
            case e.CallDisconnected():
                self._disconnected(event)
            case e.CallFellToSafety():
                self.phase, self.parked = Phase.SAFETY, None
            case e.CallParked():
                self.phase, self.parked = Phase.PARKED, event
                self._conversation_changes(event.at)
            case e.CallUnparked():
                self._unparked(event.at)
            case e.CallMuted():
                (self.muted.add if event.muted else self.muted.discard)(event.agent)
            case e.CallMonitored():
                self._monitored(event)
            case e.RecordingPaused():
                self.paused = event
            case e.RecordingResumed():
                self.paused = None
            case e.RecordingStarted():
                self.recording = event.file
            case e.RecordingStopped():
                self.recording = None
            case _:
                pass

    def waits_elsewhere(self, at: datetime) -> None:
        """In a queue of Asterisk's own."""
        self.waited = True
        self.wait.start(at)

    def rings_elsewhere(self, at: datetime, party: str, agent: AgentId | None = None) -> None:
        """A phone rings that we offered nothing to (a colleague's, one outside)."""
        self.ringing[party] = agent
        self.ring.start(at)

    def _rings_no_more(self, party: str, at: datetime) -> None:
        self.ringing.pop(party, None)
        if not self.ringing and self.phase is not Phase.RINGING:
            self.ring.stop(at)

    def dial_ended(self, status: DialStatus, cause: int, at: datetime, party: str) -> None:
        """… and rings no more; others may."""
        self._rings_no_more(party, at)
        if status is DialStatus.ANSWER:
            return  # what comes of it is told by who is connected
        if cause == REJECTED:
            self.tried = Outcome.REJECTED
        elif cause in NOT_TO_BE_HAD:
            self.tried = Outcome.FAILED
        else:
            self.tried = _BY_STATUS.get(status, Outcome.FAILED)

    def _unparked(self, at: datetime) -> None:
        self.parked = None
        if self.phase is Phase.PARKED:
            self._is_left(at)
        self._conversation_changes(at)

    def _monitored(self, event: e.CallMonitored) -> None:
        if event.until is None:
            self.monitors[event.by] = event
        else:
            self.monitors.pop(event.by, None)

    def _stepped(self, event: e.CallStepped) -> None:
        if event.label:
            self.path.append(event.label)
        if event.label == AFTER_CALL and not self.talking:
            self.phase, self.in_queue_since = Phase.MENU, None

    def _queued(self, event: e.CallQueued) -> None:
        """In the middle of a conversation it only tells what he had waited for before, and since when."""
        self.parked = self.gone_on = None
        if is_another_wait(self.queued, event):
            self.relaxed, self.in_queue_since, self.steps_on = [], event.at, 0
        first, self.queued = self.queued is None, event
        since = (event.since or event.at) if first else event.at
        if not self.talking:
            self.phase = Phase.WAITING
            self.wait.start(since)
        elif first and self.connected_at is not None:
            self.wait.start(since)
            self.wait.stop(self.connected_at)

    def _accepted(self, at: datetime) -> None:
        """Of his own phone nothing is to be waited for any more; from now on it is a call like any he makes."""
        self.ring.stop(at)
        self.phase, self.agent = Phase.MENU, None
        self.offered.clear()

    def _offer_failed(self, event: e.OfferFailed) -> None:
        self.in_vain = [*self.in_vain[1 - _TRIED :], e.Tried(agent=event.agent, why=event.why)]
        known = self.offered.pop(event.offer, None) is not None
        if known and self.offered:
            self.agent = next(iter(self.offered.values()))
            return
        self.ring.stop(event.at)
        self.offer_over_at = event.at
        if known:
            self.agent = None
            if self.phase in (Phase.OFFERED, Phase.RINGING):
                self.phase = Phase.WAITING

    def _connected(self, event: e.CallConnected) -> None:
        for watch in (self.wait, self.ring):
            watch.stop(event.at)
        self.ringing.clear()
        self.in_vain.clear()
        self.parked = None
        self.phase, self.ever_connected = Phase.TALKING, True
        self.connected_at = self.connected_at or event.at
        self.talking[event.party] = event.agent
        self.advising.pop(event.party, None)
        self._conversation_changes(event.at)
        self.agent = self._first_agent()
        self.offered.clear()
        if event.agent is not None and event.agent not in self.agents:
            self.agents.append(event.agent)

    def _disconnected(self, event: e.CallDisconnected) -> None:
        advised = self.advising.pop(event.party, None) is not None
        if advised and event.party not in self.talking:
            return
        self.talking.pop(event.party, None)
        self.aside.discard(event.party)
        self._asks_no_more(event.party)
        self.holders.discard(event.party)
        if event.agent is not None and event.agent not in self.talking.values():
            self.muted.discard(event.agent)
        self.agent = self._first_agent()
        if not self.talking:
            self.holders.clear()
            self.connected_at = None
            self._is_left(event.at)
        self._conversation_changes(event.at)

    def _is_left(self, at: datetime) -> None:
        """Nobody is with him any more: if he does not go, he stands where he stood before."""
        self.phase = Phase.WAITING if self.queued is not None else Phase.MENU
        self.in_queue_since = at if self.queued is not None else None

    def _conversation_changes(self, at: datetime) -> None:
        """Of talking, being held (or parked) and being left alone only one runs."""
        with_him = self.talking.keys() - self.aside
        running = None
        if with_him:
            running = self.hold if self.holders else self.talk
        elif self.talking:
            running = self.consult
        elif self.parked is not None:
            running = self.hold
        for watch in (self.talk, self.hold, self.consult):
            if watch is running:
                watch.start(at)
            else:
                watch.stop(at)

    def _asks(self, event: e.CallConsulted) -> None:
        """A phone may have rung for it before."""
        known = self.consultation
        if known is None or known.party != event.party:
            self.consultation = e.Consultation(party=event.party, agent=event.agent, since=event.at)

    def _is_asked(self, event: e.CallRinging) -> None:
        if event.ring_for is not e.RingFor.CONSULTATION:
            return
        known = self.consultation
        since = known.since if known is not None and known.party == event.by else event.at
        self.consultation = e.Consultation(
            party=event.by, agent=event.by_agent, since=since, asked=event.party, asked_agent=event.agent
        )

    def _asks_no_more(self, party: str) -> None:
        if self.consultation is not None and self.consultation.party == party:
            self.consultation = None

    def hold_ends_unsaid(self, party: str) -> bool:
        """Asterisk holds the customer while he is asked about, and does not say that a conference has ended it."""
        return party in self.holders and len(self.talking) > 1

    def _first_agent(self) -> AgentId | None:
        return next((agent for agent in self.talking.values() if agent is not None), None)

    def ends(
        self,
        *,
        at: datetime,
        hung_up_by: HungUpBy,
        cause: int,
        cut: bool = False,
        into: CallId | None = None,
        unheard: bool = False,
        sip_cause: int = 0,
    ) -> e.CallEnded:
        """The last event of the story, with the sum of everything."""
        for watch in (self.wait, self.ring, self.talk, self.hold, self.consult):
            watch.stop(at)
        return e.CallEnded(
            call=self.call,
            at=at,
            outcome=Outcome.FAILED if cut else self._outcome(),
            hung_up_by=hung_up_by,
            cause=cause,
            wait_s=round(self.wait.total_s, 3),
            ring_s=round(self.ring.total_s, 3),
            talk_s=round(self.talk.total_s, 3),
            hold_s=round(self.hold.total_s, 3),
            agents=tuple(self.agents),
            consult_s=round(self.consult.total_s, 3),
            into=into,
            closed_by=e.ClosedBy.RECONCILIATION if unheard else None,
            sip_cause=sip_cause,
        )

    def _outcome(self) -> Outcome:
        if self.ever_connected:
            return Outcome.ANSWERED
        if self.promised:
            return Outcome.CALLBACK
        if self.queued is not None or self.waited:
            return Outcome.ABANDONED
        if self.tried is Outcome.CANCELLED and self.direction is Direction.INBOUND:
            return Outcome.ABANDONED
        if self.tried is not None:
            return self.tried
        return Outcome.SELF_SERVICE if self.direction is Direction.INBOUND else Outcome.CANCELLED

    def as_live_call(self) -> LiveCall:
        held = self.phase is Phase.TALKING and bool(self.holders or self.aside)
        return LiveCall(
            call=self.call,
            direction=self.direction,
            ani=self.ani,
            ani_name=self.ani_name,
            dnis=self.dnis,
            since=self.since,
            phase="held" if held else self._phase_shown(),
            queue=self.queue,
            intent=self.queued.intent if self.queued else "",
            language=self.language,
            agent=self.agent,
            offer=next(iter(self.offered), None),
            offers={agent: offer for offer, agent in self.offered.items()},
            connected_at=self.connected_at,
            path=tuple(self.path),
            made_by=self.made_by,
            talking=tuple(agent for agent in self.talking.values() if agent is not None),
            called=tuple(agent for agent in self.ringing.values() if agent is not None),
            recording_paused_until=self.paused.until if self.paused is not None else None,
            muted=tuple(sorted(self.muted)),
            monitored=tuple(self.monitors.values()),
            callback=self.callback,
            parties=tuple(self.talking),
            consultation=self.consultation,
        )

    def _phase_shown(self) -> str:
        """Who calls somebody is in no menu, and who was sent on waits no more."""
        if self.gone_on is not None and self.phase is Phase.WAITING:
            return "sent_on"
        if self.phase is not Phase.MENU or self.direction is Direction.INBOUND:
            return self.phase.value
        return "far_ringing" if self.ringing else "dialling"

    @property
    def queue(self) -> QueueKey | None:
        if self.queued is not None:
            return self.queued.queue
        return self.callback.queue if self.callback is not None else None

    @property
    def language(self) -> str:
        return self.queued.language if self.queued else ""

    @property
    def has_consulted(self) -> bool:
        return self.consult.since is not None or self.consult.total_s > 0

    @property
    def queue_is_unheard_of(self) -> bool:
        """A caller from outside who talks with somebody came by way of a queue, of which we did not hear, or a menu led
        him there: then no queue's terms hold."""
        return self.queued is None and self.direction is Direction.INBOUND


def _went_on(event: e.CallOverflowed) -> e.WentOn:
    return e.WentOn(queue=event.queue, why=event.why, kind=event.kind, to=event.to, waited_s=event.waited_s)


def is_another_wait(before: e.CallQueued | None, queued: e.CallQueued | None) -> bool:
    """In which steps are taken anew."""
    return _place(before) != _place(queued)


def _place(queued: e.CallQueued | None) -> tuple[QueueKey, datetime] | None:
    return None if queued is None else (queued.queue, queued.since or queued.at)
