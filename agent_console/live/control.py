"""What is under way in each call beside the conversation: consultations, conferences, paused recordings, parked
customers. Call events in, what the desks show of it out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from agent_console.live.control_protocol import CallControl, Consulting, Control, ParkedCall
from agent_console.live.screen_pop import Names
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Event
from cti.commands import Floor, Target, TargetKind
from cti.events import (
    CallAnswered,
    CallConnected,
    CallConsulted,
    CallDisconnected,
    CallEnded,
    CallMuted,
    CallParked,
    CallReturned,
    CallRinging,
    CallTransferred,
    CallUnparked,
    Consultation,
    ParkedCustomer,
    RecordingPaused,
    RecordingResumed,
    RecordingStopped,
    RingFor,
)

HEARD: Final[tuple[type[Event], ...]] = (
    CallConnected,
    CallConsulted,
    CallRinging,
    CallAnswered,
    CallReturned,
    CallDisconnected,
    CallTransferred,
    CallEnded,
    CallMuted,
    CallParked,
    CallUnparked,
    RecordingPaused,
    RecordingResumed,
    RecordingStopped,
)
PARKING: Final = (CallParked, CallUnparked)
"""What every desk is told, whoever parked."""
Written = Callable[[str], Names]
"""A number as people write it."""
OfCall = Callable[[CallId], tuple[Names, Names]]
"""A call's number as people write it, and its customer's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    agent: AgentId
    since: datetime
    to: Target | None = None
    """None: he chose at his phone, or before our time."""
    answered: bool = False


@dataclass(slots=True)
class Controls:
    consults: dict[CallId, Consult] = field(default_factory=dict)
    paused: dict[CallId, datetime] = field(default_factory=dict)
    """Until when the recording is paused."""
    parked: dict[CallId, ParkedCustomer] = field(default_factory=dict)
    muted: dict[CallId, frozenset[AgentId]] = field(default_factory=dict)
    _talking: dict[CallId, set[str]] = field(default_factory=dict)
    """Every party the customer talks with."""

    def is_conference(self, call: CallId) -> bool:
        return len(self._talking.get(call, ())) > 1

    def begun(self, agent: AgentId, call: CallId, to: Target, now: datetime) -> None:
        """His wish to consult was obeyed: now it is known whom."""
        before = self.consults.get(call)
        if before is None or before.agent != agent:
            self.consults[call] = Consult(agent=agent, since=now, to=to)
        elif before.to is None:
            self.consults[call] = replace(before, to=to)

    def hear(self, event: Event) -> bool:
        """Whether anything that is shown has changed."""
        before = self._picture()
        self._learn(event)
        return self._picture() != before

    def seed(self, floor: Floor) -> None:
        """What a full picture knows. Of a consultation we may know better whom it was asked for."""
        alive = {call.call for call in floor.calls}
        self._forget(call for call in {*self.consults, *self._talking} if call not in alive)
        for call in floor.calls:
            self._talking[call.call] = set(call.parties)
            if call.consultation is None:
                self.consults.pop(call.call, None)
            elif call.consultation.agent is not None:
                self._seed_consult(call.call, call.consultation, call.consultation.agent)
        paused = {call.call: call.recording_paused_until for call in floor.calls}
        self.paused = {call: until for call, until in paused.items() if until is not None}
        self.muted = {call.call: frozenset(call.muted) for call in floor.calls if call.muted}
        self.parked = {one.call: one for one in floor.parked}

    def _seed_consult(self, call: CallId, found: Consultation, agent: AgentId) -> None:
        before = self.consults.get(call)
        chosen = before.to if before is not None and before.agent == agent else None
        to = _whom(found.asked, found.asked_agent, chosen) if found.asked else chosen
        self.consults[call] = Consult(agent=agent, since=found.since, to=to, answered=found.answered)

    def _picture(self) -> object:
        joined = frozenset(call for call in self._talking if self.is_conference(call))
        return dict(self.consults), dict(self.paused), dict(self.muted), dict(self.parked), joined

    def _learn(self, event: Event) -> None:  # noqa: PLR0912 - one line an event
        match event:
            case CallConnected():
                self._talking.setdefault(event.call, set()).add(event.party)
                self._answered(event)
            case CallConsulted() if event.agent is not None and event.call not in self.consults:
                self.consults[event.call] = Consult(agent=event.agent, since=event.at)
            case CallRinging(ring_for=RingFor.CONSULTATION) if event.by_agent is not None:
                self._rings(event, event.by_agent)
            case CallAnswered() if event.call in self.consults:
                self.consults[event.call] = replace(self.consults[event.call], answered=True)
            case CallReturned():
                self._over(event.call, event.agent)
            case CallDisconnected():
                self._talking.get(event.call, set()).discard(event.party)
                self._over(event.call, event.agent)
                self._mutes(event.call, event.agent, False)
            case CallMuted():
                self._mutes(event.call, event.agent, event.muted)
            case CallTransferred():
                self.consults.pop(event.call, None)
            case CallParked():
                self.parked[event.call] = _parked(event)
            case CallUnparked():
                self.parked.pop(event.call, None)
            case RecordingPaused():
                self.paused[event.call] = event.until
            case RecordingResumed() | RecordingStopped():
                self.paused.pop(event.call, None)
            case CallEnded():
                self._forget((event.call,))
            case _:
                pass

    def _rings(self, event: CallRinging, by: AgentId) -> None:
        """The very one who is asked: of a queue, or chosen at the phone, only this tells who it is."""
        before = self.consults.get(event.call)
        to = _whom(event.party, event.agent, before.to if before is not None else None)
        since = before.since if before is not None and before.agent == by else event.at
        self.consults[event.call] = Consult(agent=by, since=since, to=to)

    def _answered(self, event: CallConnected) -> None:
        """The customer talks with somebody else by now."""
        consult = self.consults.get(event.call)
        if consult is not None and consult.agent != event.agent:
            self.consults[event.call] = replace(consult, answered=True)

    def _over(self, call: CallId, agent: AgentId | None) -> None:
        consult = self.consults.get(call)
        if consult is not None and consult.agent == agent:
            del self.consults[call]

    def _mutes(self, call: CallId, agent: AgentId | None, muted: bool) -> None:
        if agent is None:
            return
        before = self.muted.pop(call, frozenset())
        if after := before | {agent} if muted else before - {agent}:
            self.muted[call] = after

    def _forget(self, calls: Iterable[CallId]) -> None:
        for call in list(calls):
            self.consults.pop(call, None)
            self.paused.pop(call, None)
            self.muted.pop(call, None)
            self.parked.pop(call, None)
            self._talking.pop(call, None)


def _whom(party: str, agent: AgentId | None, chosen: Target | None) -> Target:
    """Who is asked. A number stays as it was chosen: a line outside does not always say whose it is."""
    if agent is not None:
        return Target(kind=TargetKind.AGENT, value=agent)
    if chosen is not None and chosen.kind is TargetKind.NUMBER:
        return chosen
    return Target(kind=TargetKind.NUMBER, value=party)


def _parked(event: CallParked) -> ParkedCustomer:
    return ParkedCustomer(call=event.call, lot=event.lot, since=event.at, by=event.agent, extension=event.party)


def control_message(
    controls: Controls, agent: AgentId, calls: Iterable[CallId], *, written: Written, of_call: OfCall
) -> Control:
    """As this agent's screens show it: his own calls, and everybody who is parked."""
    return Control(
        calls=tuple(_call(controls, agent, call, written) for call in calls),
        parked=tuple(parked_call(one, *of_call(one.call)) for one in controls.parked.values()),
    )


def _call(controls: Controls, agent: AgentId, call: CallId, written: Written) -> CallControl:
    consult = controls.consults.get(call)
    return CallControl(
        call=call,
        consult=_consulting(consult, written) if consult is not None and consult.agent == agent else None,
        conference=controls.is_conference(call),
        recording_paused_until=controls.paused.get(call),
        muted=agent in controls.muted.get(call, ()),
    )


def _consulting(consult: Consult, written: Written) -> Consulting:
    to = consult.to
    return Consulting(
        kind=to.kind.value if to else "",
        value=to.value if to else "",
        shown=written(to.value) if to is not None and to.kind is TargetKind.NUMBER else {},
        since=consult.since,
        answered=consult.answered,
    )


def parked_call(one: ParkedCustomer, shown: Names, customer: Names) -> ParkedCall:
    return ParkedCall(call=one.call, lot=one.lot, since=one.since, by=one.by, shown=shown, customer=customer)
