"""A line of the house's append-only log: an event as it was told, and its place in the order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_core.kernel.ids import CallId, MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    position: int
    """Grows with every line; gaps are normal."""
    message_id: MessageId
    topic: str
    at: datetime
    call: CallId | None
    subject: str | None = None
    """What a change was made to (`Audited.subject`), so that its history is found."""
    body: dict[str, Any]
    """The event's fields, JSON-ready (`messages.to_dict`)."""
