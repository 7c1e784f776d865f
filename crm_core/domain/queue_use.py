"""What still needs a queue, so that it cannot be taken away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crm_core.domain.floor import Did, DidTarget, Queue, RelaxationKind
from crm_core.domain.overflow import OverflowKind
from crm_core.kernel.ids import QueueKey


class NeededBy(StrEnum):
    NUMBER = "number"
    """A number of the house's leads to it."""
    CHAIN = "chain"
    """Callers of another queue go on to it."""
    HELP = "help"
    """Its people help another queue after a while."""
    MENU = "menu"
    """A voice menu leads to it …"""
    DRAFT = "draft"
    """… or will, as somebody is writing."""
    CALLERS = "callers"
    """So many of them are in it."""
    CALLBACKS = "callbacks"
    """So many who are to be called back have a place in it."""
    TICKETS = "tickets"
    """So many wait in its line."""
    NOBODY_KNOWS = "nobody_knows"
    """Telephony is away, so nobody can tell whether callers are in it."""
    CALL_CENTRE = "call_centre"
    """It is the only queue there is."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Need:
    by: NeededBy
    name: str = ""
    """Of the number, queue or menu; how many callers."""
    node: str = ""
    """Of a menu; empty: wherever it sends to none in particular."""


def needs_of(key: QueueKey, dids: Iterable[Did], queues: Iterable[Queue]) -> tuple[Need, ...]:
    """What is agreed for the house that speaks of this queue."""
    others = [queue for queue in queues if queue.key != key]
    alone = () if others else (Need(by=NeededBy.CALL_CENTRE),)
    return (*alone, *_of_numbers(key, dids), *(need for other in others for need in _of_queue(key, other)))


def _of_numbers(key: QueueKey, dids: Iterable[Did]) -> Iterator[Need]:
    for did in dids:
        if did.target is DidTarget.QUEUE and did.to == key:
            yield Need(by=NeededBy.NUMBER, name=did.number)


def _of_queue(key: QueueKey, other: Queue) -> Iterator[Need]:
    if any(step.kind is OverflowKind.QUEUE and step.to == key for step in other.overflow):
        yield Need(by=NeededBy.CHAIN, name=other.key)
    if any(step.kind is RelaxationKind.WIDEN and step.queue == key for step in other.relaxing):
        yield Need(by=NeededBy.HELP, name=other.key)
