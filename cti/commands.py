"""What others may ask of `cti`. Each is answered with a result: done, or refused with a stable code.

Refusal codes: `agent.unknown`, `agent.has_call`, `agent.not_in_wrap_up`, `agent.paperwork_first`, `call.unknown`,
`call.not_yours`, `phone.unreachable`, `link.down`, `reason.missing`, `state.unknown`, `command.unknown`; of call
control also:

| code                                  | means                                                                        |
|---------------------------------------|------------------------------------------------------------------------------|
| `call.not_talking`                    | his call, but he is not in conversation with the customer                    |
| `call.in_conference`                  | more than two talk; nobody can be handed on before somebody has left         |
| `target.unknown`                      | no such agent or queue                                                       |
| `target.self`                         | that is himself                                                              |
| `target.unreachable`                  | signed off, or his phone is not registered where the caller is               |
| `target.busy`                         | has a call; nobody of that queue is free to be consulted                     |
| `target.closed`, `target.full`        | a queue where the customer would be told good-bye: closed, or its line full  |
| `target.unserved`                     | a queue that nobody serves: he would be told good-bye, or wait for nobody    |
| `number.invalid`, `number.forbidden`  | no number that can be dialled; one the house does not let anybody dial       |
| `number.no_line`                      | no line leads to the outside                                                 |
| `consult.none`, `consult.running`     | nobody is being consulted; somebody is                                       |
| `consult.not_answered`                | whom he consults has not picked up yet                                       |
| `call.not_parked`                     | nobody is parked there (any more)                                            |
| `call.not_waiting`                    | he does not wait (any more)                                                  |
| `digits.invalid`                      | not 1 to 32 of the keys of a telephone                                       |
| `recording.none`                      | nothing is being recorded                                                    |
| `callback.not_here`                   | that queue calls nobody back, or he has named none and waits in none         |
| `call.being_taken_over`               | another supervisor is taking this customer over                              |
| `monitor.none`                        | he listens to nobody                                                         |
| `phone.by_hand`                       | only the phone itself can do this: press it there                            |
| `command.failed`                      | Asterisk did not do it: it refused, or the call was over before              |
| `command.timed_out`                   | Asterisk did not say in time, or the line to it broke: it may have happened  |

A command for which Asterisk has to do something is answered when it has, or has refused, or some seconds later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from crm_core.domain.tickets import TicketWork
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Command, CommandResult, registered
from cti.events import AgentOnFloor, LiveCall, MonitorMode, ParkedCustomer, WaitingCall, WaitingTicket
from routing.explaining import IdleReason, WaitReason
from routing.strategies import StrategyName


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
    """Go offline. Refused while a call is in hand, unless it is an offer over a lost line, and while paperwork is to be
    done that has to be."""

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
    """End the agent's own part of the call; with nobody left the customer is disconnected as well. Answered when it is
    done.

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


# --- calls beside the queue, and those that are handed on


class TargetKind(StrEnum):
    AGENT = "agent"
    QUEUE = "queue"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """To whom a call is handed on, or who is consulted about it."""

    kind: TargetKind
    value: str
    """The agent's id, the queue's key, or a number outside as a person writes it."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall(Command):
    """Click to call: first the agent's phone rings (its INVITE has X-CW-Click), and when he answers, the customer's.

    Answered with `CallPlaced` when the agent's phone is being called. He gets no other call from here on."""

    topic: ClassVar[str] = "cti.place_call"
    agent: AgentId
    number: str
    """As a person writes it; read by the house's numbering plan."""
    customer: str = ""
    """Whom the agent meant, if he began with somebody's card: for the log and the screens."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaced(CommandResult):
    """The answer to PlaceCall."""

    topic: ClassVar[str] = "cti.call_placed"
    call: CallId | None = None


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Command):
    """Hand the customer on without a word; the agent's part is over. To a queue: he waits there anew.

    Who is not taken comes back: to the agent's phone, else into his line."""

    topic: ClassVar[str] = "cti.transfer"
    agent: AgentId
    call: CallId
    to: Target


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Consult(Command):
    """Ask somebody while the customer hears music. Of a queue: of those who serve it and can what it asks for, whoever
    has been idle longest.

    Answered when the other phone is being called. To end it the agent may also hang up: that hands the customer on."""

    topic: ClassVar[str] = "cti.consult"
    agent: AgentId
    call: CallId
    to: Target


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTransfer(Command):
    """Out of a consultation: the customer talks with whom was consulted, the agent is out."""

    topic: ClassVar[str] = "cti.complete_transfer"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Command):
    """Out of a consultation, back to the customer; whom was consulted is let go."""

    topic: ClassVar[str] = "cti.cancel_transfer"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Conference(Command):
    """Out of a consultation: all three talk. Whoever hangs up leaves, the others go on."""

    topic: ClassVar[str] = "cti.conference"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Park(Command):
    """Put the customer aside, with music; any agent may retrieve him."""

    topic: ClassVar[str] = "cti.park"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieve(Command):
    """Take a parked customer to the agent's own phone. Answered when it is being called."""

    topic: ClassVar[str] = "cti.retrieve"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class CallForPrompt(Command):
    """Call a phone so that somebody speaks a prompt into it; no call of the log. Answered when Asterisk has begun, and
    `PromptCallOver` tells the end."""

    topic: ClassVar[str] = "cti.call_for_prompt"
    agent: AgentId
    """Who speaks: his own phone is called, if he does not name another."""
    take: str
    """By which name the voice menus' server knows what is to be spoken."""
    prompt: str
    number: str = ""
    """Another phone, outside, as a person writes it; read by the house's numbering plan."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class EndPromptCall(Command):
    """Hang up the phone that was called for this take."""

    topic: ClassVar[str] = "cti.end_prompt_call"
    take: str


# --- within a call


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecording(Command):
    """What is said now is not recorded (card data). It resumes by itself after a while, or when he leaves the call."""

    topic: ClassVar[str] = "cti.pause_recording"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRecording(Command):
    topic: ClassVar[str] = "cti.resume_recording"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Command):
    """Whether the agent is not heard; done by Asterisk, for phones that are no browser."""

    topic: ClassVar[str] = "cti.mute"
    agent: AgentId
    call: CallId
    muted: bool


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits(Command):
    """Press keys for a machine at the other end; done by Asterisk, for phones that are no browser."""

    topic: ClassVar[str] = "cti.send_digits"
    agent: AgentId
    call: CallId
    digits: str = field(repr=False)
    """1 to 32 of 0-9, `*`, `#`, A-D. Kept in the log, but not while the recording is paused."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall(Command):
    """Pick up at a desk phone. (A browser does this by itself.)"""

    topic: ClassVar[str] = "cti.answer_call"
    agent: AgentId
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCall(Command):
    """Hold or resume at a desk phone. (A browser does this by itself.)"""

    topic: ClassVar[str] = "cti.hold_call"
    agent: AgentId
    call: CallId
    held: bool


# --- supervisors


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor(Command):
    """Into an agent's conversation by the supervisor's own phone; again with another mode, to change it.

    Answered when his phone is being called, or has changed over."""

    topic: ClassVar[str] = "cti.monitor"
    agent: AgentId
    """The supervisor."""
    of: AgentId
    mode: MonitorMode = MonitorMode.LISTEN


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class StopMonitoring(Command):
    topic: ClassVar[str] = "cti.stop_monitoring"
    agent: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver(Command):
    """The agent's customer talks with the supervisor from now on; the agent is out.

    Answered when the supervisor's phone is being called, or, if he was listening, when he is with the customer. Until
    he answers nothing changes for the two."""

    topic: ClassVar[str] = "cti.take_over"
    agent: AgentId
    """The supervisor."""
    of: AgentId


# --- the floor


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
class PutTickets(Command):
    """How these tickets stand in the database by now: in a line, on somebody's desk, or neither."""

    topic: ClassVar[str] = "cti.put_tickets"
    tickets: tuple[TicketWork, ...] = ()
    whole: bool = False
    """These are all that are work of any line."""


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
    strategy: StrategyName = StrategyName.BEST_SKILL
    """Who of several free and able agents is asked."""
    tickets: int = 0
    """How many tickets wait in it, beside the callers."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(CommandResult):
    """The answer to GetFloor."""

    topic: ClassVar[str] = "cti.floor"
    queues: tuple[QueueOnFloor, ...] = ()
    waiting: tuple[WaitingCall, ...] = ()
    agents: tuple[AgentOnFloor, ...] = ()
    calls: tuple[LiveCall, ...] = ()
    parked: tuple[ParkedCustomer, ...] = ()
    tickets: tuple[WaitingTicket, ...] = ()
    """Those that wait, the most urgent first."""
    links: dict[str, bool] | None = None
    """Server -> whether its line is up."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCallback(Command):
    """The caller of this call shall be called back at his place in the line, as soon as the call is over."""

    topic: ClassVar[str] = "cti.promise_callback"
    call: CallId
    number: str
    """As he left it; read by the house's numbering plan."""
    queue: QueueKey | None = None
    """In whose line; None: in which he waits."""
    language: str = ""
    until: datetime | None = None
    """Then nobody waits for the answer any more: what is read later is refused (`command.timed_out`)."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainWait(Command):
    """Why is this caller still waiting? Answered with a WaitExplained. Of a ticket its own id stands for a call's."""

    topic: ClassVar[str] = "cti.explain_wait"
    call: CallId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitExplained(CommandResult):
    topic: ClassVar[str] = "cti.wait_explained"
    reason: WaitReason


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainIdle(Command):
    """Why does this agent get no calls? Answered with an IdleExplained."""

    topic: ClassVar[str] = "cti.explain_idle"
    agent: AgentId


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class IdleExplained(CommandResult):
    topic: ClassVar[str] = "cti.idle_explained"
    reason: IdleReason
