"""Tickets in the line: the engine is told how they stand in the database, and agents are asked to take them.

What is true of a ticket is kept by the CRM. Whoever takes one is written down there first and told here then, so that
it is never with two; and after a restart of ours all of them are told anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.domain.tickets import TicketWork
from crm_core.kernel.ids import AgentId, TicketId
from crm_core.kernel.requirements import NOTHING
from cti.effects import Effect, Publish
from cti.events import TicketOfferEnd, TicketOfferEnded
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, TicketOffer
from routing import messages as m

MISSED = "missed_ticket"
"""The reason of the pause an agent is put on who did not answer."""


class TicketLine:
    def __init__(self, house: House, dispatch: Dispatch) -> None:
        self._house, self._dispatch = house, dispatch

    def stand(self, tickets: Iterable[TicketWork], now: datetime, *, whole: bool) -> list[Effect]:
        """How these stand by now. `whole`: no other one is work of any line."""
        told = {one.ticket: one for one in tickets}
        effects: list[Effect] = []
        if whole:
            for gone in [ticket for ticket in self._house.tickets if ticket not in told]:
                effects += self._gone(gone, now)
        for one in told.values():
            effects += self._stands(one, now)
        return effects

    def drawn_anew(self, now: datetime) -> list[Effect]:
        """The floor was changed: what queues ask for, and who works here."""
        return [effect for one in list(self._house.tickets.values()) for effect in self._stands(one, now)]

    def not_answered(self, token: str, now: datetime) -> list[Effect]:
        offer = next((one for one in self._house.ticket_offers.values() if one.token == token), None)
        if offer is None:
            return []
        ended = self._ended(offer, TicketOfferEnd.MISSED, now)
        missed = m.TicketMissed(ticket=offer.ticket, agent=offer.agent, pause=MISSED)
        return [*ended, *self._dispatch.tell(missed, now)]

    def _stands(self, one: TicketWork, now: datetime) -> list[Effect]:
        if not one.in_line or one.queue is None:
            return self._gone(one.ticket, now)
        self._house.tickets[one.ticket] = one
        if one.assignee is not None:
            agent = AgentId(one.assignee)
            effects = self._answered(one.ticket, agent, TicketOfferEnd.TAKEN, now)
            return effects + self._dispatch.tell(m.TicketTaken(ticket=one.ticket, agent=agent, queue=one.queue), now)
        without = tuple(AgentId(user) for user in one.without)
        effects = [
            effect for agent in without for effect in self._answered(one.ticket, agent, TicketOfferEnd.HANDED_BACK, now)
        ]
        waits = m.TicketWaits(
            ticket=one.ticket,
            queue=one.queue,
            requires=self._house.seating.asks.get(one.queue, NOTHING),
            priority=one.priority,
            since=one.since,
            without=without,
        )
        return effects + self._dispatch.tell(waits, now)

    def _gone(self, ticket: TicketId, now: datetime) -> list[Effect]:
        self._house.tickets.pop(ticket, None)
        return self._dispatch.tell(m.TicketGone(ticket=ticket), now)

    def _answered(self, ticket: TicketId, agent: AgentId, how: TicketOfferEnd, now: datetime) -> list[Effect]:
        """If it was he who was asked. Whoever else was learns from the engine that he is not any more."""
        offer = self._house.ticket_offers.get(ticket)
        return [] if offer is None or offer.agent != agent else self._ended(offer, how, now)

    def _ended(self, offer: TicketOffer, why: TicketOfferEnd, now: datetime) -> list[Effect]:
        del self._house.ticket_offers[offer.ticket]
        return [Publish(event=TicketOfferEnded(at=now, ticket=offer.ticket, agent=offer.agent, why=why))]
