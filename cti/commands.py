"""What others may ask of `cti`. Each is answered with a result: done, or refused with a stable code.

Refusal codes: `agent.unknown`, `agent.has_call`, `agent.not_in_wrap_up`, `call.unknown`, `call.not_yours`,
`phone.unreachable`, `link.down`, `reason.missing`, `state.unknown`, `command.unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Command, CommandResult, registered
from cti.events import AgentOnFloor, LiveCall, WaitingCall


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class SetReady(Command):
    """Take calls. From wrap-up only through FinishWrapUp."""

    topic: ClassVar[str] = "cti.set_ready"
    agent: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class SetPaused(Command):
    """Stop taking calls. During a call it takes effect after the wrap-up."""

    topic: ClassVar[str] = "cti.set_paused"
    agent: AgentId
    reason: str


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff(Command):
    """Go offline. Refused while a call is in hand, unless it is an offer over a lost line."""

    topic: ClassVar[str] = "cti.sign_off"
    agent: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWrapUp(Command):
    """The paperwork of this call is done; the agent is free (or goes on the pause he asked for)."""

    topic: ClassVar[str] = "cti.finish_wrap_up"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End the agent's own part of the call; with nobody left the customer is disconnected as well.

    Over a lost line nothing can be hung up: the agent is let go of, an offer to him is over, until the line returns and
    says otherwise."""

    topic: ClassVar[str] = "cti.hang_up"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectOffer(Command):
    """Not me, please: the caller goes back to his place, the agent on pause `rejected`.

    Over a lost line only the agent is let go of."""

    topic: ClassVar[str] = "cti.reject_offer"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class ForceAgentState(Command):
    """A supervisor sets an agent ready, paused or offline."""

    topic: ClassVar[str] = "cti.force_agent_state"
    agent: AgentId
    state: str
    reason: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadFloor(Command):
    """Agents, skills or queues were changed by an administrator: read them again."""

    topic: ClassVar[str] = "cti.reload_floor"


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class GetFloor(Command):
    """Everything live, right now."""

    topic: ClassVar[str] = "cti.get_floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOnFloor:
    queue: QueueKey
    names: dict[str, str]
    """Language -> name."""
    waiting: int
    longest_wait_s: float
    agents_ready: int
    agents_signed_in: int


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(CommandResult):
    """The answer to GetFloor."""

    topic: ClassVar[str] = "cti.floor"
    queues: tuple[QueueOnFloor, ...] = ()
    waiting: tuple[WaitingCall, ...] = ()
    agents: tuple[AgentOnFloor, ...] = ()
    calls: tuple[LiveCall, ...] = ()
    links: dict[str, bool] | None = None
    """Server -> whether its line is up."""
