"""Queues of a scenario with limits, chains and steps: as the floor's own documents agree on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from routing.simulation.checks import faults
from routing.simulation.limits import Way, Why
from routing.simulation.measures import Figures, Outcome
from routing.simulation.report import report
from routing.simulation.run import run
from routing.simulation.scenario import GoesOn, Hours, Less, LessKind, Line, Scenario, Spread, Team
from tests.unit.routing.simulation.floors import SERVICE, calls, fixed, team

BACKUP = QueueKey("backup")
ZH = SkillKey("zh")
TO_BACKUP = GoesOn(kind=Way.QUEUE, to="backup")
GOOD_BYE = GoesOn(kind=Way.MESSAGE, to="all_busy")
ALICE = team("alice")
BOB = Team(key=AgentId("bob"), queues=(BACKUP,))


def floor(*kinds: Any, service: Line, backup: Line | None = None, agents: tuple[Team, ...] = (ALICE, BOB)) -> Scenario:
    return Scenario(
        queues=(service, backup or Line(key=BACKUP)),
        call_types=kinds or (calls(arrivals=(0.0, 1.0, 2.0)),),
        agents=agents,
        hours=1.0,
    )


def line(**terms: Any) -> Line:
    return Line(key=SERVICE, **terms)


def total(scenario: Scenario) -> Figures:
    return run_of(scenario).total


def run_of(scenario: Scenario) -> Outcome:
    assert faults(scenario) == []
    return run(scenario, 1)


def test_who_finds_the_line_full_goes_on_to_the_other_queue() -> None:
    found = total(floor(service=line(max_waiting=1, overflow=(TO_BACKUP,))))
    assert (found["answered"], found["moved_on"], found["sent_away"]) == (3, 1, 0)
    assert found["p99_wait_s"] == 59, "the third is taken at once by the other queue's agent, the second waits"


def test_so_many_an_hour_are_answered_and_the_others_go_on() -> None:
    kinds = calls(arrivals=(0.0, 100.0, 200.0, 3700.0, 3750.0, 3800.0))
    scenario = replace(floor(kinds, service=line(max_per_hour=2, overflow=(GOOD_BYE,))), hours=2.0)
    found = total(scenario)
    assert (found["answered"], found["sent_away"]) == (4, 2)


def test_who_need_not_wait_has_a_place_in_a_full_line() -> None:
    rare = calls("rare", arrivals=(5.0,), requires={"zh": 1})
    agents = (ALICE, team("carol", skills=("zh",)))
    kinds = (calls(arrivals=(0.0, 1.0, 2.0), requires={"en": 1}), rare)
    english = team("emma", skills=("en",))
    found = run_of(
        floor(*kinds, service=line(max_waiting=2, overflow=(GOOD_BYE,)), agents=(*agents[1:], english))
    ).types["rare"]
    assert (found["answered"], found["mean_wait_s"]) == (1, 0)


def test_who_has_waited_for_too_long_is_told_so() -> None:
    found = total(floor(service=line(max_wait_s=30, overflow=(GOOD_BYE,))))
    assert (found["answered"], found["sent_away"], found["left_waiting"]) == (1, 2, 0)


def test_a_step_holds_only_for_its_reasons() -> None:
    only_full = GoesOn(kind=Way.MESSAGE, to="all_busy", when=(Why.FULL,))
    found = total(floor(service=line(max_waiting=1, max_wait_s=30, overflow=(only_full, TO_BACKUP))))
    assert (found["sent_away"], found["moved_on"], found["answered"]) == (1, 1, 2)
    assert found["p99_wait_s"] == 30


def test_no_step_that_takes_him_lets_him_wait_until_one_does() -> None:
    full = Line(key=BACKUP, max_waiting=1, overflow=(GOOD_BYE,))
    kinds = (
        calls(arrivals=(0.0, 1.0)),
        calls("other", queue=BACKUP, arrivals=(0.0, 0.5), service=fixed(100)),
    )
    found = run_of(floor(*kinds, service=line(max_wait_s=20, overflow=(TO_BACKUP,)), backup=full)).types["calls"]
    assert (found["answered"], found["moved_on"]) == (2, 0), "the other line is full until his own agent is free"
    assert found["p99_wait_s"] == 59


def test_whom_nobody_serves_goes_on_when_it_is_said_so() -> None:
    lunch = Hours(since="00:10", until="00:40")
    away = team("alice", breaks=(lunch,))
    waits = calls(arrivals=(590.0, 591.0, 1200.0))
    stays = total(floor(waits, service=line(), agents=(away, BOB)))
    goes = total(floor(waits, service=line(overflow_when=(Why.PAUSED,), overflow=(TO_BACKUP,)), agents=(away, BOB)))
    assert stays["p99_wait_s"] == 2400 - 591
    assert goes["moved_on"] == 2, "who waits as the break begins, and who comes while it lasts"
    assert goes["p99_wait_s"] == 59


def test_before_anybody_is_there_callers_go_on_too() -> None:
    late = team("alice", shift=Hours(since="00:30", until="01:00"))
    terms = line(overflow_when=(Why.NOBODY,), overflow=(GOOD_BYE,))
    found = total(floor(calls(arrivals=(60.0, 2000.0)), service=terms, agents=(late, BOB)))
    assert (found["sent_away"], found["answered"]) == (1, 1)


def test_in_the_other_queue_its_own_wish_holds() -> None:
    able = Team(key=AgentId("bob"), queues=(BACKUP,), skills={ZH: 2})
    found = total(
        floor(
            service=line(max_waiting=1, overflow=(TO_BACKUP,)),
            backup=Line(key=BACKUP, asks="zh >= 3 or en >= 1"),
            agents=(ALICE, able),
        )
    )
    assert (found["moved_on"], found["left_waiting"]) == (1, 1)


def test_who_waits_for_long_asks_for_less() -> None:
    less = (Less(after_s=30, kind=LessKind.LOWER, skill=ZH, level=2),)
    kind = calls(arrivals=(0.0,), requires={"zh": 3})
    agents = (Team(key=AgentId("alice"), queues=(SERVICE,), skills={ZH: 2}),)
    found = total(floor(kind, service=line(relaxing=less), agents=agents))
    assert (found["answered"], found["mean_wait_s"]) == (1, 30)


def test_another_queue_and_a_department_help_who_waits_for_long() -> None:
    kind = calls(arrivals=(0.0, 1.0, 2.0))
    carol = Team(key=AgentId("carol"), queues=(), department="sales")
    steps = (
        Less(after_s=10, kind=LessKind.WIDEN, queue=BACKUP),
        Less(after_s=20, kind=LessKind.CALL_IN, department="sales"),
    )
    found = total(floor(kind, service=line(relaxing=steps), agents=(ALICE, BOB, carol)))
    assert (found["p50_wait_s"], found["p99_wait_s"]) == (10, 20)


def test_ageing_makes_up_for_priority() -> None:
    plain, vip = calls("plain", arrivals=(0.0, 1.0)), calls("vip", priority=1, arrivals=(30.0,))

    def wait_of_the_vip(ageing_s: float) -> float:
        return run_of(floor(plain, vip, service=line(ageing_s=ageing_s))).types["vip"]["mean_wait_s"]

    assert wait_of_the_vip(60) == 30, "his head start is a minute"
    assert wait_of_the_vip(10) == 90, "the other has made up for it"


def test_weights_share_the_agents_of_two_queues() -> None:
    both = Team(key=AgentId("alice"), queues=(SERVICE, BACKUP))
    came = tuple(float(at) for at in range(12))
    kinds = (calls(arrivals=came), calls("other", queue=BACKUP, arrivals=came))

    def mean(weight: float) -> float:
        service = line(weight=weight)
        return run_of(floor(*kinds, service=service, agents=(both,))).types["calls"]["mean_wait_s"]

    assert mean(5) < mean(1)


def test_paperwork_goes_along_to_the_other_queue() -> None:
    kind = calls(arrivals=(0.0, 1.0, 2.0, 3.0), after_call=fixed(30))
    found = total(floor(kind, service=line(max_waiting=1, overflow=(TO_BACKUP,))))
    assert found["p99_wait_s"] == 60 + 30 - 1


def test_no_formula_knows_of_it() -> None:
    steady = calls(per_hour=30.0, service=Spread(mean_s=60))
    limited = floor(steady, service=line(max_waiting=1, overflow=(TO_BACKUP,)))
    relaxed = floor(steady, service=line(relaxing=(Less(after_s=5, kind=LessKind.WIDEN, queue=BACKUP),)))
    assert report(limited, [run_of(limited)])["bounds"] == {"applies": False, "why": "callers go on to other queues"}
    assert report(relaxed, [run_of(relaxed)])["bounds"]["why"] == "callers who wait for long ask for less"


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (line(max_per_hour=-1), "queues.0.max_per_hour: must be from 0 (no limit) to 100000"),
        (line(max_per_hour=3), "queues.0.overflow: callers shall go on (hour_full), but no step is for that"),
        (line(max_waiting=-1, overflow=(TO_BACKUP,)), "queues.0.max_waiting: must be from 0"),
        (line(max_wait_s=1e9, overflow=(TO_BACKUP,)), "queues.0.max_wait_s"),
        (line(ageing_s=-1), "queues.0.ageing_s"),
        (line(weight=0), "queues.0.weight: must be from 1 to 100"),
        (line(max_waiting=3), "queues.0.overflow: callers shall go on (full), but no step is for that"),
        (
            line(max_wait_s=3, overflow=(GoesOn(kind=Way.QUEUE, to="backup", when=(Why.FULL,)),)),
            "queues.0.overflow: callers shall go on (too_long)",
        ),
        (line(overflow=(GoesOn(kind=Way.QUEUE, to="nowhere"),)), 'queues.0.overflow.0.to: there is no queue "nowhere"'),
        (line(overflow=(GoesOn(kind=Way.QUEUE, to="service"),)), "queues.0.overflow.0.to: callers are in this queue"),
        (line(overflow=(GoesOn(kind=Way.MESSAGE, to=" "),)), "queues.0.overflow.0.to: is empty"),
        (line(overflow_when=(Why.FULL,), overflow=(TO_BACKUP,)), "queues.0.overflow_when: may be nobody and paused"),
        (line(skills={ZH: 7}), "queues.0.skills.zh: a level is 1 to 5"),
        (line(asks="zh >="), "queues.0.asks: cannot be read at sign"),
        (line(relaxing=(Less(after_s=0, kind=LessKind.DROP, skill=ZH),)), "queues.0.relaxing.0.after_s"),
        (line(relaxing=(Less(after_s=9, kind=LessKind.LOWER, skill=ZH),)), "queues.0.relaxing.0.kind: lower needs"),
        (
            line(relaxing=(Less(after_s=9, kind=LessKind.LOWER, skill=ZH, level=9),)),
            "queues.0.relaxing.0.level: a level is 1 to 5",
        ),
        (line(relaxing=(Less(after_s=9, kind=LessKind.WIDEN, queue=SERVICE),)), "queues.0.relaxing.0.queue: its own"),
        (
            line(relaxing=(Less(after_s=9, kind=LessKind.WIDEN, queue=QueueKey("x")),)),
            'queues.0.relaxing.0.queue: there is no queue "x"',
        ),
        (
            line(relaxing=(Less(after_s=9, kind=LessKind.CALL_IN, department="sales"),)),
            'queues.0.relaxing.0.department: no agent is of the department "sales"',
        ),
    ],
)
def test_the_place_of_a_mistake_is_named(service: Line, said: str) -> None:
    found = faults(floor(service=service))
    assert any(one.startswith(said) for one in found), found


def test_a_circle_is_named() -> None:
    back = Line(key=BACKUP, overflow=(GoesOn(kind=Way.QUEUE, to="service"),))
    found = faults(floor(service=line(overflow=(TO_BACKUP,)), backup=back))
    assert found == ["queues.overflow: callers would go round in a circle: service → backup → service"]


def test_whom_only_others_may_serve_later_is_no_mistake() -> None:
    nobody_yet = calls(arrivals=(0.0,), requires={"zh": 1})
    drops = line(relaxing=(Less(after_s=9, kind=LessKind.DROP, skill=ZH),))
    assert faults(floor(nobody_yet, service=drops)) == []
    assert faults(floor(nobody_yet, service=line())) != []
