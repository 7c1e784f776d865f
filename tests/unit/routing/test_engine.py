"""Who gets which call: the rules, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from routing import messages as m
from routing.agents import Stage
from routing.floor import Floor
from routing.lines import ANYWHERE
from routing.reasons import Exclusion, WhyWaiting
from routing.states import AgentState
from tests.unit.routing.floors import (
    AGENTS,
    ALICE,
    BOB,
    CAROL,
    QUEUES,
    REPAIR,
    START,
    VIP,
    Shift,
    agent,
    assigned,
    pairs,
    states,
)

ONE, TWO = CallId("one"), CallId("two")
NORTH, SOUTH = ServerId("north"), ServerId("south")


@pytest.fixture
def shift() -> Shift:
    return Shift()


# --- choosing


def test_the_best_skilled_is_chosen(shift: Shift) -> None:
    shift.ready(ALICE, CAROL)
    assert pairs(shift.waits("one", en=1)) == [("one", CAROL)]


def test_among_equals_the_longest_idle(shift: Shift) -> None:
    shift.ready(BOB, ALICE)
    assert pairs(shift.waits("one", zh=1)) == [("one", BOB)]


def test_nobody_gets_what_he_is_not_able_to_do(shift: Shift) -> None:
    shift.ready(BOB, CAROL)
    assert pairs(shift.waits("one", repair=1)) == []


def test_who_becomes_ready_takes_the_longest_waiting(shift: Shift) -> None:
    shift.waits("young", zh=1)
    shift.waits("old", since=60, zh=1)
    assert pairs(shift.ready(ALICE)) == [("old", ALICE)]


def test_priority_goes_before_waiting_time(shift: Shift) -> None:
    shift.waits("old", since=60)
    shift.waits("urgent", priority=3)
    assert pairs(shift.ready(ALICE)) == [("urgent", ALICE)]


def test_a_queue_of_higher_priority_goes_first(shift: Shift) -> None:
    shift.waits("old", since=60)
    shift.waits("vip", VIP)
    assert pairs(shift.ready(ALICE)) == [("vip", ALICE)]


def test_the_reason_is_kept(shift: Shift) -> None:
    shift.ready(ALICE, CAROL)
    shift.wait(10)
    because = assigned(shift.waits("one", since=5, en=2)).because
    assert because.rule == "best_skill"
    assert (because.candidates, because.waited_s, because.idle_s) == (2, 5.0, 11.0)
    assert [(match.asked, match.has) for match in because.skills] == [(2, 5)]
    assert [(out.agent, out.why, out.has) for out in because.excluded] == [(BOB, "skill", 0)]


def test_the_reason_names_the_better_one_who_was_not_free(shift: Shift) -> None:
    shift.ready(ALICE, CAROL)
    shift.tell(m.Paused(agent=CAROL, reason="lunch"))
    because = assigned(shift.waits("one", en=1)).because
    assert because.rule == "only_one"
    assert Exclusion(agent=CAROL, why="paused") in because.excluded


# --- the life of an offer


def test_an_offer_makes_its_way(shift: Shift) -> None:
    shift.ready(ALICE)
    assert states(shift.waits("one")) == ["alice:reserved"]
    assert states(shift.tell(m.OfferRang(agent=ALICE, call=ONE))) == ["alice:ringing"]
    assert states(shift.talks("one", ALICE)) == ["alice:talking"]
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=ONE))) == ["alice:wrap_up"]
    assert states(shift.tell(m.WrapUpFinished(agent=ALICE, call=ONE))) == ["alice:ready"]


def test_who_misses_a_call_is_paused_and_the_next_gets_it_at_its_old_place(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    shift.waits("one", since=30, zh=1)
    shift.wait(2)
    decisions = shift.tell(m.OfferFailed(agent=ALICE, call=ONE, pause="missed_call"))
    assert states(decisions) == ["alice:paused", "bob:reserved"]
    because = assigned(decisions).because
    assert because.waited_s == 32.0
    assert because.excluded[0] == Exclusion(agent=ALICE, why="missed_this_call")


def test_who_missed_a_call_gets_it_again_only_when_ready_again(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    assert pairs(shift.tell(m.OfferFailed(agent=ALICE, call=ONE, pause="missed_call"))) == []
    assert pairs(shift.tell(m.Ready(agent=ALICE))) == [("one", ALICE)]


def missed(shift: Shift, name: AgentId) -> list[m.Decision]:
    shift.wait(20)
    return shift.tell(m.OfferFailed(agent=name, call=ONE, pause="missed_call", missed=True))


def a_patient_shift() -> Shift:
    """A queue that lets its agents miss two calls in a row."""
    return Shift(Floor.of(AGENTS, [replace(QUEUES[0], misses_to_pause=3)]))


def test_who_misses_fewer_calls_than_the_queue_allows_stays_ready_and_others_are_asked_first() -> None:
    shift = a_patient_shift()
    shift.ready(ALICE, BOB)
    assert pairs(shift.waits("one", zh=1)) == [("one", ALICE)]
    assert pairs(missed(shift, ALICE)) == [("one", BOB)]
    assert shift.state(ALICE) is AgentState.READY
    assert pairs(missed(shift, BOB)) == [("one", ALICE)], "there is nobody else"


def test_the_last_miss_of_those_allowed_is_a_pause() -> None:
    shift = a_patient_shift()
    shift.ready(ALICE)
    shift.waits("one", zh=1)
    missed(shift, ALICE)
    missed(shift, ALICE)
    assert shift.engine.agents[ALICE].missed == 2
    assert states(missed(shift, ALICE)) == ["alice:paused"]
    assert shift.engine.agents[ALICE].look().reason == "missed_call"


@pytest.mark.parametrize("again", ["takes a call", "says that he is ready"])
def test_misses_count_only_in_a_row(again: str) -> None:
    shift = a_patient_shift()
    shift.ready(ALICE)
    shift.waits("one", zh=1)
    missed(shift, ALICE)
    missed(shift, ALICE)
    if again == "takes a call":
        shift.talks("one", ALICE)
    else:
        shift.tell(m.Ready(agent=ALICE))
    assert shift.engine.agents[ALICE].missed == 0


def test_who_says_no_is_paused_at_once_however_many_he_may_miss() -> None:
    shift = a_patient_shift()
    shift.ready(ALICE)
    shift.waits("one", zh=1)
    shift.tell(m.OfferFailed(agent=ALICE, call=ONE, pause="rejected"))
    assert shift.state(ALICE) is AgentState.PAUSED


def test_a_pause_already_wished_for_keeps_its_reason(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    shift.tell(m.Paused(agent=ALICE, reason="lunch"), m.OfferFailed(agent=ALICE, call=ONE, pause="missed_call"))
    assert shift.engine.agents[ALICE].reason == "lunch"


def test_an_unreachable_phone_is_no_fault(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    shift.waits("one", zh=1)
    decisions = shift.tell(m.OfferFailed(agent=ALICE, call=ONE, unreachable=True))
    assert pairs(decisions) == [("one", BOB)]
    assert shift.state(ALICE) is AgentState.READY
    shift.waits("two", zh=1)
    assert pairs(shift.tell(m.Reachable(agent=ALICE))) == [("two", ALICE)]


def test_a_caller_who_hangs_up_while_it_rings_frees_the_agent(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.wait(60)
    shift.waits("one")
    assert states(shift.tell(m.CallGone(call=ONE))) == ["alice:ready"]
    assert assigned(shift.waits("two")).because.idle_s == 61.0  # he kept his place among the idle


def test_a_failed_offer_looks_for_the_more_urgent_first(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", repair=1)
    shift.waits("two", VIP, en=1)
    decisions = shift.tell(m.OfferFailed(agent=ALICE, call=ONE))
    assert pairs(decisions) == [("two", ALICE)]
    assert shift.engine.why_waiting(ONE) is WhyWaiting.ALL_BUSY


def test_a_failed_offer_goes_to_the_better_one_who_came_meanwhile(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", en=1)
    shift.ready(CAROL)
    assert pairs(shift.tell(m.OfferFailed(agent=ALICE, call=ONE))) == [("one", CAROL)]
    assert pairs(shift.waits("two", en=1)) == [("two", ALICE)]


def test_a_caller_kept_aside_is_not_offered(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    assert pairs(shift.tell(m.OfferFailed(agent=ALICE, call=ONE, call_stays=False))) == []
    assert ONE not in shift.engine.callers
    assert shift.state(ALICE) is AgentState.READY


# --- wishes and wrap-up


def test_a_pause_during_a_call_shows_after_the_wrap_up(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    shift.talks("one", ALICE)
    [asked] = shift.tell(m.Paused(agent=ALICE, reason="lunch"))
    assert isinstance(asked, m.AgentChanged)
    assert (asked.state, asked.reason) == (AgentState.TALKING, "")
    assert (asked.wish, asked.wish_reason) == (AgentState.PAUSED, "lunch")
    assert shift.tell(m.Paused(agent=ALICE, reason="lunch")) == []
    shift.tell(m.CallFinished(agent=ALICE, call=ONE))
    assert states(shift.tell(m.WrapUpFinished(agent=ALICE, call=ONE))) == ["alice:paused"]


def test_a_queue_without_wrap_up_gives_the_next_call_at_once(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", VIP)
    shift.talks("one", ALICE)
    shift.waits("two")
    assert pairs(shift.tell(m.CallFinished(agent=ALICE, call=ONE))) == [("two", ALICE)]


def test_a_mandatory_wrap_up_ends_by_itself(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", REPAIR)
    shift.talks("one", ALICE)
    (changed,) = shift.tell(m.CallFinished(agent=ALICE, call=ONE))
    assert isinstance(changed, m.AgentChanged)
    assert changed.wrap_up_until is not None
    assert (changed.wrap_up_until - shift.now).total_seconds() == 30
    shift.wait(29)
    assert shift.tell(m.Tick()) == []
    shift.wait(1)
    assert states(shift.tell(m.Tick())) == ["alice:ready"]


def test_a_limit_that_was_overtaken_does_nothing(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", REPAIR)
    shift.talks("one", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=ONE), m.WrapUpFinished(agent=ALICE, call=ONE))
    shift.waits("two", REPAIR)
    shift.talks("two", ALICE)
    shift.wait(20)
    shift.tell(m.CallFinished(agent=ALICE, call=TWO))
    shift.wait(15)
    assert shift.tell(m.Tick()) == []
    assert shift.state(ALICE) is AgentState.WRAP_UP


def test_a_call_of_his_own_makes_busy(shift: Shift) -> None:
    shift.ready(ALICE)
    assert states(shift.tell(m.OwnCallBegan(agent=ALICE, call=TWO))) == ["alice:talking"]
    assert pairs(shift.waits("one")) == []
    assert pairs(shift.tell(m.OwnCallEnded(agent=ALICE, call=TWO))) == [("one", ALICE)]


def test_a_call_of_his_own_hides_no_pause(shift: Shift) -> None:
    shift.tell(m.Reachable(agent=ALICE), m.Paused(agent=ALICE, reason="break"))
    shift.tell(m.OwnCallBegan(agent=ALICE, call=TWO))
    assert states(shift.tell(m.OwnCallEnded(agent=ALICE, call=TWO))) == ["alice:paused"]


# --- what we did not arrange


def test_the_safety_queue_gives_calls_as_well(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    shift.tell(m.OwnCallBegan(agent=ALICE, call=ONE))
    taken = m.CallTaken(agent=ALICE, call=ONE, queue=VIP)
    assert states(shift.tell(taken)) == []  # busy before, busy now
    assert shift.engine.agents[ALICE].holds(ONE, Stage.TALKING)
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=ONE))) == ["alice:ready"]


def test_a_conversation_that_breaks_into_the_paperwork_leaves_it_to_be_done(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    shift.talks("one", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=ONE), m.CallTaken(agent=ALICE, call=TWO, queue=REPAIR))
    assert shift.state(ALICE) is AgentState.TALKING
    shift.tell(m.CallFinished(agent=ALICE, call=TWO))
    assert [hand.call for hand in shift.engine.agents[ALICE].wrap_ups] == [ONE, TWO]
    (changed,) = shift.tell(m.WrapUpFinished(agent=ALICE, call=TWO))
    assert isinstance(changed, m.AgentChanged)
    assert (changed.state, changed.call) == (AgentState.WRAP_UP, ONE)
    assert states(shift.tell(m.WrapUpFinished(agent=ALICE, call=ONE))) == ["alice:ready"]


def test_paperwork_that_was_put_aside_can_be_done_meanwhile(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    shift.talks("one", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=ONE), m.CallTaken(agent=ALICE, call=TWO, queue=VIP))
    assert shift.tell(m.WrapUpFinished(agent=ALICE, call=ONE)) == []
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=TWO))) == ["alice:ready"]


def test_paperwork_put_aside_keeps_its_limit(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", REPAIR)
    shift.talks("one", ALICE)
    shift.tell(m.CallFinished(agent=ALICE, call=ONE), m.CallTaken(agent=ALICE, call=TWO, queue=VIP))
    shift.wait(30)
    assert shift.tell(m.Tick()) == []
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=TWO))) == ["alice:ready"]


def test_a_caller_who_is_back_has_one_paperwork_not_two(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one")
    shift.talks("one", ALICE)
    back = m.CallTaken(agent=ALICE, call=ONE, queue=REPAIR)
    shift.tell(m.CallFinished(agent=ALICE, call=ONE), back, m.CallFinished(agent=ALICE, call=ONE))
    assert states(shift.tell(m.WrapUpFinished(agent=ALICE, call=ONE))) == ["alice:ready"]


def test_who_takes_another_call_gives_his_offer_back(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", zh=1)
    shift.ready(BOB)
    decisions = shift.tell(m.CallTaken(agent=ALICE, call=TWO, queue=VIP))
    assert states(decisions) == ["alice:talking", "bob:reserved"]
    assert pairs(decisions) == [("one", BOB)]


def test_a_third_one_in_the_conversation_is_just_busy(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    shift.waits("one", zh=1)
    shift.talks("one", ALICE)
    shift.tell(m.CallTaken(agent=BOB, call=ONE, queue=VIP))
    assert shift.engine.agents[BOB].beside == {ONE}
    shift.tell(m.CallFinished(agent=ALICE, call=ONE))
    assert states(shift.tell(m.CallTaken(agent=BOB, call=ONE, queue=VIP))) == []
    assert shift.engine.agents[BOB].hand is not None


def test_a_caller_in_line_again_has_left_his_agent(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("one", VIP)
    shift.talks("one", ALICE)
    assert states(shift.waits("one", VIP)) == ["alice:ready", "alice:reserved"]


def test_a_call_told_twice_waits_once(shift: Shift) -> None:
    shift.waits("one")
    shift.waits("one")
    assert pairs(shift.ready(ALICE, BOB)) == [("one", ALICE)]


def test_an_offer_found_ringing_is_taken_up(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    waits = m.CallWaits(call=ONE, queue=VIP, since=shift.now)
    assert states(shift.tell(m.OfferFound(agent=BOB, caller=waits))) == ["bob:ringing"]
    assert pairs(shift.tell(m.OfferFailed(agent=BOB, call=ONE, pause="missed_call"))) == [("one", ALICE)]


# --- after a restart


def test_states_come_back_without_being_told(shift: Shift) -> None:
    restored = m.Restored(agent=ALICE, state=AgentState.PAUSED, reason="lunch", since=shift.now, queue=QueueKey(""))
    assert shift.tell(restored) == []
    assert (shift.state(ALICE), shift.engine.agents[ALICE].reason) == (AgentState.PAUSED, "lunch")


def test_a_wrap_up_comes_back_with_its_limit(shift: Shift) -> None:
    since = shift.now
    shift.wait(20)
    shift.tell(m.Restored(agent=ALICE, state=AgentState.WRAP_UP, since=since, call=ONE, queue=REPAIR))
    shift.wait(10)
    assert states(shift.tell(m.Tick())) == ["alice:ready"]


def test_a_conversation_comes_back_until_it_is_finished(shift: Shift) -> None:
    shift.tell(m.Restored(agent=ALICE, state=AgentState.TALKING, since=shift.now, call=ONE, queue=REPAIR))
    assert shift.tell(m.CallTaken(agent=ALICE, call=ONE, queue=REPAIR)) == []
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=ONE))) == ["alice:wrap_up"]


# --- the floor changes


def test_new_skills_count_at_once(shift: Shift) -> None:
    shift.ready(BOB)
    shift.waits("one", repair=1)
    better = [profile for profile in AGENTS if profile.id != BOB] + [agent(BOB, zh=5, repair=2)]
    assert pairs(shift.tell(m.FloorChanged(floor=Floor.of(better, QUEUES)))) == [("one", BOB)]


def test_who_leaves_the_floor_finishes_his_call_first(shift: Shift) -> None:
    shift.ready(ALICE, BOB)
    shift.waits("one", repair=1)
    shift.talks("one", ALICE)
    fewer = Floor.of([profile for profile in AGENTS if profile.id == CAROL], QUEUES)
    assert states(shift.tell(m.FloorChanged(floor=fewer))) == ["alice:talking", "bob:offline"]
    assert set(shift.engine.agents) == {ALICE, CAROL}
    assert states(shift.tell(m.CallFinished(agent=ALICE, call=ONE))) == ["alice:offline"]
    assert set(shift.engine.agents) == {CAROL}


# --- several servers


def test_a_caller_is_offered_only_to_phones_his_server_reaches(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE))
    assert pairs(shift.tell(call_at(SOUTH, "one"))) == []
    assert shift.engine.why_waiting(ONE) is WhyWaiting.OTHER_SERVER
    assert pairs(shift.tell(call_at(NORTH, "two"))) == [("two", ALICE)]


def test_a_phone_registered_nowhere_is_not_said_to_be_at_another_server(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE), call_at(SOUTH, "one"))
    shift.tell(m.Unreachable(agent=ALICE, server=NORTH))
    assert shift.engine.why_waiting(ONE) is WhyWaiting.NOBODY_REACHABLE


def test_a_phone_that_registers_elsewhere_as_well_gets_the_callers_there(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE), call_at(SOUTH, "one"))
    assert pairs(shift.tell(at(SOUTH, ALICE))) == [("one", ALICE)]


def test_a_phone_gone_from_one_server_stays_with_the_other(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), at(SOUTH, ALICE), m.Ready(agent=ALICE))
    assert shift.tell(m.Unreachable(agent=ALICE, server=SOUTH)) == []
    assert pairs(shift.tell(call_at(SOUTH, "one"))) == []
    assert pairs(shift.tell(call_at(NORTH, "two"))) == [("two", ALICE)]


def test_who_could_not_be_called_there_is_not_called_there_again_but_elsewhere(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), at(SOUTH, ALICE), m.Ready(agent=ALICE), call_at(SOUTH, "one"))
    assert pairs(shift.tell(m.OfferFailed(agent=ALICE, call=ONE, unreachable=True))) == []
    assert pairs(shift.tell(call_at(NORTH, "two"))) == [("two", ALICE)]


def test_who_becomes_free_takes_the_first_he_can_be_reached_by(shift: Shift) -> None:
    shift.tell(call_at(SOUTH, "old", since=60), call_at(NORTH, "young"))
    assert pairs(shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE))) == [("young", ALICE)]


def at(server: ServerId, agent: AgentId) -> m.Reachable:
    return m.Reachable(agent=agent, server=server)


def call_at(server: ServerId, call: str, *, since: float = 0.0) -> m.CallWaits:
    return m.CallWaits(call=CallId(call), queue=VIP, since=START - timedelta(seconds=since), server=server)


# --- why somebody waits


def test_the_most_hopeful_reason_is_told(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.waits("two", juggling=1)
    assert shift.engine.why_waiting(TWO) is WhyWaiting.NO_SKILL
    assert shift.engine.why_waiting(ONE) is WhyWaiting.NOBODY_LOGGED_IN
    shift.tell(m.Ready(agent=ALICE))
    assert shift.engine.why_waiting(ONE) is WhyWaiting.NOBODY_REACHABLE
    shift.tell(m.Paused(agent=BOB, reason="lunch"))
    assert shift.engine.why_waiting(ONE) is WhyWaiting.ALL_PAUSED
    shift.tell(m.OwnCallBegan(agent=ALICE, call=CallId("own")))
    assert shift.engine.why_waiting(ONE) is WhyWaiting.ALL_BUSY
    shift.tell(m.OwnCallEnded(agent=ALICE, call=CallId("own")), m.Reachable(agent=ALICE))
    assert shift.engine.why_waiting(ONE) is WhyWaiting.BEING_OFFERED
    assert shift.engine.why_waiting(CallId("nobody")) is None


def test_nonsense_changes_nothing(shift: Shift) -> None:
    shift.ready(ALICE)
    nobody = CallId("nobody")
    for told in (
        m.OfferRang(agent=ALICE, call=nobody),
        m.OfferFailed(agent=ALICE, call=nobody, pause="missed_call"),
        m.CallFinished(agent=ALICE, call=nobody),
        m.WrapUpFinished(agent=ALICE, call=nobody),
        m.CallGone(call=nobody),
        m.Ready(agent=type(ALICE)("stranger")),
    ):
        assert shift.tell(told) == []
    assert shift.state(ALICE) is AgentState.READY


# --- callbacks in the line


def test_a_callback_has_its_turn_among_the_calls_by_its_own_time(shift: Shift) -> None:
    shift.tell(call_at(NORTH, "old", since=90), call_at(ANYWHERE, "promised", since=60), call_at(NORTH, "young"))
    shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE))
    turns = []
    for _ in range(3):
        [(call, waited)] = [(c.call, c.is_callback) for c in shift.engine.callers.values() if c.offered_to == ALICE]
        turns.append((call, waited))
        shift.tell(m.CallGone(call=call))
    assert turns == [("old", False), ("promised", True), ("young", False)]


@pytest.mark.parametrize("server", [NORTH, SOUTH])
def test_a_callback_is_for_every_phone_that_is_registered_somewhere(shift: Shift, server: ServerId) -> None:
    shift.tell(m.Ready(agent=ALICE), call_at(ANYWHERE, "promised"))
    assert shift.engine.why_waiting(CallId("promised")) is WhyWaiting.NOBODY_REACHABLE
    assert pairs(shift.tell(at(server, ALICE))) == [("promised", ALICE)]


def test_a_callback_for_which_a_phone_was_not_there_after_all_goes_to_somebody_else(shift: Shift) -> None:
    shift.tell(at(NORTH, ALICE), m.Ready(agent=ALICE), call_at(ANYWHERE, "promised"))
    shift.tell(at(SOUTH, BOB), m.Ready(agent=BOB))
    failed = m.OfferFailed(agent=ALICE, call=CallId("promised"), unreachable=True)
    assert pairs(shift.tell(failed)) == [("promised", BOB)]
    assert not shift.engine.agents[ALICE].reachable
