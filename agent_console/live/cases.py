"""The story of each call as the desks tell it: call events in, changed cases out. Pure.

A case is one call on one agent's desk: it begins with the offer and ends when the paperwork is done. A second offer of
the same call to another agent is a case of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from crm_core.kernel.messages import Event
from cti.commands import Floor
from cti.events import (
    AgentStateChanged,
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallFellToSafety,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallRinging,
    CallStepped,
    LiveCall,
    OfferFailed,
    OfferFailure,
)
from routing.reasons import Because
from routing.states import AgentState

FORGOTTEN_AFTER = timedelta(hours=12)
"""A call nobody told the end of does not stay for ever."""


class Phase(StrEnum):
    OFFERED = "offered"
    """Chosen; the phone has not begun to ring."""
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    WRAP_UP = "wrap_up"
    """The call is over, its paperwork is not."""
    MISSED = "missed"
    """It never became his call."""
    DONE = "done"


OPEN = (Phase.OFFERED, Phase.RINGING, Phase.TALKING, Phase.HELD, Phase.WRAP_UP)
_LIVE = (Phase.TALKING, Phase.HELD)
_UNANSWERED = (Phase.OFFERED, Phase.RINGING)
_PHASE_OF_LIVE_CALL = {
    "offered": Phase.OFFERED,
    "ringing": Phase.RINGING,
    "talking": Phase.TALKING,
    "held": Phase.HELD,
    "safety": Phase.TALKING,
}


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
    ani: str = ""
    ani_name: str = ""
    dnis: str = ""
    queue: QueueKey | None = None
    language: str = ""
    intent: str = ""
    path: tuple[Step, ...] = ()
    ended_at: datetime | None = None


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
    by_safety_queue: bool = False

    @property
    def call(self) -> CallId:
        return self.facts.call


@dataclass(slots=True)
class Cases:
    """Every call under way and every open case."""

    calls: dict[CallId, CallFacts] = field(default_factory=dict)
    _desks: dict[AgentId, dict[CallId, DeskCase]] = field(default_factory=dict)
    _agents: dict[CallId, dict[AgentId, None]] = field(default_factory=dict)
    """On whose desks a call is, in the order it came there."""

    def of_agent(self, agent: AgentId) -> tuple[DeskCase, ...]:
        """The oldest first."""
        found = self._desks.get(agent, {}).values()
        return tuple(sorted(found, key=lambda case: (case.offered_at or case.since, case.call)))

    def get(self, agent: AgentId, call: CallId) -> DeskCase | None:
        return self._desks.get(agent, {}).get(call)

    def agents_of(self, call: CallId) -> tuple[AgentId, ...]:
        return tuple(self._agents.get(call, ()))

    def hear(self, event: Event) -> tuple[DeskCase, ...]:  # noqa: PLR0911, PLR0912 - one line an event
        """The cases that this event made or changed, as they are now. Those that are over come a last time."""
        match event:
            case CallArrived():
                self._learn(event.call, event.at, ani=event.ani, ani_name=event.ani_name, dnis=event.dnis)
                return ()
            case CallStepped():
                step = Step(node=event.node, entered=event.entered, label=event.label)
                facts = self._facts(event.call, event.at)
                return self._learn(event.call, event.at, path=(*facts.path, step))
            case CallQueued():
                return self._learn(
                    event.call, event.at, queue=event.queue, language=event.language, intent=event.intent
                )
            case CallFellToSafety():
                return self._learn(event.call, event.at, queue=event.queue)
            case CallOffered():
                return (self._offered(event),)
            case CallRinging():
                return self._move(event.agent, event.call, Phase.RINGING, event.at, _UNANSWERED)
            case OfferFailed():
                return self._missed(event.agent, event.call, event.why.value, event.at)
            case CallConnected():
                return self._connected(event)
            case CallHeld():
                return self._move_talking(event.call, event.at, Phase.TALKING, Phase.HELD)
            case CallResumed():
                return self._move_talking(event.call, event.at, Phase.HELD, Phase.TALKING)
            case CallDisconnected(agent=agent) if agent is not None:
                return self._wrap_up(agent, event.call, event.at)
            case CallEnded():
                return self._ended(event)
            case AgentStateChanged():
                return self._agent_moved(event)
            case _:
                return ()

    def seed(self, floor: Floor, now: datetime, fresh: Collection[str] = ()) -> tuple[DeskCase, ...]:
        """Learn from a full picture what events before our time would have told; changed cases come back.

        `fresh`: calls we heard of while the picture was on its way; of these we know better.
        """
        known_worse = [live for live in floor.calls if live.call not in fresh]
        changed = [case for live in known_worse for case in self._seed_call(live)]
        alive = {*(live.call for live in floor.calls), *fresh}
        wrapping = {(one.agent, one.call) for one in floor.agents if one.state is AgentState.WRAP_UP and one.call}
        gone = [case for call in self._agents if call not in alive for case in self._on_desks(call)]
        for case in gone:
            if (case.agent, case.call) in wrapping:
                changed.extend(self._wrap_up(case.agent, case.call, now))
            elif case.phase in _UNANSWERED:
                changed.extend(self._missed(case.agent, case.call, OfferFailure.CALLER_GONE.value, now))
            else:
                changed.extend(self._close(case.agent, case.call, now))
        for call in [known for known in self.calls if known not in alive]:
            self._forget_call_unless_on_a_desk(call)
        return tuple(changed)

    def adopt_wrap_up(self, agent: AgentId, facts: CallFacts, since: datetime) -> DeskCase:
        """A wrap-up begun before our time, rebuilt from the call log."""
        case = DeskCase(facts=facts, agent=agent, phase=Phase.WRAP_UP, since=since, ended_at=facts.ended_at)
        self.calls.setdefault(facts.call, facts)
        return self._put(case)

    def unexplained(self) -> tuple[DeskCase, ...]:
        """Those of whose offer we know nothing: a full picture does not tell why a call went to its agent."""
        return tuple(case for calls in self._desks.values() for case in calls.values() if case.because is None)

    def recall(self, offer: CallOffered) -> tuple[DeskCase, ...]:
        """The offer of a case, found in the call log; nothing when we know it by now."""
        case = self.get(offer.agent, offer.call)
        if case is None or case.because is not None:
            return ()
        return (self._put(replace(case, because=offer.because, offered_at=case.offered_at or offer.at)),)

    def forget_old(self, now: datetime) -> None:
        """House-keeping, for calls whose end was never told."""
        for call, facts in list(self.calls.items()):
            if now - facts.arrived_at > FORGOTTEN_AFTER and not self.agents_of(call):
                del self.calls[call]

    # The steps --------------------------------------------------------------------------------------------------------

    def _facts(self, call: CallId, at: datetime) -> CallFacts:
        return self.calls.get(call) or CallFacts(call=call, arrived_at=at)

    def _learn(self, call: CallId, at: datetime, **known: object) -> tuple[DeskCase, ...]:
        facts = replace(self._facts(call, at), **known)  # type: ignore[arg-type]
        self.calls[call] = facts
        return tuple(self._put(replace(case, facts=facts)) for case in self._on_desks(call))

    def _on_desks(self, call: CallId) -> list[DeskCase]:
        return [self._desks[agent][call] for agent in self.agents_of(call)]

    def _put(self, case: DeskCase) -> DeskCase:
        self._desks.setdefault(case.agent, {})[case.call] = case
        self._agents.setdefault(case.call, {})[case.agent] = None
        return case

    def _drop(self, case: DeskCase) -> None:
        del self._desks[case.agent][case.call], self._agents[case.call][case.agent]
        if not self._agents[case.call]:
            del self._agents[case.call]

    def _offered(self, event: CallOffered) -> DeskCase:
        facts = replace(self._facts(event.call, event.at), queue=event.queue)
        self.calls[event.call] = facts
        return self._put(
            DeskCase(
                facts=facts,
                agent=event.agent,
                phase=Phase.OFFERED,
                since=event.at,
                offer=event.offer,
                because=event.because,
                offered_at=event.at,
            )
        )

    def _connected(self, event: CallConnected) -> tuple[DeskCase, ...]:
        if event.agent is None:
            return ()
        case = self.get(event.agent, event.call) or DeskCase(
            facts=self._facts(event.call, event.at), agent=event.agent, phase=Phase.RINGING, since=event.at
        )
        self.calls.setdefault(event.call, case.facts)
        return (
            self._put(
                replace(
                    case,
                    phase=Phase.TALKING,
                    since=event.at,
                    connected_at=case.connected_at or event.at,
                    by_safety_queue=event.by_safety_queue,
                )
            ),
        )

    def _move(
        self, agent: AgentId, call: CallId, to: Phase, at: datetime, only_from: Iterable[Phase]
    ) -> tuple[DeskCase, ...]:
        case = self.get(agent, call)
        if case is None or case.phase not in only_from or case.phase is to:
            return ()
        return (self._put(replace(case, phase=to, since=at)),)

    def _move_talking(self, call: CallId, at: datetime, before: Phase, after: Phase) -> tuple[DeskCase, ...]:
        """Held or resumed by either side: for everybody who talks in this call."""
        return tuple(
            self._put(replace(case, phase=after, since=at)) for case in self._on_desks(call) if case.phase is before
        )

    def _missed(self, agent: AgentId, call: CallId, why: str, at: datetime) -> tuple[DeskCase, ...]:
        case = self.get(agent, call)
        if case is None or case.phase not in _UNANSWERED:
            return ()
        self._drop(case)
        self._forget_call_if_over(call)
        return (replace(case, phase=Phase.MISSED, since=at, why_missed=why, ended_at=at),)

    def _wrap_up(self, agent: AgentId, call: CallId, at: datetime) -> tuple[DeskCase, ...]:
        case = self.get(agent, call)
        if case is None or case.phase not in _LIVE:
            return ()
        return (self._put(replace(case, phase=Phase.WRAP_UP, since=at, ended_at=at)),)

    def _ended(self, event: CallEnded) -> tuple[DeskCase, ...]:
        if event.call in self.calls:
            self.calls[event.call] = replace(self.calls[event.call], ended_at=event.at)
        changed: list[DeskCase] = []
        for agent in self.agents_of(event.call):
            changed.extend(self._missed(agent, event.call, OfferFailure.CALLER_GONE.value, event.at))
            changed.extend(self._wrap_up(agent, event.call, event.at))
        self._forget_call_if_over(event.call)
        return tuple(changed)

    def _agent_moved(self, event: AgentStateChanged) -> tuple[DeskCase, ...]:
        """Whoever is free, on pause or gone has finished the paperwork of every call that is over for him."""
        if event.state not in (AgentState.READY, AgentState.PAUSED, AgentState.OFFLINE):
            return ()
        finished = [case.call for case in self.of_agent(event.agent) if case.phase is Phase.WRAP_UP]
        return tuple(case for call in finished for case in self._close(event.agent, call, event.at))

    def _close(self, agent: AgentId, call: CallId, at: datetime) -> tuple[DeskCase, ...]:
        case = self._desks[agent][call]
        self._drop(case)
        self._forget_call_if_over(call)
        return (replace(case, phase=Phase.DONE, since=at, ended_at=case.ended_at or at),)

    def _forget_call_if_over(self, call: CallId) -> None:
        facts = self.calls.get(call)
        if facts is not None and facts.ended_at is not None:
            self._forget_call_unless_on_a_desk(call)

    def _forget_call_unless_on_a_desk(self, call: CallId) -> None:
        if not self.agents_of(call):
            self.calls.pop(call, None)

    def _seed_call(self, live: LiveCall) -> Iterator[DeskCase]:
        known = self.calls.get(live.call)
        self.calls[live.call] = known or CallFacts(
            call=live.call,
            arrived_at=live.since,
            ani=live.ani,
            ani_name=live.ani_name,
            dnis=live.dnis,
            queue=live.queue,
            language=live.language,
            intent=live.intent,
            path=tuple(Step(node=label, label=label) for label in live.path),
        )
        phase = _PHASE_OF_LIVE_CALL.get(live.phase)
        if live.agent is None or phase is None:
            return
        case = self.get(live.agent, live.call)
        if case is None:
            yield self._put(
                DeskCase(
                    facts=self.calls[live.call],
                    agent=live.agent,
                    phase=phase,
                    since=live.connected_at or live.since,
                    offer=live.offer,
                    connected_at=live.connected_at,
                )
            )
        elif case.phase is not phase:
            yield self._put(replace(case, phase=phase, connected_at=case.connected_at or live.connected_at))
