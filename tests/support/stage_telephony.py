"""A telephony that plays what a test tells it, where cti stands: the same commands are answered, the same events told.

Its callers are lines of a script. What it is told to do, it publishes at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent_console.pages.demo.commands import HangUpTestCall, PlaceTestCall, TestCallPlaced
from crm_core.domain.tickets import Ticket, TicketWork
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId, SkillKey, TicketId, new_id
from crm_core.kernel.messages import Command, CommandResult, Event
from cti.commands import (
    FinishWrapUp,
    Floor,
    ForceAgentState,
    GetFloor,
    HangUp,
    PutTickets,
    QueueOnFloor,
    RejectOffer,
    SetPaused,
    SetReady,
    SignOff,
)
from cti.events import (
    AgentOnFloor,
    AgentStateChanged,
    CallArrived,
    CallConnected,
    CallDisconnected,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallRinging,
    CallStepped,
    CallTransferred,
    Direction,
    HungUpBy,
    LinkLost,
    LinkUp,
    LiveCall,
    OfferFailed,
    OfferFailure,
    Outcome,
    RingFor,
    TicketOffered,
    TicketOfferEnd,
    TicketOfferEnded,
    TransferKind,
    TransferOutcome,
    WaitingCall,
)
from routing.reasons import Because, SkillMatch
from routing.states import AgentState
from tests.support import stage_control
from tests.support.stage_control import StageControl
from tests.support.stage_house import QUEUES, named

SERVER = ServerId("stage")


_COMMANDS = (
    SetReady,
    SetPaused,
    SignOff,
    FinishWrapUp,
    HangUp,
    RejectOffer,
    ForceAgentState,
    GetFloor,
    PlaceTestCall,
    HangUpTestCall,
    PutTickets,
)


@dataclass(slots=True)
class Played:
    """One call of the script."""

    live: LiveCall
    requires: dict[str, int] = field(default_factory=dict)
    queued_at: datetime | None = None


class Telephony:
    """What cti is to the console, without Asterisk. One call goes to one agent, when the test says so."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus, self._clock = bus, clock
        self.agents: dict[AgentId, AgentOnFloor] = {}
        self.calls: dict[CallId, Played] = {}
        self.forced: list[tuple[AgentId, str]] = []
        """Who was set to what in the middle of a call: it holds when the call is over."""
        self.asked: dict[TicketId, AgentId] = {}
        """Who is being asked to take which ticket."""
        self.link_up = True
        self._served = AsyncExitStack()
        self.control = StageControl(
            clock,
            self._tell,
            extension=lambda agent: self.agents[agent].extension,
            call_of=lambda agent: self.agents[agent].call,
        )

    def hire(self, user: User) -> None:
        agent = AgentId(user.id)
        self.agents[agent] = AgentOnFloor(
            agent=agent,
            extension=user.extension or "",
            state=AgentState.OFFLINE,
            since=self._clock.now(),
            reachable=True,
            queues=user.queues,
            skills={str(key): level for key, level in user.skills.items()},
        )

    # Calls ------------------------------------------------------------------------------------------------------------

    def arrive(
        self, ani: str, *, name: str = "", dnis: str = "4008000", queue: str = "repair", language: str = "zh"
    ) -> CallId:
        """A caller went through the menu and waits."""
        call, now = CallId(new_id("call")), self._clock.now()
        live = LiveCall(
            call=call,
            direction=Direction.INBOUND,
            ani=ani,
            ani_name=name,
            dnis=dnis,
            since=now,
            phase="waiting",
            queue=QueueKey(queue),
            intent=queue if queue != "service" else "consultation",
            language=language,
            path=(language, queue),
        )
        self.calls[call] = Played(live=live, requires={language: 1, queue: 1}, queued_at=now)
        self._tell(
            CallArrived(
                at=now, call=call, server=SERVER, direction=Direction.INBOUND, ani=ani, ani_name=name, dnis=dnis
            )
        )
        self._tell(CallStepped(at=now, call=call, flow="main", node="language", entered="1", label=language))
        self._tell(CallStepped(at=now, call=call, flow="main", node="choice", entered="2", label=live.intent))
        self._tell(
            CallQueued(
                at=now,
                call=call,
                queue=QueueKey(queue),
                requires=self.calls[call].requires,
                language=language,
                intent=live.intent,
            )
        )
        return call

    def talks_untold(self, ani: str, user: User) -> CallId:
        """He talks with this agent already, and of all that nothing was told."""
        call, now, agent = CallId(new_id("call")), self._clock.now(), AgentId(user.id)
        live = LiveCall(
            call=call,
            direction=Direction.INBOUND,
            ani=ani,
            ani_name="",
            dnis="4008000",
            since=now,
            phase="talking",
            queue=QueueKey("repair"),
            agent=agent,
            connected_at=now,
        )
        self.calls[call] = Played(live=live)
        self.agents[agent] = replace(self.agents[agent], state=AgentState.TALKING, call=call)
        return call

    def offer(self, call: CallId, user: User, because: Because | None = None) -> None:
        now, offer = self._clock.now(), OfferId(new_id("offer"))
        played = self.calls[call]
        reason = because or Because(
            rule="best_skill",
            skills=(
                SkillMatch(skill=SkillKey("zh"), asked=1, has=5),
                SkillMatch(skill=SkillKey("repair"), asked=1, has=4),
            ),
            waited_s=12.0,
            candidates=3,
        )
        self._change(call, phase="ringing", agent=AgentId(user.id), offer=offer)
        self._state(user.id, AgentState.RESERVED, call=call)
        self._tell(
            CallOffered(
                at=now,
                call=call,
                agent=AgentId(user.id),
                extension=user.extension or "",
                offer=offer,
                queue=played.live.queue or QueueKey("service"),
                because=reason,
            )
        )
        self._tell(CallRinging(at=now, call=call, agent=AgentId(user.id), offer=offer))
        self._state(user.id, AgentState.RINGING, call=call)

    def connect(self, call: CallId) -> None:
        live = self.calls[call].live
        assert live.agent is not None
        now = self._clock.now()
        self._change(call, phase="talking", connected_at=now)
        extension = self.agents[live.agent].extension
        self._tell(CallConnected(at=now, call=call, agent=live.agent, party=extension, offer=live.offer))
        self._state(live.agent, AgentState.TALKING, call=call)

    def hold(self, call: CallId) -> None:
        self._change(call, phase="held")
        self._tell(CallHeld(at=self._clock.now(), call=call, by="agent"))

    def resume(self, call: CallId) -> None:
        self._change(call, phase="talking")
        self._tell(CallResumed(at=self._clock.now(), call=call, by="agent"))

    def end(self, call: CallId, by: HungUpBy = HungUpBy.CALLER) -> None:
        live, now = self.calls.pop(call).live, self._clock.now()
        talked = live.connected_at is not None
        outcome = Outcome.ANSWERED if talked else Outcome.ABANDONED
        agents = (live.agent,) if live.agent and talked else ()
        if live.agent and not talked:
            self._tell(
                OfferFailed(
                    at=now, call=call, agent=live.agent, offer=live.offer or OfferId(""), why=OfferFailure.CALLER_GONE
                )
            )
            self._state(live.agent, AgentState.READY)
        if live.agent and talked:
            self._state(live.agent, AgentState.WRAP_UP, call=call)
        self._tell(CallEnded(at=now, call=call, outcome=outcome, hung_up_by=by, agents=agents))

    def miss(self, call: CallId) -> None:
        """Nobody answered: the caller is back in the line, the agent on pause."""
        live, now = self.calls[call].live, self._clock.now()
        assert live.agent is not None
        assert live.offer is not None
        self._change(call, phase="waiting", agent=None, offer=None)
        self._tell(OfferFailed(at=now, call=call, agent=live.agent, offer=live.offer, why=OfferFailure.NO_ANSWER))
        self._state(live.agent, AgentState.PAUSED, reason="missed_call")

    # Tickets ----------------------------------------------------------------------------------------------------------

    def ask(self, ticket: Ticket, user: User) -> None:
        """Whether he takes it out of the line."""
        now, agent = self._clock.now(), AgentId(user.id)
        self.asked[ticket.id] = agent
        self._tell(
            TicketOffered(
                at=now,
                ticket=ticket.id,
                agent=agent,
                queue=ticket.queue or QueueKey("service"),
                because=Because(rule="longest_idle", candidates=2, idle_s=75),
                until=now + timedelta(seconds=90),
            )
        )

    def _answered(self, tickets: tuple[TicketWork, ...]) -> None:
        for work in tickets:
            agent = self.asked.pop(work.ticket, None)
            if agent is not None:
                taken = work.assignee is not None and AgentId(work.assignee) == agent
                why = TicketOfferEnd.TAKEN if taken else TicketOfferEnd.HANDED_BACK
                self._tell(TicketOfferEnded(at=self._clock.now(), ticket=work.ticket, agent=agent, why=why))

    # Beside the queue -------------------------------------------------------------------------------------------------

    def give(self, call: CallId, by: User, to: User) -> None:
        """A transfer without a word: the one has his paperwork, the phone of the other rings."""
        now = self._clock.now()
        self._tell(CallDisconnected(at=now, call=call, agent=AgentId(by.id), party=by.extension or ""))
        self._state(by.id, AgentState.WRAP_UP, call=call)
        self._change(call, phase="waiting", agent=None, called=(AgentId(to.id),))
        self.ring(call, to, RingFor.TRANSFER, by)

    def ring(self, call: CallId, whose: User, ring_for: RingFor = RingFor.CALL, by: User | None = None) -> None:
        self._state(whose.id, AgentState.TALKING, call=call)
        self._tell(
            CallRinging(
                at=self._clock.now(),
                call=call,
                agent=AgentId(whose.id),
                party=whose.extension or "",
                ring_for=ring_for,
                by=(by.extension or "") if by else "",
                by_agent=AgentId(by.id) if by else None,
            )
        )

    def take_given(self, call: CallId, by: User, to: User) -> None:
        """… and he answers."""
        now, agent = self._clock.now(), AgentId(to.id)
        self._change(call, phase="talking", agent=agent, talking=(agent,), called=(), connected_at=now)
        self._tell(CallConnected(at=now, call=call, agent=agent, party=to.extension or ""))
        self._tell(
            CallTransferred(
                at=now,
                call=call,
                kind=TransferKind.BLIND,
                by=by.extension or "",
                to=to.extension or "",
                outcome=TransferOutcome.COMPLETED,
                by_agent=AgentId(by.id),
                to_agent=agent,
            )
        )
        self._state(to.id, AgentState.TALKING, call=call)

    def dial(self, who: User, number: str, *, direction: Direction = Direction.OUTBOUND) -> CallId:
        """He calls somebody from his phone."""
        call, now, agent = CallId(new_id("call")), self._clock.now(), AgentId(who.id)
        self._state(who.id, AgentState.TALKING, call=call)
        ani = who.extension or ""
        live = LiveCall(
            call=call,
            direction=direction,
            ani=ani,
            ani_name="",
            dnis=number,
            since=now,
            phase="dialling",
            made_by=agent,
        )
        self.calls[call] = Played(live=live)
        self._tell(
            CallArrived(at=now, call=call, server=SERVER, direction=direction, ani=ani, dnis=number, agent=agent)
        )
        return call

    def rings_outside(self, call: CallId) -> None:
        self._change(call, phase="far_ringing")
        number = self.calls[call].live.dnis
        self._tell(CallRinging(at=self._clock.now(), call=call, agent=None, party=number))

    def answered_outside(self, call: CallId, who: User) -> None:
        now, agent = self._clock.now(), AgentId(who.id)
        self._change(call, phase="talking", agent=agent, talking=(agent,), connected_at=now)
        self._tell(CallConnected(at=now, call=call, agent=agent, party=who.extension or ""))

    def over_outside(self, call: CallId, who: User) -> None:
        """The customer hangs up; nothing keeps the agent."""
        self.calls.pop(call)
        self._state(who.id, AgentState.READY)
        ended = CallEnded(
            at=self._clock.now(),
            call=call,
            outcome=Outcome.ANSWERED,
            hung_up_by=HungUpBy.CALLER,
            agents=(AgentId(who.id),),
        )
        self._tell(ended)

    def cut_line(self) -> None:
        self.link_up = False
        self._tell(LinkLost(at=self._clock.now(), server=SERVER, why="cut by the test"))

    def mend_line(self) -> None:
        self.link_up = True
        self._tell(LinkUp(at=self._clock.now(), server=SERVER))

    def _change(self, call: CallId, **changes: object) -> None:
        played = self.calls[call]
        played.live = replace(played.live, **changes)  # type: ignore[arg-type]

    # Commands ---------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        await self._serve()
        try:
            yield
        finally:
            await self._served.aclose()

    async def _serve(self) -> None:
        await self._served.enter_async_context(self._bus.serve(self._carry_out, *_COMMANDS, *stage_control.COMMANDS))

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Its process is gone, for the length of the block."""
        await self._served.aclose()
        try:
            yield
        finally:
            await self._serve()

    async def _carry_out(self, command: Command) -> CommandResult:  # noqa: PLR0911, PLR0912 - one line a command
        match command:
            case GetFloor():
                return self.floor()
            case PutTickets():
                self._answered(command.tickets)
                return CommandResult(ok=True)
            case PlaceTestCall():
                call = self.arrive(command.caller, name=command.name, dnis=command.dnis, queue=command.choice)
                return TestCallPlaced(ok=True, call=call)
            case HangUpTestCall():
                if command.call in self.calls:
                    self.end(command.call)
                return CommandResult(ok=True)
            case SetReady() | SetPaused() | SignOff() | FinishWrapUp() | HangUp() | RejectOffer() | ForceAgentState():
                if command.agent not in self.agents:
                    return CommandResult(ok=False, code="agent.unknown")
            case _:
                return self.control.obey(command)
        agent = self.agents[command.agent]
        match command:
            case SetReady() if agent.state in (AgentState.OFFLINE, AgentState.PAUSED, AgentState.READY):
                self._state(agent.agent, AgentState.READY)
            case SetPaused() if not command.reason:
                return CommandResult(ok=False, code="reason.missing")
            case SetPaused():
                self._state(agent.agent, AgentState.PAUSED, reason=command.reason)
            case FinishWrapUp() if agent.state is not AgentState.WRAP_UP:
                return CommandResult(ok=False, code="agent.not_in_wrap_up")
            case FinishWrapUp():
                self._state(agent.agent, AgentState.READY)
            case HangUp() if command.call in self.calls:
                self.end(command.call, HungUpBy.AGENT)
            case RejectOffer() if command.call in self.calls:
                self.miss(command.call)
                self._state(agent.agent, AgentState.PAUSED, reason="rejected")
            case HangUp() | RejectOffer():
                return CommandResult(ok=False, code="call.unknown")
            case ForceAgentState() if agent.call in self.calls:
                self.forced.append((agent.agent, command.state))
            case ForceAgentState():
                self._state(agent.agent, AgentState(command.state), reason=command.reason)
            case SignOff() if agent.call is None:
                self._state(agent.agent, AgentState.OFFLINE)
            case _:
                return CommandResult(ok=False, code="agent.has_call")
        return CommandResult(ok=True)

    def floor(self) -> Floor:
        waiting = [played for played in self.calls.values() if played.live.phase in ("waiting", "ringing")]
        now = self._clock.now()
        return Floor(
            ok=True,
            queues=tuple(self._queue(key, waiting, now) for key in QUEUES),
            waiting=tuple(
                WaitingCall(
                    call=one.live.call,
                    queue=one.live.queue or QueueKey("service"),
                    since=one.queued_at or now,
                    ani=one.live.ani,
                    priority=0,
                    requires=one.requires,
                    offered_to=one.live.agent,
                    why_waiting="being_offered" if one.live.agent else "all_busy",
                    turn=turn,
                )
                for turn, one in enumerate(waiting, start=1)
            ),
            agents=tuple(self.agents.values()),
            calls=tuple(self._as_now(played.live) for played in self.calls.values()),
            parked=tuple(self.control.parked.values()),
            links={SERVER: self.link_up},
        )

    def _as_now(self, live: LiveCall) -> LiveCall:
        """With whoever listens; a parked customer is with nobody."""
        monitored = tuple(one for one in self.control.monitored.values() if one.call == live.call)
        parked = live.call in self.control.parked
        return replace(live, monitored=monitored, phase="parked" if parked else live.phase)

    def _queue(self, key: str, waiting: list[Played], now: datetime) -> QueueOnFloor:
        mine = [one for one in waiting if one.live.queue == key]
        able = [agent for agent in self.agents.values() if key in agent.queues]
        return QueueOnFloor(
            queue=QueueKey(key),
            names=named(QUEUES[key]),
            waiting=len(mine),
            longest_wait_s=max(((now - (one.queued_at or now)).total_seconds() for one in mine), default=0.0),
            agents_ready=sum(agent.state is AgentState.READY for agent in able),
            agents_signed_in=sum(agent.state is not AgentState.OFFLINE for agent in able),
        )

    def _state(self, agent: str, state: AgentState, *, reason: str = "", call: CallId | None = None) -> None:
        before, now = self.agents[AgentId(agent)], self._clock.now()
        self.agents[AgentId(agent)] = replace(before, state=state, since=now, reason=reason, call=call)
        self._tell(
            AgentStateChanged(
                at=now,
                agent=AgentId(agent),
                state=state,
                reason=reason,
                call=call,
                reachable=before.reachable,
                before=before.state,
            )
        )

    def _tell(self, event: Event) -> None:
        self._bus.publish(event)
