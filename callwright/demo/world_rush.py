"""The day before in the invented past: many call in the morning, when few are there. What other rules would have made
of it can be tried in the console. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callwright.demo.world_past import CALLS as ALL_DAYS
from callwright.demo.world_past import Caller, PastCall, PastInventor
from crm_core.domain.floor import FloorAgent
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Event
from cti.events import AgentStateChanged, CallWrappedUp
from routing.states import AgentState

CALLS = 120
_OPENS, _RUSH_ENDS, _NOON, _CLOSES = time(9), time(11, 30), time(13), time(18)
_EARLY = frozenset({"alice", "fang", "jie", "tom"})
"""Logins of those who come in the morning; the others come at noon."""
_LUNCH = (time(11, 45), time(12, 15))


class Rush:
    def __init__(self, dice: random.Random, now: datetime, zone: ZoneInfo, agents: Sequence[FloorAgent]) -> None:
        self._dice, self._zone, self._agents = dice, zone, agents
        self._day = now.astimezone(zone).date() - timedelta(days=1)
        early = [agent for agent in agents if agent.login in _EARLY]
        self._inventor = PastInventor(dice, now, zone, early)

    def calls(self, callers: Sequence[Caller]) -> tuple[PastCall, ...]:
        begins, length_s = self._at(_OPENS), (self._at(_RUSH_ENDS) - self._at(_OPENS)).total_seconds()
        times = sorted(begins + timedelta(seconds=self._dice.uniform(60, length_s)) for _ in range(CALLS))
        return tuple(self._with_paperwork(one) for one in self._inventor.calls_at(times, callers, ALL_DAYS))

    def _with_paperwork(self, call: PastCall) -> PastCall:
        if call.agent is None:
            return call
        took_s = round(self._dice.uniform(10, 50), 1)
        at = call.ended_at + timedelta(seconds=took_s)
        done = CallWrappedUp(at=at, call=call.id, agent=call.agent, wrap_up_s=took_s)
        return replace(call, events=(*call.events, done))

    def shifts(self) -> tuple[Event, ...]:
        """When everybody came, ate and went, in order of time."""
        told = [event for place, agent in enumerate(self._agents) for event in self._shift(place, agent)]
        return tuple(sorted(told, key=lambda event: event.at))

    def _shift(self, place: int, agent: FloorAgent) -> list[Event]:
        offline, ready, paused = AgentState.OFFLINE, AgentState.READY, AgentState.PAUSED
        who, late_by = AgentId(agent.id), timedelta(minutes=self._dice.uniform(-6, 2))
        if agent.login not in _EARLY:
            came = [(self._at(_NOON) + late_by, offline, ready)]
            return [_change(who, *one) for one in [*came, (self._at(_CLOSES), ready, offline)]]
        turn = timedelta(minutes=30 * (place % 2))
        lunch, back = (self._at(at) + turn for at in _LUNCH)
        day = [
            (self._at(_OPENS) + late_by, offline, ready),
            (lunch, ready, paused),
            (back, paused, ready),
            (self._at(_CLOSES), ready, offline),
        ]
        return [_change(who, *one) for one in day]

    def _at(self, at: time) -> datetime:
        return datetime.combine(self._day, at, self._zone).astimezone(UTC)


def _change(agent: AgentId, at: datetime, before: AgentState, state: AgentState) -> AgentStateChanged:
    reason = "lunch" if state is AgentState.PAUSED else ""
    return AgentStateChanged(
        at=at, agent=agent, state=state, before=before, reason=reason, reachable=True, wish=state, wish_reason=reason
    )
