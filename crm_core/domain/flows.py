"""Voice menus as documents with versions: what is published, what is being written, and which number leads where.

What a document says is the business of the voice menus; here it is a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.domain.calendars import Calendars
from crm_core.domain.floor import Did
from crm_core.kernel.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVersion:
    """What callers heard from a certain moment on. Never changed."""

    flow: str
    number: int
    document: str = field(repr=False)
    at: datetime
    by: UserId | None = None
    """Nobody: it came with the product, or by the command line."""
    note: str = ""
    shipped: bool = False
    """Came with the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDraft:
    """What somebody is writing; callers hear nothing of it."""

    flow: str
    document: str = field(repr=False)
    revision: int
    """Counts up with every saving: whoever saves says which one he began with."""
    based_on: int
    """The version it began as; 0 for a flow that was never published."""
    at: datetime
    by: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEntry:
    """One flow in the list of all."""

    name: str
    published: int
    """The version callers hear; 0: none yet."""
    published_at: datetime | None = None
    draft_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsStanding:
    """What holds for the next call."""

    versions: Mapping[str, int]
    numbers: Mapping[str, Did]
    """The numbers that lead into a menu."""
    calendars: Calendars = field(default_factory=dict)
    """By which they and the menus open and close."""
