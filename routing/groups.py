"""The index that keeps decisions cheap: callers who ask for the same at one server, and the agents able to serve them.

An arriving caller looks only at his group's bench, an agent who becomes free only at the first caller of each group he
is able to serve. Nobody scans the floor: work grows with the number of different wishes, not with agents times callers.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId, SkillKey
from routing.floor import Floor
from routing.lines import ANYWHERE, DESK, ONE_SERVER, Bench, Caller, Circle, Line, seconds
from routing.queues import Queue
from routing.skills import HIGHEST, LOWEST, Requirements, preference
from routing.strategies import STRATEGIES, Idle, Rank, Strategy, StrategyName
from routing.urgency import Shares

_SPARE = 256
"""Groups without callers that are kept for the next one who asks for the same, at least."""
_FEW = 32
"""One goes for each that is made, two while there are so many too many: no decision waits for more."""
_COMPARED = 16
"""So many idle agents are compared by how much others need them, the longest idle first: enough, and soon done."""

_NOT_RUNG = (ANYWHERE, DESK)
"""For whoever waits there nobody's phone rings until one agent was chosen."""

Wish = tuple[QueueKey, Requirements, ServerId, Circle, AgentId | None]
"""What callers of one group have in common; the last: who alone may take them."""

Places = Mapping[AgentId, int]
"""Agent -> his place in a queue's own order."""
_ANY_ORDER: Places = {}
Spare = Mapping[AgentId, float]
"""Agent -> how many sit free for the scarcest of the other wishes he could serve; without end when there is none."""

_NOBODY = 1 << 256
"""The head of a line without callers: behind every other."""
_KNOWN = 4096
"""Wishes of which it is remembered who is able to meet them."""


class Group:
    """One queue, one set of requirements, one server that holds the callers: who waits, and who could serve them."""

    __slots__ = (
        "_crowd_s",
        "_places",
        "_preference",
        "_strategy",
        "able",
        "bench",
        "candidate",
        "line",
        "number",
        "rings_all",
        "served",
        "server",
        "wish",
    )

    def __init__(self, number: int, wish: Wish, queue: Queue, fit: Fit, places: Places) -> None:
        self.number = number
        self.wish = wish
        self.server = wish[2]
        self._crowd_s = queue.crowd_s
        self._strategy: Strategy = STRATEGIES[queue.strategy]
        self.candidate = self._strategy.candidate
        """What a rank says of who has it; without what the caller prefers."""
        self.rings_all = queue.strategy is StrategyName.RING_ALL and self.server not in _NOT_RUNG
        """Whether all who sit here are asked at once."""
        self._places = places
        self._preference = fit.preference
        self.able = fit.able
        """Wherever their phones are."""
        self.served = fit.served
        self.line = Line()
        self.bench = Bench()
        """Of the able those who are idle and have a phone at this server."""

    @property
    def looks_around(self) -> bool:
        """Whether it matters who is needed elsewhere. What the caller prefers comes before that."""
        return self._strategy.looks_around and not self._preference

    @property
    def crowds(self) -> bool:
        """Whether all who wait make the first more urgent."""
        return self._crowd_s > 0

    def head(self) -> int:
        """The place of who is first now, in one number, and as urgent as the crowd behind him makes him."""
        first = self.line.first
        if first is None:
            return _NOBODY
        return first.turn - self.crowd(len(self.line)) if self.crowds else first.turn

    def crowd(self, size: int) -> int:
        """How much more urgent so many who wait make the first of them."""
        return seconds(self._crowd_s * size)

    def rank(self, agent: AgentId, idle: Idle) -> Rank:
        """What the caller prefers comes before what the queue's strategy says."""
        rank = self._strategy.rank(self.able[agent], idle, self._places.get(agent, 0))
        return (-self._preference[agent], *rank) if self._preference else rank

    def level(self, missed_by: Sequence[AgentId]) -> int | None:
        """How many are level with the first in all that comes before what decides between him and the second; None:
        everybody, as nothing comes before it."""
        seats = self.bench.but(missed_by) if missed_by else self.bench.some(2)
        if len(seats) < 2 or (winner := seats[0][0])[0] != (runner_up := seats[1][0])[0]:
            return None
        same = next((n for n, (one, two) in enumerate(zip(winner, runner_up, strict=True)) if one != two), 0)
        before = same or len(winner) - 1
        return self.bench.alike(winner[:before], missed_by) if before else None

    def rule(self, winner: Rank, runner_up: Rank) -> str:
        """What decided between the two."""
        if not self._preference:
            return self._strategy.rule(winner, runner_up)
        return "preferred" if winner[0] != runner_up[0] else self._strategy.rule(winner[1:], runner_up[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Who is able to meet a wish."""

    able: Mapping[AgentId, int]
    """Agent -> mastery, the best first."""
    preference: Mapping[AgentId, int]
    """Agent -> how far he meets what is preferred; empty when nothing is."""
    served: tuple[dict[int, Group], ...]
    """The groups of each of them."""


class Groups:
    """All groups of a floor, with the callers waiting in them and the agents idle beside them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._groups: dict[Wish, Group] = {}
        self._spare: OrderedDict[Wish, Group] = OrderedDict()
        self._serving: dict[AgentId, dict[int, Group]] = {agent: {} for agent in floor.agents}
        self._heads: list[int] = []
        """By the group's number, where its first stands: all that an agent who becomes free compares."""
        self._numbers_left: list[int] = []
        """Of groups that are no more."""
        self._standing: dict[CallId, Group] = {}
        """In whose line each stands who waits."""
        self._shares = Shares(floor.queues.values())
        self._crowds = any(queue.crowd_s > 0 for queue in floor.queues.values())
        self._known: OrderedDict[tuple[QueueKey, Requirements, Circle], Fit] = OrderedDict()
        self._idle: dict[AgentId, tuple[Idle, frozenset[ServerId]]] = {}
        self._having: defaultdict[tuple[SkillKey, int], set[AgentId]] = defaultdict(set)
        for agent in floor.agents.values():
            for skill, level in agent.skills.items():
                for asked in range(LOWEST, min(level, HIGHEST) + 1):
                    self._having[skill, asked].add(agent.id)
        self._everybody = set(floor.agents)
        self._members = {key: {agent.id for agent in floor.members(key)} for key in floor.queues}
        self._wider: dict[tuple[QueueKey, Circle], set[AgentId]] = {}
        """Who serves a queue together with those called in; few different ones, as queues' steps say whom."""
        self._places = {key: _in_order(queue, floor) for key, queue in floor.queues.items() if _is_fixed(queue)}

    def of(self, queue: QueueKey, requires: Requirements, server: ServerId = ONE_SERVER, circle: Circle = ()) -> Group:
        """The group of this wish; made when nobody asked for it lately."""
        wish = (queue, requires, server, circle, None)
        group = self._groups.get(wish)
        return group if group is not None else self._make(wish)

    def of_caller(self, caller: Caller) -> Group:
        group = self._groups.get(caller.wish)
        return group if group is not None else self._make(caller.wish)

    def serving(self, agent: AgentId) -> Iterator[Group]:
        return iter(self._serving.get(agent, {}).values())

    def first_for(self, agent: AgentId, servers: frozenset[ServerId]) -> Caller | None:
        """The caller this agent is to serve next; `servers`: those that reach his phone."""
        numbers = self._serving.get(agent)
        if not numbers:
            return None
        caller = self._most_urgent(numbers)
        if caller is None or caller.server in servers:
            return caller
        reached = {number: group for number, group in numbers.items() if group.server in servers}
        return self._most_urgent(reached) if reached else None

    def turn(self, caller: Caller) -> int:
        """Among all who wait; the smallest is the most urgent now."""
        return caller.turn + self._shares.back(caller.queue) if self._shares.differ else caller.turn

    def in_turn(self, callers: Sequence[Caller]) -> list[Caller]:
        """The most urgent first, as they would be served if whoever becomes free were able to serve any of them, and
        nobody else came: with each who is served his queue falls back by its weight, and his crowd grows smaller."""
        if not self._crowds and not self._shares.differ:
            return sorted(callers, key=self.turn)
        behind = Counter(caller.wish for caller in callers if caller.offered_to is None)
        turns: dict[CallId, int] = {}
        for caller in sorted(callers, key=self.turn):
            group = self._standing.get(caller.call)
            crowd = group.crowd(behind[caller.wish]) if group is not None and group.crowds else 0
            turns[caller.call] = self.turn(caller) - crowd
            behind[caller.wish] -= caller.offered_to is None
        before: Counter[QueueKey] = Counter()
        for caller in sorted(callers, key=lambda one: turns[one.call]):
            turns[caller.call] += before[caller.queue] * self._shares.falls(caller.queue)
            before[caller.queue] += caller.offered_to is None
        return sorted(callers, key=lambda one: turns[one.call])

    def takes_turn(self, caller: Caller) -> None:
        """An agent took him before all others who wait."""
        self._shares.served(caller.queue)

    def _most_urgent(self, groups: Mapping[int, Group]) -> Caller | None:
        heads = self._heads
        if not self._shares.differ:
            return groups[min(groups, key=heads.__getitem__)].line.first
        back = self._shares.back
        return groups[min(groups, key=lambda number: heads[number] + back(groups[number].wish[0]))].line.first

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups.values())

    def join(self, caller: Caller) -> None:
        group = self._standing[caller.call] = self.of_caller(caller)
        group.line.join(caller)
        self._shares.joins(caller.queue)
        if group.crowds or group.line.first is caller:
            self._heads[group.number] = group.head()
        self._spare.pop(group.wish, None)

    def leave(self, caller: Caller) -> None:
        group = self._standing.pop(caller.call, None)
        if group is None:
            return
        self._shares.leaves(caller.queue)
        was_first = group.line.first is caller
        group.line.leave(caller.call)
        if group.crowds or was_first:
            self._heads[group.number] = group.head()
        if not group.line and caller.kept_for is not None:
            self._drop(group)  # nobody else will ever come there
        elif not group.line:
            self._spare[group.wish] = group

    def sit(self, agent: AgentId, idle: Idle, servers: frozenset[ServerId] = frozenset({ONE_SERVER})) -> None:
        """The agent is free: he is found by whoever asks for what he can, at the servers that reach his phone."""
        if agent in self._idle:
            self.rise(agent)
        self._idle[agent] = (idle, servers)
        for group in self.serving(agent):
            if group.server in servers:
                group.bench.sit(group.rank(agent, idle), agent)

    def rise(self, agent: AgentId) -> None:
        seat = self._idle.pop(agent, None)
        if seat is not None:
            idle, servers = seat
            for group in self.serving(agent):
                if group.server in servers:
                    group.bench.rise(group.rank(agent, idle), agent)

    def hears(self, agent: AgentId, caller: Caller) -> bool:
        """Whether callers like him are this agent's business at all, whatever he can."""
        return agent in self._serving_queue(caller.queue, caller.circle)

    def place(self, queue: QueueKey, agent: AgentId) -> int:
        """His in the queue's own order, if it has one."""
        return self._places.get(queue, _ANY_ORDER).get(agent, 0)

    def idle(self, agent: AgentId) -> bool:
        return agent in self._idle

    def waiting_for(self, agent: AgentId) -> int:
        """How many callers wait whom he is able to serve."""
        return sum([len(group.line) for group in self._serving[agent].values()])

    def least_needed(self, group: Group) -> Spare | None:
        """How well each of those on the bench can be spared elsewhere, the one who is missed least first; None when no
        one is more dispensable than another."""
        spare = {agent: self._spare_without(agent, group) for _, agent in group.bench.some(_COMPARED)}
        if not spare or min(spare.values()) == max(spare.values()):
            return None
        return dict(sorted(spare.items(), key=lambda one: -one[1]))

    def _spare_without(self, agent: AgentId, group: Group) -> float:
        """How many sit free for the scarcest of the other wishes he could serve; without end when there is none."""
        here, others = group.server, [other for other in self._serving[agent].values() if other is not group]
        if here != ANYWHERE:
            others = [other for other in others if other.server in (here, ANYWHERE)]
        return min((len(other.bench) for other in others), default=inf)

    def _make(self, wish: Wish) -> Group:
        queue, requires, server, circle, only = wish
        fit = self._fit(queue, requires, circle)
        if only is not None:
            fit = self._alone(fit, only)
        group = Group(self._number(), wish, self._floor.queue(queue), fit, self._places.get(queue, _ANY_ORDER))
        number = group.number
        for served in fit.served:
            served[number] = group
        for agent in self._idle.keys() & fit.able.keys():
            idle, servers = self._idle[agent]
            if server in servers:
                group.bench.sit(group.rank(agent, idle), agent)
        self._groups[wish] = self._spare[wish] = group
        self._forget_spare()
        return group

    def _number(self) -> int:
        """Of one that is no more, if there is one: so the heads stay close together."""
        if self._numbers_left:
            return self._numbers_left.pop()
        self._heads.append(_NOBODY)
        return len(self._heads) - 1

    def _fit(self, queue: QueueKey, requires: Requirements, circle: Circle) -> Fit:
        """Remembered for longer than groups without callers are kept."""
        wish = (queue, requires, circle)
        fit = self._known.get(wish)
        if fit is None:
            agents, able = self._floor.agents, self._able(queue, requires, circle)
            liking = {agent: preference(agents[agent].skills, requires) for agent in able} if requires.prefers else {}
            served = tuple([self._serving[agent] for agent in able])
            fit = self._known[wish] = Fit(able=able, preference=liking, served=served)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        return fit

    def _alone(self, fit: Fit, agent: AgentId) -> Fit:
        """Of those who are able only this one; remembered by nobody, as it costs nothing."""
        liking = {agent: fit.preference[agent]} if fit.preference else {}
        return Fit(able={agent: fit.able[agent]}, preference=liking, served=(self._serving[agent],))

    def _able(self, queue: QueueKey, requires: Requirements, circle: Circle) -> dict[AgentId, int]:
        """Who serves the queue, or was called in, and is good enough in one of the ways: his mastery in the best."""
        serving = self._serving_queue(queue, circle)
        found: dict[AgentId, int] = {}
        for way in requires.ways:
            sets = sorted([serving, *(self._having.get(level, set()) for level in way)], key=len)
            for agent in sets[0].intersection(*sets[1:]):
                has = self._floor.agents[agent].skills
                mastery = sum([has[skill] for skill, _ in way])
                if mastery >= found.get(agent, 0):
                    found[agent] = mastery
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def _serving_queue(self, queue: QueueKey, circle: Circle) -> set[AgentId]:
        serving = self._members.get(queue, self._everybody)
        if not circle:
            return serving
        refused = {AgentId(key) for what, key in circle if what == "without"}
        called_in = tuple([one for one in circle if one[0] != "without"])
        wider = self._wider.get((queue, called_in))
        if wider is None:
            wider = self._wider[queue, called_in] = serving.union(*(self._circle(*one) for one in called_in))
        return wider - refused if refused else wider

    def _circle(self, what: str, key: str) -> set[AgentId]:
        if what == "queue":
            return self._members.get(QueueKey(key), set())
        return {agent.id for agent in self._floor.people(key)}

    def _forget_spare(self) -> None:
        """Where many wait as many are kept again: nobody sits idle there, to whom they would be a burden."""
        kept = max(_SPARE, len(self._groups) - len(self._spare))
        too_many = len(self._spare) - kept
        for _ in range(2 if too_many > _FEW else min(too_many, 1)):
            self._drop(self._spare.popitem(last=False)[1])

    def _drop(self, group: Group) -> None:
        del self._groups[group.wish]
        self._heads[group.number] = _NOBODY
        self._numbers_left.append(group.number)
        number = group.number
        for served in group.served:
            del served[number]


def _is_fixed(queue: Queue) -> bool:
    return queue.strategy is StrategyName.FIXED_ORDER


def _in_order(queue: Queue, floor: Floor) -> Places:
    """Whoever is called in from elsewhere has a place as well: by where he stands on the floor."""
    return {agent: place for place, agent in enumerate(dict.fromkeys((*queue.order, *floor.agents)))}
