"""Who and what the ids, extensions and numbers in a call's story are called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent_console.pages.calls.reasons import Called
from agent_console.words import Dialled, HasNames, Named, names_of, say
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey, UserId
from crm_core.kernel.messages import Event
from cti.events import CallArrived, CallConnected, CallOffered, CallRinging, CallTransferred, Direction


class Seated(HasNames, Protocol):
    """A person, and at which phone he sits, if at one."""

    @property
    def extension(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    people: Mapping[UserId, Seated] = field(default_factory=dict)
    queues: Mapping[QueueKey, Named] = field(default_factory=dict)
    skills: Mapping[SkillKey, Named] = field(default_factory=dict)
    departments: Mapping[str, Named] = field(default_factory=dict)
    extensions: Mapping[str, AgentId] = field(default_factory=dict)
    """Who sits, or sat then, at which phone."""
    direction: Direction = Direction.INBOUND
    customer: str = ""
    """His number, as the line gave it."""

    def agent(self, agent: AgentId | None, party: str = "") -> Called:
        user = self.people.get(UserId(agent)) if agent else None
        if user:
            return names_of(user)
        return Dialled(raw=party) if party else say("a colleague who has left")

    def party(self, party: str, agent: AgentId | None = None) -> Called:
        """A person, a queue, or a number as people write it."""
        if QueueKey(party) in self.queues:
            return self.queues[QueueKey(party)]
        return self.agent(agent or self.extensions.get(party), party)

    def queue(self, key: QueueKey) -> Named:
        return self.queues.get(key) or Named(names={"": key})

    def skill(self, key: SkillKey) -> Named:
        return self.skills.get(key) or Named(names={"": key})

    def department(self, key: str) -> Named:
        return self.departments.get(key) or Named(names={"": key})

    def of_call(self, events: Iterable[Event]) -> Cast:
        """The same for one call: who sat where is told by its own events."""
        sat: dict[str, AgentId] = {}
        of_call = self
        for event in events:
            sat |= {party: agent for party, agent in _seats(event) if party and agent is not None}
            if isinstance(event, CallArrived):
                number = event.dnis if event.direction is Direction.OUTBOUND else event.ani
                of_call = replace(self, direction=event.direction, customer=number)
        return replace(of_call, extensions={**self.extensions, **sat})


def _seats(event: Event) -> tuple[tuple[str, AgentId | None], ...]:
    match event:
        case CallArrived():
            return ((event.ani, event.agent),)
        case CallOffered():
            return ((event.extension, event.agent),)
        case CallRinging():
            return ((event.party, event.agent), (event.by, event.by_agent))
        case CallConnected():
            return ((event.party, event.agent),)
        case CallTransferred():
            return ((event.by, event.by_agent), (event.to, event.to_agent))
        case _:
            return ()


def cast_of(people: Mapping[UserId, Seated], plan: FloorPlan) -> Cast:
    return Cast(
        people=people,
        queues={queue.key: Named(names=queue.names) for queue in plan.queues},
        skills={skill.key: Named(names=skill.names) for skill in plan.skills},
        departments={one.key: Named(names=one.names) for one in plan.departments},
        extensions={user.extension: AgentId(person) for person, user in people.items() if user.extension},
    )
