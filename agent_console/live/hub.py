"""Hears the bus once for all screens of this process and tells each what concerns it, in one serialised line.

Keeps what a screen needs to pick up where it was: agents' states, open cases, the looked-up callers, drafts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog

from agent_console.auth.events import LoginChanged
from agent_console.live import control
from agent_console.live.board_feed import BoardFeed, ask_floor
from agent_console.live.board_levels import BoardLevels
from agent_console.live.case_message import about_customer, case_message
from agent_console.live.cases import Cases, DeskCase, Phase
from agent_console.live.client import Client
from agent_console.live.control import Controls, control_message
from agent_console.live.control_protocol import Control
from agent_console.live.desks import Desks
from agent_console.live.events import CallerNamed, CaseFinished
from agent_console.live.following import Following
from agent_console.live.heard import HEARD, facts_of, own_state, whose
from agent_console.live.jobs import Jobs
from agent_console.live.lookup import Lookup
from agent_console.live.past_offers import last_offer
from agent_console.live.protocol import (
    AgentSaid,
    Case,
    CaseNote,
    CaseSaid,
    ControlSaid,
    DraftSaid,
    LinksSaid,
    OwnState,
    PhonePushedOut,
    Tick,
    TicketAsk,
    TicketAskSaid,
    WorkSaid,
)
from agent_console.live.screen_pop import shown
from agent_console.live.ticket_asks import TicketAsks
from agent_console.live.worklist import worklist
from agent_console.phones import PhoneAnswered, PhoneAsked
from crm_core.domain.users import User
from crm_core.errors import NotFound
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, CallId, UserId
from crm_core.kernel.messages import Event
from crm_core.services.bundle import Services
from cti.commands import Floor, Target
from cti.events import (
    AgentStateChanged,
    CallArrived,
    CallConnected,
    CallEnded,
    CallEvent,
    CallOffered,
    CallQueued,
    CallRinging,
    Direction,
    LinkLost,
    LinkUp,
    PhoneMoved,
    TicketOffered,
    TicketOfferEnded,
)
from routing.states import AgentState

TICK_S: Final = 10.0
WORK_EVERY_S: Final = 60.0
_SEED_PAUSE_S: Final = 2.0
_log = structlog.get_logger("agent_console.live")


class Hub:
    def __init__(self, services: Services, bus: Bus, clock: Clock, *, demo: bool = False) -> None:
        self._services, self._bus, self._clock = services, bus, clock
        self.desks = Desks()
        self._states: dict[AgentId, OwnState] = {}
        self._links: dict[str, bool] = {}
        self._drafts: dict[tuple[AgentId, CallId], dict[str, Any]] = {}
        self.jobs = Jobs()
        self._seed_wanted = asyncio.Event()
        self._fresh: set[str] | None = None
        """Calls and agents heard of since the picture of the floor was asked for; None when none is on its way."""
        self.seeded = asyncio.Event()
        """Set once the calls under way are known; before that a screen would see an empty house."""
        self._following = Following() if demo else None
        self.cases = Cases()
        self.controls = Controls()
        self.lookup = Lookup(services, clock, self.jobs, self._pop_changed)
        self.ticket_asks = TicketAsks(services, self.jobs, self._ticket_asked)
        self.boards = BoardFeed(
            bus, clock, BoardLevels(services.service_levels), shown=self._shown, caller=self.lookup.caller_names
        )

    # Life -------------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hears and tells until the block ends."""
        ready = asyncio.Event()
        loops = [
            asyncio.create_task(loop)
            for loop in (
                self._hear_all(ready),
                _again_and_again(self._seed_when_wanted),
                _again_and_again(self._tick),
                _again_and_again(self._renew_work),
                self.boards.run(),
            )
        ]
        await ready.wait()
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            self.lookup.forget_all_but(set())
            await self.jobs.finish()

    async def _hear_all(self, ready: asyncio.Event) -> None:
        async with self._bus.subscribe(*HEARD, *control.HEARD, PhoneAsked, PhoneMoved) as events:
            self._seed_wanted.set()
            ready.set()
            lost = 0
            async for event in events:
                self._hear_safely(event)
                if events.lost > lost:
                    lost = events.lost
                    _log.warning("events were lost, asking for the whole floor", action="lost", lost=lost)
                    self._seed_wanted.set()

    async def _seed_when_wanted(self) -> None:
        """A full picture at the start, after a gap, and whenever a line came back."""
        await self._seed_wanted.wait()
        self._seed_wanted.clear()
        self._fresh = set()
        try:
            floor = await ask_floor(self._bus)
            if floor is None:
                await asyncio.sleep(_SEED_PAUSE_S)
                self._seed_wanted.set()
            else:
                self.seed(floor)
        except Exception:
            self._seed_wanted.set()
            raise
        finally:
            self._fresh = None

    async def _tick(self) -> None:
        await asyncio.sleep(TICK_S)
        self.desks.tell_everybody(Tick(at=self._clock.now()))
        self.cases.forget_old(self._clock.now())

    async def _renew_work(self) -> None:
        await asyncio.sleep(WORK_EVERY_S)
        for user in self.desks.users:
            await self.jobs.run(self._send_work(user), name="work")

    def _hear_safely(self, event: Event) -> None:
        """One event that we cannot digest must not make us deaf to the next."""
        try:
            self.hear(event)
        except Exception:
            _log.exception("an event could not be told to the screens", action="hear", topic=event.topic)

    # Hearing ----------------------------------------------------------------------------------------------------------

    def hear(self, event: Event) -> None:  # noqa: PLR0912 - a table
        """One event, at once: whatever it changes is on its way when this returns."""
        if self._fresh is not None:
            self._fresh.update(whose(event))
        match event:
            case CallArrived():
                self._arrived(event)
            case CaseFinished():
                self._finished(event)
            case CallerNamed():
                self.jobs.start(self.lookup.reread(event.call), name="caller named")
            case AgentStateChanged():
                self._agent_moved(event)
            case LinkUp():
                self._set_link(event.server, True)
                self._seed_wanted.set()
            case LinkLost():
                self._set_link(event.server, False)
                self._seed_wanted.set()  # a process that serves no longer may have said so: who serves now knows
            case LoginChanged():
                self.desks.doubt(event.user)
            case TicketOffered() | TicketOfferEnded():
                self.ticket_asks.hear(event)
            case _:
                pass
        self._tell_cases(event)
        self._hear_control(event)
        if isinstance(event, CallQueued | CallOffered | CallRinging | CallConnected):
            self._begin_lookup(event.call)
        if isinstance(event, CallEnded):
            self._forget(event.call)
        if self._following is not None:
            self._following.hear(event)
        self.boards.something_happened()

    def seed(self, floor: Floor) -> None:
        """Learn a full picture: after our own start, after a gap in the events."""
        fresh = self._fresh or set()
        for agent in floor.agents:
            if agent.agent not in fresh:
                self._set_state(agent.agent, own_state(agent))
        self._set_links(dict(floor.links or {}))
        self.ticket_asks.seed(floor.tickets, fresh)
        if not any(self._links.values()):
            return  # telephony has no line yet and cannot know the calls; it tells when it has
        self.controls.seed(floor)
        for case in self.cases.seed(floor, self._clock.now(), fresh):
            self._tell_case(case)
        self._tell_control(self.desks.agents)
        self.seeded.set()
        for call in list(self.cases.calls):
            self._begin_lookup(call, resumed=True)
        self.lookup.forget_all_but(set(self.cases.calls))
        for agent in floor.agents:
            if agent.state is AgentState.WRAP_UP and agent.call and not self.cases.get(agent.agent, agent.call):
                self.jobs.start(self._adopt_wrap_up(agent.agent, agent.call, agent.since), name="adopt")
        for case in self.cases.unexplained():
            self.jobs.start(self._recall_offer(case.agent, case.call), name="recall")

    async def _adopt_wrap_up(self, agent: AgentId, call: CallId, since: datetime) -> None:
        try:
            record = await self._services.calls.get(call)
        except NotFound:
            return
        case = self.cases.adopt_wrap_up(agent, facts_of(record), since)
        self._begin_lookup(call, resumed=True)
        self._tell_case(case)
        await self._recall_offer(agent, call)

    async def _recall_offer(self, agent: AgentId, call: CallId) -> None:
        offer = last_offer(await self._services.calls.events(call), agent)
        if offer is not None:
            for case in self.cases.recall(offer):
                self._tell_case(case)

    def _tell_cases(self, event: Event) -> None:
        """A desk that a call comes to after another learns what was written there."""
        call = event.call if isinstance(event, CallEvent) else None
        before = len(self.cases.agents_of(call)) if call else 0
        for case in self.cases.hear(event):
            self._tell_case_and_asked(case)
        if call and before and len(self.cases.agents_of(call)) > before:
            self.jobs.start(self.lookup.refresh(call), name="notes")

    def _arrived(self, event: CallArrived) -> None:
        """Whom an agent calls he may have chosen before."""
        match event.direction:
            case Direction.INBOUND:
                self.lookup.begin(event.call, event.ani)
            case Direction.OUTBOUND:
                self.lookup.begin(event.call, event.dnis, resumed=True)
            case Direction.INTERNAL:
                pass

    def _begin_lookup(self, call: CallId, *, resumed: bool = False) -> None:
        """Who calls a colleague is known, and nobody's customer."""
        facts = self.cases.calls.get(call)
        if facts is None or facts.direction is not Direction.INTERNAL:
            self.lookup.begin(call, facts.customers_number if facts else "", resumed=resumed)

    def _finished(self, event: CaseFinished) -> None:
        for case in self.cases.finish(event.agent, event.call, event.at):
            self._tell_case(case)

    def _forget(self, call: CallId) -> None:
        if call not in self.cases.calls:
            self.lookup.forget(call)

    def _agent_moved(self, event: AgentStateChanged) -> None:
        self._set_state(
            event.agent,
            OwnState(
                state=event.state,
                since=event.at,
                reason=event.reason,
                call=event.call,
                reachable=event.reachable,
                wrap_up_until=event.wrap_up_until,
            ),
        )
        if event.state is AgentState.TALKING:
            self.desks.works(event.agent)

    def _set_state(self, agent: AgentId, state: OwnState) -> None:
        before = self._states.get(agent)
        if before is not None and (before.state, before.reason) == (state.state, state.reason):
            state = replace(state, since=min(before.since, state.since))
        self._states[agent] = state
        if before != state:
            self.desks.tell(agent, AgentSaid(agent=state))

    def _set_link(self, server: str, up: bool) -> None:
        self._set_links({**self._links, server: up})

    def _set_links(self, links: dict[str, bool]) -> None:
        if links != self._links:
            self._links = links
            self.desks.tell_everybody(LinksSaid(links=dict(links)))

    def _tell_case_and_asked(self, case: DeskCase) -> None:
        """Also the colleagues whom he asks about it."""
        for one in (case, *self.cases.asked_by(case.agent)):
            self._tell_case(one)

    def _pop_changed(self, call: CallId) -> None:
        for agent in self.cases.agents_of(call):
            case = self.cases.get(agent, call)
            if case is not None:
                self._tell_case_and_asked(case)
        if call in self.controls.parked:
            self._tell_control(self.desks.agents)
        self.boards.something_happened()

    def _ticket_asked(self, agent: AgentId, ask: TicketAsk | None) -> None:
        """What he took stands among his tickets from then on."""
        self.desks.tell(agent, TicketAskSaid(ask=ask))
        user = self.desks.user_of(agent)
        if ask is None and user is not None:
            self.renew_work_soon(user)

    # Call control -----------------------------------------------------------------------------------------------------

    def _hear_control(self, event: Event) -> None:
        if isinstance(event, PhoneAsked):
            self.desks.ask_the_phone(event)
        elif isinstance(event, PhoneMoved):
            self.desks.tell(event.agent, PhonePushedOut(contact=event.contact))
        elif self.controls.hear(event) and isinstance(event, CallEvent):
            self._tell_control(self.desks.agents if isinstance(event, control.PARKING) else self._on_desks(event.call))

    def consults(self, agent: AgentId, call: CallId, to: Target) -> None:
        """Telephony has obeyed: whom he asks is known from here on."""
        self.controls.begun(agent, call, to, self._clock.now())
        self._tell_control(self._on_desks(call))

    def control_of(self, agent: AgentId) -> Control:
        calls = [case.call for case in self.cases.of_agent(agent)]
        return control_message(self.controls, agent, calls, written=self._shown, of_call=self._names_of)

    def _on_desks(self, call: CallId) -> list[AgentId]:
        return list(self.cases.agents_of(call))

    def _tell_control(self, agents: list[AgentId]) -> None:
        for agent in agents:
            self.desks.tell(agent, ControlSaid(control=self.control_of(agent)))

    def phone_answered(self, order: str, code: str) -> None:
        self._bus.publish(PhoneAnswered(at=self._clock.now(), order=order, code=code))

    # Telling ----------------------------------------------------------------------------------------------------------

    def _tell_case(self, case: DeskCase) -> None:
        self.desks.tell(case.agent, CaseSaid(case=self.case_message(case)))
        if case.phase in (Phase.MISSED, Phase.DONE):
            self._drafts.pop((case.agent, case.call), None)
            self._forget(case.call)

    def case_message(self, case: DeskCase) -> Case:
        """The case with everything known of the caller by now."""
        held = self.cases.asked_about(case)
        return case_message(
            case,
            shown=self._shown,
            pop=self.lookup.pop(case.call),
            draft=self._drafts.get((case.agent, case.call)),
            notes=self._notes_of_others(case),
            about=about_customer(held, self.lookup.pop(held.call), self._shown) if held is not None else None,
        )

    def _names_of(self, call: CallId) -> tuple[dict[str, str], dict[str, str]]:
        facts = self.cases.calls.get(call)
        return self._shown(facts.customers_number) if facts is not None else {}, self.lookup.caller_names(call)

    def _notes_of_others(self, case: DeskCase) -> tuple[CaseNote, ...]:
        """What is being written now holds, else what was saved."""
        found = {
            one.by: CaseNote(by=AgentId(one.by), note=one.note, disposition=one.disposition or "")
            for one in self.lookup.notes(case.call)
        }
        for (agent, call), draft in self._drafts.items():
            note = draft.get("note")
            if call == case.call and isinstance(note, str) and note.strip():
                found[UserId(agent)] = CaseNote(by=agent, note=note.strip())
        return tuple(one for one in found.values() if one.by != case.agent and (one.note or one.disposition))

    def _shown(self, ani: str) -> dict[str, str]:
        return shown(self._services.customers.number(ani), self._services.customers.region)

    # Screens ----------------------------------------------------------------------------------------------------------

    def state_of(self, agent: AgentId) -> OwnState | None:
        return self._states.get(agent)

    def cases_of(self, agent: AgentId) -> tuple[Case, ...]:
        return tuple(self.case_message(case) for case in self.cases.of_agent(agent))

    @property
    def links(self) -> dict[str, bool]:
        return dict(self._links)

    def keep_draft(self, agent: AgentId, call: CallId, draft: dict[str, Any], client: Client) -> bool:
        """What is being typed, for the agent's other screens and for after a crash."""
        if self.cases.get(agent, call) is None:
            return False
        before = self._drafts.get((agent, call), {}).get("note")
        self._drafts[(agent, call)] = draft
        self.desks.tell(agent, DraftSaid(call=call, draft=draft), but=client)
        if draft.get("note") != before:
            self._tell_colleagues(agent, call)
        return True

    def noted(self, agent: AgentId, call: CallId) -> None:
        """He has saved what he wrote; others who have the call see it."""
        if any(other != agent for other in self.cases.agents_of(call)):
            self.jobs.start(self.lookup.refresh(call), name="notes")

    def finish(self, agent: AgentId, call: CallId) -> None:
        """His paperwork is saved: tells all consoles, for calls whose paperwork telephony knows nothing of."""
        self._bus.publish(CaseFinished(at=self._clock.now(), agent=agent, call=call))

    def named(self, call: CallId) -> None:
        """Whose call it is was said here: tells all consoles."""
        self._bus.publish(CallerNamed(at=self._clock.now(), call=call))

    def _tell_colleagues(self, agent: AgentId, call: CallId) -> None:
        for other in self.cases.agents_of(call):
            case = self.cases.get(other, call) if other != agent else None
            if case is not None:
                self._tell_case(case)

    def follow(self, call: CallId, client: Client) -> None:
        """Everything that happens to this call, to this screen as well (in the demo)."""
        if self._following is not None:
            self._following.follow(call, client)

    def leave(self, client: Client) -> None:
        self.desks.leave(client)
        self.boards.leave(client)
        if self._following is not None:
            self._following.leave(client)

    def renew_work_soon(self, user: User) -> None:
        """Something in the left column has changed."""
        self.jobs.start(self._send_work(user), name="work")

    async def _send_work(self, user: User) -> None:
        self.desks.tell(AgentId(user.id), WorkSaid(work=await worklist(self._services, user, self._clock)))


async def _again_and_again(work: Callable[[], Awaitable[None]]) -> None:
    """A round that breaks is told to the log, and the next one comes all the same."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("a round failed", action=work.__name__)
            await asyncio.sleep(_SEED_PAUSE_S)
