"""How soon the callers of a queue are answered: each stay of a caller in a queue, and what counts of it. Pure.

Formula 1: **answered in time ÷ offered**, of all who came into the queue within the period. Offered is everybody whom
somebody answered, who hung up while he waited, however soon, or who was sent on by a limit of the queue; and whoever
still waits for longer than the time agreed. Not offered is who came while the queue was closed, and who still waits
within that time. In time is who was answered within the seconds agreed for the queue now, counted from when he came
into this very queue. A caller who went through several queues counts in each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from crm_core.domain.log import LoggedEvent
from crm_core.domain.overflow import OverflowWhy
from crm_core.kernel.ids import QueueKey

FORMULA: Final = 1
"""Another number whenever the same calls would give another figure."""
STAYS = frozenset(
    {"call.queued", "call.told_wait", "call.connected", "call.overflowed", "call.fell_to_safety", "call.ended"}
)
"""What tells of a stay."""


class Left(StrEnum):
    """How a caller's stay in a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    """His call ended while he waited."""
    WENT_ON = "went_on"
    """The queue could not keep him (any longer)."""
    CLOSED = "closed"
    """He came outside of its opening hours."""


_OFFERED = frozenset({Left.ANSWERED, Left.ABANDONED, Left.WENT_ON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A caller's time in one queue."""

    queue: QueueKey
    entered_at: datetime
    left_at: datetime | None = None
    """None: he waits there still."""
    left: Left | None = None
    told_at: datetime | None = None
    """When he was told for the first time how long he will still wait …"""
    told_wait_s: float | None = None
    """… and for how long, as it was estimated."""

    @property
    def wait_s(self) -> float | None:
        return None if self.left_at is None else max((self.left_at - self.entered_at).total_seconds(), 0.0)


def stays_of(told: Iterable[LoggedEvent]) -> tuple[Stay, ...]:
    """What the story of a call, in order of time, says of its stays in queues."""
    stays: list[Stay] = []
    for line in told:
        match line.topic:
            case "call.queued" | "call.fell_to_safety":
                _enters(stays, _queue(line), line.at)
            case "call.told_wait" if stays and stays[-1].queue == _queue(line):
                stays[-1] = _told(stays[-1], line)
            case "call.connected" if stays and stays[-1].left is None:
                stays[-1] = _over(stays[-1], Left.ANSWERED, line.at)
            case "call.overflowed":
                _goes_on(stays, line)
            case "call.ended" if stays and stays[-1].left is None:
                stays[-1] = _over(stays[-1], Left.ABANDONED, line.at)
            case _:
                pass
    return tuple(stays)


def _queue(line: LoggedEvent) -> QueueKey:
    return QueueKey(str(line.body.get("queue") or ""))


def _told(stay: Stay, line: LoggedEvent) -> Stay:
    """The first time counts."""
    wait_s = line.body.get("wait_s")
    if stay.left is not None or stay.told_at is not None or not isinstance(wait_s, int | float):
        return stay
    return replace(stay, told_at=line.at, told_wait_s=float(wait_s))


def _over(stay: Stay, left: Left, at: datetime) -> Stay:
    return replace(stay, left=left, left_at=at)


def _enters(stays: list[Stay], queue: QueueKey, at: datetime) -> None:
    """Back from a step that came to nothing, or told once more, it is the same stay; after a conversation a new one."""
    if stays and stays[-1].queue == queue and stays[-1].left is not Left.ANSWERED:
        stays[-1] = replace(stays[-1], left=None, left_at=None)
        return
    if stays and stays[-1].left is None:
        stays[-1] = _over(stays[-1], Left.WENT_ON, at)
    stays.append(Stay(queue=queue, entered_at=at))


def _goes_on(stays: list[Stay], line: LoggedEvent) -> None:
    """Out of the queue it names, which need not be the last: both may have the same time."""
    queue, closed = _queue(line), line.body.get("why") == OverflowWhy.CLOSED
    for place in reversed(range(len(stays))):
        if stays[place].queue == queue and stays[place].left is not Left.ANSWERED:
            stays[place] = _over(stays[place], Left.CLOSED if closed else Left.WENT_ON, line.at)
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many stays in a queue ended alike."""

    queue: QueueKey
    left: Left
    stays: int
    in_time: int
    """Of these so many took no longer than the queue's seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Somebody is in a queue still."""

    queue: QueueKey
    since: datetime
    within_s: int
    """What is agreed for the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    offered: int = 0
    in_time: int = 0
    abandoned: int = 0

    @property
    def percent(self) -> int | None:
        """Never more than it is: 79.9 is not yet 80. None: nobody was offered."""
        return self.in_time * 100 // self.offered if self.offered else None

    def __add__(self, other: ServiceLevel) -> ServiceLevel:
        return ServiceLevel(
            offered=self.offered + other.offered,
            in_time=self.in_time + other.in_time,
            abandoned=self.abandoned + other.abandoned,
        )


def levels(tallies: Iterable[Tally], waiting: Iterable[Waits], now: datetime) -> Mapping[QueueKey, ServiceLevel]:
    """Of each queue that was offered anybody."""
    found: defaultdict[QueueKey, ServiceLevel] = defaultdict(ServiceLevel)
    for one in tallies:
        if one.left in _OFFERED:
            found[one.queue] += ServiceLevel(
                offered=one.stays,
                in_time=one.in_time if one.left is Left.ANSWERED else 0,
                abandoned=one.stays if one.left is Left.ABANDONED else 0,
            )
    for caller in waiting:
        if (now - caller.since).total_seconds() > caller.within_s:
            found[caller.queue] += ServiceLevel(offered=1)
    return dict(found)
