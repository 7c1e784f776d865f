"""Agents for whom a call is on its way that the engine knows nothing of: they get no other meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId
from cti.effects import Effect, WakeMeAt
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House
from routing import messages as m

ON_ITS_WAY_S = 6.0
"""How long a phone may take to be called; from then on its leg speaks for itself."""


class Reservations:
    def __init__(self, house: House, dispatch: Dispatch) -> None:
        self._house = house
        self._dispatch = dispatch

    def reserve(self, agent: AgentId, call: CallId, now: datetime) -> list[Effect]:
        """He is busy from now on; the end of his leg, or its lack, sets him free."""
        look = WakeMeAt(when=now + timedelta(seconds=ON_ITS_WAY_S), token=f"reserved:{call}:{agent}")
        return [*self._dispatch.tell(m.OwnCallBegan(agent=agent, call=call), now), look]

    def release(self, agent: AgentId, call: CallId, now: datetime) -> list[Effect]:
        """It does not come about; unless his phone is being called after all."""
        if self._house.legs_of(agent, call):
            return []
        return self._dispatch.tell(m.OwnCallEnded(agent=agent, call=call), now)

    def look(self, agent: AgentId, call: CallId, now: datetime) -> list[Effect]:
        """After a while. What we cannot hear of, the snapshot of the next line tells."""
        return self.release(agent, call, now) if any(self._house.lines.values()) else []


def call_of_unstamped(leg: str) -> CallId:
    """By which name the tracker knows the call that a leg without our stamp makes."""
    return CallId(leg.replace(".", "-"))
