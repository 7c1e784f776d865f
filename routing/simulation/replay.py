"""A day as it was, under rules it did not have: the same callers and the same hours, and the engine decides anew.

What nobody knows of a caller is drawn: how long he who was answered would have waited (`patience.py`), and how long he
who was not would have talked, which is as somebody else of his queue did. The same number draws the same for any rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from routing import messages as m
from routing.agents import Agent, Wish
from routing.floor import Floor
from routing.queues import Queue
from routing.simulation.day import Day, Talk, Turn, Visit
from routing.simulation.limits import NONE, Limits
from routing.simulation.measures import Figures, Tally, total
from routing.simulation.patience import Patience
from routing.simulation.stage import Caller, Stage, plan_all

_ENOUGH = 10
"""Of a queue in which fewer gave up the patience of the whole floor is taken."""
_WITHIN_S = 20.0
_BESIDE = CallId("beside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A floor as it travels between processes."""

    agents: tuple[Agent, ...]
    queues: tuple[Queue, ...]
    limits: Mapping[QueueKey, Limits] = field(default_factory=dict)
    within_s: Mapping[QueueKey, float] = field(default_factory=dict)
    """Answered within so many seconds counts for the service level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    total: Figures
    queues: Mapping[QueueKey, Figures]
    """By the queue into which callers came first, wherever they were served."""
    occupancy: Figures
    agents: Mapping[AgentId, float]
    """The share of each one's time at work with a call or its paperwork; without those who were not there."""


class Unknown:
    """What is drawn for the callers of a day."""

    def __init__(self, day: Day) -> None:
        everybody = [(one.waited_s, one.gave_up) for one in day.visits]
        self._patience, self._talks = Patience(everybody), [one.talk for one in day.visits if one.talk is not None]
        self._patience_of: dict[QueueKey, Patience] = {}
        self._talks_of: dict[QueueKey, list[Talk]] = {}
        for queue in {one.queue for one in day.visits}:
            theirs = [one for one in day.visits if one.queue == queue]
            if sum(one.gave_up for one in theirs) >= _ENOUGH:
                self._patience_of[queue] = Patience((one.waited_s, one.gave_up) for one in theirs)
            self._talks_of[queue] = [one.talk for one in theirs if one.talk is not None]

    def patience_s(self, visit: Visit, chance: float) -> float:
        if visit.gave_up:
            return visit.waited_s
        return self._patience_of.get(visit.queue, self._patience).beyond(visit.waited_s, chance)

    def talk(self, visit: Visit, chance: float) -> Talk:
        known = self._talks_of[visit.queue] or self._talks
        return visit.talk or known[int(chance * len(known))]


def replay(day: Day, rules: Rules, unknown: Unknown, number: int) -> Played:
    """`day` has at least one caller who was answered."""
    floor = Floor.of(rules.agents, rules.queues)
    tallies = {queue.key: Tally() for queue in rules.queues}
    stage = Stage(floor, limits=rules.limits, rings={}, counted=(0.0, day.length_s))
    plan_all(stage, _people(day.turns, rules.agents))
    for caller in _callers(day, rules, unknown, number, tallies):
        stage.plan(caller.at, stage.comes, caller)
    stage.play()
    return Played(
        total=total(list(tallies.values())).figures(),
        queues={key: tally.figures() for key, tally in tallies.items()},
        occupancy=stage.busy.figures(),
        agents=stage.busy.shares(),
    )


def _callers(day: Day, rules: Rules, unknown: Unknown, number: int, tallies: dict[QueueKey, Tally]) -> Iterator[Caller]:
    dice = Random(number)  # noqa: S311 - repeatable on purpose
    for place, visit in enumerate(day.visits, start=1):
        patience_s, talk = unknown.patience_s(visit, dice.random()), unknown.talk(visit, dice.random())
        yield Caller(
            number=place,
            at=visit.at,
            since=visit.since,
            queue=visit.queue,
            requires=visit.requires.and_also(rules.limits.get(visit.queue, NONE).asks),
            priority=visit.priority,
            service=talk.service_s,
            after=talk.after_s,
            patience=patience_s,
            ring=talk.rang_s,
            tally=tallies.setdefault(visit.queue, Tally()),
            within=rules.within_s.get(visit.queue, _WITHIN_S),
            counted=True,
        )


def _people(turns: tuple[Turn, ...], agents: tuple[Agent, ...]) -> Iterator[tuple[float, m.Input]]:
    """Whoever is not on the floor any more is passed over."""
    here = {agent.id for agent in agents}
    reached, busy = set[AgentId](), set[AgentId]()
    for turn in turns:
        if turn.agent not in here:
            continue
        if turn.reachable != (turn.agent in reached):
            yield turn.at, m.Reachable(agent=turn.agent) if turn.reachable else m.Unreachable(agent=turn.agent)
            reached ^= {turn.agent}
        if turn.beside and turn.agent not in busy:
            yield turn.at, m.OwnCallBegan(agent=turn.agent, call=_BESIDE)
            busy.add(turn.agent)
        yield turn.at, _wish(turn)
        if not turn.beside and turn.agent in busy:
            yield turn.at, m.OwnCallEnded(agent=turn.agent, call=_BESIDE)
            busy.discard(turn.agent)


def _wish(turn: Turn) -> m.Input:
    match turn.wish:
        case Wish.READY:
            return m.Ready(agent=turn.agent)
        case Wish.PAUSED:
            return m.Paused(agent=turn.agent, reason="break")
        case Wish.OFFLINE:
            return m.SignedOff(agent=turn.agent)
