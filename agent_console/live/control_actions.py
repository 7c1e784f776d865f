"""Carries out what a screen wishes about calls; the answer is what came of it."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from agent_console.control import monitored
from agent_console.live.board_feed import ask_floor
from agent_console.live.control_protocol import (
    AnyControlAsk,
    ConsultAsk,
    HoldCallAsk,
    InCallAsk,
    ListTargetsAsk,
    MonitorAsk,
    MuteCallAsk,
    PhoneObeyedAsk,
    PlaceCallAsk,
    SendDigitsAsk,
    StopMonitoringAsk,
    TakeOverAsk,
    TargetAgent,
    TargetNumber,
    TargetQueue,
    Targets,
    TransferAsk,
)
from agent_console.live.hub import Hub
from agent_console.live.protocol import Answer
from agent_console.live.screen_pop import shown
from agent_console.live.sentences import refusal
from agent_console.phones import at_the_phone
from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.kernel.phone import NumberKind
from crm_core.services.bundle import Services
from cti import commands as c

if TYPE_CHECKING:
    from agent_console.live.actions import Asker

_LIKE_A_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{2,58}")
_IN_CALL: dict[str, Any] = {
    "complete_transfer": c.CompleteTransfer,
    "cancel_transfer": c.CancelTransfer,
    "conference": c.Conference,
    "park": c.Park,
    "retrieve": c.Retrieve,
    "pause_recording": c.PauseRecording,
    "resume_recording": c.ResumeRecording,
    "answer_call": c.AnswerCall,
}


class ControlActions:
    def __init__(self, services: Services, bus: Bus, hub: Hub, clock: Clock) -> None:
        self._services, self._bus, self._hub, self._clock = services, bus, hub, clock

    async def carry_out(self, ask: AnyControlAsk, asker: Asker) -> Answer:
        match ask:
            case ListTargetsAsk():
                return await self._targets(ask)
            case PhoneObeyedAsk():
                self._hub.phone_answered(ask.order, ask.code)
                return Answer(id=ask.id, ok=True)
            case MonitorAsk() | TakeOverAsk():
                await monitored(self._services, asker.user, ask.of)
            case _:
                pass
        result = await self._obeyed(command_of(ask, asker.agent), asker)
        if not result.ok:
            return Answer(id=ask.id, ok=False, code=result.code, sentence=refusal(result.code, asker.words))
        if isinstance(ask, ConsultAsk):
            self._hub.consults(asker.agent, ask.call, ask.to.target)
        value = {"call": result.call} if isinstance(result, c.CallPlaced) else None
        return Answer(id=ask.id, ok=True, value=value)

    async def _obeyed(self, command: Command, asker: Asker) -> CommandResult:
        """Who does not hear in time does not know: it may have happened."""
        try:
            if isinstance(command, c.AnswerCall | c.HoldCall):
                return await at_the_phone(self._bus, self._clock, asker.user, command)
            return await self._bus.request(command)
        except RequestTimedOut:
            return CommandResult(ok=False, code="command.timed_out")

    async def _targets(self, ask: ListTargetsAsk) -> Answer:
        floor = await ask_floor(self._bus)
        if floor is None:
            raise NobodyServes(topic=c.GetFloor.topic)
        found = replace(targets(floor), number=self._number(ask.typed.strip()))
        return Answer(id=ask.id, ok=True, value=asdict(found))

    def _number(self, typed: str) -> TargetNumber | None:
        if not _LIKE_A_NUMBER.fullmatch(typed):
            return None
        number = self._services.customers.number(typed)
        valid = number.kind in (NumberKind.E164, NumberKind.SHORT)
        return TargetNumber(typed=typed, shown=shown(number, self._services.customers.region), valid=valid)


def command_of(ask: AnyControlAsk, agent: AgentId) -> Command:  # noqa: PLR0911 - one line a wish
    """The command that carries a wish. Pure."""
    match ask:
        case PlaceCallAsk():
            return c.PlaceCall(agent=agent, number=ask.number.strip(), customer=ask.customer)
        case TransferAsk():
            return c.Transfer(agent=agent, call=ask.call, to=ask.to.target)
        case ConsultAsk():
            return c.Consult(agent=agent, call=ask.call, to=ask.to.target)
        case MuteCallAsk():
            return c.Mute(agent=agent, call=ask.call, muted=ask.muted)
        case HoldCallAsk():
            return c.HoldCall(agent=agent, call=ask.call, held=ask.held)
        case SendDigitsAsk():
            return c.SendDigits(agent=agent, call=ask.call, digits=ask.digits)
        case MonitorAsk():
            return c.Monitor(agent=agent, of=ask.of, mode=ask.mode)
        case StopMonitoringAsk():
            return c.StopMonitoring(agent=agent)
        case TakeOverAsk():
            return c.TakeOver(agent=agent, of=ask.of)
        case InCallAsk():
            command: Command = _IN_CALL[ask.do](agent=agent, call=ask.call)
            return command
        case ListTargetsAsk() | PhoneObeyedAsk():
            raise ValueError(ask.do)


def targets(floor: c.Floor) -> Targets:
    return Targets(
        agents=tuple(
            TargetAgent(
                agent=one.agent, extension=one.extension, state=one.state, since=one.since, reachable=one.reachable
            )
            for one in floor.agents
        ),
        queues=tuple(TargetQueue(queue=one.queue, waiting=one.waiting, ready=one.agents_ready) for one in floor.queues),
    )
