"""The numbers of the house: what holds for one now, and everybody told when one has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from agent_console.floor import reload_floor, tell_asterisk
from agent_console.keys import BUS, current_user, services
from crm_core.domain.calendars import Calendars, hours_by
from crm_core.domain.floor import Did
from crm_core.domain.hours import Standing, standing
from ivr.book import leads_to


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsNow:
    """Where its next caller goes."""

    to: str
    standing: Standing | None
    """By its hours, or its calendar's; None: it has none."""


def holds_now(did: Did, now: datetime, calendars: Calendars) -> HoldsNow:
    """`now`: by the clocks of the house. A calendar that is not there is as none (as callers meet it). Pure."""
    hours = hours_by(did.open_hours, did.calendar, calendars)
    found = standing(hours, now) if hours is not None else None
    return HoldsNow(to=leads_to(did, did.to, now, calendars), standing=found)


async def put(request: web.Request, did: Did, seen: str) -> bool:
    """For the next caller. Whether Asterisk was told: which numbers there are stands in its files."""
    numbers, bus = services(request).numbers, request.config_dict[BUS]
    await numbers.put(did, seen=seen, by=current_user(request).id)
    await reload_floor(bus)
    return await tell_asterisk(bus)


async def remove(request: web.Request, number: str, seen: str) -> bool:
    """Whether Asterisk was told."""
    await services(request).numbers.delete(number, seen=seen, by=current_user(request).id)
    await reload_floor(request.config_dict[BUS])
    return await tell_asterisk(request.config_dict[BUS])
