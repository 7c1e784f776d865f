"""The index that keeps decisions cheap: callers who ask for the same at one server, and the agents able to serve them.

An arriving caller looks only at his group's bench, an agent who becomes free only at the first caller of each group he
is able to serve. Nobody scans the floor: work grows with the number of different wishes, not with agents times callers.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from datetime import datetime
from math import inf

from crm_core.kernel.ids import AgentId, QueueKey, ServerId, SkillKey
from routing.floor import Floor
from routing.lines import ONE_SERVER, Bench, Caller, Line, Place
from routing.queues import Queue
from routing.skills import HIGHEST, LOWEST, Requirements, mastery
from routing.strategies import STRATEGIES, Rank, Strategy

_COMPARED = 16
"""So many idle agents are compared by how much others need them, the longest idle first: enough, and soon done."""
_SPARE = 256
"""Groups without callers that are kept for the next one who asks for the same."""

Wish = tuple[QueueKey, Requirements, ServerId]
"""What callers of one group have in common."""


class Group:
    """One queue, one set of requirements, one server that holds the callers: who waits, and who could serve them."""

    __slots__ = ("able", "bench", "crowd_s", "line", "next", "server", "strategy")

    def __init__(self, server: ServerId, queue: Queue, able: dict[AgentId, int]) -> None:
        self.server = server
        self.strategy: Strategy = STRATEGIES[queue.strategy]
        self.crowd_s = queue.crowd_s
        self.able = able
        """Agent -> mastery, the best first; wherever their phones are."""
        self.line = Line()
        self.bench = Bench()
        """Of the able those who are idle and have a phone at this server."""
        self.next: Place | None = None
        """The place of the line's first: all that an agent who becomes free compares."""

    def look(self) -> None:
        """Who is first now, and how urgent the crowd behind him makes him."""
        first = self.line.first
        if first is None or not self.crowd_s:
            self.next = first.place if first is not None else None
        else:
            priority, since, order = first.place
            self.next = (priority, since - self.crowd_s * len(self.line), order)

    def rank(self, agent: AgentId, idle_since: datetime) -> Rank:
        return self.strategy.rank(self.able[agent], idle_since)


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

    def of(self, queue: QueueKey, requires: Requirements, server: ServerId = ONE_SERVER) -> Group:
        """The group of this wish; made when nobody asked for it lately."""
        wish = (queue, requires, server)
        group = self._groups.get(wish)
        return group if group is not None else self._make(wish)

    def of_caller(self, caller: Caller) -> Group:
        return self.of(caller.queue, caller.requires, caller.server)

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
        group.look()
        self._spare.pop((caller.queue, caller.requires, caller.server), None)

    def leave(self, caller: Caller) -> None:
        wish = (caller.queue, caller.requires, caller.server)
        group = self._groups.get(wish)
        if group is not None:
            group.line.leave(caller.call)
            group.look()
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

    def least_needed(self, group: Group) -> AgentId | None:
        """Of those on the bench who is missed least elsewhere; None when no one is more dispensable than another."""
        seats = group.bench.some(_COMPARED)
        spare = [self._spare_without(agent, group) for _, agent in seats]
        if not spare or min(spare) == max(spare):
            return None
        return seats[spare.index(max(spare))][1]

    def _spare_without(self, agent: AgentId, group: Group) -> float:
        """How many sit free for the scarcest of the other wishes he could serve; without end when there is none."""
        server, queues = group.server, self._serving[agent]
        return min((len(other.bench) for other in queues if other is not group and other.server == server), default=inf)

    def idle(self, agent: AgentId) -> bool:
        return agent in self._idle

    def _make(self, wish: Wish) -> Group:
        queue, requires, server = wish
        group = Group(server, self._floor.queue(queue), self._able(queue, requires))
        for agent in group.able:
            self._serving[agent][group] = None
            idle = self._idle.get(agent)
            if idle is not None and server in idle[1]:
                group.bench.sit(group.rank(agent, idle[0]), agent)
        self._groups[wish] = self._spare[wish] = group
        self._forget_spare()
        return group

    def _able(self, queue: QueueKey, requires: Requirements) -> dict[AgentId, int]:
        sets = [self._having.get(wish, set()) for wish in requires]
        sets.append(self._members.get(queue, set(self._floor.agents)))
        sets.sort(key=len)
        agents = self._floor.agents
        able = [(-mastery(agents[agent].skills, requires), agent) for agent in sets[0].intersection(*sets[1:])]
        return {agent: -minus_mastery for minus_mastery, agent in sorted(able)}

    def _forget_spare(self) -> None:
        while len(self._spare) > _SPARE:
            wish, group = self._spare.popitem(last=False)
            del self._groups[wish]
            for agent in group.able:
                self._serving[agent].pop(group, None)
