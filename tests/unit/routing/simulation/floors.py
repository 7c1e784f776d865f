"""Scenarios small enough for a test."""

from __future__ import annotations

from typing import Any

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from routing.simulation.scenario import CallType, Line, Scenario, Spread, SpreadKind, Team

SERVICE = QueueKey("service")


def fixed(seconds: float) -> Spread:
    return Spread(kind=SpreadKind.DETERMINISTIC, mean_s=seconds)


def calls(key: str = "calls", **of: Any) -> CallType:
    way = {} if {"per_hour", "profile", "arrivals"} & of.keys() else {"per_hour": 60.0}
    return CallType(key=key, **{"queue": SERVICE, "service": fixed(60), **way, **of})


def team(key: str = "agent", count: int = 1, *, skills: tuple[str, ...] = (), **of: Any) -> Team:
    return Team(key=AgentId(key), count=count, skills={SkillKey(skill): 3 for skill in skills}, queues=(SERVICE,), **of)


def scenario(*call_types: CallType, agents: tuple[Team, ...] = (), line: Line | None = None, **of: Any) -> Scenario:
    return Scenario(
        queues=(line or Line(key=SERVICE),),
        call_types=call_types or (calls(),),
        agents=agents or (team(),),
        **{"hours": 1.0, **of},
    )
