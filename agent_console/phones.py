"""What only a phone can do by itself, answer and hold: asked of the browser that is the agent's phone.

It may be connected to another process of ours, so the wish goes over the bus, and so does what came of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from crm_core.domain.users import PhoneKind, User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, CallId, new_id
from crm_core.kernel.messages import CommandResult, Event, registered
from cti.commands import AnswerCall, HoldCall

BROWSER_TAKES_AT_MOST_S: Final = 4.0


class PhoneOrder(StrEnum):
    ANSWER = "answer"
    HOLD = "hold"
    RESUME = "resume"


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAsked(Event):
    """Whichever browser is this agent's phone is to do this with this call."""

    topic: ClassVar[str] = "console.phone_asked"
    order: str
    """Named again in the answer."""
    agent: AgentId
    call: CallId
    do: PhoneOrder


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAnswered(Event):
    """It has (an empty code), or could not."""

    topic: ClassVar[str] = "console.phone_answered"
    order: str
    code: str = ""


async def at_the_phone(bus: Bus, clock: Clock, user: User, command: AnswerCall | HoldCall) -> CommandResult:
    """Done by the browser of whoever has his phone there; of a phone on the desk telephony asks."""
    if user.phone_kind is not PhoneKind.WEBRTC:
        return await bus.request(command)
    asked = PhoneAsked(at=clock.now(), order=new_id("order"), agent=command.agent, call=command.call, do=_of(command))
    try:
        async with asyncio.timeout(BROWSER_TAKES_AT_MOST_S), bus.subscribe(PhoneAnswered) as answers:
            bus.publish(asked)
            async for answer in answers:
                if isinstance(answer, PhoneAnswered) and answer.order == asked.order:
                    return CommandResult(ok=not answer.code, code=answer.code)
    except TimeoutError:
        pass
    return CommandResult(ok=False, code="command.timed_out")


def _of(command: AnswerCall | HoldCall) -> PhoneOrder:
    if isinstance(command, AnswerCall):
        return PhoneOrder.ANSWER
    return PhoneOrder.HOLD if command.held else PhoneOrder.RESUME
