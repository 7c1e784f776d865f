"""What the stage's telephony does when it is asked to control a call: it tells at once what cti would tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import AgentId, CallId, new_id
from crm_core.kernel.messages import Command, CommandResult, Event
from cti import commands as c
from cti import events as e

COMMANDS: Final = (
    c.PlaceCall, c.Transfer, c.Consult, c.CompleteTransfer, c.CancelTransfer, c.Conference, c.Park, c.Retrieve,
    c.PauseRecording, c.ResumeRecording, c.Mute, c.SendDigits, c.AnswerCall, c.HoldCall, c.Monitor, c.StopMonitoring,
    c.TakeOver,
)  # fmt: skip
RECORDING_PAUSE: Final = timedelta(seconds=60)


@dataclass(slots=True)
class StageControl:
    clock: Clock
    tell: Callable[[Event], None]
    asked: list[Command] = field(default_factory=list)
    refuse: dict[type[Command], str] = field(default_factory=dict)
    """Which commands are refused, and with what code."""
    parked: dict[CallId, e.ParkedCustomer] = field(default_factory=dict)
    monitored: dict[AgentId, e.CallMonitored] = field(default_factory=dict)
    """Supervisor -> in whose call he is."""
    extension: Callable[[AgentId], str] = str
    call_of: Callable[[AgentId], CallId | None] = lambda _: None

    def obey(self, command: Command) -> CommandResult:
        self.asked.append(command)
        if code := self.refuse.get(type(command), ""):
            return CommandResult(ok=False, code=code)
        if isinstance(command, c.PlaceCall):
            return c.CallPlaced(ok=True, call=CallId(new_id("call")))
        return CommandResult(ok=self._supervise(command) or self._in_call(command))

    def _in_call(self, command: Command) -> bool:
        now = self.clock.now()
        match command:
            case c.Consult():
                self._consult(command)
            case c.CancelTransfer():
                self.tell(e.CallReturned(at=now, call=command.call, agent=command.agent, party=self._party(command)))
            case c.Conference():
                self.tell(e.CallReturned(at=now, call=command.call, agent=command.agent, party=self._party(command)))
                self.tell(e.CallConnected(at=now, call=command.call, agent=None, party="another"))
            case c.CompleteTransfer() | c.Transfer():
                self.tell(e.CallConnected(at=now, call=command.call, agent=None, party="another"))
                self._leave(command.agent, command.call)
            case c.Park():
                self._park(command)
            case c.Retrieve():
                del self.parked[command.call]
                self.tell(e.CallUnparked(at=now, call=command.call, lot="701", by=e.UnparkedBy.AGENT))
            case c.PauseRecording():
                until = now + RECORDING_PAUSE
                self.tell(e.RecordingPaused(at=now, call=command.call, agent=command.agent, until=until))
            case c.Mute():
                self.tell(e.CallMuted(at=now, call=command.call, agent=command.agent, muted=command.muted))
            case c.ResumeRecording():
                self.tell(e.RecordingResumed(at=now, call=command.call, by=e.ResumedBy.AGENT))
            case _:
                pass
        return True

    def _consult(self, command: c.Consult) -> None:
        now, own = self.clock.now(), self._party(command)
        self.tell(e.CallConsulted(at=now, call=command.call, agent=command.agent, party=own))
        if command.to.kind is not c.TargetKind.QUEUE:
            whom = AgentId(command.to.value) if command.to.kind is c.TargetKind.AGENT else None
            party = self.extension(whom) if whom else command.to.value
            self.tell(
                e.CallRinging(
                    at=now, call=command.call, agent=whom, party=party,
                    ring_for=e.RingFor.CONSULTATION, by=own, by_agent=command.agent,
                )
            )  # fmt: skip

    def answered(self, call: CallId) -> None:
        """Whom an agent consults has picked up."""
        self.tell(e.CallAnswered(at=self.clock.now(), call=call, agent=None, party="another"))

    def _supervise(self, command: Command) -> bool:
        now = self.clock.now()
        match command:
            case c.Monitor(of=of) if (call := self.call_of(of)) is not None:
                self.monitored[command.agent] = e.CallMonitored(
                    at=now, call=call, by=command.agent, of=of, mode=command.mode, since=now
                )
                self.tell(self.monitored[command.agent])
            case c.StopMonitoring() if command.agent in self.monitored:
                self.tell(replace(self.monitored.pop(command.agent), at=now, until=now))
            case c.TakeOver(of=of) if (call := self.call_of(of)) is not None:
                self.monitored.pop(command.agent, None)
                self.tell(e.CallTakenOver(at=now, call=call, by=command.agent, of=of))
            case _:
                return False
        return True

    def _park(self, command: c.Park) -> None:
        now, party = self.clock.now(), self.extension(command.agent)
        self.parked[command.call] = e.ParkedCustomer(
            call=command.call, lot="701", since=now, by=command.agent, extension=party
        )
        self._leave(command.agent, command.call)
        self.tell(e.CallParked(at=now, call=command.call, lot="701", agent=command.agent, party=party))

    def _leave(self, agent: AgentId, call: CallId) -> None:
        party = self.extension(agent)
        self.tell(e.CallDisconnected(at=self.clock.now(), call=call, agent=agent, party=party))

    def _party(self, command: c.Consult | c.CancelTransfer | c.Conference) -> str:
        return self.extension(command.agent)
