"""When a conversation is recorded, and when what is said is kept out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import registered
from cti.events.calls import CallEvent
from cti.events.words import ResumedBy


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(CallEvent):
    topic: ClassVar[str] = "recording.started"
    file: str
    """Relative to the recordings folder."""
    mix_id: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStopped(CallEvent):
    topic: ClassVar[str] = "recording.stopped"
    file: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPaused(CallEvent):
    """What is said from now on is silence in the file."""

    topic: ClassVar[str] = "recording.paused"
    agent: AgentId
    until: datetime
    """When it goes on by itself."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingResumed(CallEvent):
    topic: ClassVar[str] = "recording.resumed"
    by: ResumedBy
    agent: AgentId | None = None
    """Who had paused it."""
