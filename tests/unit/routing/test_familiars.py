"""Whoever knows a caller: he goes first when he is free, and is waited for while he is busy, but not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId
from routing import messages as m
from routing.explaining import NotHis
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.reasons import StepKind, StepTaken, Tie, WhyWaiting
from routing.relaxing import Step
from tests.unit.routing.floors import ALICE, BOB, SERVICE, Shift, agent, assigned, pairs

KEPT = StepTaken(kind=StepKind.KEEP, after_s=0.0, agent=ALICE, tie=Tie.LAST_AGENT, for_s=20)


def opened(after_s: float) -> StepTaken:
    return StepTaken(kind=StepKind.OPEN_UP, after_s=after_s, agent=ALICE, tie=Tie.LAST_AGENT)


def shift(*, keep_s: float = 20, steps: tuple[Step, ...] = ()) -> Shift:
    queue = Queue(key=SERVICE, keep_s=keep_s, steps=steps, wrap_up=WrapUp(kind=WrapUpKind.NONE))
    return Shift(Floor.of([agent(ALICE, zh=3), agent(BOB, zh=5)], [queue]))


def comes(shift: Shift, call: str, *, knows: AgentId = ALICE, since: float = 0.0) -> list[m.Decision]:
    since_then = shift.now - timedelta(seconds=since)
    wish = m.CallWaits(call=CallId(call), queue=SERVICE, since=since_then, familiar=knows, tie=Tie.LAST_AGENT)
    return shift.tell(wish)


def busy_alice(shift: Shift) -> None:
    shift.ready(ALICE)
    shift.waits("c0")
    shift.talks("c0", ALICE)
    shift.ready(BOB)


def steps(decisions: list[m.Decision]) -> list[StepTaken]:
    return [decision.step for decision in decisions if isinstance(decision, m.Relaxed)]


def test_who_knows_him_goes_first_though_others_are_better() -> None:
    floor = shift()
    floor.ready(BOB, ALICE)
    got = assigned(comes(floor, "c1"))
    assert (got.agent, got.because.rule, got.because.tie, got.because.candidates) == (
        ALICE,
        "familiar",
        "last_agent",
        2,
    )


def test_he_is_waited_for_while_he_talks_and_gets_the_call_when_he_hangs_up() -> None:
    floor = shift()
    busy_alice(floor)
    told = comes(floor, "c1")
    assert (pairs(told), steps(told)) == ([], [KEPT])
    assert floor.engine.why_waiting(CallId("c1")) is WhyWaiting.FOR_A_FAMILIAR
    floor.wait(10)
    got = assigned(floor.tell(m.CallFinished(agent=ALICE, call=CallId("c0"))))
    assert (got.agent, got.because.rule, got.because.steps) == (ALICE, "familiar", (KEPT,))


def test_after_its_time_anybody_may_and_the_engine_asks_to_be_woken() -> None:
    floor = shift()
    busy_alice(floor)
    [wake] = [one for one in comes(floor, "c1") if isinstance(one, m.WakeAt)]
    assert wake.when == floor.now + timedelta(seconds=20)
    floor.wait(20)
    told = floor.tell(m.Tick())
    assert (pairs(told), steps(told)) == ([("c1", BOB)], [opened(20)])
    assert assigned(told).because.rule == "only_one"


@pytest.mark.parametrize(
    "leaves", [m.SignedOff(agent=ALICE), m.Paused(agent=ALICE, reason="lunch"), m.Unreachable(agent=ALICE)]
)
def test_who_will_not_come_back_is_not_waited_for(leaves: m.Input) -> None:
    floor = shift()
    busy_alice(floor)
    comes(floor, "c1")
    floor.wait(5)
    told = floor.tell(leaves)
    assert (pairs(told), steps(told)) == ([("c1", BOB)], [opened(5)])
    assert pairs(comes(floor, "c2")) == [], "and is not waited for by the next"
    assert floor.engine.why_waiting(CallId("c2")) is WhyWaiting.ALL_BUSY


def test_nobody_is_waited_for_who_is_away_or_not_able_or_where_the_queue_does_not_want_it() -> None:
    away = shift()
    away.ready(BOB)
    assert pairs(comes(away, "c1")) == [("c1", BOB)]
    stranger = shift()
    busy_alice(stranger)
    assert pairs(comes(stranger, "c1", knows=AgentId("gone"))) == [("c1", BOB)]
    at_once = shift(keep_s=0)
    busy_alice(at_once)
    told = comes(at_once, "c1")
    assert (pairs(told), steps(told)) == ([("c1", BOB)], [])


def test_of_several_who_wait_for_him_and_others_the_oldest_goes_first() -> None:
    floor = shift()
    busy_alice(floor)
    floor.waits("c1")
    floor.talks("c1", BOB)
    floor.waits("c2", since=3)
    comes(floor, "c3", since=5)
    comes(floor, "c4", since=1)
    order = []
    for last in ("c0", "c3", "c2"):
        got = assigned(floor.tell(m.CallFinished(agent=ALICE, call=CallId(last))))
        floor.talks(got.call, ALICE)
        order.append((got.call, got.because.rule))
    assert order == [("c3", "familiar"), ("c2", "only_one"), ("c4", "familiar")]


def test_who_rejects_the_one_he_knows_had_his_chance() -> None:
    floor = shift()
    floor.ready(BOB, ALICE)
    comes(floor, "c1")
    told = floor.tell(m.OfferFailed(agent=ALICE, call=CallId("c1"), pause="missed_call"))
    assert pairs(told) == [("c1", BOB)]


def test_steps_that_are_due_meanwhile_are_taken_and_he_goes_on_waiting() -> None:
    floor = shift(steps=(Step(after_s=10, kind=StepKind.CALL_IN, department="sales"),))
    busy_alice(floor)
    comes(floor, "c1")
    floor.wait(10)
    told = floor.tell(m.Tick())
    assert pairs(told) == []
    assert [step.kind for step in steps(told)] == [StepKind.CALL_IN]
    floor.wait(10)
    assert pairs(floor.tell(m.Tick())) == [("c1", BOB)]


def test_a_changed_floor_tells_nothing_twice_and_who_left_it_is_not_waited_for() -> None:
    floor = shift()
    busy_alice(floor)
    comes(floor, "c1")
    told = floor.tell(m.FloorChanged(floor=floor.engine.floor))
    assert (pairs(told), steps(told)) == ([], [])
    assert floor.engine.callers[CallId("c1")].kept_for == ALICE
    without = Floor.of([agent(BOB, zh=5)], floor.engine.floor.queues.values())
    assert pairs(floor.tell(m.FloorChanged(floor=without))) == [("c1", BOB)]


def test_who_hangs_up_while_he_waits_leaves_nothing_behind() -> None:
    floor = shift()
    busy_alice(floor)
    comes(floor, "c1")
    floor.tell(m.CallGone(call=CallId("c1")))
    assert pairs(floor.tell(m.CallFinished(agent=ALICE, call=CallId("c0")))) == []
    assert pairs(floor.waits("c2", zh=1)) == [("c2", BOB)]


def test_why_he_waits_and_why_others_do_not_get_him_is_told() -> None:
    floor = shift()
    busy_alice(floor)
    comes(floor, "c1")
    waits = floor.engine.explain_wait(CallId("c1"))
    assert waits is not None
    assert (waits.code, waits.able, waits.next_step) == (WhyWaiting.FOR_A_FAMILIAR, 1, opened(20))
    assert waits.next_at == floor.engine.callers[CallId("c1")].kept_until
    idle = floor.engine.explain_idle(BOB)
    assert idle is not None
    assert [(one.why, one.callers) for one in idle.passed_by] == [(NotHis.KEPT, 1)]
