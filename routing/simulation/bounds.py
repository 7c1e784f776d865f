"""What theory says of a scenario: everybody able to do everything (no floor of these agents can do better), and a line
of its own for each type (what specialists alone would give).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from routing.simulation import erlang
from routing.simulation.scenario import HOUR_S, CallType, Scenario, SpreadKind

_NEVER_PER_S = 1e-12
"""Once in thirty thousand years: no formula needs to bear numbers as small as that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Calls that come at one pace."""

    per_s: float
    work_s: float
    """How long one holds an agent: talking, paperwork."""
    gives_up_per_s: float
    patient: bool
    within_s: float

    @property
    def load(self) -> float:
        return self.per_s * self.work_s


def bounds(scenario: Scenario) -> dict[str, Any]:
    """`{"applies": false, "why": …}` where calls or agents come and go with the time of the day."""
    why = why_no_formula(scenario) or _why_not_of_this(scenario)
    if why:
        return {"applies": False, "why": why}
    streams = {one.key: _stream(one, scenario) for one in scenario.call_types if _comes(one)}
    if not streams:
        return {"applies": False, "why": "no call comes"}
    agents = scenario.headcount
    split = erlang.shares([stream.load for stream in streams.values()], agents)
    return {
        "applies": True,
        "exact": _exact(scenario),
        "load_erlang": sum(stream.load for stream in streams.values()),
        "pooled": of(_together(list(streams.values())), agents, scenario.places),
        "separate": {key: of(stream, share, None) for (key, stream), share in zip(streams.items(), split, strict=True)},
    }


def why_no_formula(scenario: Scenario) -> str:
    if not all(one.steady for one in scenario.call_types):
        return "calls do not come at one pace all day"
    if any(team.shift is not None or team.breaks for team in scenario.agents):
        return "agents come and go"
    if any(line.places is not None for line in scenario.queues):
        return "queues have places of their own"
    if any(line.max_waiting or line.max_per_hour or line.max_wait_s or line.overflow_when for line in scenario.queues):
        return "callers go on to other queues"
    return ""


def _why_not_of_this(scenario: Scenario) -> str:
    """What the simulation counts and the formulas know nothing of."""
    if any(team.ring_s for team in scenario.agents):
        return "phones ring before they are answered"
    if any(team.calls_per_hour for team in scenario.agents):
        return "agents take only so many calls an hour"
    limits = {line.key: line.wrap_up_limit_s for line in scenario.queues}
    if any(one.after_call is not None and limits[one.queue] is not None for one in scenario.call_types):
        return "paperwork is cut short at a limit"
    if any(line.relaxing for line in scenario.queues):
        return "callers who wait for long ask for less"
    return ""


def _comes(one: CallType) -> bool:
    return (one.per_hour or 0.0) / HOUR_S > _NEVER_PER_S


def _exact(scenario: Scenario) -> bool:
    """The formulas are exact for one mean length of calls that vary exponentially; else they are near."""
    kinds = [one.service for one in scenario.call_types]
    means = {one.mean_s for one in kinds}
    patience = [one.patience for one in scenario.call_types if one.patience is not None]
    plain = all(one.kind is SpreadKind.EXPONENTIAL for one in (*kinds, *patience)) and len(means) == 1
    alike = len({one.patience for one in scenario.call_types}) == 1
    return plain and alike and _in_order(scenario) and not any(one.after_call for one in scenario.call_types)


def _in_order(scenario: Scenario) -> bool:
    """Whether no type goes before another, and all count as in time by the same measure."""
    lines = {line.key: line for line in scenario.queues}
    used = [(lines[one.queue], one) for one in scenario.call_types]
    return len({(line.priority + one.priority, line.crowd_s, line.within_s, line.weight) for line, one in used}) == 1


def _stream(one: CallType, scenario: Scenario) -> Stream:
    patience = one.patience.mean_s if one.patience is not None else 0.0
    return Stream(
        per_s=(one.per_hour or 0.0) / HOUR_S,
        work_s=one.service.mean_s + (one.after_call.mean_s if one.after_call is not None else 0.0),
        gives_up_per_s=1 / patience if patience else 0.0,
        patient=not patience,
        within_s=next(line.within_s for line in scenario.queues if line.key == one.queue),
    )


def _together(streams: Sequence[Stream]) -> Stream:
    per_s = sum(one.per_s for one in streams)

    def mixed(name: str) -> float:
        return float(sum(getattr(one, name) * one.per_s for one in streams)) / per_s

    return Stream(
        per_s=per_s,
        work_s=mixed("work_s"),
        gives_up_per_s=mixed("gives_up_per_s"),
        patient=all(one.patient for one in streams),
        within_s=mixed("within_s"),
    )


def of(stream: Stream, agents: int, places: int | None) -> dict[str, Any]:
    """One line before so many agents, by each formula that says something of it."""
    load, work_s = stream.load, stream.work_s
    found: dict[str, Any] = {
        "agents": agents,
        "load_erlang": load,
        "erlang_b": {"blocked": erlang.erlang_b(load, agents)},
    }
    if load < agents and work_s > 0:
        found["erlang_c"] = {
            "waits": erlang.erlang_c(load, agents),
            "mean_wait_s": erlang.mean_wait_c(load, agents, work_s),
            "service_level": erlang.within_c(load, agents, work_s, stream.within_s),
            **{f"p{share}_wait_s": erlang.wait_quantile_c(load, agents, work_s, share / 100) for share in (50, 95, 99)},
        }
    patience_s = None if stream.patient else 1 / stream.gives_up_per_s
    for name, wanted in (
        ("erlang_a", {"patience_s": patience_s}),
        ("with_places", {"patience_s": patience_s, "places": places}),
    ):
        if all(value is None for value in wanted.values()) or (name == "with_places" and places is None):
            continue
        steady = erlang.steady(load, agents, work_s, **wanted) if work_s > 0 else None
        if steady is not None:
            found[name] = asdict(steady)
    return found
