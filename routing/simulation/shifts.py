"""How busy everybody was: how long with a call or its paperwork, of the time at work."""

from __future__ import annotations

from collections.abc import Iterable

from crm_core.kernel.ids import AgentId
from routing.states import AgentState

_BUSY = frozenset({AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})


class Busy:
    """Fed with every change of an agent's state, in order; only what falls between `since` and `until` counts."""

    def __init__(self, agents: Iterable[AgentId], *, since: float, until: float) -> None:
        self._since, self._until = since, until
        self._state: dict[AgentId, tuple[AgentState, float]] = dict.fromkeys(agents, (AgentState.OFFLINE, since))
        self._busy = dict.fromkeys(self._state, 0.0)
        self._free = dict.fromkeys(self._state, 0.0)

    def changed(self, agent: AgentId, state: AgentState, now: float) -> None:
        before, since = self._state[agent]
        now = min(max(now, self._since), self._until)
        self._state[agent] = (state, now)
        if before in _BUSY:
            self._busy[agent] += now - since
        elif before is AgentState.READY:
            self._free[agent] += now - since

    def figures(self) -> dict[str, float]:
        """Breaks and the time off count for nothing; who was never there is left out."""
        shares = self.shares().values()
        if not shares:
            return {}
        whole = sum(self._busy.values()) + sum(self._free.values())
        return {"min": min(shares), "mean": sum(self._busy.values()) / whole, "max": max(shares)}

    def shares(self) -> dict[AgentId, float]:
        """Of each who was there, of his time at work."""
        for agent, (state, _) in list(self._state.items()):
            self.changed(agent, state, self._until)
        at_work = {agent: busy + self._free[agent] for agent, busy in self._busy.items()}
        return {agent: self._busy[agent] / whole for agent, whole in at_work.items() if whole > 0}
