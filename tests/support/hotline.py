"""The hotline's menu in a house of a test, with what it leans on."""

from __future__ import annotations

from crm_core.services.bundle import Services
from ivr.furniture import OUR_ARTICLES, OUR_CALENDARS
from ivr.service import our_documents


async def furnish_hotline(services: Services) -> str:
    """Its document."""
    for calendar in OUR_CALENDARS.values():
        await services.calendars.put(calendar)
    for number, sides in OUR_ARTICLES.items():
        await services.articles.furnish(number, sides)
    document = our_documents()["main"]
    await services.flows.furnish("main", document, calendars=OUR_CALENDARS.keys())
    return document
