"""Ring all: every phone of whoever is free and able rings at once, and the first who answers has the call.

All of them are reserved for this one caller until one answers, the last has not taken it, or the caller is gone;
whoever is let go without a fault of his keeps his place among the idle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from crm_core.kernel.ids import AgentId
from routing import messages as m
from routing.agents import AtWork, Hand, Stage, Wish
from routing.because import why_all
from routing.groups import Group, Groups
from routing.lines import Caller
from routing.queues import Queue
from routing.roster import Roster

AT_MOST = 16
"""So many phones ring for one caller; of a larger crowd those who have been idle longest."""
MISSES = 2
"""Where all are asked, each may think that another one answers: so often in a row at least it must have rung in vain at
his phone before he is put on pause, for one caller or for several. With one, the first time that nobody answers would
send the whole team away."""

Decisions = list[m.Decision]
Settle = Callable[[AtWork, datetime], Decisions]


class Together:
    def __init__(self, roster: Roster, groups: Groups, *, settle: Settle, withdraw: Settle) -> None:
        """`settle`: let an agent look around anew; `withdraw`: the ticket he was just being asked to take."""
        self._roster, self._groups = roster, groups
        self._settle, self._withdraw = settle, withdraw

    def redraw(self, groups: Groups) -> None:
        self._groups = groups

    def seats(self, group: Group) -> list[AtWork]:
        """For whom it would ring, the longest idle first."""
        return [self._roster.agents[agent] for _, agent in group.bench.some(AT_MOST)]

    def ring(self, caller: Caller, seats: list[AtWork], group: Group, queue: Queue, now: datetime) -> Decisions:
        """The caller stands in no line any more."""
        because = why_all(caller, seats, group, colleagues=self._roster.agents, now=now)
        caller.offer_to(agent.id for agent in seats)
        caller.together, caller.rang_out = True, []
        decisions: Decisions = []
        for agent in seats:
            self._groups.rise(agent.id)
            agent.hand = Hand(call=caller.call, stage=Stage.RESERVED, queue=caller.queue)
            decisions += self._roster.tell(agent, now)
        decisions.append(m.AssignedAll(call=caller.call, queue=caller.queue, ring_s=queue.ring_s, because=because))
        for agent in seats:
            decisions += self._withdraw(agent, now) if agent.offered is not None else []
        return decisions

    def let_go(self, agents: Iterable[AgentId], now: datetime, back: Iterable[AtWork] = ()) -> Decisions:
        """It rings for none of them any more, and others are `back`. All sit down before anybody looks for the next
        caller: for him all of their phones may have to ring. Who waits most urgently for any of them is looked at
        first: else a phone might ring along for another caller whom only its agent could have kept from waiting on."""
        freed = [self._roster.agents[agent] for agent in agents]
        for agent in freed:
            agent.hand = None
        freed += back
        decisions: Decisions = []
        for agent in freed if len(freed) > 1 else ():
            decisions += self._roster.tell(agent, now)
            if agent.may_sit:
                self._groups.sit(agent.id, agent.idle, agent.reach)
        while freed:
            agent = freed.pop(self._needed_first(freed))
            self._groups.rise(agent.id)
            decisions += self._settle(agent, now)
        return decisions

    def _needed_first(self, freed: list[AtWork]) -> int:
        """For which of them the most urgent caller waits."""
        if len(freed) == 1:
            return 0
        firsts = [self._groups.first_for(one.id, one.reach) if one.may_sit else None for one in freed]
        turns = [(self._groups.turn(first), place) for place, first in enumerate(firsts) if first is not None]
        return min(turns, default=(0, 0))[1]

    def answered(self, caller: Caller, by: AgentId, now: datetime) -> Decisions:
        """The others are free; he has not spoken yet."""
        others = [agent for agent in caller.offered if agent != by]
        caller.offer_to([by])
        return self.let_go(others, now, self.forgive(caller))

    def missed(self, agent: AtWork, caller: Caller, queue: Queue) -> bool:
        """It rang in vain at his phone. Whether that is enough to put him on pause."""
        agent.missed += 1
        if caller.together:
            caller.rang_out.append(agent.id)
        return agent.missed >= max(queue.misses_to_pause, MISSES if caller.together else 1)

    def forgive(self, caller: Caller) -> list[AtWork]:
        """Somebody has taken him after all: whose phone gave up before has missed nothing. Who of them are ready
        again, as it was only this that they were put on pause for."""
        back: list[AtWork] = []
        for name in caller.rang_out:
            agent = self._roster.agents.get(name)
            if agent is None:
                continue
            agent.missed = max(agent.missed - 1, 0)
            if agent.paused_over == caller.call:
                agent.wants(Wish.READY)
                back.append(agent)
        caller.rang_out = []
        return back
