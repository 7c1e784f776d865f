"""The numbers that callers dial: the table of all, and one of them with its hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.calendars import choices, house_time, how_long
from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import SETTINGS, services, words
from agent_console.live.page_words import page_words
from agent_console.menus import menu_names
from agent_console.numbers import holds_now, put, remove
from agent_console.pages.menus.designing import names_of_calendars
from agent_console.pages.numbers.forms import read_number, typed_number, values_of, way
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, Sentence, say
from crm_core.domain.dids import seal
from crm_core.domain.floor import Did, DidTarget
from crm_core.errors import (
    CalendarGone,
    DidChangedMeanwhile,
    FlowNotFound,
    FlowNotPublished,
    NotFound,
    QueueNotFound,
    Refused,
)

_BLANK: Final = {"answer": "1"}
_NOT_TOLD: Final = say(
    "Asterisk has not been told: there the number %(number)s stays as it was until somebody runs"
    " “callwright asterisk start”."
)
routes = web.RouteTableDef()


@routes.get("/floor/numbers")
@needs(May.EDIT_MENUS)
async def numbers(request: web.Request) -> web.Response:
    core, here = services(request), words(request)
    now, plan, published = house_time(request), await core.floor_plans.load(), await core.flows.published()
    holds = {one.number: holds_now(one, now, plan.calendars) for one in plan.dids}
    return render(
        request,
        "numbers/list.html",
        numbers=plan.dids,
        holds=holds,
        until={number: how_long(one.standing, here) for number, one in holds.items() if one.standing},
        calendars=choices(plan.calendars, here),
        queues={queue.key: here.named(queue.names) for queue in plan.queues},
        menus=await menu_names(request),
        unheard={one.number: [menu for menu in _menus(one) if menu not in published] for one in plan.dids},
    )


@routes.get("/floor/new-number")
@needs(May.EDIT_MENUS)
async def new(request: web.Request) -> web.Response:
    return await _form(request, None, _BLANK)


@routes.post("/floor/new-number")
@needs(May.EDIT_MENUS)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    return await _save(request, None, form, typed_number(form.get("number", "")))


@routes.get("/floor/numbers/{number}")
@needs(May.EDIT_MENUS)
async def edit(request: web.Request) -> web.Response:
    did = await services(request).numbers.get(request.match_info["number"])
    return await _form(request, did, values_of(did, words(request).language))


@routes.post("/floor/numbers/{number}")
@needs(May.EDIT_MENUS)
async def save(request: web.Request) -> web.Response:
    did = await services(request).numbers.get(request.match_info["number"])
    return await _save(request, did, await fields(request), did.number)


@routes.post("/floor/numbers/{number}/delete")
@needs(May.EDIT_MENUS)
async def delete(request: web.Request) -> web.Response:
    form, number = await fields(request), request.match_info["number"]
    try:
        told = await remove(request, number, form.get("seen", ""))
    except Refused as error:
        flash(request, error, "danger")
        return redirect(f"/floor/numbers/{number}")
    flash(request, say("Nobody reaches us by %(number)s any more.", number=number))
    _unless_told(request, number, told)
    return redirect("/floor/numbers")


async def _save(request: web.Request, did: Did | None, form: Mapping[str, str], number: str) -> web.Response:
    try:
        wanted = read_number(form, number)
    except Invalid as error:
        return await _form(request, did, form, by_field(error.faults))
    try:
        told = await put(request, wanted, form.get("seen", ""))
    except DidChangedMeanwhile:
        theirs = await services(request).numbers.get(number)
        return await _form(request, theirs, {**form, "seen": seal(theirs)}, theirs=theirs)
    except (NotFound, Refused) as error:
        return await _form(request, did, form, {_place(error, wanted): error})
    flash(request, say("Callers of %(number)s hear this from the next call on.", number=number))
    _unless_told(request, number, told)
    return redirect("/floor/numbers")


def _unless_told(request: web.Request, number: str, told: bool) -> None:
    if not told:
        flash(request, Sentence(text=_NOT_TOLD.text, params={"number": number}), "warning")


async def _form(
    request: web.Request,
    did: Did | None,
    values: Mapping[str, str],
    faults: Mapping[str, Sayable] | None = None,
    *,
    theirs: Did | None = None,
) -> web.Response:
    """`theirs`: what a colleague has saved while this form was open; saved again, it replaces that."""
    core, here = services(request), words(request)
    plan, published = await core.floor_plans.load(), await core.flows.published()
    called = await menu_names(request)
    menus = {one: called.get(one, one) for one in sorted({*published, *(_menus(did) if did else ())})}
    return render(
        request,
        "numbers/number.html",
        status=409 if theirs else 422 if faults else 200,
        number=did,
        theirs=values_of(theirs, here.language) if theirs else None,
        seen=values.get("seen") or (seal(did) if did else ""),
        values=values,
        faults=faults or {},
        menus=menus,
        ways=[
            *(
                (way(DidTarget.IVR, menu), here.speak(say("Voice menu: %(menu)s", menu=name)))
                for menu, name in menus.items()
            ),
            *(
                (way(DidTarget.QUEUE, one.key), here.speak(say("Queue: %(queue)s", queue=here.named(one.names))))
                for one in plan.queues
            ),
        ],
        unheard=[one for one in _menus(did) if one not in published] if did else [],
        calendars=choices(plan.calendars, here),
        names=names_of_calendars(here),
        page_words=page_words(here),
        zone=request.config_dict[SETTINGS].timezone,
    )


def _menus(did: Did) -> list[str]:
    if did.target is not DidTarget.IVR:
        return []
    return list(dict.fromkeys(one for one in (did.to, did.closed_to) if one))


def _place(error: NotFound | Refused, wanted: Did) -> str:
    """The field it is said beside, also of what was taken away while the form was open; empty: above all of them."""
    if isinstance(error, CalendarGone):
        return "calendar"
    if isinstance(error, FlowNotFound | FlowNotPublished | QueueNotFound):
        return "closed_to" if error.params.get("id") == wanted.closed_to else "to"
    return str(error.params.get("field", ""))
