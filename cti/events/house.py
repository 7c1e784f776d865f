"""What is told of agents, of the lines to Asterisk, and of what we did not expect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crm_core.kernel.ids import AgentId, CallId, ServerId
from crm_core.kernel.messages import Event, registered
from cti.events.words import Outcome
from routing.states import AgentState


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStateChanged(Event):
    topic: ClassVar[str] = "agent.state_changed"
    agent: AgentId
    state: AgentState
    reason: str = ""
    """For `paused`: `missed_call`, `break`, … (a code or the supervisor's own word)."""
    call: CallId | None = None
    reachable: bool = True
    """Whether the agent's phone is registered right now."""
    before: AgentState | None = None
    wish: AgentState | None = None
    """What the agent asked to be when no call is in his hands (ready, paused, offline), also while a call hides it."""
    wish_reason: str = ""
    """… and why, of a pause."""
    wrap_up_until: datetime | None = None
    """Of paperwork with a limit: when it ends by itself."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp(Event):
    topic: ClassVar[str] = "link.up"
    server: ServerId
    asterisk_version: str = ""
    restarted: bool = False
    """True when Asterisk itself was started anew since we last spoke."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost(Event):
    topic: ClassVar[str] = "link.lost"
    server: ServerId
    why: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCallOver(Event):
    """The phone that was called so that somebody speaks a prompt into it is hung up, or could not be called."""

    topic: ClassVar[str] = "cti.prompt_call_over"
    take: str
    answered: bool
    why: Outcome
    """Of one that was not answered: busy, no_answer, rejected, or failed: there is no such phone now."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMoved(Event):
    """Another phone has registered in place of the agent's: his calls of this server ring there now."""

    topic: ClassVar[str] = "cti.phone_moved"
    agent: AgentId
    server: ServerId
    contact: str
    """Under which name the former one had registered: it knows itself by that."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly(Event):
    """Asterisk said something we did not expect. Counted and kept, never fatal."""

    topic: ClassVar[str] = "cti.anomaly"
    what: str
    raw: str = ""
    call: CallId | None = None
