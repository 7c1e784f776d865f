"""Callbacks: who has to be called, the page of each promise, kept, moved, handed over or cancelled in two keys."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import current_user, services, words
from agent_console.pages.callbacks.forms import read_due, read_new, sensible_time
from agent_console.pages.callbacks.history import history
from agent_console.pages.people import choices, customers_of, everybody
from agent_console.query import chosen, day_end, day_start, text
from agent_console.render import flash, local_path, now_of, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.callbacks import Callback, CallbackFilter, CallbackState
from crm_core.domain.customers import CustomerDetails
from crm_core.domain.users import User
from crm_core.errors import CallbackOver, CustomerNotFound, Refused
from crm_core.kernel.ids import CallbackId, CustomerId, UserId

_PAGE = 25
_VIEWS = ("due", "mine", "coming", "all")
_WAITING = (CallbackState.SCHEDULED, CallbackState.MISSED)
_NOBODY = "nobody"
"""As a filter: those that belong to no colleague."""
routes = web.RouteTableDef()


def filters_of(
    view: str,
    wanted: str,
    me: User,
    now: datetime,
    *,
    states: tuple[CallbackState, ...] = (),
    assignee: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> CallbackFilter:
    """What each view means, narrowed down by what was chosen. Pure."""
    narrowed = CallbackFilter(
        text=wanted,
        states=states,
        assignee=UserId(assignee) if assignee not in ("", _NOBODY) else None,
        unassigned=assignee == _NOBODY,
        since=since,
        until=until,
    )
    match view:
        case "due":
            return replace(narrowed, states=states or _WAITING, until=min(until or now, now))
        case "mine":
            waiting = states or _WAITING
            return replace(narrowed, states=waiting, assignee=me.id, or_unassigned=True, unassigned=False)
        case "coming":
            return replace(narrowed, states=(CallbackState.SCHEDULED,), since=max(since or now, now))
        case _:
            return narrowed


@routes.get("/callbacks")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    view = request.query.get("view", "due")
    view = view if view in _VIEWS else "due"
    reader, now = words(request), now_of(request)
    wanted = filters_of(
        view,
        text(request, "q"),
        current_user(request),
        now,
        states=chosen(request, "state", CallbackState),
        assignee=text(request, "assignee"),
        since=day_start(request, "since", reader),
        until=day_end(request, "until", reader),
    )
    page = await services(request).callbacks.search(wanted, cursor=text(request, "cursor") or None, limit=_PAGE)
    people = await everybody(request)
    template = "callbacks/_list.html" if request.headers.get("HX-Target") == "list" else "callbacks/list.html"
    return render(
        request,
        template,
        page=page,
        view=view,
        people=people,
        customers=await customers_of(request, (one.customer for one in page)),
        assignees=_whose(request, people),
        proposed=sensible_time(reader, now),
    )


def _whose(request: web.Request, people: Mapping[UserId, User]) -> list[tuple[str, str]]:
    """For the filter: everybody's, nobody's, then each colleague's."""
    first, *colleagues = choices(request, people, nobody=say("Everybody's"))
    return [first, (_NOBODY, words(request).speak(say("Whoever is free"))), *colleagues]


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
    return redirect(f"/callbacks/{made.id}")


@routes.get("/callbacks/{id}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    return await _page(request, await services(request).callbacks.get(_id(request)))


@routes.post("/callbacks/{id}/complete")
@needs(May.WORK)
async def complete(request: web.Request) -> web.Response:
    form = await fields(request)
    done = services(request).callbacks.complete(_id(request), note=_note(form), by=current_user(request).id)
    return await _settled(request, form, done, say("Called back. One promise kept."))


@routes.post("/callbacks/{id}/reschedule")
@needs(May.WORK)
async def reschedule(request: web.Request) -> web.Response:
    """From the list, where a menu was open, a fault is told above; on the page it stands beside the field."""
    form, callbacks = await fields(request), services(request).callbacks
    try:
        due = read_due(form, words(request), now_of(request))
    except Invalid as error:
        if "next" not in form:
            callback = await callbacks.get(_id(request))
            return await _page(request, callback, form=form, faults=dict(by_field(error.faults)))
        flash(request, error.faults[0].sentence, "danger")
        return redirect(_back(request, form))
    moved = callbacks.reschedule(
        _id(request), due, why=form.get("why", "").strip() or None, by=current_user(request).id
    )
    return await _settled(request, form, moved, say("Moved to %(time)s.", time=due))


@routes.post("/callbacks/{id}/cancel")
@needs(May.WORK)
async def cancel(request: web.Request) -> web.Response:
    form = await fields(request)
    cancelled = services(request).callbacks.cancel(_id(request), note=_note(form), by=current_user(request).id)
    return await _settled(request, form, cancelled, say("The callback is cancelled."))


@routes.post("/callbacks/{id}/take")
@needs(May.WORK)
async def take(request: web.Request) -> web.Response:
    """The one who says "I shall do it" gets it."""
    form, by = await fields(request), current_user(request).id
    return await _settled(request, form, services(request).callbacks.assign(_id(request), by, by=by), _YOURS)


@routes.post("/callbacks/{id}/assign")
@needs(May.WORK)
async def assign(request: web.Request) -> web.Response:
    """To a colleague, or to whoever is free."""
    form, by = await fields(request), current_user(request).id
    whose = UserId(form["assignee"]) if form.get("assignee") else None
    given = services(request).callbacks.assign(_id(request), whose, by=by)
    return await _settled(request, form, given, _YOURS if whose == by else say("Saved."))


_YOURS: Final = say("It is yours now.")


async def _settled(
    request: web.Request, form: Mapping[str, str], change: Awaitable[Callback], said: Sayable
) -> web.Response:
    """Back to where he came from. When a colleague was faster, the callback's page says so and shows what he did."""
    try:
        await change
    except CallbackOver as error:
        callback = await services(request).callbacks.get(_id(request))
        return await _page(request, callback, faults={"": error}, status=409)
    flash(request, said)
    return redirect(_back(request, form))


def _back(request: web.Request, form: Mapping[str, str]) -> str:
    return local_path(form.get("next", ""), f"/callbacks/{_id(request)}")


def _note(form: Mapping[str, str]) -> str:
    return form.get("note", "").strip()


async def _page(
    request: web.Request,
    callback: Callback,
    *,
    form: Mapping[str, str] | None = None,
    faults: Mapping[str, Sayable] | None = None,
    status: int = 422,
) -> web.Response:
    found, people = services(request), await everybody(request)
    customers = await customers_of(request, [callback.customer])
    return render(
        request,
        "callbacks/page.html",
        status=status if faults else 200,
        callback=callback,
        waiting=callback.state in _WAITING,
        lines=history(await found.event_log.of_subject(callback.id), people),
        people=people,
        customer=customers.get(callback.customer) if callback.customer else None,
        contact=await found.customers.contact(callback.contact) if callback.contact else None,
        ticket=await found.tickets.get(callback.ticket) if callback.ticket else None,
        calls=[await found.calls.get(call) for call in (callback.call, callback.done_call) if call],
        assignees=choices(request, people, nobody=say("Whoever is free")),
        proposed=sensible_time(words(request), now_of(request)),
        form=form or {},
        faults=faults or {},
    )


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
