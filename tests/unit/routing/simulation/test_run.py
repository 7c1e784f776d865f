"""One run: by hand where it is small, beside theory where it is long, and what holds on any floor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.simulation.erlang import steady
from routing.simulation.examples import wallace_whitt
from routing.simulation.measures import Outcome
from routing.simulation.report import report
from routing.simulation.run import run
from routing.simulation.scenario import Hours, Line, Pace, Scenario, Spread, SpreadKind
from routing.strategies import StrategyName
from tests.unit.routing.simulation.floors import SERVICE, calls, fixed, scenario, team


def outcome_of(one: Scenario) -> Outcome:
    return run(one, 1)


def test_two_callers_and_one_agent() -> None:
    found = outcome_of(scenario(calls(arrivals=(10.0, 30.0)))).total
    assert (found["offered"], found["answered"]) == (2, 2)
    assert (found["p50_wait_s"], found["p99_wait_s"], found["mean_wait_s"]) == (0, 40, 20)
    assert found["service_level"] == found["waited_share"] == 0.5


def test_ringing_and_paperwork_take_the_agents_time() -> None:
    found = outcome_of(scenario(calls(arrivals=(0.0, 1.0), after_call=fixed(30)), agents=(team(ring_s=5),)))
    assert found.total["p99_wait_s"] == 5 + 60 + 30 + 5 - 1
    assert found.occupancy["mean"] == pytest.approx(2 * 95 / 3600)


def test_paperwork_ends_at_the_limit_of_the_queue() -> None:
    line = Line(key=SERVICE, wrap_up_limit_s=10)
    found = outcome_of(scenario(calls(arrivals=(0.0, 1.0), after_call=fixed(300)), line=line))
    assert found.total["p99_wait_s"] == 60 + 10 - 1


def test_who_has_no_paperwork_in_a_queue_that_has_some_frees_his_agent_at_once() -> None:
    found = outcome_of(scenario(calls("a", arrivals=(0.0, 1.0)), calls("b", arrivals=(3000.0,), after_call=fixed(9))))
    assert found.total["p99_wait_s"] == 59


def test_who_finds_no_place_is_turned_away_and_who_is_impatient_leaves() -> None:
    came = (0.0, 1.0, 2.0, 3.0)
    found = outcome_of(scenario(calls(arrivals=came, patience=fixed(20)), places=1)).total
    assert (found["answered"], found["abandoned"], found["blocked"]) == (1, 1, 2)
    of_the_queue = outcome_of(scenario(calls(arrivals=came), line=Line(key=SERVICE, places=2))).total
    assert (of_the_queue["answered"], of_the_queue["blocked"]) == (3, 1)


def test_who_hangs_up_while_it_rings_leaves_the_agent_free() -> None:
    found = outcome_of(scenario(calls(arrivals=(0.0, 2.0), patience=fixed(4)), agents=(team(ring_s=5),)))
    assert (found.total["abandoned"], found.total["answered"]) == (2, 0)


def test_breaks_and_shifts_are_kept() -> None:
    lunch, day = Hours(since="12:00", until="12:30"), Hours(since="11:00", until="13:00")
    midday = scenario(
        calls(arrivals=(5400.0, 3.9 * 3600)),
        agents=(team(shift=day, breaks=(lunch,)),),
        starts="10:30",
        hours=4.0,
    )
    found = outcome_of(midday)
    assert found.total["p50_wait_s"] == 1800
    assert found.total["left_waiting"] == 1
    assert found.occupancy["mean"] == pytest.approx(60 / 5400)


def test_a_run_may_begin_in_the_middle_of_a_break() -> None:
    lunch = Hours(since="12:00", until="12:30")
    assert outcome_of(scenario(calls(arrivals=(60.0,)), agents=(team(breaks=(lunch,)),), starts="12:10")).total[
        "mean_wait_s"
    ] == pytest.approx(1140)


def test_calls_follow_the_profile_of_the_day() -> None:
    day = (Pace(since="08:00", per_hour=0.0), Pace(since="09:00", per_hour=300.0), Pace(since="10:00", per_hour=60.0))
    found = outcome_of(scenario(calls(profile=day), agents=(team(count=20),), starts="08:00", hours=3.0)).total
    assert found["offered"] == pytest.approx(360, abs=80)
    before = outcome_of(scenario(calls(profile=day), starts="07:00", hours=1.0)).total
    assert before["offered"] == pytest.approx(60, abs=30), "what holds last holds on over midnight"


@pytest.mark.parametrize("strategy", StrategyName)
def test_every_strategy_serves_everybody(strategy: StrategyName) -> None:
    outcome = run(
        scenario(calls(per_hour=100.0), agents=(team(count=3),), line=Line(key=SERVICE, strategy=strategy)), 0
    )
    assert outcome.total["answered"] == outcome.total["offered"] > 0


def test_who_has_had_his_calls_for_the_hour_gets_the_next_when_it_is_over() -> None:
    coming = calls(arrivals=(0.0, 100.0, 200.0))
    outcome = run(scenario(coming, agents=(team(calls_per_hour=2),)), 0)
    assert outcome.total["answered"] == 3
    assert outcome.total["p99_wait_s"] == 3400.0


def test_the_warm_up_is_not_counted() -> None:
    found = outcome_of(scenario(calls(arrivals=(0.0, 1.0, 2000.0)), warm_up_hours=0.5)).total
    assert (found["offered"], found["mean_wait_s"]) == (1, 0)


def test_the_same_seed_is_the_same_story_and_every_run_another() -> None:
    busy = scenario(calls(service=Spread(kind=SpreadKind.LOGNORMAL, mean_s=50, sd_s=40)), hours=5.0)
    assert run(busy, 1) == run(busy, 1)
    assert run(busy, 1) != run(busy, 2)
    assert run(busy, 1) != run(replace(busy, seed=2), 1)


def test_the_same_callers_come_whatever_the_agents_can() -> None:
    few, many = (outcome_of(wallace_whitt(skills, hours=4)) for skills in (1, 6))
    assert few.pooled == many.pooled
    assert few.total["offered"] == many.total["offered"]


def test_agents_who_can_everything_are_one_line_exactly() -> None:
    found = outcome_of(wallace_whitt(6, hours=8, crowd_s=0))
    assert found.pooled["mean_wait_s"] > 0
    assert found.total["mean_wait_s"] == pytest.approx(found.pooled["mean_wait_s"])
    assert found.total["p95_wait_s"] == pytest.approx(found.pooled["p95_wait_s"], abs=1e-3)


@pytest.mark.parametrize(("patience_s", "places"), [(None, None), (60.0, None), (None, 3)])
def test_a_long_run_is_as_theory_says(patience_s: float | None, places: int | None) -> None:
    patience = Spread(mean_s=patience_s) if patience_s else None
    busy = scenario(
        calls(per_hour=240, service=Spread(mean_s=60), patience=patience),
        agents=(team(count=5),),
        hours=8.0,
        places=places,
    )
    theory = steady(4, 5, 60, patience_s=patience_s, places=places)
    found = report(busy, [run(busy, number) for number in range(1, 4)])
    assert theory is not None
    assert found["total"]["mean_time_in_line_s"]["mean"] == pytest.approx(theory.mean_wait_s, rel=0.25)
    assert found["occupancy"]["mean"]["mean"] == pytest.approx(theory.occupancy, rel=0.05)
    assert found["total"]["abandoned_share"]["mean"] == pytest.approx(theory.abandoned, abs=0.02)
    assert found["total"]["blocked_share"]["mean"] == pytest.approx(theory.blocked, abs=0.02)


def test_sparing_whom_others_need_beats_the_longest_idle() -> None:
    """Who knows one thing only goes first, and the one who can both is there for the rare caller."""
    often = calls("a", arrivals=(30.0, 100.0), requires={"a": 1})
    seldom = calls("b", arrivals=(0.0, 101.0), requires={"b": 1})
    agents = (team("both", skills=("a", "b")), team("one", skills=("a",)))

    def waits(strategy: StrategyName) -> float:
        floor = scenario(often, seldom, agents=agents, line=Line(key=SERVICE, strategy=strategy))
        return outcome_of(floor).total["mean_wait_s"]

    assert waits(StrategyName.LEAST_NEEDED) == 0
    assert waits(StrategyName.LONGEST_IDLE) > 0


def test_a_crowd_is_served_sooner() -> None:
    single = calls("a", arrivals=(0.0, 1.0), requires={"a": 1})
    crowd = calls("b", arrivals=(2.0, 3.0, 4.0, 5.0), requires={"b": 1})

    def wait_of_the_single(crowd_s: float) -> float:
        floor = scenario(single, crowd, agents=(team(skills=("a", "b")),), line=Line(key=SERVICE, crowd_s=crowd_s))
        return outcome_of(floor).types["a"]["p99_wait_s"]

    assert wait_of_the_single(0) == 59, "by age alone"
    assert wait_of_the_single(10) == 59 + 3 * 60, "of two lines equally long the older goes first"


ANY_FLOOR = st.builds(
    lambda skills, places, patience, ring_s, strategy, crowd_s, seed: scenario(
        calls("a", per_hour=200, service=Spread(mean_s=50), after_call=fixed(5), requires={"a": 1}, patience=patience),
        calls("b", per_hour=90, service=Spread(mean_s=90), requires={"b": 1}, priority=1),
        agents=tuple(team(f"t{n}", skills=skill, ring_s=ring_s) for n, skill in enumerate([("a",), ("b",), *skills])),
        line=Line(key=SERVICE, strategy=strategy, crowd_s=crowd_s, places=places),
        seed=seed,
    ),
    skills=st.lists(st.sampled_from([("a",), ("b",), ("a", "b")]), max_size=6),
    places=st.none() | st.integers(0, 5),
    patience=st.none() | st.builds(Spread, mean_s=st.floats(1, 200)),
    ring_s=st.sampled_from([0.0, 3.0]),
    strategy=st.sampled_from(list(StrategyName)),
    crowd_s=st.sampled_from([0.0, 15.0]),
    seed=st.integers(0, 10_000),
)


@settings(max_examples=15, deadline=None)
@given(ANY_FLOOR)
def test_every_call_ends_once_and_no_agent_works_twice(floor: Scenario) -> None:
    found = outcome_of(floor)
    for figures in (found.total, *found.types.values()):
        ends = ("answered", "abandoned", "blocked", "left_waiting")
        assert sum(figures[end] for end in ends) == figures["offered"]
        assert figures["left_waiting"] == 0
    if found.occupancy:
        assert 0 <= found.occupancy["min"] <= found.occupancy["mean"] <= found.occupancy["max"] <= 1
