"""Queues: what is agreed for the calls that wait in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_core.kernel.ids import AgentId, QueueKey
from routing.relaxing import Step
from routing.strategies import StrategyName


class WrapUpKind(StrEnum):
    NONE = "none"
    """Free at once after a call."""
    OPTIONAL = "optional"
    """Time for paperwork until the agent says he is done."""
    MANDATORY = "mandatory"
    """Time for paperwork until the agent says he is done, or the limit is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    kind: WrapUpKind = WrapUpKind.OPTIONAL
    limit_s: float = 0.0
    """Seconds after which a mandatory wrap-up ends by itself; 0 is no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    key: QueueKey
    names: dict[str, str] = field(default_factory=dict)
    """Language -> name, for the board."""
    priority: int = 0
    """Added to the call's own priority; the larger sum goes first, whatever the queue."""
    ageing_s: float = 0.0
    """So many seconds of waiting make up for one level of priority; 0: none do, whoever has more goes first."""
    weight: float = 1.0
    """As long as callers wait in several queues they share the agents in this proportion; where all weights are alike
    whoever has waited longest goes first."""
    ring_s: float = 20.0
    """How long a phone rings before the call goes to the next agent."""
    wrap_up: WrapUp = WrapUp()
    strategy: StrategyName = StrategyName.BEST_SKILL
    order: tuple[AgentId, ...] = ()
    """Of `fixed_order`: who is asked first; those whom it does not name come after them, as they stand on the floor."""
    crowd_s: float = 0.0
    """Everybody who waits for the same makes the first of them so many seconds more urgent, beside those who wait for
    something else: where a crowd stands, somebody frees it sooner. 0: whoever waits longest goes first."""
    keep_s: float = 0.0
    """So long a caller waits for an agent who knows him and is busy; 0: only if he is free."""
    misses_to_pause: int = 1
    """Who has let so many calls in a row ring in vain is put on pause."""
    ticket_yield_s: float = 4 * 3600.0
    """Calls that come within so many seconds after a ticket of this queue go before it."""
    tickets_undisturbed: bool = False
    """Who works on one of its tickets gets no calls meanwhile."""
    steps: tuple[Step, ...] = ()
    """How those who wait for long are relaxed; the soonest first."""
