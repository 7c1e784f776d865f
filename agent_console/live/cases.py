"""The story of each call as the desks tell it: call events in, changed cases out. Pure.

A case is one call on one agent's desk: it begins with the offer, with the ringing of his phone or with his dialling,
and ends when the paperwork is done. The same call at another agent's desk is a case of its own.

Paperwork that telephony has him in ends when he is free; any other does not keep him, and ends by his word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent_console.live.case import (
    CALLING,
    LIVE,
    OPEN,
    UNANSWERED,
    CallFacts,
    DeskCase,
    Phase,
    Step,
    who_has_it,
    why_unreached,
)
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Event
from cti.commands import Floor
from cti.events import (
    AgentStateChanged,
    CallAnswered,
    CallArrived,
    CallbackAccepted,
    CallbackBegan,
    CallConnected,
    CallConsulted,
    CallDisconnected,
    CallEnded,
    CallFellToSafety,
    CallHeld,
    CallMissed,
    CallOffered,
    CallQueued,
    CallResumed,
    CallReturned,
    CallRinging,
    CallStepped,
    CallTransferred,
    Direction,
    LiveCall,
    OfferFailed,
    OfferFailure,
    RingFor,
    TransferOutcome,
)
from routing.states import AgentState

__all__ = ["OPEN", "CallFacts", "Cases", "DeskCase", "Phase", "Step"]
FORGOTTEN_AFTER = timedelta(hours=12)
"""A call nobody told the end of does not stay for ever."""


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
                return self._arrived(event)
            case CallStepped():
                step = Step(node=event.node, entered=event.entered, label=event.label)
                facts = self._facts(event.call, event.at)
                return self._learn(event.call, event.at, path=(*facts.path, step))
            case CallQueued():
                return self._learn(
                    event.call, event.at, queue=event.queue, language=event.language, intent=event.intent
                )
            case CallbackBegan():
                return self._learn(event.call, event.at, queue=event.queue, callback=event)
            case CallbackAccepted():
                return self._accepted(event)
            case CallFellToSafety():
                return self._learn(event.call, event.at, queue=event.queue)
            case CallOffered():
                return (self._offered(event),)
            case CallRinging():
                return self._rings(event)
            case OfferFailed():
                return self._missed(event.agent, event.call, event.why.value, event.at, event.taken_by)
            case CallMissed():
                return self._missed(event.agent, event.call, event.why.value, event.at)
            case CallAnswered():
                return self._advises(event)
            case CallConnected():
                return self._connected(event)
            case CallHeld() | CallResumed():
                return self._held(event.call, event.at, held=isinstance(event, CallHeld))
            case CallConsulted() | CallReturned():
                return self._asks(event.agent, event.call, event.at, advice=isinstance(event, CallConsulted))
            case CallTransferred():
                return self._transferred(event)
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
            elif case.phase in UNANSWERED:
                changed.extend(self._missed(case.agent, case.call, OfferFailure.CALLER_GONE.value, now))
            elif case.phase is not Phase.WRAP_UP or case.facts.queue is not None:
                changed.extend(self._close(case.agent, case.call, now))
        for call in [known for known in self.calls if known not in alive]:
            self._forget_call_unless_on_a_desk(call)
        return tuple(changed)

    def adopt_wrap_up(self, agent: AgentId, facts: CallFacts, since: datetime) -> DeskCase:
        """A wrap-up begun before our time, rebuilt from the call log."""
        case = DeskCase(facts=facts, agent=agent, phase=Phase.WRAP_UP, since=since, ended_at=facts.ended_at)
        self.calls.setdefault(facts.call, facts)
        return self._put(case)

    def asked_about(self, case: DeskCase) -> DeskCase | None:
        """A colleague calls while a customer of his is on hold: it is about him, as far as anybody can know."""
        if case.colleague is None or case.colleague != case.facts.made_by or case.phase not in {*UNANSWERED, *LIVE}:
            return None
        his = [one for one in self.of_agent(case.colleague) if one.phase is Phase.HELD and one.colleague is None]
        return his[0] if len(his) == 1 else None

    def asked_by(self, agent: AgentId) -> tuple[DeskCase, ...]:
        """The desks of colleagues whom he has called himself."""
        calls = [one.call for one in self.of_agent(agent) if one.colleague is not None]
        return tuple(one for call in calls for one in self._on_desks(call) if one.agent != agent)

    def unexplained(self) -> tuple[DeskCase, ...]:
        """Those of whose offer we know nothing: a full picture does not tell why a call went to its agent."""
        return tuple(case for calls in self._desks.values() for case in calls.values() if case.because is None)

    def recall(self, offer: CallOffered) -> tuple[DeskCase, ...]:
        """The offer of a case, found in the call log; nothing when we know it by now."""
        case = self.get(offer.agent, offer.call)
        if case is None or case.because is not None:
            return ()
        return (self._put(replace(case, because=offer.because, offered_at=case.offered_at or offer.at)),)

    def finish(self, agent: AgentId, call: CallId, at: datetime) -> tuple[DeskCase, ...]:
        """He says that the paperwork is done. Of a queue's call that shows when he is free."""
        case = self.get(agent, call)
        if case is None or case.phase is not Phase.WRAP_UP or case.facts.queue is not None:
            return ()
        return self._close(agent, call, at)

    def forget_old(self, now: datetime) -> None:
        """House-keeping, for calls whose end was never told."""
        for call, facts in list(self.calls.items()):
            if now - facts.arrived_at > FORGOTTEN_AFTER and not self.agents_of(call):
                del self.calls[call]

    # The steps --------------------------------------------------------------------------------------------------------

    def _facts(self, call: CallId, at: datetime) -> CallFacts:
        return self.calls.get(call) or CallFacts(call=call, arrived_at=at)

    def _learn(self, call: CallId, at: datetime, **known: object) -> tuple[DeskCase, ...]:
        """What is told empty blanks nothing that is known."""
        said = {name: value for name, value in known.items() if value}
        facts = replace(self._facts(call, at), **said)  # type: ignore[arg-type]
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

    def _arrived(self, event: CallArrived) -> tuple[DeskCase, ...]:
        """Who of ours makes a call has it on his desk from now on."""
        known = {"ani": event.ani, "ani_name": event.ani_name, "dnis": event.dnis}
        changed = self._learn(event.call, event.at, direction=event.direction, made_by=event.agent, **known)
        if event.agent is None or self.get(event.agent, event.call) is not None:
            return changed
        return (self._put(self._new(event.agent, event.call, Phase.DIALLING, event.at)),)

    def _new(self, agent: AgentId, call: CallId, phase: Phase, at: datetime) -> DeskCase:
        facts = self.calls.setdefault(call, self._facts(call, at))
        return DeskCase(facts=facts, agent=agent, phase=phase, since=at)

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

    def _accepted(self, event: CallbackAccepted) -> tuple[DeskCase, ...]:
        """He has picked up; from now on it is a call like any he makes."""
        case = self.get(event.agent, event.call)
        if case is None or case.phase not in UNANSWERED:
            return ()
        return (self._put(replace(case, phase=Phase.DIALLING, since=event.at)),)

    def _rings(self, event: CallRinging) -> tuple[DeskCase, ...]:
        """At the phone of an agent, and so over there for whoever calls him."""
        changed = self._rings_there(event.call, event.at, but=event.agent)
        facts = self._facts(event.call, event.at)
        if event.agent is None or facts.ended_at is not None:
            return changed
        case = self.get(event.agent, event.call)
        if event.offer is not None:
            return (*changed, *self._offer_rings(case, event))
        if facts.direction is Direction.INTERNAL:
            self._learn(event.call, event.at, called=event.agent)
        return (*changed, *self._rings_beside(case, event, event.agent))

    def _offer_rings(self, case: DeskCase | None, event: CallRinging) -> tuple[DeskCase, ...]:
        if case is None or case.phase is not Phase.OFFERED:
            return ()
        rings = replace(case, phase=Phase.RINGING, since=event.at)
        return (self._put(rings.sent(event.ring_for, event.by, event.by_agent)),)

    def _rings_beside(self, case: DeskCase | None, event: CallRinging, agent: AgentId) -> tuple[DeskCase, ...]:
        """Nothing was offered to him: he was dialled, was given the call, or it comes back to him."""
        if case is not None and case.phase is not Phase.WRAP_UP:
            return ()
        rings = case or self._new(agent, event.call, Phase.RINGING, event.at)
        rings = replace(rings, phase=Phase.RINGING, since=event.at, paperwork_waits=case is not None)
        return (self._put(rings.sent(event.ring_for, event.by, event.by_agent)),)

    def _rings_there(self, call: CallId, at: datetime, *, but: AgentId | None) -> tuple[DeskCase, ...]:
        calling = [one for one in self._on_desks(call) if one.phase is Phase.DIALLING and one.agent != but]
        return tuple(self._put(replace(one, phase=Phase.FAR_RINGING, since=at)) for one in calling)

    def _advises(self, event: CallAnswered) -> tuple[DeskCase, ...]:
        """He talks with the colleague who asks; the customer hears the music."""
        case = self.get(event.agent, event.call) if event.agent is not None else None
        if case is None or case.phase not in UNANSWERED:
            return ()
        return (self._put(replace(case, phase=Phase.TALKING, since=event.at, connected_at=event.at)),)

    def _connected(self, event: CallConnected) -> tuple[DeskCase, ...]:
        calling = [one for one in self._on_desks(event.call) if one.phase in CALLING and one.agent != event.agent]
        changed = tuple(self._put(self._talks(one, event.at)) for one in calling)
        if event.agent is None:
            return changed
        case = self.get(event.agent, event.call) or self._new(event.agent, event.call, Phase.RINGING, event.at)
        talks = replace(self._talks(case, event.at), by_safety_queue=event.by_safety_queue)
        return (*changed, self._put(talks))

    def _talks(self, case: DeskCase, at: datetime) -> DeskCase:
        return replace(
            case,
            phase=Phase.TALKING,
            since=at,
            connected_at=case.connected_at or at,
            held=False,
            advice=False,
            paperwork_waits=False,
        )

    def _held(self, call: CallId, at: datetime, *, held: bool) -> tuple[DeskCase, ...]:
        """By either side: for everybody who talks in this call. Who is back at the customer asks nobody any more."""
        talking = [case for case in self._on_desks(call) if case.phase in LIVE]
        return tuple(
            self._put(case.with_hold(at, held=held, advice=case.advice and held))
            for case in talking
            if case.held is not held
        )

    def _asks(self, agent: AgentId | None, call: CallId, at: datetime, *, advice: bool) -> tuple[DeskCase, ...]:
        case = self.get(agent, call) if agent is not None else None
        if case is None or case.phase not in LIVE or case.advice is advice:
            return ()
        return (self._put(case.with_hold(at, held=case.held, advice=advice)),)

    def _transferred(self, event: CallTransferred) -> tuple[DeskCase, ...]:
        """For him who gave the call away, and for him who was given it."""
        changed: list[DeskCase] = []
        for case in self._on_desks(event.call):
            if case.agent == event.to_agent and event.outcome is TransferOutcome.COMPLETED:
                given = replace(case, transfer=event, rings_for=RingFor.TRANSFER)
                changed.append(self._put(given.sent(RingFor.TRANSFER, event.by, event.by_agent)))
            elif case.agent == event.by_agent:
                changed.append(self._put(replace(case, transfer=event)))
        return tuple(changed)

    def _missed(
        self, agent: AgentId | None, call: CallId, why: str, at: datetime, by: AgentId | None = None
    ) -> tuple[DeskCase, ...]:
        case = self.get(agent, call) if agent is not None else None
        if case is None or case.phase not in UNANSWERED:
            return ()
        if case.paperwork_waits:
            return (self._put(replace(case, phase=Phase.WRAP_UP, since=at, paperwork_waits=False)),)
        self._drop(case)
        self._forget_call_if_over(call)
        return (replace(case, phase=Phase.MISSED, since=at, why_missed=why, taken_by=by, ended_at=at),)

    def _wrap_up(self, agent: AgentId, call: CallId, at: datetime) -> tuple[DeskCase, ...]:
        case = self.get(agent, call)
        if case is None or case.phase not in (*LIVE, *CALLING):
            return ()
        unreached = case.facts.callback is not None and case.connected_at is None  # he is called again by itself
        if unreached or not case.has_paperwork:
            return self._close(agent, call, at)
        return (self._put(_over(case, at)),)

    def _ended(self, event: CallEnded) -> tuple[DeskCase, ...]:
        if event.call in self.calls:
            self.calls[event.call] = replace(self.calls[event.call], ended_at=event.at)
            if why := why_unreached(self.calls[event.call].direction, event.outcome, event.cause):
                self._learn(event.call, event.at, unreached=why)
        changed: list[DeskCase] = []
        for agent in self.agents_of(event.call):
            if event.into is not None:
                changed.extend(self._close(agent, event.call, event.at))
                continue
            changed.extend(self._missed(agent, event.call, OfferFailure.CALLER_GONE.value, event.at))
            changed.extend(self._wrap_up(agent, event.call, event.at))
        self._forget_call_if_over(event.call)
        return tuple(changed)

    def _agent_moved(self, event: AgentStateChanged) -> tuple[DeskCase, ...]:
        """Whoever is free, on pause or gone has finished the paperwork of every queue's call that is over for him."""
        if event.state is AgentState.WRAP_UP and event.call is not None:
            return self._has_paperwork_after_all(event.agent, event.call, event.at)
        if event.state not in (AgentState.READY, AgentState.PAUSED, AgentState.OFFLINE):
            return ()
        gone = event.state is AgentState.OFFLINE
        over = [case for case in self.of_agent(event.agent) if case.phase is Phase.WRAP_UP]
        finished = [case.call for case in over if gone or case.keeps_him or case.facts.queue is not None]
        return tuple(case for call in finished for case in self._close(event.agent, call, event.at))

    def _has_paperwork_after_all(self, agent: AgentId, call: CallId, at: datetime) -> tuple[DeskCase, ...]:
        """Also of who was asked for advice, when the customer stayed with him in the end; and of whoever let go of a
        call beyond a lost line, of which nobody tells how it ends."""
        case = self.get(agent, call)
        if case is not None and case.phase in (*LIVE, *CALLING):
            return (self._put(replace(_over(case, at), keeps_him=True)),)
        if case is not None:
            self._put(replace(case, keeps_him=True))
        if call not in self.calls or case is not None:
            return ()
        return (self._put(replace(self._new(agent, call, Phase.WRAP_UP, at), ended_at=at, keeps_him=True)),)

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
            direction=live.direction,
            made_by=live.made_by,
            called=next((agent for agent in (*live.called, *live.talking) if agent != live.made_by), None),
            ani=live.ani,
            ani_name=live.ani_name,
            dnis=live.dnis,
            queue=live.queue,
            language=live.language,
            intent=live.intent,
            path=tuple(Step(node=label, label=label) for label in live.path),
            callback=live.callback,
        )
        for agent, phase in who_has_it(live).items():
            yield from self._seed_case(live, agent, phase)

    def _seed_case(self, live: LiveCall, agent: AgentId, phase: Phase) -> Iterator[DeskCase]:
        case = self.get(agent, live.call)
        if case is None:
            yield self._put(
                DeskCase(
                    facts=self.calls[live.call],
                    agent=agent,
                    phase=phase,
                    since=live.connected_at or live.since,
                    offer=live.offers.get(agent, live.offer),
                    connected_at=live.connected_at,
                    held=phase is Phase.HELD,
                )
            )
        elif case.phase is not phase and not (case.phase in LIVE and phase in LIVE):
            connected_at = case.connected_at or live.connected_at
            yield self._put(replace(case, phase=phase, connected_at=connected_at, held=phase is Phase.HELD))


def _over(case: DeskCase, at: datetime) -> DeskCase:
    """The conversation; the paperwork is to be done."""
    return replace(case, phase=Phase.WRAP_UP, since=at, ended_at=at, held=False, advice=False)
