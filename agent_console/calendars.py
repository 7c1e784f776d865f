"""Calendars of the house: who opens by one, said in the reader's language, and everybody told when one has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from agent_console.floor import reload_floor
from agent_console.keys import BUS, CLOCK, SETTINGS, current_user, services
from agent_console.prompts import menus_now
from agent_console.words import N_, Sentence, Words, say
from crm_core.domain.calendars import Calendars, CalendarUse, SharedCalendar, UsedBy
from crm_core.domain.hours import Standing
from crm_core.errors import CalendarUsed
from ivr.used import opened_by

_SAID: Final = {
    UsedBy.NUMBER: N_("the number %(name)s"),
    UsedBy.QUEUE: N_("the queue %(name)s"),
    UsedBy.MENU: N_("the voice menu %(name)s, at its step %(node)s"),
    UsedBy.DRAFT: N_("the draft of the voice menu %(name)s, at its step %(node)s"),
}
_PAGES: Final = {
    UsedBy.NUMBER: "/floor/numbers/%s",
    UsedBy.QUEUE: "/floor/queues/%s",
    UsedBy.MENU: "/menus/%s",
    UsedBy.DRAFT: "/menus/%s",
}


async def used(request: web.Request) -> Mapping[str, tuple[CalendarUse, ...]]:
    """By the calendars' keys."""
    plan = await services(request).floor_plans.load()
    return opened_by(*await menus_now(request), plan.dids, plan.queues)


def said(use: CalendarUse) -> Sentence:
    return Sentence(text=_SAID[use.by], params={"name": use.name, "node": use.node})


def page_of(use: CalendarUse) -> str:
    address = _PAGES[use.by]
    return address % use.name if "%s" in address else address


async def put(request: web.Request, calendar: SharedCalendar, version: int) -> int:
    """Its version afterwards, which holds at once."""
    saved = await services(request).calendars.put(calendar, version=version, by=current_user(request).id)
    await reload_floor(request.config_dict[BUS])
    return saved


async def remove(request: web.Request, key: str, version: int) -> None:
    """Raises CalendarUsed: also for a draft, whose writer counts on it."""
    await services(request).calendars.get(key)
    if uses := (await used(request)).get(key):
        raise CalendarUsed(key=key, why=", ".join(_placed(uses)))
    await services(request).calendars.delete(key, version=version, by=current_user(request).id)
    await reload_floor(request.config_dict[BUS])


def _placed(uses: Iterable[CalendarUse]) -> Iterable[str]:
    return dict.fromkeys(f"{one.by} {one.name}" for one in uses)


def house_time(request: web.Request, at: datetime | None = None) -> datetime:
    """That moment, or now, by the clocks of the house."""
    return (at or request.config_dict[CLOCK].now()).astimezone(ZoneInfo(request.config_dict[SETTINGS].timezone))


def how_long(now: Standing, here: Words) -> Sentence:
    """Open or closed, and until when."""
    if now.until is None:
        return say("Open, and it stays so.") if now.open else say("Closed, and it stays so.")
    when = here.moment(now.until)
    return say("Open until %(when)s.", when=when) if now.open else say("Closed until %(when)s.", when=when)


def choices(calendars: Calendars, here: Words) -> dict[str, str]:
    """What there is to choose from, by its key."""
    return {key: here.named(one.names) for key, one in calendars.items()}
