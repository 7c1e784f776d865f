"""Days from a file for a calendar: first what would change by them, then, when somebody says so, in the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.calendars import house_time, put
from agent_console.day_files import MOST_FILE, changes_by, days_said
from agent_console.errors import Invalid
from agent_console.forms import fields
from agent_console.keys import services
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.calendars import CalendarVersion
from crm_core.domain.day_changes import DayChanges
from crm_core.domain.day_files import table_of, text_of
from crm_core.errors import CalendarChangedMeanwhile, Refused

routes = web.RouteTableDef()


@routes.get("/floor/calendars/{key}/days")
@needs(May.SHAPE_FLOOR)
async def choose(request: web.Request) -> web.Response:
    return await _choose(request, await services(request).calendars.get(request.match_info["key"]))


@routes.post("/floor/calendars/{key}/days/preview")
@needs(May.SHAPE_FLOOR)
async def look(request: web.Request) -> web.Response:
    """Nothing is saved by it."""
    now = await services(request).calendars.get(request.match_info["key"])
    upload = (await request.post()).get("file")
    if not isinstance(upload, web.FileField) or not upload.filename:
        return await _choose(request, now, (say("Please choose a file."),))
    data = upload.file.read(MOST_FILE + 1)
    if len(data) > MOST_FILE:
        return await _choose(request, now, (say("At most %(bound)s kB, please.", bound=MOST_FILE // 1000),))
    try:
        return await _preview(request, now, await changes_by(now.calendar, text_of(data), house_time(request)))
    except Invalid as error:
        return await _choose(request, now, tuple(fault.sentence for fault in error.faults))


@routes.post("/floor/calendars/{key}/days")
@needs(May.SHAPE_FLOOR)
async def take(request: web.Request) -> web.Response:
    """What was looked at; upon a calendar that has changed meanwhile it is looked at anew."""
    form, now = await fields(request), await services(request).calendars.get(request.match_info["key"])
    try:
        changes = await changes_by(now.calendar, form.get("days", ""), house_time(request))
        if form.get("version") != str(now.version):
            raise CalendarChangedMeanwhile(key=now.calendar.key, version=now.version)
        await put(request, replace(now.calendar, hours=changes.hours), now.version)
    except Invalid as error:
        return await _choose(request, now, tuple(fault.sentence for fault in error.faults))
    except Refused as error:
        now = await services(request).calendars.get(now.calendar.key)
        return await _preview(
            request, now, await changes_by(now.calendar, form.get("days", ""), house_time(request)), error
        )
    flash(request, say("The days are in the calendar, and hold from now on."))
    return redirect(f"/floor/calendars/{now.calendar.key}")


async def _choose(request: web.Request, now: CalendarVersion, faults: Sequence[Sayable] = ()) -> web.Response:
    status = 422 if faults else 200
    return render(request, "calendars/days.html", status=status, calendar=now.calendar, faults=faults, changes=None)


async def _preview(
    request: web.Request, now: CalendarVersion, changes: DayChanges, fault: Sayable | None = None
) -> web.Response:
    new = {day: one.after for one in changes.changes for day in one.days}
    return render(
        request,
        "calendars/days.html",
        status=409 if fault else 200,
        calendar=now.calendar,
        version=now.version,
        faults=(fault,) if fault else (),
        changes=changes,
        lines=[(one, days_said(one.before), days_said(one.after)) for one in changes.changes],
        days=table_of(new),
    )
