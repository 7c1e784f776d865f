"""The index that keeps decisions cheap: callers who ask for the same at one server, and the agents able to serve them.

An arriving caller looks only at his group's bench, an agent who becomes free only at the first caller of each group he
is able to serve. Nobody scans the floor: work grows with the number of different wishes, not with agents times callers.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from datetime import datetime

from crm_core.kernel.ids import AgentId, QueueKey, ServerId, SkillKey
from routing.floor import Floor
from routing.lines import ONE_SERVER, Bench, Caller, Circle, Line, Place
from routing.skills import HIGHEST, LOWEST, Requirements, mastery, preference
from routing.strategies import STRATEGIES, Rank, Strategy

_SPARE = 256
"""Groups without callers that are kept for the next one who asks for the same."""

Wish = tuple[QueueKey, Requirements, ServerId, Circle]
"""What callers of one group have in common."""


class Group:
    """One queue, one set of requirements, one server that holds the callers: who waits, and who could serve them."""

    __slots__ = ("_preference", "_strategy", "able", "bench", "line", "next", "server")

    def __init__(
        self, server: ServerId, strategy: Strategy, able: dict[AgentId, int], preference: dict[AgentId, int]
    ) -> None:
        self.server = server
        self._strategy = strategy
        self._preference = preference
        """Agent -> how far he meets what is preferred; empty when nothing is."""
        self.able = able
        """Agent -> mastery, the best first; wherever their phones are."""
        self.line = Line()
        self.bench = Bench()
        """Of the able those who are idle and have a phone at this server."""
        self.next: Place | None = None
        """The place of the line's first: all that an agent who becomes free compares."""

    def rank(self, agent: AgentId, idle_since: datetime) -> Rank:
        """What the caller prefers comes before what the queue's strategy says."""
        rank = self._strategy.rank(self.able[agent], idle_since)
        return (-self._preference[agent], *rank) if self._preference else rank

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        """What decided between the two."""
        if not self._preference:
            return self._strategy.rule(winner, runner_up)
        return "preferred" if winner[0] != runner_up[0] else self._strategy.rule(winner[1:], runner_up[1:])


class Groups:
    """All groups of a floor, with the callers waiting in them and the agents idle beside them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._groups: dict[Wish, Group] = {}
        self._spare: OrderedDict[Wish, Group] = OrderedDict()
        self._serving: dict[AgentId, dict[Group, None]] = {agent: {} for agent in floor.agents}
        self._idle: dict[AgentId, tuple[datetime, frozenset[ServerId]]] = {}
        self._having: defaultdict[tuple[SkillKey, int], set[AgentId]] = defaultdict(set)
        for agent in floor.agents.values():
            for skill, level in agent.skills.items():
                for asked in range(LOWEST, min(level, HIGHEST) + 1):
                    self._having[skill, asked].add(agent.id)
        self._members = {key: {agent.id for agent in floor.members(key)} for key in floor.queues}

    def of(self, queue: QueueKey, requires: Requirements, server: ServerId = ONE_SERVER, circle: Circle = ()) -> Group:
        """The group of this wish; made when nobody asked for it lately."""
        wish = (queue, requires, server, circle)
        group = self._groups.get(wish)
        return group if group is not None else self._make(wish)

    def of_caller(self, caller: Caller) -> Group:
        group = self._groups.get(caller.wish)
        return group if group is not None else self._make(caller.wish)

    def serving(self, agent: AgentId) -> Iterator[Group]:
        return iter(self._serving.get(agent, ()))

    def first_for(self, agent: AgentId, servers: frozenset[ServerId]) -> Caller | None:
        """The caller this agent is to serve next; `servers`: those that reach his phone."""
        best: Group | None = None
        place: Place | None = None
        for group in self._serving.get(agent, ()):
            if group.next is not None and (place is None or group.next < place) and group.server in servers:
                best, place = group, group.next
        return best.line.first if best is not None else None

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups.values())

    def join(self, caller: Caller) -> None:
        group = self.of_caller(caller)
        group.line.join(caller)
        group.next = group.line.first.place if group.line.first is not None else None
        self._spare.pop(caller.wish, None)

    def leave(self, caller: Caller) -> None:
        wish = caller.wish
        group = self._groups.get(wish)
        if group is not None:
            group.line.leave(caller.call)
            group.next = group.line.first.place if group.line.first is not None else None
            if not group.line:
                self._spare[wish] = group
                self._spare.move_to_end(wish)

    def sit(self, agent: AgentId, idle_since: datetime, servers: frozenset[ServerId] = frozenset({ONE_SERVER})) -> None:
        """The agent is free: he is found by whoever asks for what he can, at the servers that reach his phone."""
        if agent in self._idle:
            self.rise(agent)
        self._idle[agent] = (idle_since, servers)
        for group in self.serving(agent):
            if group.server in servers:
                group.bench.sit(group.rank(agent, idle_since), agent)

    def rise(self, agent: AgentId) -> None:
        idle = self._idle.pop(agent, None)
        if idle is not None:
            idle_since, servers = idle
            for group in self.serving(agent):
                if group.server in servers:
                    group.bench.rise(group.rank(agent, idle_since), agent)

    def idle(self, agent: AgentId) -> bool:
        return agent in self._idle

    def _make(self, wish: Wish) -> Group:
        queue, requires, server, circle = wish
        agents, able = self._floor.agents, self._able(queue, requires, circle)
        liking = {agent: preference(agents[agent].skills, requires) for agent in able} if requires.prefers else {}
        group = Group(server, STRATEGIES[self._floor.queue(queue).strategy], able, liking)
        for agent in group.able:
            self._serving[agent][group] = None
            idle = self._idle.get(agent)
            if idle is not None and server in idle[1]:
                group.bench.sit(group.rank(agent, idle[0]), agent)
        self._groups[wish] = self._spare[wish] = group
        self._forget_spare()
        return group

    def _able(self, queue: QueueKey, requires: Requirements, circle: Circle) -> dict[AgentId, int]:
        """Who serves the queue, or was called in, and is good enough in one of the ways."""
        agents = self._floor.agents
        serving = self._members.get(queue, set(agents)).union(*(self._circle(*one) for one in circle))
        found: set[AgentId] = set()
        for way in requires.ways:
            sets = sorted([serving, *(self._having.get(level, set()) for level in way)], key=len)
            found |= sets[0].intersection(*sets[1:])
        able = [(-mastery(agents[agent].skills, requires), agent) for agent in found]
        return {agent: -minus_mastery for minus_mastery, agent in sorted(able)}

    def _circle(self, what: str, key: str) -> set[AgentId]:
        if what == "queue":
            return self._members.get(QueueKey(key), set())
        return {agent.id for agent in self._floor.people(key)}

    def _forget_spare(self) -> None:
        while len(self._spare) > _SPARE:
            wish, group = self._spare.popitem(last=False)
            del self._groups[wish]
            for agent in group.able:
                self._serving[agent].pop(group, None)
