"""To whom a call may be handed on: looked at before anything is asked of Asterisk, which would drop the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_core.domain.overflow import OverflowWhy
from crm_core.kernel.ids import AgentId, QueueKey, ServerId, SkillKey
from crm_core.kernel.requirements import NOTHING, Requirements, asking
from cti.calls.story import Story
from cti.commands import Target, TargetKind
from cti.dialling import DialRules
from cti.switchboard.house import House
from cti.switchboard.overflow import Overflows
from routing.agents import AtWork, Stage, Wish
from routing.engine import Engine
from routing.skills import missing

UNKNOWN, SELF, UNREACHABLE, BUSY = "target.unknown", "target.self", "target.unreachable", "target.busy"
CLOSED, UNSERVED, FULL = "target.closed", "target.unserved", "target.full"
_LOST: Final[Mapping[OverflowWhy, str]] = {
    OverflowWhy.CLOSED: CLOSED,
    OverflowWhy.FULL: FULL,
    OverflowWhy.HOUR_FULL: FULL,
}
_CALL_IN_HAND = (Stage.RESERVED, Stage.RINGING, Stage.TALKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A target as the dialplan knows it."""

    kind: TargetKind
    number: str
    """The extension, the digits to dial, or the queue's key."""
    agent: AgentId | None = None
    """Who is to be kept free for it."""
    asks: Requirements = NOTHING
    """What the customer asks for in that queue."""


def is_busy(agent: AtWork) -> bool:
    return bool(agent.beside) or (agent.hand is not None and agent.hand.stage in _CALL_IN_HAND)


class Targets:
    def __init__(self, house: House, rules: DialRules, overflows: Overflows) -> None:
        self._house = house
        self._rules = rules
        self._overflows = overflows

    def of_transfer(self, to: Target, by: AgentId, story: Story, now: datetime) -> Found | str:
        """Where the customer can be sent, or the code of why not."""
        match to.kind:
            case TargetKind.AGENT:
                return self._agent(AgentId(to.value), by, story.server)
            case TargetKind.QUEUE:
                return self._queue(QueueKey(to.value), story, now)
            case TargetKind.NUMBER:
                return self._outside(to.value)

    def of_consultation(self, to: Target, by: AgentId, story: Story, now: datetime) -> Found | str:
        """Of a queue: of those who serve it and can what it asks for, whoever has been idle longest."""
        if to.kind is not TargetKind.QUEUE:
            return self.of_transfer(to, by, story, now)
        queue = QueueKey(to.value)
        if queue not in self._house.seating.floor.queues:
            return UNKNOWN
        free = [agent for agent in self._of_queue(queue) if agent.id != by and self._is_free(agent, story.server)]
        if not free:
            return BUSY
        return self._agent(min(free, key=lambda agent: agent.idle_since).id, by, story.server)

    def _of_queue(self, queue: QueueKey) -> list[AtWork]:
        asks = self._house.seating.asks.get(queue, NOTHING)
        serving = [agent for agent in self._engine.agents.values() if queue in agent.profile.queues]
        return [agent for agent in serving if missing(agent.profile.skills, asks) is None]

    def _is_free(self, agent: AtWork, server: ServerId) -> bool:
        return agent.available and server in self._house.reached_by(agent.id)

    @property
    def _engine(self) -> Engine:
        return self._house.engine

    def _agent(self, agent: AgentId, by: AgentId, server: ServerId) -> Found | str:
        at_work = self._engine.agents.get(agent)
        extension = self._house.seating.extensions.get(agent, "")
        if at_work is None or not extension:
            return UNKNOWN
        if agent == by:
            return SELF
        if at_work.wish is Wish.OFFLINE or server not in self._house.reached_by(agent):
            return UNREACHABLE
        if is_busy(at_work):
            return BUSY
        return Found(kind=TargetKind.AGENT, number=extension, agent=agent)

    def _queue(self, queue: QueueKey, story: Story, now: datetime) -> Found | str:
        """The queue's own skills, and the language the customer was asked for. Where he would only be told good-bye, or
        nobody is, his agent hears of it while he still has him."""
        seating = self._house.seating
        if queue not in seating.floor.queues:
            return UNKNOWN
        asked = story.queued.requires if story.queued is not None else {}
        spoken = asking({SkillKey(skill): level for skill, level in asked.items() if skill == story.language})
        asks = spoken.and_also(seating.asks.get(queue, NOTHING))
        lost = self._overflows.why_lost(queue, asks, story.server, now)
        return Found(kind=TargetKind.QUEUE, number=queue, asks=asks) if lost is None else _LOST.get(lost, UNSERVED)

    def _outside(self, written: str) -> Found | str:
        digits = self._rules.digits(written)
        return self._rules.refusal(digits) or Found(kind=TargetKind.NUMBER, number=digits)
