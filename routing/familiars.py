"""Whoever knows a caller goes first, and is waited for while he is busy: who is kept for whom, and until when."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId
from routing.lines import Caller
from routing.queues import Queue
from routing.reasons import StepKind, StepTaken


class Familiars:
    def __init__(self) -> None:
        self._kept: defaultdict[AgentId, dict[CallId, Caller]] = defaultdict(dict)

    def __contains__(self, agent: AgentId) -> bool:
        return agent in self._kept

    def of(self, agent: AgentId) -> list[Caller]:
        """Those who wait for him alone, who is served first in front."""
        return sorted(self._kept.get(agent, {}).values(), key=lambda caller: caller.place)

    def keep(self, caller: Caller, agent: AgentId, queue: Queue) -> tuple[StepTaken, ...]:
        """From now on only he may take the call. Answers with what is new of it."""
        caller.kept_for, caller.kept_until = agent, until(caller, queue)
        self._kept[agent][caller.call] = caller
        return _add(caller, StepTaken(kind=StepKind.KEEP, after_s=0.0, agent=agent, tie=caller.tie, for_s=queue.keep_s))

    def let_go(self, caller: Caller) -> None:
        """He is given to somebody, is gone, or looks around anew."""
        agent = caller.kept_for
        caller.kept_for = caller.kept_until = None
        if agent is not None and (kept := self._kept.get(agent)) is not None:
            kept.pop(caller.call, None)
            if not kept:
                del self._kept[agent]

    def open_up(self, caller: Caller, now: datetime) -> tuple[StepTaken, ...]:
        """It was in vain: from now on anybody may."""
        agent = caller.kept_for
        self.let_go(caller)
        waited_s = round(max((now - caller.since).total_seconds(), 0.0), 3)
        return _add(caller, StepTaken(kind=StepKind.OPEN_UP, after_s=waited_s, agent=agent, tie=caller.tie))


def until(caller: Caller, queue: Queue) -> datetime:
    """Counted from when he began to wait, so that after a restart of ours it ends when it would have ended."""
    return caller.since + timedelta(seconds=queue.keep_s)


def _add(caller: Caller, step: StepTaken) -> tuple[StepTaken, ...]:
    if step in caller.steps:
        return ()
    caller.steps += (step,)
    return (step,)
