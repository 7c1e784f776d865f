"""Call control between the live screens and the server: what is wished, and what is told of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent_console.live.screen_pop import Names
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from cti.commands import Target, TargetKind
from cti.events import MonitorMode
from routing.states import AgentState

# The server speaks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulting:
    """Who is asked while the customer hears music."""

    kind: str
    """`agent`, `queue`, `number`; empty: somebody, the agent chose at his phone."""
    value: str
    shown: Names = field(default_factory=dict)
    """A number as people write it."""
    since: datetime
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallControl:
    """What is under way in one call beside the conversation."""

    call: CallId
    consult: Consulting | None = None
    conference: bool = False
    recording_paused_until: datetime | None = None
    muted: bool = False
    """I am not heard, by my own wish, at a phone that is no browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCall:
    """Put aside, with music; any agent may fetch it."""

    call: CallId
    lot: str
    since: datetime
    by: AgentId | None
    shown: Names
    customer: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    calls: tuple[CallControl, ...] = ()
    parked: tuple[ParkedCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """A supervisor is in an agent's conversation."""

    by: AgentId
    of: AgentId
    mode: MonitorMode
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAgent:
    agent: AgentId
    extension: str
    state: AgentState
    since: datetime
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetQueue:
    queue: QueueKey
    waiting: int
    ready: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetNumber:
    typed: str
    shown: Names
    """As people write it."""
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """To whom a call can be handed on right now; names are in the vocabulary."""

    agents: tuple[TargetAgent, ...] = ()
    queues: tuple[TargetQueue, ...] = ()
    number: TargetNumber | None = None
    """What was typed, when it looks like a number."""


# The browser asks -----------------------------------------------------------------------------------------------------


class AskBase(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=80)
    """Made by the browser; the same wish sent twice carries the same id and is carried out once."""


class ControlAsk(AskBase):
    """Root of what is wished about calls."""


class TargetForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: TargetKind
    value: str = Field(min_length=1, max_length=120)

    @property
    def target(self) -> Target:
        return Target(kind=self.kind, value=self.value.strip())


class PlaceCallAsk(ControlAsk):
    do: Literal["place_call"]
    number: str = Field(min_length=1, max_length=60)
    customer: str = Field(default="", max_length=80)


class TransferAsk(ControlAsk):
    do: Literal["transfer"]
    call: CallId
    to: TargetForm


class ConsultAsk(ControlAsk):
    do: Literal["consult"]
    call: CallId
    to: TargetForm


class InCallAsk(ControlAsk):
    """What needs no more words than the call."""

    do: Literal[
        "complete_transfer",
        "cancel_transfer",
        "conference",
        "park",
        "retrieve",
        "pause_recording",
        "resume_recording",
        "answer_call",
    ]
    call: CallId


class MuteCallAsk(ControlAsk):
    do: Literal["mute_call"]
    call: CallId
    muted: bool


class HoldCallAsk(ControlAsk):
    do: Literal["hold_call"]
    call: CallId
    held: bool


class SendDigitsAsk(ControlAsk):
    do: Literal["send_digits"]
    call: CallId
    digits: str = Field(pattern=r"^[0-9*#A-D]{1,32}$", repr=False)


class MonitorAsk(ControlAsk):
    do: Literal["monitor"]
    of: AgentId
    mode: MonitorMode = MonitorMode.LISTEN


class StopMonitoringAsk(ControlAsk):
    do: Literal["stop_monitoring"]


class TakeOverAsk(ControlAsk):
    do: Literal["take_over"]
    of: AgentId


class ListTargetsAsk(ControlAsk):
    """Who could take a call, as of now; what is typed may be a number."""

    do: Literal["list_targets"]
    typed: str = Field(default="", max_length=60)


class PhoneObeyedAsk(ControlAsk):
    """What came of a `phone_do`."""

    do: Literal["phone_obeyed"]
    order: str = Field(min_length=1, max_length=80)
    code: Literal["", "call.unknown", "call.not_talking", "command.failed"] = ""


AnyControlAsk = (
    PlaceCallAsk
    | TransferAsk
    | ConsultAsk
    | InCallAsk
    | MuteCallAsk
    | HoldCallAsk
    | SendDigitsAsk
    | MonitorAsk
    | StopMonitoringAsk
    | TakeOverAsk
    | ListTargetsAsk
    | PhoneObeyedAsk
)
