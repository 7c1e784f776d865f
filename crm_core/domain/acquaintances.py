"""Who of us knows a caller: who looks after him, and who talked with him last."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.ids import AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    owner: AgentId | None = None
    """Whose account the customer is."""
    last: AgentId | None = None
    """Who was the last to talk with him before this call."""
