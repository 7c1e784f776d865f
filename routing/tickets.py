"""Tickets: work in the line of the callers. Who waits there, who is asked to take one, on whose desk the others lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, QueueKey, TicketId
from routing import messages as m
from routing.agents import AtWork, Wish
from routing.floor import Floor
from routing.groups import Groups
from routing.lines import DESK, Caller
from routing.reasons import Because
from routing.skills import requirements
from routing.urgency import ticket_place

_ORDERS = -(2**60)
"""Callers' orders of coming begin at 0: no ticket has one of theirs."""

Decisions = list[m.Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the engine does with tickets as with callers."""

    seek_agent: Callable[[Caller, datetime], Decisions]
    seek_caller: Callable[[AtWork, datetime], Decisions]
    settle: Callable[[AtWork, datetime], Decisions]
    sit: Callable[[AtWork], None]


class Tickets:
    def __init__(self, agents: Mapping[AgentId, AtWork], floor: Floor, groups: Groups, hands: Hands) -> None:
        self._agents, self._floor, self._groups, self._hands = agents, floor, groups, hands
        self.waiting: dict[CallId, Caller] = {}
        """Those in the line, the ones included that somebody is just being asked to take."""
        self._on_desks: dict[CallId, tuple[AgentId, QueueKey]] = {}
        self._came = _ORDERS

    def hear(self, told: m.TicketInput, now: datetime) -> Decisions:
        match told:
            case m.TicketWaits():
                return [] if self._is_known(told) else self._waits(told, now)
            case m.TicketTaken():
                return self._taken(told, now)
            case m.TicketGone():
                return self._gone(told.ticket, now)
            case m.TicketMissed():
                return self._missed(told, now)

    # --- asking

    def ask(self, ticket: Caller, agent: AtWork, because: Because, now: datetime) -> Decisions:
        """He stays there for callers, who go first; unless the ticket's turn has come before theirs."""
        agent.offered, ticket.offered_to = ticket, agent.id
        behind = self._groups.first_for(agent.id, agent.reach) if agent.takes_calls else None
        agent.first = behind is not None or ticket.place[1] <= now.timestamp()
        if agent.may_sit:
            self._hands.sit(agent)
        asked = m.TicketAssigned(ticket=TicketId(ticket.call), agent=agent.id, queue=ticket.queue, because=because)
        return [asked]

    def withdraw(self, agent: AtWork, now: datetime) -> Decisions:
        """Something more urgent has come to him; the ticket keeps its place."""
        ticket = agent.offered
        if ticket is None:
            return []
        self._groups.rise(agent.id)
        agent.asked_no_more()
        ticket.offered_to = None
        withdrawn = m.TicketWithdrawn(ticket=TicketId(ticket.call), agent=agent.id)
        return [withdrawn, *self._hands.seek_agent(ticket, now)]

    def look_around(self, agent: AtWork | None, now: datetime) -> Decisions:
        """What he may be given is something else now."""
        if agent is None:
            return []
        self._groups.rise(agent.id)
        return self._hands.settle(agent, now)

    # --- what is told

    def _is_known(self, told: m.TicketWaits) -> bool:
        """Whether it stands in the line just like this already."""
        known = self.waiting.get(CallId(told.ticket))
        if known is None:
            return False
        same = (known.queue, known.asked, known.priority, known.since, known.circle)
        return same == (told.queue, requirements(told.requires), told.priority, told.since, _without(told))

    def _waits(self, told: m.TicketWaits, now: datetime) -> Decisions:
        """Whose it was looks for something else when it has found somebody: so it is not his again at once."""
        asked, decisions = self._out_of_line(told.ticket)
        former = self._leave_desk(told.ticket) or asked
        decisions += self._hands.seek_agent(self._comes(told), now)
        return decisions + self.look_around(former, now)

    def _comes(self, told: m.TicketWaits) -> Caller:
        self._came += 1
        asked, queue = requirements(told.requires), self._floor.queue(told.queue)
        ticket = self.waiting[CallId(told.ticket)] = Caller(
            call=CallId(told.ticket),
            queue=told.queue,
            asked=asked,
            requires=asked,
            priority=told.priority,
            since=told.since,
            place=ticket_place(queue, told.priority, told.since.timestamp(), self._came),
            server=DESK,
            circle=_without(told),
        )
        return ticket

    def _taken(self, told: m.TicketTaken, now: datetime) -> Decisions:
        agent = self._agents.get(told.agent)
        if agent is None:
            return self._gone(told.ticket, now)
        if self._on_desks.get(CallId(told.ticket)) == (agent.id, told.queue):
            return []
        asked, decisions = self._out_of_line(told.ticket, taken_by=agent)
        former = self._leave_desk(told.ticket)
        self._on_desks[CallId(told.ticket)] = (agent.id, told.queue)
        agent.tickets[CallId(told.ticket)] = self._floor.queue(told.queue).tickets_undisturbed
        others = [one for one in (former, asked) if one is not None and one is not agent]
        for one in (agent, *others):
            decisions += self.look_around(one, now)
        return decisions

    def _gone(self, ticket: TicketId, now: datetime) -> Decisions:
        asked, decisions = self._out_of_line(ticket)
        holder = self._leave_desk(ticket)
        return [*decisions, *self.look_around(asked, now), *self.look_around(holder, now)]

    def _missed(self, told: m.TicketMissed, now: datetime) -> Decisions:
        ticket, agent = self.waiting.get(CallId(told.ticket)), self._agents.get(told.agent)
        if ticket is None or agent is None or agent.offered is not ticket:
            return []
        agent.asked_no_more()
        ticket.offered_to = None
        agent.wants(Wish.PAUSED, told.pause)
        return [*self.look_around(agent, now), *self._hands.seek_agent(ticket, now)]

    def _out_of_line(self, ticket: TicketId, taken_by: AtWork | None = None) -> tuple[AtWork | None, Decisions]:
        """Whoever was asked to take it, and that he is not any more unless he took it."""
        waited = self.waiting.pop(CallId(ticket), None)
        if waited is None:
            return None, []
        agent = self._agents.get(waited.offered_to or AgentId(""))
        if agent is None:
            self._groups.leave(waited)
            return None, []
        agent.asked_no_more()
        return agent, [] if agent is taken_by else [m.TicketWithdrawn(ticket=ticket, agent=agent.id)]

    def _leave_desk(self, ticket: TicketId) -> AtWork | None:
        """Whose desk it was on."""
        holder, _ = self._on_desks.pop(CallId(ticket), (AgentId(""), None))
        agent = self._agents.get(holder)
        if agent is not None:
            agent.tickets.pop(CallId(ticket), None)
        return agent

    # --- another life, another floor

    def restored(self, agent: AtWork, now: datetime) -> Decisions:
        """Callers find him as soon as his phone is heard of; tickets need none."""
        if agent.offered is not None and not agent.is_free:
            return self.withdraw(agent, now)
        alone = agent.is_free and agent.has_room and not agent.servers
        return self._hands.seek_caller(agent, now) if alone else []

    def redraw(self, floor: Floor, groups: Groups) -> Decisions:
        """The floor was changed: places and rules are those of the queues as they are now."""
        self._floor, self._groups = floor, groups
        for agent in self._agents.values():
            agent.tickets.clear()
        for call, (holder, key) in self._on_desks.items():
            if holder in self._agents:
                self._agents[holder].tickets[call] = floor.queue(key).tickets_undisturbed
        for ticket in self.waiting.values():
            queue = floor.queue(ticket.queue)
            ticket.goes_to(ticket_place(queue, ticket.priority, ticket.since.timestamp(), ticket.place[2]))
        return [gone for ticket in self.waiting.values() for gone in self._asked_no_more(ticket)]

    def _asked_no_more(self, ticket: Caller) -> Decisions:
        """If who was asked works here no longer."""
        asked = ticket.offered_to
        agent = self._agents.get(asked) if asked is not None else None
        if asked is None or (agent is not None and agent.is_free):
            return []
        ticket.offered_to = None
        if agent is not None:
            agent.asked_no_more()
        return [m.TicketWithdrawn(ticket=TicketId(ticket.call), agent=asked)]


def _without(told: m.TicketWaits) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(("without", str(agent)) for agent in told.without))
