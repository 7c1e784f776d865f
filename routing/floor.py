"""The floor as an administrator drew it: who works here, and which queues there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crm_core.kernel.ids import AgentId, QueueKey
from routing.agents import Agent
from routing.queues import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    agents: Mapping[AgentId, Agent]
    queues: Mapping[QueueKey, Queue]

    @staticmethod
    def of(agents: Iterable[Agent] = (), queues: Iterable[Queue] = ()) -> Floor:
        return Floor(
            agents=MappingProxyType({agent.id: agent for agent in agents}),
            queues=MappingProxyType({queue.key: queue for queue in queues}),
        )

    def queue(self, key: QueueKey) -> Queue:
        """The queue; one with usual terms when nobody drew it, so that a caller sent astray is served all the same."""
        return self.queues.get(key) or Queue(key=key)

    def members(self, key: QueueKey) -> Iterator[Agent]:
        """Who serves this queue; everybody, when nobody drew it."""
        known = key in self.queues
        return (agent for agent in self.agents.values() if not known or key in agent.queues)

    def people(self, department: str) -> Iterator[Agent]:
        """Everybody of this department with a phone, whatever he serves."""
        return (agent for agent in self.agents.values() if agent.department == department)
