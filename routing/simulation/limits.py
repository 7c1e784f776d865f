"""Who may wait in a queue of a floor on paper, and where the others go: by the words of the floor's own documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crm_core.kernel.requirements import NOTHING, Requirements
from routing.agents import AtWork, Wish


class Why(StrEnum):
    """Why a caller goes on."""

    FULL = "full"
    HOUR_FULL = "hour_full"
    TOO_LONG = "too_long"
    NOBODY = "nobody"
    PAUSED = "paused"
    CLOSED = "closed"


class Way(StrEnum):
    """Where to."""

    QUEUE = "queue"
    NUMBER = "number"
    """Outside; on paper somebody takes him there."""
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """One step of a queue's chain."""

    kind: Way
    to: str
    when: frozenset[Why] = frozenset()
    """Only for these reasons; none: for every one."""

    def holds_for(self, why: Why) -> bool:
        return not self.when or why in self.when


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    max_waiting: int = 0
    max_per_hour: int = 0
    max_wait_s: float = 0.0
    """0: there is no limit."""
    leaves_when: frozenset[Why] = frozenset()
    """`nobody`, `paused`: whether its callers go on then."""
    chain: tuple[Onward, ...] = ()
    asks: Requirements = NOTHING
    """What a caller who comes or is sent here asks for."""
    opens: tuple[tuple[float, float], ...] | None = None
    """From when to when it is open, in seconds since the beginning; None: always."""

    def open_at(self, now: float) -> bool:
        return self.opens is None or any(since <= now < until for since, until in self.opens)


NONE = Limits()


def why_not_served(limits: Limits, serving: Iterable[AtWork]) -> Why | None:
    """… as far as the callers of a queue do not wait all the same. Who talks or does paperwork counts as there."""
    if not limits.leaves_when:
        return None
    wishes = set[Wish]()
    for agent in serving:
        if agent.hand or agent.wish is Wish.READY:
            return None
        wishes.add(agent.wish)
    why = Why.PAUSED if Wish.PAUSED in wishes else Why.NOBODY
    return why if why in limits.leaves_when else None
