"""One run: the engine itself on a floor that exists on paper only, with a clock that jumps from event to event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from math import inf

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing import messages as m
from routing.agents import Agent
from routing.engine import Engine
from routing.floor import Floor
from routing.queues import Queue, WrapUp, WrapUpKind
from routing.simulation.chance import Draw, arrivals, draw, stream
from routing.simulation.measures import Outcome, Tally, total
from routing.simulation.pooled import Pooled
from routing.simulation.scenario import DAY_S, CallType, Hours, Line, Scenario, Team, time_of_day
from routing.simulation.shifts import Busy

_BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
_ASKED = 8
"""Of so many callers who wait one is asked for how long he would be told to."""
_FREE = WrapUp(kind=WrapUpKind.NONE)

Event = tuple[float, int, Callable[..., None], object]
"""When, in order of planning, what, with whom."""


class Call:
    """One caller, with all that chance has in store for him."""

    __slots__ = ("after", "agent", "at", "expected", "id", "kind", "patience", "service", "state")

    def __init__(self, kind: Kind, at: float, number: int) -> None:
        self.kind, self.at, self.id = kind, at, CallId(f"{number}")
        self.service, self.after, self.patience = kind.service(), kind.after(), kind.patience()
        self.agent = AgentId("")
        self.state = _WAITS
        self.expected: float | None = None


_WAITS, _OFFERED, _TALKS, _OVER = range(4)


class Kind:
    """A call type in one run: its streams of chance and what became of its callers."""

    __slots__ = ("after", "coming", "drawn", "line", "patience", "service", "tally")

    def __init__(self, drawn: CallType, line: Line, scenario: Scenario, run: int) -> None:
        def of(what: str) -> str:
            return f"{drawn.key}/{what}"

        self.drawn, self.line, self.tally = drawn, line, Tally()
        self.coming: Iterator[float] = arrivals(drawn, scenario, stream(scenario, run, of("arrivals")))
        self.service: Draw = draw(drawn.service, stream(scenario, run, of("service")), 0.0)
        self.after: Draw = draw(drawn.after_call, stream(scenario, run, of("after_call")), 0.0)
        self.patience: Draw = draw(drawn.patience, stream(scenario, run, of("patience")), inf)


def floor_of(scenario: Scenario) -> Floor:
    """The engine's own floor."""
    with_paperwork = _with_paperwork(scenario)
    return Floor.of(
        agents=[
            Agent(
                id=agent,
                skills=dict(team.skills),
                queues=frozenset(team.queues),
                calls_per_hour=team.calls_per_hour,
            )
            for team in scenario.agents
            for agent in team.members
        ],
        queues=[_queue(line, with_paperwork=line.key in with_paperwork) for line in scenario.queues],
    )


def _with_paperwork(scenario: Scenario) -> set[QueueKey]:
    return {one.queue for one in scenario.call_types if one.after_call is not None}


def _queue(line: Line, *, with_paperwork: bool) -> Queue:
    limit = line.wrap_up_limit_s
    kind = WrapUpKind.OPTIONAL if limit is None else WrapUpKind.MANDATORY
    wrap_up = WrapUp(kind=kind, limit_s=limit or 0.0) if with_paperwork else _FREE
    return Queue(
        key=line.key,
        priority=line.priority,
        ring_s=line.ring_s,
        wrap_up=wrap_up,
        strategy=line.strategy,
        crowd_s=line.crowd_s,
    )


class Run:
    """Whoever is there, in motion. `play()` once."""

    def __init__(self, scenario: Scenario, number: int) -> None:
        self._scenario = scenario
        self._now = 0.0
        self._heap: list[Event] = []
        self._order = count()
        lines = {line.key: line for line in scenario.queues}
        self._kinds = [Kind(one, lines[one.queue], scenario, number) for one in scenario.call_types]
        self._waiting: dict[QueueKey, int] = dict.fromkeys(lines, 0)
        self._calls: dict[CallId, Call] = {}
        self._numbers = count(1)
        self._rings = {agent: team.ring_s for team in scenario.agents for agent in team.members}
        self._busy = Busy(self._rings, since=scenario.warm_up_s, until=scenario.length_s)
        self._pooled = Pooled(scenario)
        self._with_paperwork = _with_paperwork(scenario)
        self._engine = Engine(floor_of(scenario), _BEGIN)

    def play(self) -> Outcome:
        self._people()
        for kind in self._kinds:
            self._next_of(kind)
        events = 0
        while self._heap:
            self._now, _, happens, who = heappop(self._heap)
            happens(who)
            events += 1
        for call in self._calls.values():
            if call.at >= self._scenario.warm_up_s:
                call.kind.tally.left_waiting += 1
        return Outcome(
            total=total([kind.tally for kind in self._kinds]).figures(),
            types={kind.drawn.key: kind.tally.figures() for kind in self._kinds},
            occupancy=self._busy.figures(),
            pooled=self._pooled.figures(),
            events=events,
        )

    def _plan(self, at: float, happens: Callable[..., None], who: object) -> None:
        heappush(self._heap, (at, next(self._order), happens, who))

    def _tell(self, told: m.Input) -> None:
        for decision in self._engine.handle(told, _BEGIN + timedelta(seconds=self._now)):
            match decision:
                case m.AgentChanged():
                    self._busy.changed(decision.agent, decision.state, self._now)
                    if decision.wrap_up_until is not None:
                        self._plan((decision.wrap_up_until - _BEGIN).total_seconds(), self._tell, m.Tick())
                case m.Assigned():
                    self._offer(self._calls[decision.call], decision.agent)
                case m.WakeAt():
                    self._plan((decision.when - _BEGIN).total_seconds(), self._tell, m.Tick())
                case m.Relaxed() | m.TicketAssigned() | m.TicketWithdrawn():
                    pass

    # --- people at work

    def _people(self) -> None:
        for team in self._scenario.agents:
            for agent in team.members:
                self._tell(m.Reachable(agent=agent))
                self._hours_of(team, agent)

    def _hours_of(self, team: Team, agent: AgentId) -> None:
        if team.shift is None:
            self._plan(0.0, self._tell, m.Ready(agent=agent))
        else:
            self._every_day(team.shift, m.Ready(agent=agent), m.SignedOff(agent=agent))
        for pause in team.breaks:
            self._every_day(pause, m.Paused(agent=agent, reason="break"), m.Ready(agent=agent))

    def _every_day(self, hours: Hours, begins: m.Input, ends: m.Input) -> None:
        """Also when the run begins in the middle of it."""
        begin = time_of_day(self._scenario.starts) or 0.0
        since, until = (time_of_day(text) or 0.0 for text in (hours.since, hours.until))
        day = 0.0
        while since + day - begin < self._scenario.length_s:
            if until + day > begin:
                self._plan(max(since + day - begin, 0.0), self._tell, begins)
                self._plan(until + day - begin, self._tell, ends)
            day += DAY_S

    # --- callers

    def _next_of(self, kind: Kind) -> None:
        at = next(kind.coming, None)
        if at is not None:
            self._plan(at, self._comes, Call(kind, at, next(self._numbers)))

    def _comes(self, call: Call) -> None:
        kind = call.kind
        self._next_of(kind)
        self._calls[call.id] = call
        if counted := call.at >= self._scenario.warm_up_s:
            kind.tally.offered += 1
        self._pooled.comes(call.at, call.service + min(call.after, kind.line.wrap_up_limit_s or inf), counted=counted)
        self._waiting[kind.drawn.queue] += 1
        since = _BEGIN + timedelta(seconds=self._now)
        drawn = kind.drawn
        self._tell(
            m.CallWaits(call=call.id, queue=drawn.queue, requires=drawn.requires, priority=drawn.priority, since=since)
        )
        if call.state is _WAITS and self._full(kind.line):
            kind.tally.blocked += counted
            self._leaves(call)
            return
        self._expects(call)
        if call.state <= _OFFERED and call.patience < inf:
            self._plan(call.at + call.patience, self._gives_up, call)

    def _expects(self, call: Call) -> None:
        """What a caller who begins to wait would be told, of one in so many: to see how true it comes."""
        if call.state is not _WAITS or call.at < self._scenario.warm_up_s or int(call.id) % _ASKED:
            return
        found = self._engine.expectation(call.id)
        call.expected = found.wait_s if found is not None else None

    def _full(self, line: Line) -> bool:
        """Whether he who has just come to wait is one too many."""
        if line.places is not None and self._waiting[line.key] > line.places:
            return True
        return self._scenario.places is not None and sum(self._waiting.values()) > self._scenario.places

    def _gives_up(self, call: Call) -> None:
        if call.state <= _OFFERED:
            if call.at >= self._scenario.warm_up_s:
                call.kind.tally.gave_up_after.append(call.patience)
            self._leaves(call)

    def _leaves(self, call: Call) -> None:
        if call.state is _WAITS:
            self._waiting[call.kind.drawn.queue] -= 1
        call.state = _OVER
        del self._calls[call.id]
        self._tell(m.CallGone(call=call.id))

    # --- callers and agents

    def _offer(self, call: Call, agent: AgentId) -> None:
        self._waiting[call.kind.drawn.queue] -= 1
        call.agent, call.state = agent, _OFFERED
        ring_s = self._rings[agent]
        if ring_s > 0:
            self._plan(self._now + ring_s, self._answers, call)
        else:
            self._answers(call)

    def _answers(self, call: Call) -> None:
        if call.state is not _OFFERED:
            return
        call.state = _TALKS
        if call.at >= self._scenario.warm_up_s:
            wait = self._now - call.at
            call.kind.tally.waits.append(wait)
            if call.expected is not None:
                call.kind.tally.told.append(call.expected)
                call.kind.tally.came.append(wait)
            call.kind.tally.in_time += wait <= call.kind.line.within_s
        self._tell(m.CallTaken(agent=call.agent, call=call.id, queue=call.kind.drawn.queue))
        self._plan(self._now + call.service, self._ends, call)

    def _ends(self, call: Call) -> None:
        call.state = _OVER
        del self._calls[call.id]
        self._tell(m.CallFinished(agent=call.agent, call=call.id))
        if call.after > 0:
            self._plan(self._now + call.after, self._tell, m.WrapUpFinished(agent=call.agent, call=call.id))
        elif call.kind.drawn.queue in self._with_paperwork:
            self._tell(m.WrapUpFinished(agent=call.agent, call=call.id))


def run(scenario: Scenario, number: int) -> Outcome:
    """The run of this number; the same every time."""
    return Run(scenario, number).play()
