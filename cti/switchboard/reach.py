"""Which servers reach whose phone: what each Asterisk said last of those registered there, while its line is up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.kernel.ids import AgentId, ServerId
from cti.calls.facts import ContactSeen, PhoneReachable
from cti.effects import Effect, Publish
from cti.events import PhoneMoved
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House
from routing import messages as m


class Reach:
    def __init__(self, house: House, dispatch: Dispatch) -> None:
        self._house = house
        self._dispatch = dispatch

    def said(self, server: ServerId, fact: PhoneReachable, now: datetime) -> list[Effect]:
        self._house.registered[server, fact.extension] = fact.reachable
        agent = self._house.seating.agents.get(fact.extension)
        return [] if agent is None else self._tell(agent, [server], now)

    def registers(self, server: ServerId, fact: ContactSeen) -> list[Effect]:
        """The newest wins (`max_contacts`), and Asterisk tells the one before nothing: it would wait for calls that
        ring elsewhere."""
        before = self._house.contacts.get((server, fact.extension))
        self._house.contacts[server, fact.extension] = fact.contact
        agent = self._house.seating.agents.get(fact.extension)
        if agent is None or before in (None, fact.contact):
            return []
        return [Publish(event=PhoneMoved(at=fact.at, agent=agent, server=server, contact=before or ""))]

    def look_again(self, now: datetime) -> list[Effect]:
        """A line or the floor has changed."""
        everybody = list(self._house.engine.agents)
        return [effect for agent in everybody for effect in self._tell(agent, self._house.trackers, now)]

    def another_chance(self, server: ServerId, extension: str, now: datetime) -> list[Effect]:
        """A phone that could not be called though it is registered."""
        agent = self._house.seating.agents.get(extension)
        return [] if agent is None else self._tell(agent, [server], now)

    def _tell(self, agent: AgentId, servers: Iterable[ServerId], now: datetime) -> list[Effect]:
        """What the engine does not know yet of these servers."""
        at_work = self._house.engine.agents.get(agent)
        if at_work is None:
            return []
        reached, known = self._house.reached_by(agent), at_work.servers
        effects: list[Effect] = []
        for server in servers:
            if server in reached and server not in known:
                effects += self._dispatch.tell(m.Reachable(agent=agent, server=server), now)
            elif server in known and server not in reached:
                effects += self._dispatch.tell(m.Unreachable(agent=agent, server=server), now)
        return effects
