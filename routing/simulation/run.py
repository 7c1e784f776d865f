"""One run of a scenario: its callers come by chance, its agents by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from math import inf

from crm_core.kernel.ids import AgentId, QueueKey
from routing import messages as m
from routing.simulation.chance import Draw, arrivals, draw, stream
from routing.simulation.drawn import floor_of, limits_of
from routing.simulation.measures import Outcome, Tally, total
from routing.simulation.pooled import Pooled
from routing.simulation.scenario import DAY_S, CallType, Hours, Line, Scenario, Team, time_of_day
from routing.simulation.stage import Caller, Stage


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

    def caller(self, at: float, number: int, *, counted: bool) -> Caller:
        return Caller(
            number=number,
            at=at,
            queue=self.drawn.queue,
            requires=self.drawn.requires,
            priority=self.drawn.priority,
            service=self.service(),
            after=self.after(),
            patience=self.patience(),
            tally=self.tally,
            within=self.line.within_s,
            counted=counted,
        )


class Run:
    """`play()` once."""

    def __init__(self, scenario: Scenario, number: int) -> None:
        self._scenario = scenario
        lines = {line.key: line for line in scenario.queues}
        self._kinds = [Kind(one, lines[one.queue], scenario, number) for one in scenario.call_types]
        self._numbers = count(1)
        self._pooled = Pooled(scenario)
        self._stage = Stage(
            floor_of(scenario),
            limits=limits_of(scenario),
            rings={agent: team.ring_s for team in scenario.agents for agent in team.members},
            counted=(scenario.warm_up_s, scenario.length_s),
            places=scenario.places,
            places_of={QueueKey(line.key): line.places for line in scenario.queues if line.places is not None},
        )

    def play(self) -> Outcome:
        for team in self._scenario.agents:
            for agent in team.members:
                self._stage.tell(m.Reachable(agent=agent))
                self._hours_of(team, agent)
        for kind in self._kinds:
            self._next_of(kind)
        events = self._stage.play()
        return Outcome(
            total=total([kind.tally for kind in self._kinds]).figures(),
            types={kind.drawn.key: kind.tally.figures() for kind in self._kinds},
            occupancy=self._stage.busy.figures(),
            pooled=self._pooled.figures(),
            events=events,
        )

    # --- people at work

    def _hours_of(self, team: Team, agent: AgentId) -> None:
        if team.shift is None:
            self._stage.plan(0.0, self._stage.tell, m.Ready(agent=agent))
        else:
            self._every_day(team.shift, m.Ready(agent=agent), m.SignedOff(agent=agent))
        for pause in team.breaks:
            self._every_day(pause, m.Paused(agent=agent, reason="break"), m.Ready(agent=agent))

    def _every_day(self, hours: Hours, begins: m.Input, ends: m.Input) -> None:
        """Also when the run begins in the middle of it."""
        begin = time_of_day(self._scenario.starts) or 0.0
        since, until = (time_of_day(text) or 0.0 for text in (hours.since, hours.until))
        day, stage = 0.0, self._stage
        while since + day - begin < self._scenario.length_s:
            if until + day > begin:
                stage.plan(max(since + day - begin, 0.0), stage.tell, begins)
                stage.plan(until + day - begin, stage.tell, ends)
            day += DAY_S

    # --- callers

    def _next_of(self, kind: Kind) -> None:
        at = next(kind.coming, None)
        if at is not None:
            caller = kind.caller(at, next(self._numbers), counted=at >= self._scenario.warm_up_s)
            self._stage.plan(at, self._comes, (kind, caller))

    def _comes(self, who: tuple[Kind, Caller]) -> None:
        kind, caller = who
        self._next_of(kind)
        work_s = caller.service + min(caller.after, kind.line.wrap_up_limit_s or inf)
        self._pooled.comes(caller.at, work_s, counted=caller.counted)
        self._stage.comes(caller)


def run(scenario: Scenario, number: int) -> Outcome:
    """The run of this number; the same every time."""
    return Run(scenario, number).play()
