"""The states an agent can be in: the same words on the desk, the board, in reports and in the engine."""

from __future__ import annotations

from enum import StrEnum


class AgentState(StrEnum):
    OFFLINE = "offline"
    """Not working: gets nothing."""
    READY = "ready"
    """Free and willing; the only state that gets offers."""
    RESERVED = "reserved"
    """Chosen for a call; the phone has not begun to ring."""
    RINGING = "ringing"
    """The phone rings."""
    TALKING = "talking"
    """Connected with somebody (on hold is still talking)."""
    WRAP_UP = "wrap_up"
    """The call is over, its paperwork is not."""
    PAUSED = "paused"
    """At work but not taking calls, for a stated reason."""
