"""Handing a customer on: transfer, consultation and what comes of it.

Asterisk's own machine does it, so that it goes on without us. The target is looked at first and kept free; the customer
always has somewhere to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import CommandResult
from crm_core.kernel.requirements import packed
from cti import commands as c
from cti import effects as fx
from cti.ami.vocabulary import ChannelState
from cti.calls.call import Call
from cti.calls.channel import Leg
from cti.calls.story import Story
from cti.commands import TargetKind
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import Answer, Look, Promises, refused
from cti.switchboard.reservations import Reservations
from cti.switchboard.targets import Found, Targets
from routing.agents import AtWork

CONSULT = "cw-consult"
_CONTEXTS = {TargetKind.AGENT: "cw-to-agent", TargetKind.QUEUE: "cw-to-queue", TargetKind.NUMBER: "cw-to-number"}
"""Of extensions.conf; the extension there is `<the agent's>*<to whom>`."""
THREE_WAY = "*3"
"""Of features.conf."""
SKILLS = "CW_TO_SKILLS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An agent's part in a call."""

    agent: AgentId
    story: Story
    tracked: Call
    leg: Leg
    """His own; one that is with the customer, or has stepped aside, if there is such a one."""

    @property
    def talks(self) -> bool:
        return self.leg.uniqueid in self.tracked.present

    @property
    def consults(self) -> bool:
        return self.leg.uniqueid in self.tracked.aside

    @property
    def others(self) -> list[Leg]:
        """Who talks with the customer beside him."""
        return [leg for leg in self.tracked.present.values() if leg.party != self.leg.party]

    @property
    def is_answered(self) -> bool:
        """Whom he consults has picked up."""
        consulted = self.tracked.consulted
        return consulted is not None and consulted.last.state is ChannelState.UP


def part_of(house: House, agent: AgentId, call: CallId) -> Part | Answer:
    """… or why he has none: he touches no call but his own."""
    story, tracked = house.stories.get(call), house.tracked(call)
    if story is None:
        return refused("call.unknown", call=call)
    if not house.line_up(story.server):
        return refused("link.down", server=story.server)
    legs = [leg for leg in tracked.legs.values() if house.agent_at(leg.extension) == agent] if tracked else []
    if tracked is None or not legs:
        return refused("call.not_yours", call=call)
    taking_part = [leg for leg in legs if leg.uniqueid in {**tracked.present, **tracked.aside}]
    return Part(agent=agent, story=story, tracked=tracked, leg=(taking_part or legs)[0])


class Control:
    def __init__(self, house: House, promises: Promises, reservations: Reservations, targets: Targets) -> None:
        self._house = house
        self._promises = promises
        self._reservations = reservations
        self._targets = targets
        self.deeds: Deeds = {
            c.Transfer: self._transfer,
            c.Consult: self._consult,
            c.CompleteTransfer: self._complete,
            c.CancelTransfer: self._cancel,
            c.Conference: self._conference,
        }

    # --- out of a conversation

    def _transfer(self, command: c.Transfer, agent: AtWork, now: datetime) -> Answer:
        part = self._in_conversation(agent, command.call)
        if not isinstance(part, Part):
            return part
        found = self._targets.of_transfer(command.to, agent.id, part.story, now)
        if isinstance(found, str):
            return refused(found, to=command.to.value)
        send = fx.TransferCall(
            server=part.story.server,
            channel=part.leg.name,
            call=command.call,
            context=_CONTEXTS[found.kind],
            exten=f"{part.leg.extension}*{found.number}",
        )
        return self._hand_on([*self._skills(part, found), send], found, command.call, now)

    def _skills(self, part: Part, found: Found) -> list[fx.ChannelEffect]:
        channel = self._house.customers_channel(part.story.call)
        if found.kind is not TargetKind.QUEUE or channel is None:
            return []
        values = {SKILLS: packed(found.asks)}
        return [fx.SetVariables(server=part.story.server, channel=channel, call=part.story.call, values=values)]

    def _consult(self, command: c.Consult, agent: AtWork, now: datetime) -> Answer:
        part = self._in_conversation(agent, command.call)
        if not isinstance(part, Part):
            return part
        found = self._targets.of_consultation(command.to, agent.id, part.story, now)
        if isinstance(found, str):
            return refused(found, to=command.to.value)
        ask = fx.ConsultCall(
            server=part.story.server,
            channel=part.leg.name,
            call=command.call,
            context=CONSULT,
            exten=f"{found.number}#",
        )
        before, tracked = part.tracked.consulted, part.tracked

        def is_called() -> CommandResult | None:
            return _yes(tracked.consulted is not None and tracked.consulted is not before)

        return self._hand_on([ask], found, command.call, now, kept=is_called)

    def _hand_on(
        self,
        asked: list[fx.ChannelEffect],
        found: Found,
        call: CallId,
        now: datetime,
        *,
        kept: Look | None = None,
    ) -> Answer:
        """The target is busy from now on; should it not come about, he is free again."""
        target = found.agent
        if target is None:
            return self._promises.make(asked, now, call=call, kept=kept)
        return self._promises.make(
            asked,
            now,
            call=call,
            kept=kept,
            undo=lambda then: self._reservations.release(target, call, then),
            also=self._reservations.reserve(target, call, now),
        )

    # --- out of a consultation

    def _complete(self, command: c.CompleteTransfer, agent: AtWork, now: datetime) -> Answer:
        """His phone is hung up: Asterisk then connects the two others, as if he had done it himself."""
        part = self._in_consultation(agent, command.call, answered=True)
        if not isinstance(part, Part):
            return part
        leave = fx.HangUpChannel(server=part.story.server, channel=part.leg.name)
        return self._promises.make([leave], now, call=command.call, kept=lambda: _yes(bool(part.others)))

    def _cancel(self, command: c.CancelTransfer, agent: AtWork, now: datetime) -> Answer:
        part = self._in_consultation(agent, command.call, answered=False)
        if not isinstance(part, Part):
            return part
        back = fx.CancelConsult(server=part.story.server, channel=part.leg.name, call=command.call)
        return self._promises.make([back], now, call=command.call, kept=lambda: _yes(part.talks))

    def _conference(self, command: c.Conference, agent: AtWork, now: datetime) -> Answer:
        part = self._in_consultation(agent, command.call, answered=True)
        if not isinstance(part, Part):
            return part
        join = fx.PressKeys(server=part.story.server, channel=part.leg.name, call=command.call, keys=THREE_WAY)
        return self._promises.make([join], now, call=command.call, kept=lambda: _yes(part.talks and bool(part.others)))

    # --- what he may touch

    def _in_conversation(self, agent: AtWork, call: CallId) -> Part | Answer:
        part = part_of(self._house, agent.id, call)
        if not isinstance(part, Part):
            return part
        if part.consults or self._promises.has(call):
            return refused("consult.running", call=call)
        if not part.talks:
            return refused("call.not_talking", call=call)
        return refused("call.in_conference", call=call) if part.others else part

    def _in_consultation(self, agent: AtWork, call: CallId, *, answered: bool) -> Part | Answer:
        part = part_of(self._house, agent.id, call)
        if not isinstance(part, Part):
            return part
        if not part.consults:
            return refused("consult.none", call=call)
        return refused("consult.not_answered", call=call) if answered and not part.is_answered else part


def _yes(so: bool) -> CommandResult | None:
    return CommandResult(ok=True) if so else None
