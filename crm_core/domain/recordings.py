"""Sound that was kept: which file belongs to which call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import CallId, RecordingId, TicketId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    id: RecordingId
    call: CallId
    file: str
    """Relative to the recordings folder."""
    started_at: datetime
    ended_at: datetime | None = None
    duration_s: float | None = None
    size_bytes: int | None = None
    deleted_at: datetime | None = None
    """The sound is gone (retention, or by hand); the fact that it was is not."""
    ticket: TicketId | None = None
    """It is no conversation but a message that the caller left, and this is what became of it."""
    comment: bool = False
    """It is no conversation but what the customer said of it when he had rated us."""
