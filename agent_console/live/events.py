"""What the live sides of the console's processes tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Event, registered


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinished(Event):
    """An agent has saved the paperwork of a call that did not keep him: it goes from all his screens."""

    topic: ClassVar[str] = "console.case_finished"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNamed(Event):
    """Somebody has said whose call it is, or that it is somebody else's; the call log has it."""

    topic: ClassVar[str] = "console.caller_named"
    call: CallId
