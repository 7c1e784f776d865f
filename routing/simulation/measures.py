"""What one run showed: for each call type how its callers fared, for each agent how busy he was."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True, kw_only=True)
class Tally:
    """The callers of one type who came after the warm-up."""

    offered: int = 0
    blocked: int = 0
    """Found no free agent and no place."""
    left_waiting: int = 0
    """Whom nobody served to the end of the day."""
    moved_on: int = 0
    """Went on to another queue, whatever became of them there."""
    sent_away: int = 0
    """Went on to a number outside, or were told something and good-bye."""
    waits: array[float] = field(default_factory=lambda: array("d"))
    """Of the answered: until somebody spoke to them."""
    gave_up_after: array[float] = field(default_factory=lambda: array("d"))
    told: array[float] = field(default_factory=lambda: array("d"))
    """Of some who waited and were answered: for how long they would have been told to …"""
    came: array[float] = field(default_factory=lambda: array("d"))
    """… and how long it was."""
    in_time: int = 0
    """Answered within the queue's time."""

    @property
    def answered(self) -> int:
        return len(self.waits)

    @property
    def abandoned(self) -> int:
        return len(self.gave_up_after)

    def figures(self) -> dict[str, float]:
        """Of a type that had no caller there is nothing to say but that."""
        waits = sorted(self.waits)
        found: dict[str, float] = {
            "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "blocked": self.blocked,
            "left_waiting": self.left_waiting,
            "moved_on": self.moved_on,
            "sent_away": self.sent_away,
        }
        if self.offered:
            found["abandoned_share"] = self.abandoned / self.offered
            found["blocked_share"] = self.blocked / self.offered
            found["service_level"] = self.in_time / self.offered
        if waits:
            found["mean_wait_s"] = sum(waits) / len(waits)
            found["waited_share"] = 1 - bisect_right(waits, 0.0) / len(waits)
            for share in (50, 95, 99):
                found[f"p{share}_wait_s"] = percentile(waits, share / 100)
        if self.told:
            found |= errors(self.told, self.came)
        if let_in := len(waits) + self.abandoned:
            found["mean_time_in_line_s"] = (sum(waits) + sum(self.gave_up_after)) / let_in
        return found


def total(tallies: list[Tally]) -> Tally:
    whole = Tally()
    for one in tallies:
        whole.offered += one.offered
        whole.blocked += one.blocked
        whole.left_waiting += one.left_waiting
        whole.moved_on += one.moved_on
        whole.sent_away += one.sent_away
        whole.in_time += one.in_time
        whole.waits.extend(one.waits)
        whole.gave_up_after.extend(one.gave_up_after)
        whole.told.extend(one.told)
        whole.came.extend(one.came)
    return whole


def errors(told: array[float], came: array[float]) -> dict[str, float]:
    """How far what callers would have been told was from what came: on the whole, each, and as a share of the wait."""
    off = [one - other for one, other in zip(told, came, strict=True)]
    mean = sum(came) / len(came)
    found = {
        "expected_wait_bias_s": sum(off) / len(off),
        "expected_wait_error_s": sum(abs(one) for one in off) / len(off),
    }
    return {**found, "expected_wait_error_share": found["expected_wait_error_s"] / mean} if mean > 0 else found


def percentile(ordered: list[float], share: float) -> float:
    """Nearest rank."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run, in figures small enough to be sent between processes."""

    total: Figures
    types: dict[str, Figures]
    occupancy: Figures
    """Of the agents: the least, the mean, the most; the share of their time at work with a call or its paperwork."""
    pooled: Figures
    """How the same callers would have fared if everybody could do everything; empty where that has no simple answer."""
    events: int
