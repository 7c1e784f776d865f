"""By what a customer proves on the telephone who he is: the number of his account, and a PIN. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from crm_core.kernel.ids import CustomerId, UserId

ACCOUNT = re.compile(r"[0-9]{4,16}", re.ASCII)
PIN = re.compile(r"[0-9]{6,8}", re.ASCII)
MOST_OF_ACCOUNT = 5
"""Wrong PINs for one account within `WINDOW`, whoever calls; then it is shut until the first of them is that old."""
MOST_OF_CALLER = 10
"""… and from one number, whatever the account. All who withhold theirs are one."""
MOST_IN_A_ROW = 15
"""Wrong PINs for one account without a right one between: then only a person opens it again."""
WINDOW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPin:
    """What is known of a customer's PIN, which is not the PIN."""

    customer: CustomerId
    account: str
    set_at: datetime
    set_by: UserId | None = None
    wrong: int = 0
    """Tries since the last right one."""

    @property
    def shut(self) -> bool:
        """Until a person opens it."""
        return self.wrong >= MOST_IN_A_ROW


class Proof(StrEnum):
    """What came of an account number and a PIN."""

    FOUND = "found"
    WRONG = "wrong"
    """There is no such account, or its PIN is another: which of them, nobody is told."""
    LOCKED = "locked"
    """Too many tries; the PIN was not looked at."""


def is_weak(pin: str) -> bool:
    """One digit again and again, or a row up or down: what is guessed first."""
    steps = {int(later) - int(earlier) for earlier, later in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def is_locked(of_account: Sequence[datetime], of_caller: Sequence[datetime], now: datetime) -> bool:
    """By the wrong tries that are remembered."""
    recent = [sum(at > now - WINDOW for at in tries) for tries in (of_account, of_caller)]
    return recent[0] >= MOST_OF_ACCOUNT or recent[1] >= MOST_OF_CALLER
