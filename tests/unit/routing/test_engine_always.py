"""What always holds in the engine, whatever happens in whatever order; also against a naive engine that scans all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId, SkillKey, TicketId
from crm_core.kernel.requirements_text import read
from routing import messages as m
from routing.agents import Agent, AtWork, Hand, Stage, Wish
from routing.engine import Engine
from routing.floor import Floor
from routing.lines import ANYWHERE, Caller
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import Tie
from routing.skills import missing, preference
from routing.states import AgentState
from routing.strategies import StrategyName
from routing.together import AT_MOST, MISSES
from tests.unit.routing.floors import START, agent
from tests.unit.routing.wishes import DEPARTMENTS, SKILLS, Leaf, Tree, due, in_reach, ladders, leaves, met, trees

pytestmark = pytest.mark.timeout(600)  # thousands of steps, each looked at from all sides
AGENTS = [AgentId(f"agent{number}") for number in range(5)]
CALLS = [CallId(f"call{number}") for number in range(8)]
TICKETS = [TicketId(f"ticket{number}") for number in range(5)]
QUEUES = [QueueKey("service"), QueueKey("vip"), QueueKey("unheard_of")]
OFFERED, IN_HAND = (Stage.RESERVED, Stage.RINGING), (Stage.RESERVED, Stage.RINGING, Stage.TALKING)

SERVERS = [ServerId("north"), ServerId("south")]

agents, calls, servers = st.sampled_from(AGENTS), st.sampled_from(CALLS), st.sampled_from(SERVERS)
tickets = st.sampled_from(TICKETS)
holders = st.sampled_from([*SERVERS, ANYWHERE])
"""Whoever waits at `ANYWHERE` is to be called back."""
levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=2)


def _employed(name: AgentId) -> st.SearchStrategy[Agent | None]:
    """With his skills and limits; seldom he is not here at all."""
    here = st.builds(
        _worker,
        st.just(name),
        st.sets(st.sampled_from(QUEUES[:2])),
        st.sampled_from(("", *DEPARTMENTS)),
        levels,
        calls_per_hour=st.none() | st.integers(1, 3),
        tickets_at_once=st.integers(0, 2),
    )
    return st.integers(0, 9).flatmap(lambda dice: here if dice > 0 else st.none())


def _worker(
    name: AgentId, queues: set[QueueKey], department: str, skills: dict[str, int], **limits: int | None
) -> Agent:
    return replace(agent(name, queues, department, **skills), **limits)


def _queue(key: QueueKey) -> st.SearchStrategy[Queue]:
    return st.builds(
        Queue,
        key=st.just(key),
        priority=st.integers(0, 2),
        ageing_s=st.sampled_from((0, 0, 30)),
        weight=st.sampled_from((1, 1, 3)),
        wrap_up=st.sampled_from([WrapUp(kind=kind, limit_s=20) for kind in WrapUpKind]),
        strategy=st.sampled_from(StrategyName) | st.just(StrategyName.RING_ALL),
        order=st.permutations(AGENTS).map(lambda names: tuple(names[:3])),
        steps=ladders(QUEUES),
        keep_s=st.sampled_from((0, 10, 40)),
        crowd_s=st.sampled_from((0, 0, 20)),
        misses_to_pause=st.integers(1, 3),
        ticket_yield_s=st.sampled_from((0, 30, 3600)),
        tickets_undisturbed=st.booleans(),
    )


def _floor(staff: Iterable[Agent | None], queues: Iterable[Queue]) -> Floor:
    return Floor.of([one for one in staff if one is not None], queues)


# made once: making a strategy takes longer than drawing from it
floors = st.builds(
    _floor,
    st.tuples(*[_employed(name) for name in AGENTS]),
    st.tuples(*[_queue(key) for key in QUEUES[:2]]),
)


def reaches(worker: AtWork, caller: Caller) -> bool:
    """By where his phone is registered: a callback can be given to every one that is somewhere."""
    return bool(worker.servers) if caller.server == ANYWHERE else caller.server in worker.servers


def former_talks(engine: Engine) -> dict[AgentId, Hand]:
    """Whom each talks with, as a snapshot of Asterisk tells it."""
    hands = {worker.id: worker.hand for worker in engine.agents.values()}
    return {name: hand for name, hand in hands.items() if hand is not None and hand.stage is Stage.TALKING}


class AnyShift(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.floor = Floor.of([agent(name, queues=QUEUES[:2], zh=3) for name in AGENTS], [Queue(key=QUEUES[0])])
        self.engine = Engine(self.floor, START)
        self.trees: dict[CallId, Tree | None] = {}
        """What they asked for, before anything was made of it."""
        self.places: dict[CallId, tuple[float, int]] = {}
        self.tickets: dict[TicketId, m.TicketWaits] = {}
        """As they were told to wait."""
        self.woken_at: list[datetime] = []

    @initialize(floor=floors)
    def opens(self, floor: Floor) -> None:
        """With whoever works here, reachable and ready: so that something happens."""
        self.floor_changes(floor)
        for name in AGENTS:
            self.ready(name, SERVERS[0])

    def tell(self, told: m.Input) -> None:
        waiting = {call: c for call, c in self.engine.callers.items() if c.offered_to is None}
        free = [worker for worker in self.engine.agents.values() if worker.available]
        for decision in self.engine.handle(told, self.now):
            match decision:
                case m.Assigned():
                    self.check_choice(decision, waiting)
                    if isinstance(told, m.CallWaits):
                        self.check_preference(decision, free)
                case m.AssignedAll():
                    self.check_all(decision, waiting)
                case m.TicketAssigned():
                    self.check_ticket(decision)
                case m.TicketWithdrawn():
                    pass
                case m.Relaxed():
                    self.check_step(decision)
                case m.WakeAt():
                    self.woken_at.append(decision.when)
                case m.AgentChanged():
                    pass

    def check_all(self, decision: m.AssignedAll, waiting: dict[CallId, object]) -> None:
        caller = self.engine.callers[decision.call]
        assert self.floor.queue(caller.queue).strategy is StrategyName.RING_ALL
        assert tuple(decision.because) == caller.offered, "it rings for others than was said"
        assert 1 < len(decision.because) <= AT_MOST
        for name, because in decision.because.items():
            one = m.Assigned(
                call=decision.call, agent=name, queue=decision.queue, ring_s=decision.ring_s, because=because
            )
            self.check_choice(one, waiting)
            assert because.rule == "ring_all"
            assert not {excluded.agent for excluded in because.excluded} & decision.because.keys()
        for worker in self.engine.agents.values():
            assert not (worker.available and self.may_be_given(worker, caller)), "a phone that could ring does not"

    def check_choice(self, decision: m.Assigned, waiting: dict[CallId, object]) -> None:
        caller = self.engine.callers[decision.call]
        worker = self.engine.agents[decision.agent]
        assert missing(worker.profile.skills, caller.requires) is None
        assert reaches(worker, caller)
        assert decision.agent not in {excluded.agent for excluded in decision.because.excluded}
        for other in self.engine.callers.values():
            if other.offered_to is None and other.wish == caller.wish:
                assert other.call not in waiting or caller.place < other.place, "somebody was overtaken"
        assert self.may_take(worker, caller), "the naive engine would not have given him this call"
        assert decision.because.steps == caller.steps
        self.check_compared(decision)

    def check_compared(self, decision: m.Assigned) -> None:
        """Whoever is kept as having been free, was: so he still is, or is asked as well."""
        because, caller = decision.because, self.engine.callers[decision.call]
        names = [one.agent for one in because.compared]
        assert names[:1] in ([], [decision.agent])
        assert len(set(names)) == len(names) <= because.candidates
        for name in names[1:]:
            assert reaches(self.engine.agents[name], caller)
            assert name not in {one.agent for one in because.excluded}
            assert name not in caller.missed_by

    def check_ticket(self, decision: m.TicketAssigned) -> None:
        worker = self.engine.agents[decision.agent]
        assert self.may_take_ticket(worker, self.engine.tickets[CallId(decision.ticket)])
        assert len(worker.tickets) < worker.profile.tickets_at_once, "more than he may have"
        assert decision.agent not in {excluded.agent for excluded in decision.because.excluded}

    def may_take_ticket(self, worker: AtWork, ticket: Caller) -> bool:
        """With no index."""
        told = self.tickets[TicketId(ticket.call)]
        assert isinstance(told.requires, dict)
        serves = told.queue not in self.floor.queues or told.queue in worker.profile.queues
        able = all(worker.profile.skills.get(skill, 0) >= level for skill, level in told.requires.items())
        return serves and able and worker.id not in told.without

    def check_preference(self, decision: m.Assigned, free: list[AtWork]) -> None:
        """Of those who were free when he came nobody fits what he prefers better."""
        caller = self.engine.callers[decision.call]
        chosen = preference(self.engine.agents[decision.agent].profile.skills, caller.requires)
        if decision.because.rule == "familiar":
            assert decision.agent == caller.familiar
            return
        assert all(worker.id != caller.familiar for worker in free if self.may_be_given(worker, caller)), "a stranger"
        able = [worker for worker in free if reaches(worker, caller) and self.may_take(worker, caller)]
        assert all(chosen >= preference(worker.profile.skills, caller.requires) for worker in able)

    def check_step(self, decision: m.Relaxed) -> None:
        caller = self.engine.callers[decision.call]
        assert decision.step in caller.steps
        assert caller.since + timedelta(seconds=decision.step.after_s) <= self.now, "relaxed too early"

    def may_take(self, worker: AtWork, caller: Caller) -> bool:
        """Looked up in what was asked for and drawn, with no index. Who is kept for somebody is for nobody else."""
        return caller.kept_for in (None, worker.id) and self.is_able(worker, caller)

    def may_be_given(self, worker: AtWork, caller: Caller) -> bool:
        return reaches(worker, caller) and self.is_able(worker, caller)

    def is_able(self, worker: AtWork, caller: Caller) -> bool:
        tree = self.trees[caller.call]
        steps = due(self.floor, caller.queue, caller.since, self.now)
        able = tree is None or met(tree, worker.profile.skills, steps)
        return able and in_reach(worker.profile, caller.queue, self.floor, steps)

    # --- everything that can happen

    @rule(
        call=calls,
        queue=st.sampled_from(QUEUES),
        tree=st.none() | trees,
        prefers=st.lists(leaves, max_size=2),
        urgent=st.integers(0, 1),
        waited=st.integers(0, 60),
        server=holders,
        familiar=st.none() | agents,
    )
    def waits(  # noqa: PLR0917 - hypothesis calls it by name
        self,
        call: CallId,
        queue: QueueKey,
        tree: Tree | None,
        prefers: list[Leaf],
        urgent: int,
        waited: int,
        server: ServerId,
        familiar: AgentId | None = None,
    ) -> None:
        if call in self.engine.callers:
            return
        text = f"{tree or ''} {'prefer' if prefers else ''} {', '.join(map(str, prefers))}"
        since = self.now - timedelta(seconds=waited)
        self.trees[call] = tree
        wish = m.CallWaits(call=call, queue=queue, requires=read(text), priority=urgent, since=since, server=server)
        self.tell(replace(wish, familiar=familiar, tie=Tie.OWNER if familiar else None))

    @rule(call=calls)
    def comes_twice(self, call: CallId) -> None:
        if call in self.engine.callers:
            self.tell(m.CallWaits(call=call, queue=QUEUES[0], since=self.now))

    @rule(call=calls)
    def gone(self, call: CallId) -> None:
        self.tell(m.CallGone(call=call))

    @rule(name=agents, server=servers)
    def ready(self, name: AgentId, server: ServerId) -> None:
        self.tell(m.Reachable(agent=name, server=server))
        self.tell(m.Ready(agent=name))

    @rule(name=agents, server=servers, kind=st.sampled_from([m.Reachable, m.Unreachable]))
    def phone_moves(self, name: AgentId, server: ServerId, kind: type[m.Reachable | m.Unreachable]) -> None:
        self.tell(kind(agent=name, server=server))

    @rule(name=agents)
    def signs_off(self, name: AgentId) -> None:
        self.tell(m.SignedOff(agent=name))

    @rule(name=agents)
    def pauses(self, name: AgentId) -> None:
        self.tell(m.Paused(agent=name, reason="lunch"))

    @rule(name=agents, kind=st.sampled_from([m.OfferRang, m.CallFinished, m.WrapUpFinished]))
    def goes_on(self, name: AgentId, kind: type[m.OfferRang | m.CallFinished | m.WrapUpFinished]) -> None:
        self.tell(kind(agent=name, call=self.call_in_hand(name)))

    @rule(name=agents)
    def picks_up(self, name: AgentId) -> None:
        """From then on it rings for nobody else; a second one who picks up in the same moment has come too late."""
        call = self.call_in_hand(name)
        caller, worker = self.engine.callers.get(call), self.engine.agents.get(name)
        others = [one for one in caller.offered if one != name] if caller is not None else []
        first = worker is not None and worker.holds(call, *OFFERED)
        misses = {one: self.engine.agents[one].missed for one in others}
        self.tell(m.OfferAnswered(agent=name, call=call))
        if not first or caller is None:
            return
        assert caller.offered == (name,)
        for one in others:
            other = self.engine.agents[one]
            assert not other.holds(call, *IN_HAND), "it rings on"
            assert other.missed == misses[one], "a miss that was none"
            self.tell(m.OfferAnswered(agent=one, call=call))
            assert caller.offered == (name,), "the call has two agents"

    @rule(name=agents)
    def answers(self, name: AgentId) -> None:
        self.tell(m.CallTaken(agent=name, call=self.call_in_hand(name), queue=QUEUES[0]))

    @rule(
        name=agents,
        call=calls,
        kind=st.sampled_from([m.CallFinished, m.WrapUpFinished, m.OwnCallBegan, m.OwnCallEnded]),
    )
    def out_of_the_blue(self, name: AgentId, call: CallId, kind: type[m.CallFinished | m.OwnCallBegan]) -> None:
        self.tell(kind(agent=name, call=call))

    @rule(
        name=agents,
        pause=st.sampled_from(["", "rejected"]),
        unreachable=st.booleans(),
        stays=st.booleans(),
    )
    def offer_fails(self, name: AgentId, pause: str, unreachable: bool, stays: bool) -> None:
        call = self.call_in_hand(name)
        self.tell(m.OfferFailed(agent=name, call=call, pause=pause, unreachable=unreachable, call_stays=stays))
        if pause and self.engine.agents.get(name) and call in self.engine.callers:
            assert name not in self.engine.callers[call].offered, "offered again at once"

    @rule(name=agents, stays=st.booleans())
    def misses(self, name: AgentId, stays: bool) -> None:
        """It rang in vain: a pause follows when it was the last of as many as the queue allows, and not before."""
        call, worker = self.call_in_hand(name), self.engine.agents.get(name)
        caller = self.engine.callers.get(call)
        if worker is None or caller is None or not worker.holds(call, *OFFERED):
            return
        before, was_ready = worker.missed, worker.wish is Wish.READY
        allowed = max(self.floor.queue(caller.queue).misses_to_pause, MISSES if caller.together else 1)
        self.tell(m.OfferFailed(agent=name, call=call, pause="missed_call", missed=True, call_stays=stays))
        assert worker.missed == before + 1
        if was_ready:
            assert (worker.wish is Wish.PAUSED) == (before + 1 >= allowed)
        if stays:
            assert self.engine.callers[call] is caller, "he has lost his place"
            able = [one for one in self.engine.agents.values() if one.available and self.may_be_given(one, caller)]
            assert caller.offered_to is not None or not able

    @rule()
    def crashes(self) -> None:
        """Ours begins anew with what the log and Asterisk know: agents as they were shown, phones, who waits, who is
        rung for, who talks, tickets. Nobody is offered twice, and everybody has his place."""
        former = self.engine
        self.engine = Engine(self.floor, self.now)
        self.woken_at, self.places = [], {}
        for worker in former.agents.values():
            if worker.id in self.engine.agents:
                self.restores(worker)
        for name, hand in former_talks(former).items():
            self.tell(m.CallTaken(agent=name, call=hand.call, queue=hand.queue))
        for caller in sorted(former.callers.values(), key=lambda one: (not one.offered, one.place)):
            wish = m.CallWaits(
                call=caller.call,
                queue=caller.queue,
                requires=caller.asked,
                priority=caller.priority,
                since=caller.since,
                server=caller.server,
                familiar=caller.familiar,
                tie=caller.tie,
            )
            if rung := [name for name in caller.offered if name in self.engine.agents]:
                self.tell(m.OfferFound(agent=rung[0], caller=wish, others=tuple(rung[1:])))
            else:
                self.tell(wish)
        for ticket, waits in self.tickets.items():
            if CallId(ticket) in former.tickets:
                self.tell(waits)
        assert self.engine.callers.keys() == former.callers.keys()
        for call, caller in former.callers.items():
            again = self.engine.callers[call]
            assert (again.since, again.place[:2]) == (caller.since, caller.place[:2]), "his place is another one"
            if caller.offered:
                still = tuple(name for name in caller.offered if name in self.engine.agents)
                assert not still or set(again.offered) == set(still), "his phone rings, and another is made to"

    def restores(self, worker: AtWork) -> None:
        """An offer does not go on by itself: it is found."""
        hand = worker.hand
        offered = hand is not None and hand.stage in OFFERED
        state = worker.look().state if not offered else AgentState(worker.wish.value)
        self.tell(
            m.Restored(
                agent=worker.id,
                state=state,
                reason=worker.reason if state is AgentState.PAUSED else "",
                since=self.now,
                call=hand.call if hand is not None and not offered else None,
                queue=hand.queue if hand is not None and not offered else QueueKey(""),
                wish=AgentState(worker.wish.value),
                wish_reason=worker.reason,
            )
        )
        for call in sorted(worker.beside):
            self.tell(m.OwnCallBegan(agent=worker.id, call=call))
        for server in sorted(worker.servers):
            self.tell(m.Reachable(agent=worker.id, server=server))

    @rule(name=agents, call=calls, queue=st.sampled_from(QUEUES))
    def taken(self, name: AgentId, call: CallId, queue: QueueKey) -> None:
        self.tell(m.CallTaken(agent=name, call=call, queue=queue))

    @rule(name=agents, call=calls, others=st.sets(agents, max_size=2))
    def found_ringing(self, name: AgentId, call: CallId, others: set[AgentId]) -> None:
        if call not in self.engine.callers:
            self.trees[call] = None
        found = m.CallWaits(call=call, queue=QUEUES[0], since=self.now)
        self.tell(m.OfferFound(agent=name, caller=found, others=tuple(sorted(others))))

    @rule(name=agents, state=st.sampled_from(AgentState), call=calls)
    def restored(self, name: AgentId, state: AgentState, call: CallId) -> None:
        at_work = self.engine.agents.get(name)
        talking = any(other.holds(call, *IN_HAND) for other in self.engine.agents.values())
        if at_work is not None and at_work.hand is None and not talking and call not in self.engine.callers:
            self.tell(m.Restored(agent=name, state=state, since=self.now, call=call, queue=QUEUES[0]))
            for server in SERVERS:
                self.tell(m.Unreachable(agent=name, server=server))

    @rule(
        ticket=tickets,
        queue=st.sampled_from(QUEUES),
        asks=levels,
        priority=st.integers(-1, 2),
        waited=st.integers(0, 60),
        without=st.sets(agents, max_size=1),
    )
    def ticket_waits(  # noqa: PLR0917 - hypothesis calls it by name
        self,
        ticket: TicketId,
        queue: QueueKey,
        asks: dict[SkillKey, int],
        priority: int,
        waited: int,
        without: set[AgentId],
    ) -> None:
        self.tickets[ticket] = m.TicketWaits(
            ticket=ticket,
            queue=queue,
            requires={SkillKey(skill): level for skill, level in asks.items()},
            priority=priority,
            since=self.now - timedelta(seconds=waited),
            without=tuple(sorted(without)),
        )
        self.tell(self.tickets[ticket])
        assert CallId(ticket) in self.engine.tickets

    @rule(ticket=tickets)
    def ticket_is_told_again(self, ticket: TicketId) -> None:
        if CallId(ticket) in self.engine.tickets:
            assert self.engine.handle(self.tickets[ticket], self.now) == []

    @rule(ticket=tickets, name=agents, queue=st.sampled_from(QUEUES))
    def ticket_taken_by_hand(self, ticket: TicketId, name: AgentId, queue: QueueKey) -> None:
        self.tell(m.TicketTaken(ticket=ticket, agent=name, queue=queue))
        assert CallId(ticket) not in self.engine.tickets

    @rule(name=agents, how=st.sampled_from(["takes", "misses", "hands_back"]))
    def ticket_answered(self, name: AgentId, how: str) -> None:
        worker = self.engine.agents.get(name)
        if worker is None or worker.offered is None:
            return
        ticket, queue = TicketId(worker.offered.call), worker.offered.queue
        match how:
            case "takes":
                self.tell(m.TicketTaken(ticket=ticket, agent=name, queue=queue))
                assert CallId(ticket) in worker.tickets
            case "misses":
                self.tell(m.TicketMissed(ticket=ticket, agent=name, pause="missed_ticket"))
                assert worker.offered is None
            case _:
                back = self.tickets[ticket] = replace(self.tickets[ticket], without=(name,))
                self.tell(back)
                assert worker.offered is None or worker.offered.call != ticket, "asked again at once"

    @rule(ticket=tickets)
    def ticket_done(self, ticket: TicketId) -> None:
        self.tell(m.TicketGone(ticket=ticket))
        assert CallId(ticket) not in self.engine.tickets

    @rule(floor=floors)
    def floor_changes(self, floor: Floor) -> None:
        self.floor = floor
        self.tell(m.FloorChanged(floor=floor))

    @rule(seconds=st.integers(1, 30) | st.just(3600))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.tell(m.Tick())

    def call_in_hand(self, name: AgentId) -> CallId:
        at_work = self.engine.agents.get(name)
        return at_work.hand.call if at_work is not None and at_work.hand is not None else CALLS[0]

    # --- what always holds

    @invariant()
    def one_call_is_never_at_two_agents(self) -> None:
        """But for phones that all ring for it, and then nobody talks."""
        hands = [w.hand for w in self.engine.agents.values() if w.hand is not None and w.hand.stage in IN_HAND]
        together = {c.call for c in self.engine.callers.values() if c.others}
        alone = [hand.call for hand in hands if hand.call not in together]
        assert len(alone) == len(set(alone))
        assert all(hand.stage in OFFERED for hand in hands if hand.call in together)

    @invariant()
    def offers_are_seen_alike_from_both_sides(self) -> None:
        by_call = [(caller.call, name) for caller in self.engine.callers.values() for name in caller.offered]
        by_agent = [
            (w.hand.call, w.id) for w in self.engine.agents.values() if w.hand is not None and w.hand.stage in OFFERED
        ]
        assert sorted(by_call) == sorted(by_agent)

    @invariant()
    def a_ticket_is_with_one_agent_at_most(self) -> None:
        workers = self.engine.agents.values()
        on_desks = [ticket for worker in workers for ticket in worker.tickets]
        assert len(on_desks) == len(set(on_desks))
        assert not set(on_desks) & set(self.engine.tickets)
        asked = {ticket.call: ticket.offered_to for ticket in self.engine.tickets.values() if ticket.offered_to}
        assert asked == {worker.offered.call: worker.id for worker in workers if worker.offered is not None}

    @invariant()
    def only_who_is_ready_and_has_no_call_is_asked_to_take_a_ticket(self) -> None:
        for worker in self.engine.agents.values():
            assert worker.offered is None or worker.is_free
            assert worker.offered is not None or not worker.first

    @invariant()
    def nobody_who_has_room_waits_beside_a_ticket_he_may_take(self) -> None:
        for worker in self.engine.agents.values():
            for ticket in self.engine.tickets.values():
                if worker.is_free and worker.has_room and ticket.offered_to is None:
                    assert not self.may_take_ticket(worker, ticket), f"{worker.id} has room, {ticket.call} waits"

    @invariant()
    def who_works_on_what_calls_do_not_interrupt_gets_none(self) -> None:
        for worker in self.engine.agents.values():
            assert not (worker.undisturbed and worker.available)

    @invariant()
    def nobody_idles_while_a_caller_he_may_take_waits(self) -> None:
        for worker in self.engine.agents.values():
            for caller in self.engine.callers.values():
                if worker.available and caller.offered_to is None and reaches(worker, caller):
                    assert not self.may_take(worker, caller), f"{worker.id} idles, {caller.call} waits"

    @invariant()
    def everybody_keeps_his_place(self) -> None:
        places = {call: (caller.since.timestamp(), caller.place[2]) for call, caller in self.engine.callers.items()}
        for call, place in places.items():
            assert self.places.get(call, place) == place or place[1] > self.places[call][1], "he came back later"
        self.places = places

    @invariant()
    def a_caller_is_kept_only_for_whom_he_knows_who_is_busy_and_only_for_a_while(self) -> None:
        for caller in self.engine.callers.values():
            if caller.kept_for is not None:
                worker, keep_s = self.engine.agents[caller.kept_for], self.floor.queue(caller.queue).keep_s
                assert caller.kept_for == caller.familiar
                assert caller.offered_to is None
                assert not worker.available
                assert worker.is_busy_at(caller.server)
                assert self.is_able(worker, caller)
                assert self.now < caller.since + timedelta(seconds=keep_s)

    @invariant()
    def nobody_takes_more_calls_within_an_hour_than_he_is_to_and_all_get_calls_again(self) -> None:
        for worker in self.engine.agents.values():
            most, an_hour_ago = worker.profile.calls_per_hour, self.now - timedelta(hours=1)
            full = most is not None and sum(when > an_hour_ago for when in worker.taken) >= most
            assert (worker.full_until is not None) == full
            assert not (full and worker.available)
            if worker.full_until is not None:
                assert any(self.now < when <= worker.full_until for when in self.woken_at)

    @invariant()
    def the_next_step_has_a_tick(self) -> None:
        for caller in self.engine.callers.values():
            if caller.offered_to is None and caller.due is not None:
                assert any(self.now < when <= caller.due for when in self.woken_at)

    @invariant()
    def paperwork_is_put_aside_only_for_something_else(self) -> None:
        for worker in self.engine.agents.values():
            assert worker.hand is not None or not worker.put_aside
            calls = [hand.call for hand in worker.wrap_ups]
            assert len(calls) == len(set(calls))

    @invariant()
    def what_was_told_is_what_there_is(self) -> None:
        for worker in self.engine.agents.values():
            if worker.shown != worker.look():
                assert worker.shown.state is not worker.state, "only a restored state may differ, until it is looked at"


AnyShift.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestAnyShift = AnyShift.TestCase


@settings(max_examples=200, deadline=None)
@given(floors, st.lists(st.tuples(st.sampled_from(QUEUES[:2]), st.none() | leaves, st.integers(0, 90)), max_size=5))
def test_who_was_relaxed_finds_whoever_may_help(floor: Floor, came: list[tuple[QueueKey, Leaf | None, int]]) -> None:
    """The same naive eye on a house where everybody is ready and each caller has waited for some time."""
    shift = AnyShift()
    shift.opens(floor)
    for call, (queue, tree, waited) in zip(CALLS, came, strict=False):
        shift.waits(call, queue, tree, [], 0, waited, SERVERS[0])
        shift.nobody_idles_while_a_caller_he_may_take_waits()
    shift.time_passes(60)
    shift.nobody_idles_while_a_caller_he_may_take_waits()
