"""What cannot be run is refused, with the place of each mistake."""

from __future__ import annotations

from typing import Any

import pytest

from routing.simulation.checks import faults
from routing.simulation.scenario import Hours, Line, Pace, Scenario, Spread, SpreadKind, time_of_day
from tests.unit.routing.simulation.floors import SERVICE, calls, fixed, scenario, team

EARLY = Hours(since="08:00", until="12:00")


def test_a_right_one_has_none() -> None:
    assert faults(scenario()) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (scenario(hours=0), "hours: must be more than 0"),
        (scenario(hours=1, warm_up_hours=1), "warm_up_hours"),
        (scenario(runs=0), "runs"),
        (scenario(starts="8"), 'starts: "8" is no time'),
        (scenario(places=-1), "places"),
        (scenario(calls("a"), calls("a")), 'call_types: the key "a" stands there 2 times'),
        (scenario(agents=(team("x-1"), team("x", 2))), 'agents: the key "x-1" stands there 2 times'),
        (scenario(agents=(team(" "),)), "agents: a key is empty"),
        (scenario(calls(requires={"zh": 4})), "call_types.0.requires: no agent of this queue has the skills"),
        (scenario(calls(requires={"zh": 9})), "call_types.0.requires.zh: a level is 1 to 5"),
        (scenario(calls(arrivals=(1.0,), per_hour=1.0)), "call_types.0.per_hour: give exactly one"),
        (scenario(calls(per_hour=None)), "call_types.0.per_hour: give exactly one"),
        (scenario(calls(per_hour=-1.0)), "call_types.0.per_hour: must not be negative"),
        (scenario(calls(per_hour=1e12)), "call_types.0.per_hour: that is more than"),
        (scenario(calls(arrivals=(9999.0,))), "call_types.0.arrivals"),
        (scenario(calls(profile=(Pace(since="x", per_hour=1),))), "call_types.0.profile: each since"),
        (
            scenario(calls(profile=(Pace(since="9:00", per_hour=1), Pace(since="08:00", per_hour=1)))),
            "call_types.0.profile: must be in order",
        ),
        (scenario(calls(service=Spread(mean_s=0))), "call_types.0.service.mean_s"),
        (scenario(calls(patience=fixed(0))), "call_types.0.patience.mean_s: must be from 0.001"),
        (scenario(calls(patience=Spread(mean_s=1, sd_s=1))), "call_types.0.patience.sd_s"),
        (scenario(calls(after_call=Spread(kind=SpreadKind.LOGNORMAL, mean_s=1))), "call_types.0.after_call.sd_s"),
        (scenario(line=Line(key=SERVICE, ring_s=0)), "queues.0.ring_s"),
        (scenario(line=Line(key=SERVICE, within_s=-1)), "queues.0.within_s"),
        (scenario(line=Line(key=SERVICE, crowd_s=-1)), "queues.0.crowd_s"),
        (scenario(line=Line(key=SERVICE, wrap_up_limit_s=0)), "queues.0.wrap_up_limit_s"),
        (scenario(agents=(team(count=0),)), "agents.0.count"),
        (scenario(agents=(team(calls_per_hour=0),)), "agents.0.calls_per_hour: must be from 1 to 1000"),
        (scenario(agents=(team(ring_s=20),)), "agents.0.ring_s: they would never answer in time"),
        (scenario(agents=(team(shift=Hours(since="18:00", until="08:00")),)), "agents.0.shift: must end after"),
        (
            scenario(agents=(team(breaks=(Hours(since="12:00", until="13:00"), Hours(since="12:30", until="12:45"))),)),
            "agents.0.breaks.1: breaks are in order",
        ),
        (
            scenario(agents=(team(shift=EARLY, breaks=(Hours(since="11:30", until="12:00"),)),)),
            "agents.0.breaks.0: must lie within the shift",
        ),
        (scenario(calls(service=Spread(mean_s=1e12))), "call_types.0.service.mean_s: must be from 0.001 to 2592000"),
        (scenario(hours=1e9), "hours: must be more than 0, and at most"),
        (scenario(agents=(team(breaks=(Hours(since="1", until="2:00"),)),)), "agents.0.breaks.0.since"),
    ],
)
def test_the_place_is_named(wrong: Scenario, said: str) -> None:
    assert any(one.startswith(said) for one in faults(wrong)), faults(wrong)


def test_all_is_told_at_once() -> None:
    elsewhere: Any = calls("a", service=Spread(mean_s=-1), requires={"zh": 1})
    assert len(faults(scenario(elsewhere, hours=-1, agents=(team(count=0),)))) >= 4


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("08:30", 30600), ("8:30", 30600), ("24:00", 86400)],
)
def test_a_time_of_the_day(text: str, seconds: float) -> None:
    assert time_of_day(text) == seconds


@pytest.mark.parametrize("text", ["24:01", "8", "08:60", "-1:00", "８:30", "", ":", "08:3", "008:30"])
def test_no_time_of_the_day(text: str) -> None:
    assert time_of_day(text) is None
