"""Who answers when a voice menu asks: the customers, tickets and callbacks of the core, for a caller with ten keys."""

from __future__ import annotations

from crm_core.domain.customers import Certainty
from crm_core.kernel.ids import CallId, CustomerId
from crm_core.services.bundle import Services
from ivr.flow.asked import Answered, Question, WhoIs


class MenuDesk:
    """The menus' desk. A caller is who his number says only where a person has confirmed that number."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, call: CallId, question: Question) -> Answered:
        match question:
            case WhoIs(number=number):
                return await self._who_is(number)

    async def _who_is(self, number: str) -> Answered:
        match = await self._services.customers.who_is(number)
        if match.certainty is Certainty.SEVERAL:
            return Answered(way="several")
        if match.customer is None:
            return Answered(way="unknown")
        return await self._about(match.customer)

    async def _about(self, customer: CustomerId) -> Answered:
        found = await self._services.customers.get(customer)
        about = {"name": found.name, "language": found.language or "", "level": found.level}
        return Answered(way="found", values=about, customer=customer)
