"""What a caller did in a voice menu, told when he has left it: every node he came to, and how he went on from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from crm_core.kernel.messages import registered
from cti.events.calls import CallEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuVisit:
    """A node he came to."""

    flow: str
    version: int = 0
    """Of the flow; 0: nobody knows."""
    node: str
    at: datetime
    seconds: float
    """How long he was there."""
    entered: tuple[str, ...] = field(default=(), repr=False)
    """All he typed there, in order: keys of a menu one by one, empty for silence, `****` where the flow calls it
    secret …"""
    wrong: tuple[str, ...] = field(default=(), repr=False)
    """… and what of it did not fit."""
    way: str = ""
    """By which way he left it: a field of the node (`choices.2`, `exhausted`, `error`), or how it ended there: `queue`,
    `agent` and `number` (somebody's phone), `end` (the menu's own), `hung_up`, `max_steps`, and `cut` when nobody
    knows."""
    done: str = ""
    """What was done for him there, as labels of steps say it (`ticket_told`); `goodbye` for last words."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallWalked(CallEvent):
    """The caller has left the menu. Whom nobody took the call of goes on in it: told once more from the beginning."""

    topic: ClassVar[str] = "call.walked"
    visits: tuple[MenuVisit, ...]
    """In order; never empty."""
