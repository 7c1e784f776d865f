"""What a voice menu may ask of the house without changing anything: who calls, how a ticket or an order stands, what
an article says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, tzinfo

from crm_core.domain.callbacks import Callback, CallbackFilter, CallbackState
from crm_core.domain.customers import Certainty
from crm_core.domain.orders import OPEN, Order
from crm_core.domain.tickets import Ticket
from crm_core.errors import OrderNotFound, TicketNotFound
from crm_core.kernel.ids import CallId, CustomerId
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.services.bundle import Services
from ivr.errors import NotAnswered
from ivr.flow.asked import Answered, HowIs, HowIsOrder, HowIsTicket, Question, ReadArticle, WhoIs
from ivr.prompts.narrator import Narrator

_TICKET = re.compile(r"(\d{8})(\d{4,6})", re.ASCII)
_ORDER = re.compile(r"\d{10}", re.ASCII)


class Enquiries:
    """A desk that only reads. A caller is who his number says only where a person has confirmed that number."""

    def __init__(
        self, services: Services, now: Callable[[], datetime], zone: tzinfo, narrator: Narrator | None = None
    ) -> None:
        self._services, self._now, self._zone, self._narrator = services, now, zone, narrator

    async def answer(self, call: CallId, question: Question) -> Answered:
        del call
        match question:
            case WhoIs(number=number):
                return await self._who_is(number)
            case HowIsTicket():
                return await self._how_is_ticket(question)
            case HowIsOrder():
                return await self._how_is_order(question)
            case ReadArticle():
                return await self._read(question)
            case _:
                raise NotAnswered(why="this desk only reads")

    async def customer(self, looked_up: str, caller: str) -> CustomerId | None:
        """Who he is: who was looked up, else whose number he calls from."""
        if looked_up:
            return CustomerId(looked_up)
        return (await self._services.customers.who_is(caller)).customer

    def here(self, when: datetime) -> str:
        """In the house's time, as menus keep it."""
        return when.astimezone(self._zone).replace(tzinfo=None).isoformat(timespec="minutes")

    # ---- who is it

    async def _who_is(self, number: str) -> Answered:
        match = await self._services.customers.who_is(number)
        if match.certainty is Certainty.SEVERAL:
            return Answered(way="several")
        if match.customer is None:
            return Answered(way="unknown")
        return await self.about(match.customer)

    async def about(self, customer: CustomerId) -> Answered:
        found = await self._services.customers.get(customer)
        about = {"name": found.name, "language": found.language or "", "level": found.level}
        return Answered(way="found", values=about, customer=customer)

    # ---- what is known about it

    async def _read(self, asked: ReadArticle) -> Answered:
        """Without its sound where nobody speaks (a menu that is only talked through)."""
        language = next((one for one in Language if one == asked.language), DEFAULT_LANGUAGE)
        found = await self._services.articles.reading(asked.article, language)
        if found is None:
            return Answered(way="error")
        sound = await self._narrator.sound(asked.article, found.language, found.text) if self._narrator else ""
        return Answered(way="told", values={"text": found.text, "language": found.language, "sound": sound})

    # ---- how is it going

    async def _how_is_ticket(self, asked: HowIsTicket) -> Answered:
        ticket = await self._ticket(asked.number)
        if ticket is None or not await self._is_his(asked, ticket.customer):
            return Answered(way="unknown")
        promised = await self._promised(ticket)
        due = {"due": self.here(promised.due_at)} if promised else {}
        return Answered(way="told", values={"status": ticket.status} | due)

    async def _how_is_order(self, asked: HowIsOrder) -> Answered:
        """A day that is past, or of what is over, is none to tell."""
        order = await self._order(asked.number)
        if order is None or not await self._is_his(asked, order.customer):
            return Answered(way="unknown")
        day, today = order.expected_on, self._now().astimezone(self._zone).date()
        to_come = day is not None and day >= today and order.state in OPEN
        expected = {"expected": str(day)} if to_come else {}
        return Answered(way="told", values={"kind": order.kind, "state": order.state} | expected)

    async def _is_his(self, asked: HowIs, owner: CustomerId | None) -> bool:
        return owner is not None and owner == await self.customer(asked.customer, asked.caller)

    async def _order(self, digits: str) -> Order | None:
        if _ORDER.fullmatch(digits) is None:
            return None
        try:
            return await self._services.orders.get(digits)
        except OrderNotFound:
            return None

    async def _ticket(self, digits: str) -> Ticket | None:
        typed = _TICKET.fullmatch(digits)
        if typed is None:
            return None
        try:
            return await self._services.tickets.get(f"T-{typed[1]}-{typed[2]}")
        except TicketNotFound:
            return None

    async def _promised(self, ticket: Ticket) -> Callback | None:
        """When we call next about it; a promise that is late already is none to tell."""
        still_to_keep = CallbackFilter(ticket=ticket.id, states=(CallbackState.SCHEDULED,), since=self._now())
        return next(iter((await self._services.callbacks.search(still_to_keep, limit=1)).items), None)
