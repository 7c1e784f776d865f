"""After a restart of ours the engine goes on with what it knew of the last hours' work, as if it had seen it itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing import messages as m
from routing.agents import Agent
from routing.floor import Floor
from routing.occupancy import Occupancy
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.states import AgentState
from routing.strategies import StrategyName
from tests.unit.routing.floors import ALICE, BOB, SERVICE, START, Shift, assigned, pairs

BESIDE = QueueKey("")


def ago(minutes: float) -> datetime:
    return START - timedelta(minutes=minutes)


def worked(
    agent: AgentId, since: float, until: float | None, queue: QueueKey = SERVICE, call: str = "before"
) -> m.Worked:
    """From so many minutes ago to so many minutes ago."""
    return m.Worked(
        agent=agent, call=CallId(call), queue=queue, at=ago(since), until=None if until is None else ago(until)
    )


def missed(agent: AgentId, minutes: float) -> m.Missed:
    return m.Missed(agent=agent, at=ago(minutes))


def reborn(
    *told: m.Worked | m.Missed | m.Waited,
    most: int | None = None,
    misses: int = 1,
    strategy: StrategyName = StrategyName.LONGEST_IDLE,
) -> Shift:
    """Alice and Bob, and what is known of them."""
    queue = Queue(
        key=SERVICE, wrap_up=WrapUp(kind=WrapUpKind.NONE), misses_to_pause=misses, strategy=strategy, ring_s=20
    )
    alice = Agent(id=ALICE, queues=frozenset({SERVICE}), calls_per_hour=most)
    shift = Shift(Floor.of([alice, Agent(id=BOB, queues=frozenset({SERVICE}))], [queue]))
    remembered = m.Remembered(
        worked=tuple(one for one in told if isinstance(one, m.Worked)),
        missed=tuple(one for one in told if isinstance(one, m.Missed)),
        waited=tuple(one for one in told if isinstance(one, m.Waited)),
    )
    shift.tell(remembered)
    return shift


def wait_s(shift: Shift, call: str) -> float | None:
    found = shift.engine.expectation(CallId(call))
    assert found is not None
    return found.wait_s


def test_the_calls_of_this_hour_count_until_each_is_an_hour_ago() -> None:
    shift = reborn(worked(ALICE, 70, 65), worked(ALICE, 50, 45), worked(ALICE, 30, 25), most=2)
    shift.ready(ALICE)
    assert pairs(shift.waits("c1")) == []
    shift.now = START + timedelta(minutes=10)
    got = assigned(shift.tell(m.Tick()))
    assert (got.call, got.agent) == ("c1", ALICE)


def test_the_engine_asks_to_be_woken_when_the_first_of_them_is() -> None:
    remembered = m.Remembered(worked=(worked(ALICE, 50, 45),))
    shift = reborn(most=1)
    [wake] = [one for one in shift.tell(remembered) if isinstance(one, m.WakeAt)]
    assert wake.when == START + timedelta(minutes=10)


def test_calls_beside_any_queue_are_none_of_them() -> None:
    shift = reborn(worked(ALICE, 50, 45, BESIDE), worked(ALICE, 30, 25), most=2)
    shift.ready(ALICE)
    assert pairs(shift.waits("c1")) == [("c1", ALICE)]


@pytest.mark.parametrize(
    ("before", "state"),
    [
        ([missed(ALICE, 5)], AgentState.PAUSED),
        ([missed(ALICE, 5), worked(ALICE, 4, 3)], AgentState.READY),
        ([missed(ALICE, 5), worked(ALICE, 4, 3, BESIDE)], AgentState.PAUSED),
        ([worked(ALICE, 9, 8), missed(ALICE, 5)], AgentState.PAUSED),
        ([missed(BOB, 5)], AgentState.READY),
    ],
    ids=["one", "taken since", "own call since", "after one taken", "another's"],
)
def test_whose_phone_rang_in_vain_before_is_sent_on_pause_by_the_second_time(
    before: list[m.Worked | m.Missed], state: AgentState
) -> None:
    shift = reborn(*before, misses=2)
    restored = m.Restored(agent=ALICE, state=AgentState.READY, since=ago(1), queue=BESIDE)
    shift.tell(restored, m.Reachable(agent=ALICE))
    shift.waits("c1")
    shift.tell(m.OfferFailed(agent=ALICE, call=CallId("c1"), pause="missed_call", missed=True, call_stays=False))
    assert shift.state(ALICE) is state


def test_who_was_busy_counts_as_busy() -> None:
    shift = reborn(worked(ALICE, 40, 5), worked(BOB, 20, 10), strategy=StrategyName.LEAST_OCCUPIED)
    shift.ready(ALICE, BOB)
    assert pairs(shift.waits("c1")) == [("c1", BOB)]


def test_what_is_remembered_of_an_occupancy_is_what_was_seen_of_it() -> None:
    seen = Occupancy(at=ago(90))
    for minutes, busy in ((80, False), (60, True), (30, False), (20, True), (0, False)):
        seen.passed(ago(minutes), busy=busy)
    remembered = Occupancy(at=START)
    remembered.remembers([(ago(80), ago(60)), (ago(30), ago(20))], START)
    assert (remembered.share, remembered.at) == (pytest.approx(seen.share), START)


def test_two_conversations_at_once_are_no_more_work_than_one() -> None:
    one, two = Occupancy(at=START), Occupancy(at=START)
    one.remembers([(ago(30), ago(10))], START)
    two.remembers([(ago(30), ago(15)), (ago(25), ago(20)), (ago(20), ago(10))], START)
    assert two.share == pytest.approx(one.share)


def test_whose_turn_it_is_in_the_round_is_known() -> None:
    shift = reborn(worked(BOB, 30, 25), worked(ALICE, 10, 5), strategy=StrategyName.ROUND_ROBIN)
    for agent, since in ((ALICE, 4.0), (BOB, 1.0)):
        shift.tell(m.Restored(agent=agent, state=AgentState.READY, since=ago(since), queue=BESIDE))
        shift.tell(m.Reachable(agent=agent))
    assert pairs(shift.waits("c1")) == [("c1", BOB)]


def test_how_long_it_takes_is_known_and_the_call_that_goes_on_is_measured_to_its_end() -> None:
    shift = reborn(worked(BOB, 60, 56), worked(BOB, 50, 46), worked(ALICE, 3, None, call="now"))
    talks = m.Restored(agent=ALICE, state=AgentState.TALKING, since=ago(3), call=CallId("now"), queue=SERVICE)
    shift.tell(talks, m.Reachable(agent=ALICE))
    shift.waits("c1")
    assert wait_s(shift, "c1") is None, "two calls tell nothing"
    shift.wait(60)
    shift.tell(m.CallFinished(agent=ALICE, call=CallId("now")))
    shift.waits("c2")
    assert wait_s(shift, "c2") == pytest.approx(240)


def test_the_patience_of_callers_is_remembered() -> None:
    waits = [m.Waited(queue=SERVICE, until=ago(10), waited_s=60, left=bool(number % 2)) for number in range(40)]
    calls = [worked(BOB, 60, 56), worked(BOB, 50, 46), worked(BOB, 40, 36)]
    patient, impatient = reborn(*calls), reborn(*calls, *waits)
    waited = []
    for shift in (patient, impatient):
        shift.tell(m.Reachable(agent=ALICE), m.Ready(agent=ALICE))
        for number in range(5):
            shift.waits(f"c{number}")
        waited.append(wait_s(shift, "c4") or 0.0)
    assert 0 < waited[1] < waited[0]


def test_nobody_who_works_here_no_more_is_remembered() -> None:
    shift = reborn(worked(AgentId("gone"), 50, 45), missed(AgentId("gone"), 5))
    assert set(shift.engine.agents) == {ALICE, BOB}
