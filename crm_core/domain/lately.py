"""How work went in the last hours: what whoever distributes calls remembers, and reads back after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_core.domain.service_level import Stay
from crm_core.kernel.ids import AgentId, CallId, QueueKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One agent's part in a call that he was connected with, or that he was offered and did not take."""

    agent: AgentId
    call: CallId
    queue: QueueKey | None = None
    """None: he made or took the call beside any queue."""
    offered_at: datetime | None = None
    connected_at: datetime | None = None
    left_at: datetime | None = None
    failure: str = ""
    """As of `calls.Leg`."""
    wrap_up_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    parts: tuple[Part, ...] = ()
    """The oldest first, as are the stays."""
    stays: tuple[Stay, ...] = ()
    """Of callers who wait no more."""
