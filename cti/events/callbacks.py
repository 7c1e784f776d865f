"""Callers who wait on the phone no longer and shall be called back: what was promised, and what becomes of it.

All but two are of the call in which it was promised; each attempt is a call of its own, and these two are of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import registered
from crm_core.kernel.requirements import Requirements
from cti.events.calls import CallEvent, wish_of
from cti.events.words import Outcome


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPromised(CallEvent):
    """The caller may hang up: he keeps his place in the line, and is called when his turn comes."""

    topic: ClassVar[str] = "call.callback_promised"
    number: str
    """The digits that are dialled."""
    queue: QueueKey
    since: datetime
    """His place."""
    requires: dict[str, int] = field(default_factory=dict)
    asks: str = ""
    """What he asks for: as of `CallQueued`."""
    priority: int = 0
    language: str = ""
    intent: str = ""

    @property
    def wish(self) -> Requirements:
        return wish_of(self.asks, self.requires)


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackBegan(CallEvent):
    """It is his turn: this call is made for him, and the phone of the agent who was chosen is called first."""

    topic: ClassVar[str] = "call.callback_began"
    of: CallId
    """The call in which it was promised …"""
    promised_at: datetime
    """… when …"""
    since: datetime
    """… and his place."""
    queue: QueueKey
    number: str
    agent: AgentId
    tries: int = 0
    """How often he was called in vain before."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAccepted(CallEvent):
    """The agent has picked up; now the customer's phone is called."""

    topic: ClassVar[str] = "call.callback_accepted"
    of: CallId
    agent: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTried(CallEvent):
    """He was called and not reached."""

    topic: ClassVar[str] = "call.callback_tried"
    by: CallId
    """The call that was made for him."""
    agent: AgentId | None
    outcome: Outcome
    tries: int
    """This one included."""
    again_at: datetime | None
    """When he stands in his line again; None: this was the last time."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDone(CallEvent):
    """He was reached."""

    topic: ClassVar[str] = "call.callback_done"
    by: CallId
    agent: AgentId | None
    himself: bool = False
    """He called again meanwhile, in `by`, and talked with that agent. Without one: he was promised it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InVain:
    """One attempt that came to nothing."""

    at: datetime
    by: CallId
    agent: AgentId | None
    outcome: Outcome


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackGivenUp(CallEvent):
    """He was not reached however often it was tried, or nobody knows whether he was, and leaves the line: a callback of
    the CRM remains to be done."""

    topic: ClassVar[str] = "call.callback_given_up"
    number: str
    queue: QueueKey
    promised_at: datetime
    language: str = ""
    in_vain: tuple[InVain, ...] = ()
    unsure: CallId | None = None
    """The last call made for him, when we were away while it ended: nobody knows whether he was reached, so no machine
    dials him again."""
