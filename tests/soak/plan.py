"""What a soak will do, settled before it begins: which fault when, and what each caller and each agent is like. Pure:
the same seed makes the same plan.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

HOTLINE, VIP, REPAIR = "4008000", "4008001", "4008002"
FIRST_NUMBER = 13_900_000_000
SHORTEST_FAULT_S, LONGEST_FAULT_S = 1.0, 10.0


class Kind(StrEnum):
    """A fault, in the words of the report."""

    KILL_TELEPHONY = "telephony process killed (-9)"
    KILL_CONSOLE = "console process killed (-9)"
    KILL_WORKER = "worker process killed (-9)"
    CUT_LINE = "line to Asterisk (AMI) cut"
    STALL_LINE = "line to Asterisk (AMI) silent, not closed"
    STOP_DATABASE = "database stopped"
    STOP_REDIS = "Redis stopped"
    FILL_DISK = "disk of CALLWRIGHT_HOME full"
    RESTART_ASTERISK = "Asterisk stopped when convenient, and started again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    kind: Kind
    at_s: float
    """After the first call."""
    lasts_s: float
    """How long what was taken away stays away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A fault as it was. Times are seconds since the epoch."""

    kind: Kind
    began_at: float
    ended_at: float
    words: str = ""
    """What is worth saying beside its kind."""


def faults(seed: int, *, length_s: float, every_s: float, kinds: Sequence[Kind] = tuple(Kind)) -> tuple[Fault, ...]:
    """Each kind once before any comes again, in an order of chance."""
    chance = random.Random(f"{seed} faults")
    turns = _turns(chance, kinds)
    count = int(length_s // every_s) if every_s else 0
    longest = max(SHORTEST_FAULT_S, min(LONGEST_FAULT_S, every_s / 2))
    return tuple(
        Fault(
            kind=next(turns), at_s=every_s * (number + 0.5), lasts_s=round(chance.uniform(SHORTEST_FAULT_S, longest), 1)
        )
        for number in range(count)
    )


def _turns(chance: random.Random, kinds: Sequence[Kind]) -> Iterator[Kind]:
    while True:
        yield from chance.sample(kinds, len(kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    number: str
    """His alone in this soak: it ties together what phones, Asterisk and our log say of one call."""
    dials: str
    keys: tuple[str, ...]
    """What he presses in the menu."""
    patience_s: float
    """How long he stays without a person; he hangs up then."""
    talks_s: float
    hangs_up: bool
    """He ends the conversation, not the agent."""


def caller(seed: int, number: int) -> Caller:
    chance = random.Random(f"{seed} caller {number}")
    dials = chance.choices((HOTLINE, VIP, REPAIR), (6, 2, 2))[0]
    keys = (chance.choice("12"), chance.choice("1230")) if dials == HOTLINE else ()
    hurried = chance.random() < 0.05
    return Caller(
        number=str(FIRST_NUMBER + number),
        dials=dials,
        keys=keys,
        patience_s=chance.uniform(2, 12) if hurried else 180.0,
        talks_s=chance.uniform(2, 9),
        hangs_up=chance.random() < 0.5,
    )


class Mood(StrEnum):
    TAKES = "takes"
    MISSES = "misses"
    """Lets it ring."""
    REJECTS = "rejects"


def mood(chance: random.Random) -> Mood:
    return chance.choices((Mood.TAKES, Mood.MISSES, Mood.REJECTS), (94, 3, 3))[0]
