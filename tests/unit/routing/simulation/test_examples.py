"""What one begins with is right, and skills are spread evenly."""

from collections import Counter
from itertools import combinations

import pytest

from routing.simulation.bounds import bounds
from routing.simulation.checks import faults
from routing.simulation.examples import AGENTS, TYPES, balanced, wallace_whitt, working_day


@pytest.mark.parametrize("skills", range(1, TYPES + 1))
def test_every_type_is_known_equally_often_and_every_pair_nearly(skills: int) -> None:
    given = balanced(TYPES, skills, AGENTS)
    assert sum(given.values()) == AGENTS
    for size, apart in (1, 0), (2, 3):
        known: Counter[tuple[int, ...]] = Counter()
        for able, count in given.items():
            known.update(dict.fromkeys(combinations(able, size), count))
        assert max(known.values(), default=0) - min(known.values(), default=0) <= apart, known


@pytest.mark.parametrize("skills", range(1, TYPES + 1))
def test_wallace_and_whitt_is_as_they_have_it(skills: int) -> None:
    scenario = wallace_whitt(skills, places=30, patience_s=180)
    assert faults(scenario) == []
    found = bounds(scenario)
    assert (found["exact"], found["pooled"]["agents"]) == (True, AGENTS)
    assert found["load_erlang"] == pytest.approx(84)
    assert {one["agents"] for one in found["separate"].values()} == {15}
    assert found["pooled"]["erlang_c"]["mean_wait_s"] == pytest.approx(41.2, abs=0.05)


def test_a_working_day_is_right_and_has_no_formula() -> None:
    assert faults(working_day()) == []
    assert not bounds(working_day())["applies"]
