"""A small floor to try the engine on, and one helper that feeds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, QueueKey, SkillKey
from crm_core.kernel.requirements_text import read
from routing import messages as m
from routing.agents import Agent
from routing.engine import Engine
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.states import AgentState

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SERVICE, VIP, REPAIR = QueueKey("service"), QueueKey("vip"), QueueKey("repair")
ALICE, BOB, CAROL = AgentId("alice"), AgentId("bob"), AgentId("carol")
EVERY_QUEUE = frozenset({SERVICE, VIP, REPAIR})


def agent(name: AgentId, queues: Iterable[QueueKey] = EVERY_QUEUE, department: str = "", **skills: int) -> Agent:
    levels = {SkillKey(key): level for key, level in skills.items()}
    return Agent(id=name, skills=levels, queues=frozenset(queues), department=department)


AGENTS = (
    agent(ALICE, zh=5, en=4, repair=5),
    agent(BOB, zh=5, consult=4),
    agent(CAROL, en=5, complaint=4),
)
QUEUES = (
    Queue(key=SERVICE, wrap_up=WrapUp(kind=WrapUpKind.OPTIONAL)),
    Queue(key=VIP, priority=5, wrap_up=WrapUp(kind=WrapUpKind.NONE)),
    Queue(key=REPAIR, wrap_up=WrapUp(kind=WrapUpKind.MANDATORY, limit_s=30)),
)


class Shift:
    """An engine and the clock on the wall."""

    def __init__(self, floor: Floor | None = None) -> None:
        self.now = START
        self.engine = Engine(floor or Floor.of(AGENTS, QUEUES), START)
        self._calls = 0

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def tell(self, *inputs: m.Input) -> list[m.Decision]:
        return [decision for told in inputs for decision in self.engine.handle(told, self.now)]

    def ready(self, *agents: AgentId) -> list[m.Decision]:
        """Reachable and ready, one second after the other."""
        decisions: list[m.Decision] = []
        for name in agents:
            decisions += self.tell(m.Reachable(agent=name), m.Ready(agent=name))
            self.wait(1)
        return decisions

    def waits(
        self, call: str, queue: QueueKey = SERVICE, *, priority: int = 0, since: float = 0.0, **requires: int
    ) -> list[m.Decision]:
        """This caller asks for a person; `since` seconds ago."""
        wish = m.CallWaits(
            call=CallId(call),
            queue=queue,
            requires={SkillKey(key): level for key, level in requires.items()},
            priority=priority,
            since=self.now - timedelta(seconds=since),
        )
        return self.tell(wish)

    def asks(self, call: str, wish: str, queue: QueueKey = SERVICE, *, since: float = 0.0) -> list[m.Decision]:
        """… in the words of `requirements_text`."""
        since_then = self.now - timedelta(seconds=since)
        return self.tell(m.CallWaits(call=CallId(call), queue=queue, requires=read(wish), since=since_then))

    def talks(self, call: str, name: AgentId) -> list[m.Decision]:
        return self.tell(m.CallTaken(agent=name, call=CallId(call), queue=self.engine.callers[CallId(call)].queue))

    def state(self, name: AgentId) -> AgentState:
        return self.engine.agents[name].state


def pairs(decisions: Iterable[m.Decision]) -> list[tuple[str, str]]:
    """Who was given to whom: (call, agent)."""
    return [(decision.call, decision.agent) for decision in decisions if isinstance(decision, m.Assigned)]


def states(decisions: Iterable[m.Decision]) -> list[str]:
    """`alice:reserved`, in order."""
    return [f"{d.agent}:{d.state}" for d in decisions if isinstance(d, m.AgentChanged)]


def assigned(decisions: Iterable[m.Decision]) -> m.Assigned:
    return next(decision for decision in decisions if isinstance(decision, m.Assigned))
