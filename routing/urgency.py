"""Whose turn it is when callers of several queues wait: how long each has waited, what his priority is worth beside it,
and what his queue has had of the agents lately, by its weight.

Whoever comes later has at most the head start of his priority, and a queue falls back with every caller it is rid of:
so only so many can go before anybody, and no queue starves. (Weights that make waiting count faster, as in Kleinrock's
delay-dependent priorities, do let one starve: in a lasting rush the heavy queue's callers stay the more urgent ones.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crm_core.kernel.ids import QueueKey
from routing.lines import Place, seconds
from routing.queues import Queue

TURN_S = 10.0
"""A queue of weight 1 falls back so far with each caller: small beside waits that hurt, large beside a moment."""


def place(queue: Queue, priority: int, since: float, order: int = 0) -> Place:
    """`priority` is the call's own. Where no wait makes up for it each priority is a class of its own."""
    level = priority + queue.priority
    return (0, since - level * queue.ageing_s, order) if queue.ageing_s > 0 else (-level, since, order)


def ticket_place(queue: Queue, priority: int, since: float, order: int) -> Place:
    """A ticket stands behind the callers who come within so many seconds after it, as its queue says: half as many for
    each level of its own priority. So none of them goes before who waited longer than it was there."""
    return place(queue, 0, since + queue.ticket_yield_s / 2**priority, order)


class Shares:
    """How far each queue has fallen back. Where all weights are alike none does, and waiting alone decides."""

    def __init__(self, queues: Iterable[Queue]) -> None:
        self._weights = {queue.key: queue.weight for queue in queues}
        self._waiting: Counter[QueueKey] = Counter()
        self._back_s: dict[QueueKey, float] = {}
        self._turn_s = 0.0
        self.differ = len({*self._weights.values(), 1.0}) > 1

    def back_s(self, queue: QueueKey) -> float:
        return self._back_s.get(queue, 0.0)

    def back(self, queue: QueueKey) -> int:
        """The same in a place that is one number."""
        return seconds(self.back_s(queue))

    def falls(self, queue: QueueKey) -> int:
        """How far it falls back with each caller, in such a number."""
        return seconds(TURN_S / self._weights.get(queue, 1.0)) if self.differ else 0

    def joins(self, queue: QueueKey) -> None:
        """While nobody waited in it a queue saved nothing up: it begins where the one stood that was served last."""
        if self.differ:
            if not self._waiting[queue]:
                self._back_s[queue] = max(self.back_s(queue), self._turn_s)
            self._waiting[queue] += 1

    def leaves(self, queue: QueueKey) -> None:
        if self.differ:
            self._waiting[queue] -= 1

    def served(self, queue: QueueKey) -> None:
        """Somebody of this queue was taken before others."""
        if self.differ:
            self._turn_s = self.back_s(queue)
            self._back_s[queue] = self.back_s(queue) + TURN_S / self._weights.get(queue, 1.0)
