"""REST: call control. Each operation ends in what came of it: done, refused with a stable code (409), or not known
in time (504).

Who calls the operation acts at his own phone; a supervisor may name another agent's. Whose call it is, the telephone
side looks at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints

from agent_console.api import models
from agent_console.api.operations import Ask, Handler, Made, Operations, Query
from agent_console.auth.permissions import May
from agent_console.control import acted_for, monitored
from agent_console.errors import CallUnknown, refusal
from agent_console.inputs import Id, Input, NumberText
from agent_console.keys import BUS
from agent_console.phones import at_the_phone
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command, CommandResult
from cti import commands as c
from cti.events import MonitorMode

api = Operations("Call control")
_AWAY = (503, 504)
_A_NAME = re.compile(r"[A-Za-z0-9_.:+-]{1,120}")
_F = TypeVar("_F", bound=Handler)

Digits = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern="^[0-9*#A-D]+$")]


class ActorQuery(Query):
    agent: Id | None = Field(default=None, description="At whose phone; without it at one's own.")


class TargetInput(Input):
    """To whom: a colleague, a queue, or a number outside."""

    kind: c.TargetKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(
        description="The agent's id, the queue's key, or the number as a person writes it."
    )

    @property
    def target(self) -> c.Target:
        return c.Target(kind=self.kind, value=self.value.strip())


class HandOnInput(Input):
    to: TargetInput


class NewCallInput(Input):
    number: NumberText = Field(description="As a person writes it.")
    customer: Id | None = Field(default=None, description="Whom one means to reach, for the log.")


class MuteInput(Input):
    muted: bool


class HoldInput(Input):
    held: bool


class DigitsInput(Input):
    digits: Digits


class MonitorInput(Input):
    mode: MonitorMode = Field(
        default=MonitorMode.LISTEN, description="`whisper`: only the agent hears one; `barge`: both do."
    )


# Calls ----------------------------------------------------------------------------------------------------------------


@api.add(
    "POST",
    "/calls",
    "Call a number: the agent's phone rings first, then the other side's",
    answers=models.PlacedCall,
    status=201,
    query=ActorQuery,
    body=NewCallInput,
    may=May.TAKE_CALLS,
    refusals=_AWAY,
)
async def place_call(ask: Ask, query: ActorQuery, body: NewCallInput) -> Made:
    agent = await _actor(ask, query)
    command = c.PlaceCall(agent=AgentId(agent.id), number=body.number.strip(), customer=body.customer or "")
    placed = await _done(ask, command)
    if not isinstance(placed, c.CallPlaced) or placed.call is None:
        raise refusal(CommandResult(ok=False, code="command.failed"))
    return Made(made=models.PlacedCall(call=placed.call), location=f"/api/v1/calls/{placed.call}")


def _on_call(path: str, summary: str, body: type[Input] | None = None) -> Callable[[_F], _F]:
    return api.add(
        "POST",
        f"/calls/{{call}}/{path}",
        summary,
        status=204,
        query=ActorQuery,
        body=body,
        may=May.TAKE_CALLS,
        refusals=_AWAY,
    )


@_on_call("hangup", "End one's own part of the call")
async def hang_up(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.HangUp(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("transfer", "Hand the customer on; a queue lets him wait anew", HandOnInput)
async def transfer_call(ask: Ask, query: ActorQuery, body: HandOnInput) -> None:
    await _done(ask, c.Transfer(agent=await _agent(ask, query), call=call_named(ask), to=body.to.target))


@_on_call("consult", "Ask somebody while the customer hears music", HandOnInput)
async def consult(ask: Ask, query: ActorQuery, body: HandOnInput) -> None:
    await _done(ask, c.Consult(agent=await _agent(ask, query), call=call_named(ask), to=body.to.target))


@_on_call("consult/complete", "The customer talks with whom was consulted; the agent is out")
async def complete_transfer(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.CompleteTransfer(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("consult/cancel", "Back to the customer; whom was consulted is let go")
async def cancel_transfer(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.CancelTransfer(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("conference", "Out of a consultation: all three talk")
async def conference(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.Conference(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("park", "Put the customer aside, with music, for anybody to fetch")
async def park_call(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.Park(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("retrieve", "Fetch a parked customer to the agent's phone")
async def retrieve_call(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.Retrieve(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("recording/pause", "Record silence, as for card data; it goes on by itself after a while")
async def pause_recording(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.PauseRecording(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("recording/resume", "Record again")
async def resume_recording(ask: Ask, query: ActorQuery) -> None:
    await _done(ask, c.ResumeRecording(agent=await _agent(ask, query), call=call_named(ask)))


@_on_call("mute", "Whether the agent is not heard", MuteInput)
async def mute(ask: Ask, query: ActorQuery, body: MuteInput) -> None:
    await _done(ask, c.Mute(agent=await _agent(ask, query), call=call_named(ask), muted=body.muted))


@_on_call("digits", "Press keys for a machine at the other side", DigitsInput)
async def send_digits(ask: Ask, query: ActorQuery, body: DigitsInput) -> None:
    await _done(ask, c.SendDigits(agent=await _agent(ask, query), call=call_named(ask), digits=body.digits))


@_on_call("answer", "Pick up")
async def answer_call(ask: Ask, query: ActorQuery) -> None:
    user = await _actor(ask, query)
    await _at_the_phone(ask, user, c.AnswerCall(agent=AgentId(user.id), call=call_named(ask)))


@_on_call("hold", "Put the customer on hold, or go on", HoldInput)
async def hold_call(ask: Ask, query: ActorQuery, body: HoldInput) -> None:
    user = await _actor(ask, query)
    await _at_the_phone(ask, user, c.HoldCall(agent=AgentId(user.id), call=call_named(ask), held=body.held))


# Supervisors ----------------------------------------------------------------------------------------------------------


@api.add(
    "POST",
    "/agents/{agent}/monitor",
    "Be in an agent's conversation by one's own phone; again with another mode to change it",
    status=204,
    body=MonitorInput,
    may=May.MONITOR,
    refusals=_AWAY,
)
async def monitor_agent(ask: Ask, body: MonitorInput) -> None:
    of = await _monitored(ask)
    await _done(ask, c.Monitor(agent=AgentId(ask.user.id), of=of, mode=body.mode))


@api.add(
    "POST",
    "/agents/{agent}/monitor/stop",
    "Leave the conversation one listens to",
    status=204,
    may=May.MONITOR,
    refusals=_AWAY,
)
async def stop_monitoring(ask: Ask) -> None:
    await _monitored(ask)
    await _done(ask, c.StopMonitoring(agent=AgentId(ask.user.id)))


@api.add(
    "POST",
    "/agents/{agent}/take-over",
    "Talk with the agent's customer oneself; the agent is out",
    status=204,
    may=May.MONITOR,
    refusals=_AWAY,
)
async def take_over(ask: Ask) -> None:
    of = await _monitored(ask)
    await _done(ask, c.TakeOver(agent=AgentId(ask.user.id), of=of))


# Who and what ---------------------------------------------------------------------------------------------------------


def call_named(ask: Ask) -> CallId:
    """Telephony is asked for nothing that cannot be a call's name."""
    if not _A_NAME.fullmatch(ask.path["call"]):
        raise CallUnknown()
    return CallId(ask.path["call"])


async def _actor(ask: Ask, query: ActorQuery) -> User:
    """At whose phone it is done."""
    if query.agent is None or query.agent == ask.user.id:
        return ask.user
    return await acted_for(ask.services, ask.user, query.agent)


async def _agent(ask: Ask, query: ActorQuery) -> AgentId:
    return AgentId((await _actor(ask, query)).id)


async def _monitored(ask: Ask) -> AgentId:
    return await monitored(ask.services, ask.user, ask.path["agent"])


async def _done(ask: Ask, command: Command) -> CommandResult:
    result = await ask.request.config_dict[BUS].request(command)
    if not result.ok:
        raise refusal(result)
    return result


async def _at_the_phone(ask: Ask, user: User, command: c.AnswerCall | c.HoldCall) -> None:
    result = await at_the_phone(ask.request.config_dict[BUS], ask.clock, user, command)
    if not result.ok:
        raise refusal(result)
