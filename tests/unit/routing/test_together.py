"""Ring all: who is asked, who gets the call, and what becomes of everybody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId, ServerId, TicketId
from routing import messages as m
from routing.floor import Floor
from routing.lines import ANYWHERE
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import Tie
from routing.states import AgentState
from routing.strategies import StrategyName
from routing.together import AT_MOST
from tests.unit.routing.floors import ALICE, BOB, CAROL, SERVICE, VIP, Shift, agent, assigned, pairs, states

C1, C2 = CallId("c1"), CallId("c2")
READY, RESERVED, PAUSED, TALKING = AgentState.READY, AgentState.RESERVED, AgentState.PAUSED, AgentState.TALKING


def floor(**more: object) -> Shift:
    """Carol speaks no Chinese; nobody has paperwork."""
    none = WrapUp(kind=WrapUpKind.NONE)
    queues = [
        Queue(key=SERVICE, strategy=StrategyName.RING_ALL, wrap_up=none, **more),  # type: ignore[arg-type]
        Queue(key=VIP, priority=5, wrap_up=none),
    ]
    shift = Shift(Floor.of([agent(ALICE, zh=3), agent(BOB, zh=2), agent(CAROL, en=3)], queues))
    shift.ready(BOB, ALICE, CAROL)
    return shift


def all_asked(decisions: list[m.Decision]) -> m.AssignedAll:
    return next(decision for decision in decisions if isinstance(decision, m.AssignedAll))


def misses(shift: Shift, name: AgentId, *, pause: str = "missed_call") -> list[m.Decision]:
    return shift.tell(m.OfferFailed(agent=name, call=C1, pause=pause, missed=True))


def test_all_who_are_able_are_asked_at_once_and_it_is_said_why() -> None:
    shift = floor()
    decisions = shift.waits("c1", zh=1)
    asked = all_asked(decisions)
    assert list(asked.because) == [BOB, ALICE], "the longest idle first"
    assert states(decisions) == ["bob:reserved", "alice:reserved"]
    bob, alice = asked.because[BOB], asked.because[ALICE]
    assert (bob.rule, bob.candidates, alice.rule, alice.candidates) == ("ring_all", 2, "ring_all", 2)
    assert (bob.skills[0].has, alice.skills[0].has) == (2, 3)
    assert [(one.agent, one.why) for one in bob.excluded] == [(CAROL, "skill")]


def test_who_is_alone_is_asked_as_ever() -> None:
    shift = floor()
    assert assigned(shift.waits("c1", en=1)).because.rule == "only_one"


def test_the_first_who_answers_has_the_call_and_the_others_are_free_at_once_with_no_miss() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    idle_since = shift.engine.agents[ALICE].idle_since
    assert states(shift.tell(m.OfferAnswered(agent=BOB, call=C1))) == ["alice:ready"]
    assert shift.tell(m.OfferAnswered(agent=ALICE, call=C1)) == [], "too late"
    shift.talks("c1", BOB)
    alice = shift.engine.agents[ALICE]
    assert (shift.state(BOB), alice.state, alice.missed, alice.idle_since) == (TALKING, READY, 0, idle_since)
    assert pairs(shift.waits("c2", zh=1)) == [("c2", ALICE)]


def test_that_he_talks_is_enough_to_let_the_others_go() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    assert states(shift.talks("c1", ALICE)) == ["alice:talking", "bob:ready"]


def test_all_who_are_let_go_are_asked_for_the_next_caller_at_once() -> None:
    shift = floor()
    shift.ready(CAROL)
    shift.waits("c1")
    shift.waits("c2")
    asked = all_asked(shift.tell(m.OfferAnswered(agent=BOB, call=C1)))
    assert (asked.call, list(asked.because)) == ("c2", [ALICE, CAROL])


def test_who_says_no_is_paused_and_it_rings_on_at_the_others() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    decisions = shift.tell(m.OfferFailed(agent=BOB, call=C1, pause="rejected"))
    assert states(decisions) == ["bob:paused"]
    assert shift.engine.callers[C1].offered == (ALICE,)
    assert states(shift.talks("c1", ALICE)) == ["alice:talking"]


def test_nobody_answers_each_has_missed_it_and_the_caller_keeps_his_place() -> None:
    shift = floor(misses_to_pause=2)
    shift.waits("c1", zh=1, since=30)
    place = shift.engine.callers[C1].place
    assert misses(shift, BOB)[-1:] != [], "he is told to be ready"
    again = all_asked(misses(shift, ALICE))
    assert set(again.because) == {ALICE, BOB}, "each has one more chance"
    assert not again.because[BOB].excluded or {one.why for one in again.because[BOB].excluded} == {"skill"}
    misses(shift, BOB)
    misses(shift, ALICE)
    assert (shift.state(BOB), shift.state(ALICE)) == (PAUSED, PAUSED)
    caller = shift.engine.callers[C1]
    assert (caller.offered, caller.place) == ((), place)
    assert pairs(shift.ready(ALICE)) == [("c1", ALICE)]


def test_that_nobody_answers_sends_the_whole_team_away_the_second_time_only() -> None:
    """The first time each may have thought that another one answers."""
    shift = floor(misses_to_pause=1)
    shift.waits("c1", zh=1)
    misses(shift, BOB)
    assert set(all_asked(misses(shift, ALICE)).because) == {ALICE, BOB}
    misses(shift, BOB)
    misses(shift, ALICE)
    assert (shift.state(BOB), shift.state(ALICE)) == (PAUSED, PAUSED)


def test_who_is_asked_alone_is_put_on_pause_as_everywhere() -> None:
    shift = floor(misses_to_pause=1)
    shift.tell(m.Paused(agent=BOB, reason="break"))
    assert pairs(shift.waits("c1", zh=1)) == [("c1", ALICE)]
    misses(shift, ALICE)
    assert shift.state(ALICE) is PAUSED


@pytest.mark.parametrize(
    "answer", [m.OfferAnswered(agent=ALICE, call=C1), m.CallTaken(agent=ALICE, call=C1, queue=VIP)]
)
def test_what_somebody_took_after_all_was_missed_by_nobody(answer: m.Input) -> None:
    """His own phone gave up ringing before the other one was answered."""
    shift = floor(misses_to_pause=1)
    shift.waits("c1", zh=1)
    misses(shift, BOB)
    assert shift.engine.agents[BOB].missed == 1
    shift.tell(answer)
    assert shift.engine.agents[BOB].missed == 0


@pytest.mark.parametrize(
    "answer", [m.OfferAnswered(agent=ALICE, call=C1), m.CallTaken(agent=ALICE, call=C1, queue=SERVICE)]
)
def test_nor_does_it_keep_anybody_on_pause(answer: m.Input) -> None:
    shift = floor(misses_to_pause=1)
    shift.engine.agents[BOB].missed = 1
    shift.waits("c1", zh=1)
    assert states(misses(shift, BOB)) == ["bob:paused"]
    shift.waits("c2", zh=1)
    decisions = shift.tell(answer)
    assert "bob:ready" in states(decisions)
    assert pairs(decisions) == [("c2", BOB)], "whom he can take again"
    assert shift.engine.agents[BOB].missed == 1


@pytest.mark.parametrize(
    ("since", "then"),
    [
        (m.Paused(agent=BOB, reason="lunch"), PAUSED),
        (m.SignedOff(agent=BOB), AgentState.OFFLINE),
        (m.OfferFailed(agent=BOB, call=C1, pause="rejected"), PAUSED),
    ],
)
def test_a_pause_that_has_another_reason_stays(since: m.Input, then: AgentState) -> None:
    shift = floor(misses_to_pause=1)
    shift.engine.agents[BOB].missed = 1
    shift.waits("c1", zh=1)
    if isinstance(since, m.OfferFailed):
        shift.tell(since)
    else:
        misses(shift, BOB)
        shift.tell(since)
    shift.tell(m.OfferAnswered(agent=ALICE, call=C1))
    assert shift.state(BOB) is then


def test_a_pause_for_a_round_that_nobody_answered_stays() -> None:
    shift = floor(misses_to_pause=1)
    shift.engine.agents[BOB].missed = 1
    shift.waits("c1", zh=1)
    misses(shift, BOB)
    assert pairs(misses(shift, ALICE)) == [("c1", ALICE)]
    shift.tell(m.OfferAnswered(agent=ALICE, call=C1))
    assert shift.state(BOB) is PAUSED


def test_who_talks_elsewhere_when_his_pause_is_lifted_talks_on_and_is_ready_then() -> None:
    shift = floor(misses_to_pause=1)
    shift.engine.agents[BOB].missed = 1
    shift.waits("c1", zh=1)
    misses(shift, BOB)
    shift.tell(m.CallTaken(agent=BOB, call=CallId("c9"), queue=VIP))
    shift.tell(m.OfferAnswered(agent=ALICE, call=C1))
    assert shift.state(BOB) is TALKING
    shift.tell(m.CallFinished(agent=BOB, call=CallId("c9")))
    assert shift.state(BOB) is READY


def test_what_was_missed_in_a_round_that_is_over_stays_missed() -> None:
    shift = floor(misses_to_pause=3)
    shift.waits("c1", zh=1)
    misses(shift, BOB)
    shift.tell(m.Paused(agent=BOB, reason="break"))
    assert pairs(misses(shift, ALICE)) == [("c1", ALICE)]
    shift.tell(m.OfferAnswered(agent=ALICE, call=C1))
    assert shift.engine.agents[BOB].missed == 1


def test_the_caller_is_gone_and_everybody_is_free() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    assert states(shift.tell(m.CallGone(call=C1))) == ["bob:ready", "alice:ready"]
    assert [shift.engine.agents[name].missed for name in (BOB, ALICE)] == [0, 0]


def test_an_offer_that_loses_the_caller_frees_everybody() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    shift.tell(m.OfferFailed(agent=ALICE, call=C1, call_stays=False))
    assert (shift.state(ALICE), shift.state(BOB)) == (READY, READY)
    assert C1 not in shift.engine.callers


def test_somebody_else_took_the_call_and_everybody_is_free() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    shift.talks("c1", CAROL)
    assert [shift.state(name) for name in (ALICE, BOB, CAROL)] == [READY, READY, TALKING]


def test_who_takes_another_call_leaves_only_his_own_ringing() -> None:
    shift = floor()
    shift.waits("c1", zh=1)
    shift.tell(m.CallTaken(agent=BOB, call=C2, queue=VIP))
    assert shift.engine.callers[C1].offered == (ALICE,)
    shift.tell(m.CallTaken(agent=ALICE, call=CallId("c3"), queue=VIP))
    assert shift.engine.callers[C1].offered == ()


def test_who_becomes_free_meanwhile_is_asked_in_the_next_round() -> None:
    shift = floor()
    shift.tell(m.Paused(agent=BOB, reason="lunch"))
    assert pairs(shift.waits("c1", zh=1)) == [("c1", ALICE)]
    shift.ready(BOB)
    assert shift.state(BOB) is READY
    assert pairs(misses(shift, ALICE)) == [("c1", BOB)], "Alice is paused"


def test_who_knows_him_is_asked_alone_first() -> None:
    shift = floor()
    known = m.CallWaits(call=C1, queue=SERVICE, since=shift.now, familiar=ALICE, tie=Tie.OWNER)
    assert pairs(shift.tell(known)) == [("c1", ALICE)]
    asked = all_asked(misses(shift, ALICE))
    assert set(asked.because) == {BOB, CAROL}


def test_a_callback_is_offered_to_one() -> None:
    shift = floor()
    waits = m.CallWaits(call=C1, queue=SERVICE, since=shift.now, server=ANYWHERE)
    assert pairs(shift.tell(waits)) == [("c1", BOB)]


def test_only_phones_at_the_callers_server_ring() -> None:
    shift = floor()
    south = ServerId("south")
    for name in (ALICE, CAROL):
        shift.tell(m.Reachable(agent=name, server=south))
    asked = all_asked(shift.tell(m.CallWaits(call=C1, queue=SERVICE, since=shift.now, server=south)))
    assert set(asked.because) == {ALICE, CAROL}


def test_of_a_crowd_only_so_many_phones_ring() -> None:
    crew = [agent(AgentId(f"a{n:02}"), zh=3) for n in range(AT_MOST + 3)]
    shift = Shift(Floor.of(crew, [Queue(key=SERVICE, strategy=StrategyName.RING_ALL)]))
    shift.ready(*(one.id for one in crew))
    assert list(all_asked(shift.waits("c1", zh=1)).because) == [one.id for one in crew[:AT_MOST]]


def test_who_has_had_his_calls_for_this_hour_is_not_asked() -> None:
    crew = [replace(agent(ALICE, zh=3), calls_per_hour=1), agent(BOB, zh=3), agent(CAROL, zh=3)]
    shift = Shift(
        Floor.of(crew, [Queue(key=SERVICE, strategy=StrategyName.RING_ALL, wrap_up=WrapUp(kind=WrapUpKind.NONE))])
    )
    shift.ready(ALICE, BOB, CAROL)
    shift.waits("c1", zh=1)
    shift.talks("c1", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=C1))
    asked = all_asked(shift.waits("c2", zh=1))
    assert set(asked.because) == {BOB, CAROL}
    assert (ALICE, "hour_full") in {(one.agent, one.why) for one in asked.because[BOB].excluded}


def test_a_restart_finds_all_of_them_ringing() -> None:
    shift = floor()
    waits = m.CallWaits(call=C1, queue=SERVICE, since=shift.now - timedelta(seconds=9))
    shift.tell(m.OfferFound(agent=BOB, caller=waits, others=(ALICE, AgentId("nobody"))))
    assert set(shift.engine.callers[C1].offered) == {ALICE, BOB}
    assert states(shift.talks("c1", ALICE)) == ["alice:talking", "bob:ready"]


def test_of_two_who_wait_the_more_urgent_has_the_only_agent_who_can_take_him() -> None:
    """Alice, let go first, is of no use to the VIP; Bob's phone must not ring along with hers meanwhile."""
    none = WrapUp(kind=WrapUpKind.NONE)
    queues = [
        Queue(key=SERVICE, strategy=StrategyName.RING_ALL, wrap_up=none),
        Queue(key=VIP, priority=5, wrap_up=none),
    ]
    shift = Shift(Floor.of([agent(ALICE, [SERVICE]), agent(BOB)], queues))
    shift.ready(ALICE, BOB)
    shift.waits("c1")
    shift.waits("c2")
    shift.waits("v", VIP)
    assert pairs(shift.tell(m.CallGone(call=C1))) == [("v", BOB), ("c2", ALICE)]


def test_whoever_takes_the_call_of_all_is_given_nobody_else_whom_that_sets_free() -> None:
    """Alice began a ticket that nothing may disturb: who is kept for her is anybody's when her phone falls silent."""
    none, kept = WrapUp(kind=WrapUpKind.NONE), CallId("k")
    queues = [
        Queue(key=SERVICE, strategy=StrategyName.RING_ALL, wrap_up=none),
        Queue(key=VIP, wrap_up=none, keep_s=60.0, tickets_undisturbed=True),
    ]
    shift = Shift(Floor.of([agent(ALICE, zh=3), agent(BOB, zh=3), agent(CAROL, en=1)], queues))
    shift.ready(CAROL, ALICE, BOB)
    shift.waits("c1", zh=1)
    shift.tell(m.CallWaits(call=kept, queue=VIP, since=shift.now, familiar=ALICE, tie=Tie.OWNER))
    shift.tell(m.TicketTaken(agent=ALICE, ticket=TicketId("t"), queue=VIP))
    assert shift.engine.callers[kept].kept_for == ALICE
    shift.talks("c1", CAROL)
    assert shift.engine.callers[kept].offered == (BOB,)


def test_who_missed_him_twice_is_named_once() -> None:
    shift = floor(misses_to_pause=3)
    shift.waits("c1", zh=1)
    for name in (BOB, ALICE, BOB, ALICE):
        misses(shift, name)
    assert shift.engine.callers[C1].missed_by == [BOB, ALICE]
