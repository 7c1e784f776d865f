"""The same callers before as many agents who can do everything: one line, whoever is free takes its first.

No floor that serves in order of coming does better, so what is lost by agents who can different things shows at once.
"""

from __future__ import annotations

from array import array
from heapq import heapreplace

from routing.simulation.bounds import why_no_formula
from routing.simulation.measures import Figures, percentile
from routing.simulation.scenario import Scenario


class Pooled:
    """Kiefer and Wolfowitz: who comes gets the agent who is free first. Not where callers give up or find no place."""

    def __init__(self, scenario: Scenario) -> None:
        plain = scenario.places is None and not any(one.patience for one in scenario.call_types)
        applies = plain and not why_no_formula(scenario)
        self._free_at = [0.0] * scenario.headcount if applies else []
        self._ring_s = sum(team.ring_s * team.count for team in scenario.agents) / scenario.headcount
        self._waits = array("d")

    def comes(self, at: float, work_s: float, *, counted: bool) -> None:
        if not self._free_at:
            return
        begins = max(at, self._free_at[0])
        heapreplace(self._free_at, begins + self._ring_s + work_s)
        if counted:
            self._waits.append(begins + self._ring_s - at)

    def figures(self) -> Figures:
        if not self._waits:
            return {}
        return {
            "mean_wait_s": sum(self._waits) / len(self._waits),
            "p95_wait_s": percentile(sorted(self._waits), 0.95),
        }
