"""Customers put aside for a moment: any agent may fetch them, and who is fetched by nobody comes back by himself."""

from __future__ import annotations

from datetime import datetime

from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti.calls import facts as f
from cti.calls.story import Story
from cti.effects import CallPhone, Effect, ParkCaller, Room
from cti.events import CallParked, CallUnparked, UnparkedBy
from cti.switchboard.conversing import leg_in, not_his, out_of_reach
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import Answer, Promises, refused
from cti.switchboard.reservations import Reservations
from cti.switchboard.targets import is_busy
from routing.agents import AtWork


class Parking:
    def __init__(self, house: House, promises: Promises, reservations: Reservations) -> None:
        self._house = house
        self._promises = promises
        self._reservations = reservations
        self.deeds: Deeds = {c.Park: self._park, c.Retrieve: self._retrieve}

    # --- commands

    def _park(self, command: c.Park, agent: AtWork, now: datetime) -> Answer:
        """Kept when he is there: with no place left he would come straight back."""
        refusal, leg = not_his(self._house, agent.id, command.call), leg_in(self._house, agent.id, command.call)
        channel = self._house.customers_channel(command.call)
        if refusal is not None or leg is None or channel is None or leg.extension is None:
            return refusal or refused("call.not_talking", call=command.call)
        story = self._house.stories[command.call]
        if len(story.talking) > 1 or story.aside:
            return refused("call.in_conference", call=story.call)
        park = ParkCaller(server=story.server, channel=channel, call=story.call, extension=leg.extension)
        return self._promises.make([park], now, call=story.call, kept=lambda: _is_parked(story))

    def _retrieve(self, command: c.Retrieve, agent: AtWork, now: datetime) -> Answer:
        refusal = out_of_reach(self._house, command.call)
        if refusal is not None:
            return refusal
        story = self._house.stories[command.call]
        if story.parked is None or not story.parked.lot:
            return refused("call.not_parked", call=story.call)
        if is_busy(agent):
            return refused("agent.has_call", call=agent.call or "")
        extension = self._house.seating.extensions[agent.id]
        if story.server not in self._house.reached_by(agent.id):
            return refused("phone.unreachable", extension=extension)
        call_him = CallPhone(
            server=story.server,
            channel=f"PJSIP/{extension}",
            call=story.call,
            room=Room.RETRIEVE,
            place=story.parked.lot,
            channel_id=self._house.new_leg(story.server, now),
            caller=story.ani or "anonymous",
            headers={"X-CW-Call": story.call, "X-CW-Retrieve": story.parked.lot},
            stamped=True,
        )
        return self._promises.make(
            [call_him],
            now,
            call=story.call,
            undo=lambda then: self._reservations.look(agent.id, story.call, then),
            also=self._reservations.reserve(agent.id, story.call, now),
        )

    # --- what is heard of it

    def parked(self, story: Story, fact: f.Parked) -> list[Effect]:
        known = story.parked
        if known is not None and known.lot in ("", fact.place) and known.party == fact.by and known.lot:
            return []
        agent = self._house.agent_at(fact.by)
        return [self._house.tell(CallParked(call=story.call, at=fact.at, lot=fact.place, agent=agent, party=fact.by))]

    def found(self, story: Story, stands: f.Stands) -> list[Effect]:
        """After the line came up: parked, or no more, and nobody told us."""
        if stands.where is not f.Where.PARKED:
            return self.over(story, stands.at, UnparkedBy.ELSEWHERE)
        if story.parked is not None:
            return []
        by = stands.extension or ""
        parked = CallParked(call=story.call, at=stands.at, lot="", agent=self._house.agent_at(by), party=by)
        return [self._house.tell(parked)]

    def over(self, story: Story, at: datetime, by: UnparkedBy, agent: AgentId | None = None) -> list[Effect]:
        """He is parked no more, if he was."""
        if story.parked is None:
            return []
        lot = story.parked.lot
        return [self._house.tell(CallUnparked(call=story.call, at=at, lot=lot, by=by, agent=agent))]


def _is_parked(story: Story) -> CommandResult | None:
    return CommandResult(ok=True) if story.parked is not None else None
