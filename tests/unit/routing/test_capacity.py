"""Who has had his calls for this hour gets no other, is said to have had them, and gets calls again by himself."""

from __future__ import annotations

from datetime import timedelta

from crm_core.kernel.ids import CallId, QueueKey
from routing import messages as m
from routing.agents import Agent
from routing.explaining import NoCalls
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import Exclusion, WhyWaiting
from routing.states import AgentState
from tests.unit.routing.floors import ALICE, BOB, SERVICE, START, Shift, assigned, pairs


def shift(most: int | None = 2) -> Shift:
    queue = Queue(key=SERVICE, wrap_up=WrapUp(kind=WrapUpKind.NONE))
    alice = Agent(id=ALICE, queues=frozenset({SERVICE}), calls_per_hour=most)
    return Shift(Floor.of([alice, Agent(id=BOB, queues=frozenset({SERVICE}))], [queue]))


def serve(shift: Shift, call: str) -> list[m.Decision]:
    """Alice talks with him for a minute; what is told when she hangs up."""
    assert pairs(shift.waits(call)) == [(call, ALICE)]
    shift.talks(call, ALICE)
    shift.wait(60)
    return shift.tell(m.CallFinished(agent=ALICE, call=CallId(call)))


def test_after_two_calls_she_gets_none_until_the_first_is_an_hour_ago() -> None:
    floor = shift()
    floor.ready(ALICE)
    first = floor.now
    serve(floor, "c1")
    told = [one for one in serve(floor, "c2") if isinstance(one, m.WakeAt)]
    assert pairs(floor.waits("c3")) == []
    assert floor.state(ALICE) is AgentState.READY
    assert floor.engine.why_waiting(CallId("c3")) is WhyWaiting.HOUR_FULL
    floor.now = first + timedelta(hours=1)
    assert not told, "she was full when the second call began, and the engine asked to be woken then"
    got = assigned(floor.tell(m.Tick()))
    assert (got.call, got.agent) == ("c3", ALICE)


def test_the_engine_asks_to_be_woken_when_the_last_call_begins() -> None:
    floor = shift(most=1)
    floor.ready(ALICE)
    floor.waits("c1")
    [wake] = [one for one in floor.talks("c1", ALICE) if isinstance(one, m.WakeAt)]
    assert wake.when == floor.now + timedelta(hours=1)


def test_others_get_the_call_and_the_reason_says_how_many_she_had() -> None:
    floor = shift()
    floor.ready(ALICE)
    serve(floor, "c1")
    serve(floor, "c2")
    floor.ready(BOB)
    got = assigned(floor.waits("c3"))
    assert got.agent == BOB
    assert got.because.excluded == (Exclusion(agent=ALICE, why="hour_full", has=2),)


def test_a_limit_that_is_raised_frees_her_at_once_and_one_that_is_new_counts_what_was() -> None:
    floor = shift(most=None)
    floor.ready(ALICE)
    serve(floor, "c1")
    serve(floor, "c2")
    floor.tell(m.FloorChanged(floor=shift(most=2).engine.floor))
    assert pairs(floor.waits("c3")) == []
    assert pairs(floor.tell(m.FloorChanged(floor=shift(most=3).engine.floor))) == [("c3", ALICE)]


def test_nobody_waits_for_a_familiar_one_who_will_get_no_more_calls() -> None:
    floor = shift(most=1)
    floor.ready(ALICE)
    floor.waits("c1")
    floor.talks("c1", ALICE)
    floor.ready(BOB)
    wish = m.CallWaits(call=CallId("c2"), queue=SERVICE, since=START + timedelta(seconds=2), familiar=ALICE)
    assert pairs(floor.tell(wish)) == [("c2", BOB)]


def test_she_is_told_why_she_gets_no_calls_and_the_supervisor_why_he_waits() -> None:
    floor = shift(most=1)
    floor.ready(ALICE)
    serve(floor, "c1")
    floor.waits("c2")
    why = floor.engine.explain_idle(ALICE)
    assert why is not None
    assert why.code is NoCalls.HOUR_FULL
    waits = floor.engine.explain_wait(CallId("c2"))
    assert waits is not None
    assert waits.not_free[0] == Exclusion(agent=ALICE, why="hour_full", has=1)


def test_a_call_to_the_outside_is_none_of_her_calls_of_this_hour() -> None:
    floor = shift(most=1)
    floor.ready(ALICE)
    call = CallId("c1")
    floor.tell(m.CallTaken(agent=ALICE, call=call, queue=QueueKey("")), m.CallFinished(agent=ALICE, call=call))
    floor.tell(m.WrapUpFinished(agent=ALICE, call=call))
    assert pairs(floor.waits("c2")) == [("c2", ALICE)]
