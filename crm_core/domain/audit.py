"""Who changed what: kept in the event log beside the events of the calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from crm_core.kernel.ids import UserId
from crm_core.kernel.messages import Event, registered


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Audited(Event):
    topic: ClassVar[str] = "audit"
    action: str
    """`customer.updated`, `user.signed_in` …"""
    subject: str
    """The id of what was changed."""
    by: UserId | None = None
    """None: the house itself."""
    details: dict[str, Any] = field(default_factory=dict)
