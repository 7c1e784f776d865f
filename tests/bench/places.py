"""What became of those who waited while nobody led: pure, from who came when and whose phone rang for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    lost: int = 0
    """Who never reached an agent."""
    doubled: int = 0
    """How often a phone rang for somebody for whom one had rung already."""
    displaced: int = 0
    """For whom a phone rang after it had for somebody who came later."""

    def __add__(self, other: Places) -> Places:
        return Places(
            lost=self.lost + other.lost,
            doubled=self.doubled + other.doubled,
            displaced=self.displaced + other.displaced,
        )

    @property
    def sound(self) -> bool:
        return self == Places()

    def __str__(self) -> str:
        return f"{self.lost}; {self.doubled}; {self.displaced}"


def judged(came: Sequence[str], rang: Sequence[str], answered: Collection[str], apart: Collection[str] = ()) -> Places:
    """`came`: who waited, in their order; `rang`: for whom a phone rang, in that order; others among them count not.
    `apart`: who was served by others in between, and overtakes nobody."""
    place = {caller: number for number, caller in enumerate(came)}
    times = Counter(caller for caller in rang if caller in place)
    latest, displaced = -1, 0
    for caller in times:  # in the order in which they were met first
        if caller in apart:
            continue
        displaced += place[caller] < latest
        latest = max(latest, place[caller])
    return Places(
        lost=sum(caller not in answered for caller in came),
        doubled=sum(count - 1 for count in times.values()),
        displaced=displaced,
    )
