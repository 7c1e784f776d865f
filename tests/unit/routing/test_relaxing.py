"""Who waits for long asks for less: step by step, at his place, told with the step, and after a restart at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from crm_core.kernel.ids import CallId, SkillKey
from crm_core.kernel.requirements_text import read
from routing import messages as m
from routing.agents import Agent
from routing.floor import Floor
from routing.queues import Queue
from routing.reasons import StepKind, StepTaken, WhyWaiting
from routing.relaxing import Step
from tests.unit.routing.floors import ALICE, BOB, CAROL, REPAIR, SERVICE, START, VIP, Shift, agent, assigned, pairs

ZH = SkillKey("zh")
LOWER = Step(after_s=30, kind=StepKind.LOWER, skill=ZH, level=3)
DROP = Step(after_s=60, kind=StepKind.DROP, skill=ZH)
WIDEN = Step(after_s=60, kind=StepKind.WIDEN, queue=VIP)
CALL_IN = Step(after_s=90, kind=StepKind.CALL_IN, department="sales")
LOWERED = StepTaken(kind=StepKind.LOWER, after_s=30, skill=ZH, asked=4, level=3)


def shift(*agents: Agent, steps: Iterable[Step] = (LOWER, DROP)) -> Shift:
    queues = [Queue(key=SERVICE, steps=tuple(steps)), Queue(key=VIP), Queue(key=REPAIR)]
    return Shift(Floor.of(agents, queues))


def steps_of(decisions: list[m.Decision]) -> list[StepTaken]:
    return [decision.step for decision in decisions if isinstance(decision, m.Relaxed)]


def test_after_its_time_a_lower_level_is_enough() -> None:
    play = shift(agent(ALICE, zh=3))
    play.ready(ALICE)
    came = play.now
    told = play.waits("one", zh=4)
    assert pairs(told) == []
    assert m.WakeAt(when=came + timedelta(seconds=30)) in told
    assert play.engine.why_waiting(CallId("one")) is WhyWaiting.NO_SKILL
    play.wait(29)
    assert play.tell(m.Tick()) == []
    play.wait(1)
    told = play.tell(m.Tick())
    assert m.Relaxed(call=CallId("one"), queue=SERVICE, step=LOWERED, requires=read("zh >= 3")) in told
    assert pairs(told) == [("one", "alice")]
    assert assigned(told).because.steps == (LOWERED,)


def test_a_skill_is_dropped_and_people_are_called_in() -> None:
    play = shift(
        agent(ALICE, [VIP], en=1), agent(BOB, [], "sales"), agent(CAROL, [REPAIR]), steps=(DROP, WIDEN, CALL_IN)
    )
    play.ready(BOB, ALICE, CAROL)
    play.waits("one", zh=4)
    play.waits("two", zh=4)
    play.wait(60)
    told = play.tell(m.Tick())
    assert pairs(told) == [("one", "alice")]
    assert [step.kind for step in steps_of(told)] == [StepKind.DROP, StepKind.WIDEN] * 2
    play.wait(30)
    told = play.tell(m.Tick())
    assert pairs(told) == [("two", "bob")]
    assert [step.department for step in assigned(told).because.steps] == [None, None, "sales"]


def test_a_step_that_means_nothing_to_this_caller_is_not_told() -> None:
    play = shift(agent(ALICE, zh=1), steps=(LOWER, CALL_IN))
    play.waits("one", zh=3)
    play.wait(30)
    assert steps_of(play.tell(m.Tick())) == []
    play.wait(60)
    assert [step.kind for step in steps_of(play.tell(m.Tick()))] == [StepKind.CALL_IN]


def test_the_relaxed_keeps_his_place_before_those_who_came_later() -> None:
    play = shift(agent(ALICE, zh=3))
    play.waits("old", zh=4)
    play.wait(10)
    play.waits("young", zh=3)
    play.wait(20)
    play.tell(m.Tick())
    assert pairs(play.ready(ALICE)) == [("old", "alice")]


def test_of_those_relaxed_in_one_moment_the_first_in_line_is_served_first() -> None:
    play = shift(agent(ALICE, zh=3))
    play.ready(ALICE)
    play.waits("one", zh=5)
    play.wait(1)
    urgent = m.CallWaits(call=CallId("two"), queue=SERVICE, requires={ZH: 4}, priority=1, since=play.now)
    play.tell(urgent)
    play.wait(40)
    assert pairs(play.tell(m.Tick())) == [("two", "alice")]


def test_after_a_restart_due_steps_are_taken_at_once() -> None:
    play = shift(agent(ALICE))
    play.ready(ALICE)
    told = play.waits("one", zh=4, since=100)
    assert [step.kind for step in steps_of(told)] == [StepKind.LOWER, StepKind.DROP]
    assert pairs(told) == [("one", "alice")]


def test_while_a_phone_rings_nothing_is_relaxed_but_afterwards_what_is_due() -> None:
    play = shift(agent(ALICE, zh=4), agent(BOB, zh=3))
    play.ready(ALICE, BOB)
    assert pairs(play.waits("one", zh=4)) == [("one", "alice")]
    play.wait(35)
    assert steps_of(play.tell(m.Tick())) == []
    told = play.tell(m.OfferFailed(agent=ALICE, call=CallId("one"), pause="missed_call"))
    assert steps_of(told) == [LOWERED]
    assert pairs(told) == [("one", "bob")]


def test_another_floor_another_ladder_and_nothing_is_told_twice() -> None:
    play = shift(agent(ALICE, zh=1))
    play.waits("one", zh=4)
    play.wait(30)
    assert steps_of(play.tell(m.Tick())) == [LOWERED]
    same = m.FloorChanged(floor=play.engine.floor)
    assert steps_of(play.tell(same)) == []
    assert play.engine.callers[CallId("one")].steps == (LOWERED,)
    strict = Floor.of([agent(ALICE, zh=1)], [Queue(key=SERVICE)])
    play.tell(m.FloorChanged(floor=strict))
    assert play.engine.callers[CallId("one")].requires == read("zh >= 4")


def test_one_wish_for_a_tick_is_enough_for_many_callers() -> None:
    play = shift()
    wakes = [d for number in range(20) for d in play.waits(f"call{number}", zh=5) if isinstance(d, m.WakeAt)]
    assert wakes == [m.WakeAt(when=START + timedelta(seconds=30))]


def test_a_preference_decides_before_the_strategy_and_shuts_nobody_out() -> None:
    play = shift(agent(ALICE, zh=5), agent(BOB, zh=2, en=3), steps=())
    play.ready(ALICE, BOB)
    told = play.asks("one", "zh >= 1 prefer en >= 3")
    assert pairs(told) == [("one", "bob")]
    because = assigned(told).because
    assert because.rule == "preferred"
    assert [match.skill for match in because.preferred] == ["en"]
    assert pairs(play.asks("two", "zh >= 1 prefer en >= 3")) == [("two", "alice")]


def test_one_of_several_ways_is_enough() -> None:
    play = shift(agent(ALICE, zh=5, repair=2), agent(BOB, en=3, repair=3), steps=())
    play.ready(ALICE, BOB)
    told = play.asks("one", "repair >= 3 and (zh >= 2 or en >= 3)")
    assert pairs(told) == [("one", "bob")]
    because = assigned(told).because
    assert [(match.skill, match.asked, match.has) for match in because.skills] == [("en", 3, 3), ("repair", 3, 3)]
    assert [(one.agent, one.skill, one.asked, one.has) for one in because.excluded] == [("alice", "repair", 3, 2)]


def test_a_queue_of_thousands_who_hung_up_leaves_nothing_behind() -> None:
    play = shift()
    for number in range(5_000):
        play.waits(f"call{number}", zh=5)
        play.tell(m.CallGone(call=CallId(f"call{number}")))
    play.wait(60)
    assert steps_of(play.tell(m.Tick())) == []
    assert dict(play.engine.callers) == {}
