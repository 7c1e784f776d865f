"""Callbacks: who has to be called, kept, moved or cancelled in two keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import current_user, services, words
from agent_console.pages.callbacks.forms import read_due, read_new, sensible_time
from agent_console.pages.people import choices, customers_of, everybody
from agent_console.query import text
from agent_console.render import flash, local_path, now_of, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.domain.customers import CustomerDetails
from crm_core.domain.users import User
from crm_core.errors import CustomerNotFound, Refused
from crm_core.kernel.ids import CallbackId, CustomerId

_PAGE = 25
_VIEWS = ("due", "mine", "coming", "all")
_WAITING = (CallbackState.SCHEDULED, CallbackState.MISSED)
routes = web.RouteTableDef()


def filters_of(view: str, wanted: str, me: User, now: datetime) -> CallbackFilter:
    """What each view means. Pure."""
    match view:
        case "due":
            return CallbackFilter(text=wanted, states=_WAITING, until=now)
        case "mine":
            return CallbackFilter(text=wanted, states=_WAITING, assignee=me.id, or_unassigned=True)
        case "coming":
            return CallbackFilter(text=wanted, states=(CallbackState.SCHEDULED,), since=now)
        case _:
            return CallbackFilter(text=wanted)


@routes.get("/callbacks")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    view = request.query.get("view", "due")
    view = view if view in _VIEWS else "due"
    wanted = filters_of(view, text(request, "q"), current_user(request), now_of(request))
    page = await services(request).callbacks.search(wanted, cursor=text(request, "cursor") or None, limit=_PAGE)
    template = "callbacks/_list.html" if request.headers.get("HX-Target") == "list" else "callbacks/list.html"
    return render(
        request,
        template,
        page=page,
        view=view,
        people=await everybody(request),
        customers=await customers_of(request, (one.customer for one in page)),
        proposed=sensible_time(words(request), now_of(request)),
    )


@routes.get("/callbacks/new")
@needs(May.WORK)
async def new(request: web.Request) -> web.Response:
    values = {name: text(request, name) for name in ("customer", "contact", "ticket", "call", "number", "why")}
    due = words(request).input_value(sensible_time(words(request), now_of(request)))
    me = current_user(request)
    return await _form(request, {**values, "due_at": due, "assignee": me.id if me.extension else ""})


@routes.post("/callbacks/new")
@needs(May.WORK)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    try:
        values = read_new(form, words(request), now_of(request))
        arguments = {**values.model_dump(), "number": values.number or ""}
        made = await services(request).callbacks.schedule(**arguments, by=current_user(request).id)
    except Invalid as error:
        return await _form(request, form, faults=dict(by_field(error.faults)))
    except Refused as error:
        return await _form(request, form, faults={"number": error})
    flash(request, say("We call back on %(time)s.", time=made.due_at))
    return redirect(f"/customers/{made.customer}" if made.customer else "/callbacks?view=coming")


@routes.post("/callbacks/{id}/complete")
@needs(May.WORK)
async def complete(request: web.Request) -> web.Response:
    form = await fields(request)
    note = form.get("note", "").strip()
    await services(request).callbacks.complete(_id(request), note=note, by=current_user(request).id)
    flash(request, say("Called back. One promise kept."))
    return redirect(local_path(form.get("next", ""), "/callbacks"))


@routes.post("/callbacks/{id}/reschedule")
@needs(May.WORK)
async def reschedule(request: web.Request) -> web.Response:
    form = await fields(request)
    back = local_path(form.get("next", ""), "/callbacks")
    try:
        due = read_due(form, words(request), now_of(request))
    except Invalid as error:
        flash(request, error.faults[0].sentence, "danger")
        return redirect(back)
    await services(request).callbacks.reschedule(_id(request), due, by=current_user(request).id)
    flash(request, say("Moved to %(time)s.", time=due))
    return redirect(back)


@routes.post("/callbacks/{id}/cancel")
@needs(May.WORK)
async def cancel(request: web.Request) -> web.Response:
    form = await fields(request)
    note = form.get("note", "").strip()
    await services(request).callbacks.cancel(_id(request), note=note, by=current_user(request).id)
    flash(request, say("The callback is cancelled."))
    return redirect(local_path(form.get("next", ""), "/callbacks"))


@routes.post("/callbacks/{id}/take")
@needs(May.WORK)
async def take(request: web.Request) -> web.Response:
    """The one who says "I shall do it" gets it."""
    form = await fields(request)
    by = current_user(request).id
    await services(request).callbacks.assign(_id(request), by, by=by)
    flash(request, say("It is yours now."))
    return redirect(local_path(form.get("next", ""), "/callbacks"))


async def _form(
    request: web.Request, values: Mapping[str, str], *, faults: Mapping[str, Sayable] | None = None
) -> web.Response:
    customer_id = CustomerId(values.get("customer", ""))
    details = await _details(request, customer_id) if customer_id else None
    return render(
        request,
        "callbacks/new.html",
        status=422 if faults else 200,
        values=values,
        faults=faults or {},
        customer=details.customer if details else None,
        numbers=details.numbers if details else (),
        assignees=choices(request, await everybody(request), nobody=say("Whoever is free")),
    )


async def _details(request: web.Request, customer: CustomerId) -> CustomerDetails | None:
    """A customer who is gone leaves an empty field, not an error page."""
    try:
        return await services(request).customers.details(customer)
    except CustomerNotFound:
        return None


def _id(request: web.Request) -> CallbackId:
    return CallbackId(request.match_info["id"])
