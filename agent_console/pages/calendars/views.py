"""Calendars of the house: the list, one calendar's hours and days, what holds at a moment, and who opens by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.calendars import house_time, how_long, page_of, put, remove, said, used
from agent_console.errors import Invalid, NotFound
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import SETTINGS, services, words
from agent_console.live.page_words import page_words
from agent_console.pages.calendars.forms import read_calendar, values_of
from agent_console.pages.menus.designing import names_of_calendars
from agent_console.pages.menus.forms import hours_text
from agent_console.pages.people import everybody
from agent_console.pages.queues.said import DAYS
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, Sentence, say
from crm_core.domain.calendars import Because, CalendarVersion, Held, SharedCalendar, held
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.opening import OpeningHours
from crm_core.errors import CalendarChangedMeanwhile, CalendarUsed, Refused

_BLANK: Final = SharedCalendar(key="", names={}, hours=OpeningHours(week=dict.fromkeys(WEEKDAYS[:5], ("09:00-18:00",))))
routes = web.RouteTableDef()


@routes.get("/floor/calendars")
@needs(May.SHAPE_FLOOR)
async def calendars(request: web.Request) -> web.Response:
    found, now = await services(request).calendars.all(), house_time(request)
    uses = await used(request)
    return render(
        request,
        "calendars/list.html",
        calendars=tuple(found.values()),
        now={key: _state(request, held(one, now)) for key, one in found.items()},
        uses={key: [(said(one), page_of(one)) for one in uses.get(key, ())] for key in found},
    )


@routes.get("/floor/new-calendar")
@needs(May.SHAPE_FLOOR)
async def new(request: web.Request) -> web.Response:
    """As `?like=` another one, or usual hours."""
    begun = _BLANK
    if like := request.query.get("like"):
        begun = replace((await services(request).calendars.get(like)).calendar, key="", names={})
    return await _form(request, None, values_of(begun, words(request).language))


@routes.post("/floor/new-calendar")
@needs(May.SHAPE_FLOOR)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    return await _save(request, None, form, form.get("key", "").strip())


@routes.get("/floor/calendars/{key}")
@needs(May.SHAPE_FLOOR)
async def edit(request: web.Request) -> web.Response:
    now = await services(request).calendars.get(request.match_info["key"])
    return await _form(request, now, values_of(now.calendar, words(request).language))


@routes.post("/floor/calendars/{key}")
@needs(May.SHAPE_FLOOR)
async def save(request: web.Request) -> web.Response:
    now = await services(request).calendars.get(request.match_info["key"])
    return await _save(request, now, await fields(request), now.calendar.key)


@routes.post("/floor/calendars/{key}/delete")
@needs(May.SHAPE_FLOOR)
async def delete(request: web.Request) -> web.Response:
    form, key = await fields(request), request.match_info["key"]
    try:
        await remove(request, key, _number(form.get("version", "")))
    except Refused as error:
        still = say("It is still used, so it stays. Who opens by it stands below.")
        flash(request, still if isinstance(error, CalendarUsed) else error, "danger")
        return redirect(f"/floor/calendars/{key}")
    flash(request, say("The calendar %(calendar)s is gone.", calendar=key))
    return redirect("/floor/calendars")


@routes.post("/floor/calendars/{key}/versions/{version}")
@needs(May.SHAPE_FLOOR)
async def go_back(request: web.Request) -> web.Response:
    """What was agreed then is agreed anew, as a version of its own."""
    form, key = await fields(request), request.match_info["key"]
    then = await services(request).calendars.version(key, _number(request.match_info["version"]))
    try:
        saved = await put(request, then.calendar, _number(form.get("version", "")))
    except Refused as error:
        flash(request, error, "danger")
    else:
        flash(request, say("Version %(then)s holds again, as version %(now)s.", then=then.version, now=saved))
    return redirect(f"/floor/calendars/{key}")


async def _save(request: web.Request, now: CalendarVersion | None, form: Mapping[str, str], key: str) -> web.Response:
    seen = _number(form.get("version", "0") or "0")
    try:
        saved = await put(request, read_calendar(form, key), seen)
    except Invalid as error:
        return await _form(request, now, form, by_field(error.faults))
    except CalendarChangedMeanwhile as error:
        newest = str(error.params["version"])
        told = say(
            "Somebody else has changed this calendar while you had the form open: version %(number)s stands below. "
            "Nothing of yours is saved yet: if you save again, what stands here replaces it.",
            number=newest,
        )
        return await _form(request, now, {**form, "version": newest}, {"": told})
    except Refused as error:
        return await _form(request, now, form, {str(error.params.get("field", "key" if now is None else "")): error})
    flash(request, say("Saved as version %(number)s. It holds from now on.", number=saved))
    return redirect(f"/floor/calendars/{key}")


async def _form(
    request: web.Request,
    now: CalendarVersion | None,
    values: Mapping[str, str],
    faults: Mapping[str, Sayable] | None = None,
) -> web.Response:
    here = words(request)
    key = now.calendar.key if now else ""
    asked = request.query.get("at", "")
    try:
        at = here.from_input(asked) if asked.strip() else house_time(request)
        at.astimezone(UTC)  # on the first day of all there is none everywhere
    except (ValueError, OverflowError):
        at = None
    versions = await services(request).calendars.versions(key) if now else ()
    uses = (await used(request)).get(key, ()) if now else ()
    return render(
        request,
        "calendars/calendar.html",
        status=422 if faults else 200,
        calendar=now.calendar if now else None,
        values=values,
        version=values.get("version") or (now.version if now else 0),
        faults=faults or {},
        at=here.input_value(at) if at else asked,
        no_such_moment=None if at else say("There is no such moment. Write it like 2026-10-01 09:30."),
        state=_state(request, held(now.calendar, at)) if now and at else None,
        uses=[(said(one), page_of(one)) for one in uses],
        versions=[(one, hours_text(one.calendar.hours, here.language)) for one in versions],
        people=await everybody(request) if versions else {},
        zones=sorted(available_timezones()),
        house_zone=_zone(request).key,
        names=names_of_calendars(here),
        page_words=page_words(here),
    )


def _state(request: web.Request, now: Held) -> tuple[bool, Sentence, Sentence]:
    """Open or not, until when, and why."""
    return now.standing.open, how_long(now.standing, words(request)), _because(now)


def _because(now: Held) -> Sentence:
    hours = ", ".join(now.hours)
    match now.because:
        case Because.HOLIDAY:
            return say("A holiday: %(name)s.", name=now.name) if now.name else say("A holiday.")
        case Because.WORKING_DAY:
            return say("A day with hours of its own: %(hours)s.", hours=hours)
        case Because.WEEKDAY if now.hours:
            return say("%(day)s: %(hours)s.", day=DAYS[now.weekday], hours=hours)
        case _:
            return say("%(day)s: closed all day.", day=DAYS[now.weekday])


def _zone(request: web.Request) -> ZoneInfo:
    return ZoneInfo(request.config_dict[SETTINGS].timezone)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
