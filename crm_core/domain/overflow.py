"""Where callers of a queue go who cannot wait in it, or not any longer: the chain, and what is wrong with one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_core.kernel.ids import QueueKey


class OverflowWhy(StrEnum):
    """Why a caller goes on."""

    FULL = "full"
    """As many wait as may."""
    HOUR_FULL = "hour_full"
    """The queue has had as many callers within this hour as it may."""
    TOO_LONG = "too_long"
    """He has waited as long as anybody shall."""
    NOBODY = "nobody"
    """Nobody who serves the queue is logged in."""
    PAUSED = "paused"
    """Everybody who is logged in is on pause."""
    CLOSED = "closed"
    """He came outside its opening hours."""
    ASKED = "asked"
    """By a key, while he waited: of no step of a chain."""


class OverflowKind(StrEnum):
    """Where to. The value stands in the file of the floor."""

    QUEUE = "queue"
    """`to` is a queue, in which he keeps his waiting time."""
    NUMBER = "number"
    """`to` is a number outside. Not taken, he goes on to the next step."""
    MESSAGE = "message"
    """`to` is a prompt, in the language of the caller; then good-bye."""
    CALLBACK = "callback"
    """`to` is the menu in which he is promised a callback at his place. Who declines goes on to the next step."""
    VOICEMAIL = "voicemail"
    """`to` is the menu in which he leaves a message. He who leaves none goes on to the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """One step of a queue's chain; the first that is able to take the caller does."""

    kind: OverflowKind
    to: str
    when: tuple[OverflowWhy, ...] = ()
    """Only for these reasons; none: for every one."""

    def holds_for(self, why: OverflowWhy) -> bool:
        return not self.when or why in self.when


MENUS = {OverflowKind.CALLBACK: "callback", OverflowKind.VOICEMAIL: "voicemail"}
"""The menus of ours that do it."""
REASONS = tuple(why for why in OverflowWhy if why is not OverflowWhy.ASKED)
"""Those for which a step may be meant."""

Chains = Mapping[QueueKey, Sequence[Overflow]]


def loop_in(chains: Chains) -> tuple[QueueKey, ...]:
    """Queues that send a caller round in a circle, the first of them again at the end; empty when there are none."""
    for start in sorted(chains):
        if found := _way_back(chains, start, (start,)):
            return found
    return ()


def _way_back(chains: Chains, start: QueueKey, way: tuple[QueueKey, ...]) -> tuple[QueueKey, ...]:
    for to in [QueueKey(step.to) for step in chains.get(way[-1], ()) if step.kind is OverflowKind.QUEUE]:
        if to == start:
            return (*way, to)
        if to not in way and (found := _way_back(chains, start, (*way, to))):
            return found
    return ()
