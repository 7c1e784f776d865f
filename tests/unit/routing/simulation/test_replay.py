"""A day as it was, under the same rules and under others."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.kernel.requirements import asking
from routing.agents import Agent, Wish
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.simulation.comparing import MOST_RUNS, compare
from routing.simulation.day import Day, Talk, Turn, Visit
from routing.simulation.limits import Limits, Onward, Way
from routing.simulation.replay import Played, Rules, Unknown, replay

SERVICE, REPAIR = QueueKey("service"), QueueKey("repair")
ALICE, BOB = AgentId("alice"), AgentId("bob")
FIX = SkillKey("fix")
HOUR = 3600.0
MINUTE = Talk(service_s=60.0)


def visit(at: float, *, waited: float = 0.0, talk: Talk | None = MINUTE, queue: QueueKey = SERVICE, **of: int) -> Visit:
    requires = asking({SkillKey(skill): level for skill, level in of.items()})
    gave_up = talk is None
    return Visit(at=at, since=at, queue=queue, waited_s=waited, gave_up=gave_up, talk=talk, requires=requires)


def there(agent: AgentId, at: float = 0.0, wish: Wish = Wish.READY, **of: bool) -> Turn:
    return Turn(at=at, agent=agent, wish=wish, **of)


def day(*visits: Visit, turns: tuple[Turn, ...] = (there(ALICE),)) -> Day:
    return Day(length_s=HOUR, visits=visits, turns=turns)


def rules(*agents: Agent, queues: tuple[Queue, ...] = (Queue(key=SERVICE),), **of: Limits) -> Rules:
    limits = {QueueKey(queue): one for queue, one in of.items()}
    return Rules(agents=agents or (agent(ALICE),), queues=queues, limits=limits)


def agent(who: AgentId, *queues: QueueKey, **skills: int) -> Agent:
    has = {SkillKey(skill): level for skill, level in skills.items()}
    return Agent(id=who, queues=frozenset(queues or (SERVICE,)), skills=has)


def played(one: Day, under: Rules, number: int = 1) -> Played:
    return replay(one, under, Unknown(one), number)


def test_callers_come_when_they_came_and_talk_as_long_as_they_did() -> None:
    found = played(day(visit(0), visit(10, talk=Talk(rang_s=4, service_s=30))), rules()).total
    assert (found["offered"], found["answered"]) == (2, 2)
    assert found["p99_wait_s"] == 60 - 10 + 4, "his phone rings as long as it did"


def test_paperwork_takes_the_time_it_took_where_the_queue_has_any() -> None:
    long_after = replace(MINUTE, after_s=40.0)
    with_paperwork = rules(queues=(Queue(key=SERVICE, wrap_up=WrapUp(kind=WrapUpKind.OPTIONAL)),))
    without = rules(queues=(Queue(key=SERVICE, wrap_up=WrapUp(kind=WrapUpKind.NONE)),))
    busy = day(visit(0, talk=long_after), visit(10))
    assert played(busy, with_paperwork).total["p99_wait_s"] == 90
    assert played(busy, without).total["p99_wait_s"] == 50


def test_who_gave_up_does_so_again_after_as_long() -> None:
    found = played(day(visit(0), visit(5, waited=20, talk=None)), rules()).total
    assert (found["answered"], found["abandoned"]) == (1, 1)
    assert found["mean_time_in_line_s"] == 10


def test_who_gave_up_and_is_answered_now_talks_as_somebody_did() -> None:
    two = rules(agent(ALICE), agent(BOB))
    found = played(day(visit(0), visit(5, waited=20, talk=None), turns=(there(ALICE), there(BOB))), two)
    assert found.total["answered"] == 2
    assert found.agents[ALICE] == found.agents[BOB] == pytest.approx(60 / HOUR)


def test_who_was_answered_is_no_more_patient_than_callers_are() -> None:
    """He waited for nothing then; now somebody else's day is long, and he gives up as others did."""
    long_talk = Talk(service_s=3000.0)
    busy = day(visit(0, talk=long_talk), *(visit(at, waited=30, talk=None) for at in range(10, 300, 10)), visit(900))
    found = played(busy, rules()).total
    assert found["abandoned"] == 30
    assert found["answered"] == 1
    assert played(day(visit(0, talk=long_talk), visit(10)), rules()).total["answered"] == 2, (
        "nobody is known to give up"
    )


def test_agents_come_pause_and_go_as_they_did() -> None:
    turns = (there(ALICE, 100), there(ALICE, 200, Wish.PAUSED), there(ALICE, 500), there(ALICE, 800, Wish.OFFLINE))
    found = played(day(visit(0), visit(250), visit(900), turns=turns), rules())
    assert (found.total["answered"], found.total["left_waiting"]) == (2, 1)
    assert found.total["p99_wait_s"] == 250
    assert found.agents[ALICE] == pytest.approx(120 / 400)


def test_calls_of_his_own_and_a_phone_that_is_gone_keep_an_agent_from_callers() -> None:
    busy = (there(ALICE), there(ALICE, 10, beside=True), there(ALICE, 300))
    gone = (there(ALICE), there(ALICE, 10, reachable=False), there(ALICE, 300))
    for turns in (busy, gone):
        assert played(day(visit(20), turns=turns), rules()).total["mean_wait_s"] == 280


def test_who_works_here_no_more_is_passed_over() -> None:
    found = played(day(visit(0), turns=(there(ALICE), there(BOB))), rules())
    assert set(found.agents) == {ALICE}


def test_a_brought_wait_is_a_place_further_in_front() -> None:
    brought = replace(visit(20), since=-600.0)
    found = played(day(visit(0), visit(10), brought), replace(rules(), within_s={SERVICE: 45.0})).total
    assert found["service_level"] == pytest.approx(2 / 3), "he goes before who came earlier: 0, 40 and 110 seconds"


def test_limits_hold_and_callers_count_for_the_queue_they_came_to() -> None:
    both = (Queue(key=SERVICE), Queue(key=REPAIR))
    to_repair = Limits(max_waiting=1, chain=(Onward(kind=Way.QUEUE, to="repair"),))
    under = rules(agent(ALICE), agent(BOB, REPAIR), queues=both, service=to_repair, repair=Limits())
    found = played(day(visit(0), visit(1), visit(2), turns=(there(ALICE), there(BOB))), under)
    assert found.queues[SERVICE]["answered"] == 3
    assert found.queues[SERVICE]["moved_on"] == 1
    assert found.queues[REPAIR]["offered"] == 0


def test_outside_opening_hours_callers_go_on() -> None:
    closes = Limits(opens=((0.0, 50.0),), chain=(Onward(kind=Way.MESSAGE, to="closed"),))
    found = played(day(visit(0), visit(40), visit(100)), rules(service=closes)).total
    assert (found["answered"], found["sent_away"]) == (2, 1), "who waits when it closes is served"


def test_a_queue_that_is_no_more_is_served_all_the_same() -> None:
    found = played(day(visit(0, queue=QueueKey("former"))), rules())
    assert found.queues[QueueKey("former")]["answered"] == 1


def test_the_same_number_is_the_same_luck() -> None:
    unsure = day(*(visit(at, waited=float(at % 40), talk=None if at % 3 else MINUTE) for at in range(0, 900, 9)))
    assert played(unsure, rules(), 1) == played(unsure, rules(), 1)


def test_side_by_side_only_what_is_otherwise_differs() -> None:
    few = day(visit(0), visit(1), visit(2), turns=(there(ALICE), there(BOB)))
    now, draft = rules(agent(ALICE), agent(BOB, REPAIR)), rules(agent(ALICE), agent(BOB))
    found = compare(few, now, draft)
    assert found.runs == MOST_RUNS
    wait = found.queues[SERVICE]["mean_wait_s"]
    assert (wait.now, wait.draft, wait.differs) == (59, pytest.approx(58 / 3), True)
    assert not found.total["answered"].differs
    assert found.agents[BOB].differs
    assert found.occupancy["mean_share"].now == pytest.approx(180 / 2 / HOUR)


def test_the_same_rules_differ_in_nothing() -> None:
    unsure = day(*(visit(at, waited=float(at % 40), talk=None if at % 3 else MINUTE) for at in range(0, 900, 9)))
    found = compare(unsure, rules(), rules())
    assert not any(pair.differs for measures in found.queues.values() for pair in measures.values())


def test_no_further_run_is_begun_when_there_is_no_time() -> None:
    assert compare(day(visit(0)), rules(), rules(), enough=lambda: True).runs == 1


def test_skills_decide_as_they_do_for_callers_of_today() -> None:
    wants = day(visit(0, fix=3), visit(1, fix=3), turns=(there(ALICE), there(BOB)))
    now = rules(agent(ALICE, fix=3), agent(BOB, fix=2))
    taught = rules(agent(ALICE, fix=3), agent(BOB, fix=3))
    assert compare(wants, now, taught).total["mean_wait_s"].draft == 0
    assert Unknown(wants).patience_s(visit(0), 0.5) == inf
