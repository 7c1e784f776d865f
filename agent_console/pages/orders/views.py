"""Orders and repairs: the list, the page of one with its path and its history, the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.inputs import checked
from agent_console.keys import current_user, services, words
from agent_console.order_inputs import OrderNoteInput
from agent_console.pages.orders.forms import draft, read_change, read_new, read_step
from agent_console.pages.orders.history import changes_of
from agent_console.pages.orders.path import path_of
from agent_console.pages.people import customers_of, everybody
from agent_console.query import choice, chosen, text
from agent_console.render import flash, now_of, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.orders import HOUSE_CURRENCY, Order, OrderFilter, OrderKind, OrderState, steps
from crm_core.errors import NotFound, OrderChangedMeanwhile, Refused, TicketNotFound
from crm_core.kernel.ids import CustomerId, TicketId

_PAGE = 25
_VIEWS = ("open", "late", "over", "all")
routes = web.RouteTableDef()


def filters_of(request: web.Request, view: str, today: date) -> OrderFilter:
    """`view` says how far they are, the rest narrows it down."""
    customer = text(request, "customer")
    return OrderFilter(
        text=text(request, "q"),
        kind=choice(request, "kind", OrderKind),
        states=chosen(request, "state", OrderState),
        open={"all": None, "over": False}.get(view, True),
        expected_before=today if view == "late" else None,
        customer=CustomerId(customer) if customer else None,
    )


@routes.get("/orders")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    view, today = request.query.get("view", "open"), _today(request)
    view = view if view in _VIEWS else "open"
    wanted = filters_of(request, view, today)
    page = await services(request).orders.search(wanted, cursor=text(request, "cursor") or None, limit=_PAGE)
    template = "orders/_list.html" if request.headers.get("HX-Target") == "list" else "orders/list.html"
    return render(
        request,
        template,
        page=page,
        view=view,
        today=today,
        customers=await customers_of(request, (one.customer for one in page)),
        kinds=tuple(OrderKind),
        states=tuple(OrderState),
    )


@routes.get("/orders/new")
@needs(May.WORK)
async def new(request: web.Request) -> web.Response:
    values = {name: text(request, name) for name in ("kind", "customer", "summary", "ticket")}
    if values["ticket"] and not values["customer"]:
        values["customer"] = await _customer_of_ticket(request, values["ticket"])
    return await _form(request, values)


async def _customer_of_ticket(request: web.Request, ticket: str) -> str:
    try:
        return (await services(request).tickets.get(ticket)).customer or ""
    except TicketNotFound:
        return ""


@routes.post("/orders/new")
@needs(May.WORK)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    try:
        values = read_new(form)
        values["ticket"] = await _ticket_named(request, form)
        order = await services(request).orders.create(**values, by=current_user(request).id)
    except Invalid as error:
        return await _form(request, draft(form), faults=dict(by_field(error.faults)))
    except (Refused, NotFound) as error:
        return await _form(request, draft(form), faults=_beside(error))
    flash(request, say("%(number)s is entered.", number=order.number))
    return redirect(f"/orders/{order.number}")


@routes.get("/orders/{order}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    return await _page(request, await _order(request))


@routes.post("/orders/{order}")
@needs(May.WORK)
async def change(request: web.Request) -> web.Response:
    order, form = await _order(request), await fields(request)
    try:
        values = read_change(form)
        if "ticket" in form:
            values["ticket"] = await _ticket_named(request, form)
        await services(request).orders.update(order.id, **values, by=current_user(request).id)
    except Invalid as error:
        return await _page(request, order, form=form, faults=dict(by_field(error.faults)))
    except OrderChangedMeanwhile as error:
        return await _page(request, await _order(request), form=form, faults={"": error}, status=409)
    except (Refused, NotFound) as error:
        return await _page(request, order, form=form, faults=_beside(error))
    flash(request, say("Saved."))
    return redirect(f"/orders/{order.number}")


@routes.post("/orders/{order}/steps")
@needs(May.WORK)
async def move(request: web.Request) -> web.Response:
    """One step along its path. Whoever was slower sees where it stands by now, with his note still there."""
    order, form = await _order(request), await fields(request)
    try:
        await services(request).orders.move(order.id, **read_step(form), by=current_user(request).id)
    except Invalid as error:
        return await _page(request, order, form=form, faults=dict(by_field(error.faults)))
    except Refused as error:
        return await _page(request, await _order(request), form=form, faults={"": error}, status=409)
    flash(request, say("%(number)s is moved on.", number=order.number))
    return redirect(f"/orders/{order.number}")


@routes.post("/orders/{order}/notes")
@needs(May.WORK)
async def note(request: web.Request) -> web.Response:
    order, form = await _order(request), await fields(request)
    try:
        values = checked(OrderNoteInput, {"text": form.get("text", "")})
    except Invalid as error:
        return await _page(request, order, form=form, faults=dict(by_field(error.faults)))
    await services(request).orders.note(order.id, values.text, by=current_user(request).id)
    return redirect(f"/orders/{order.number}#end")


async def _order(request: web.Request) -> Order:
    return await services(request).orders.get(request.match_info["order"])


async def _ticket_named(request: web.Request, form: Mapping[str, str]) -> TicketId | None:
    number = form.get("ticket", "").strip()
    return (await services(request).tickets.get(number)).id if number else None


def _beside(error: Refused | NotFound) -> dict[str, Sayable]:
    """What is wrong with its ticket is said beside it, all else above."""
    about_the_ticket = error.code in ("ticket.not_found", "order.ticket_of_another")
    return {"ticket" if about_the_ticket else "": error}


def _today(request: web.Request) -> date:
    return words(request).local(now_of(request)).date()


async def _page(
    request: web.Request,
    order: Order,
    *,
    form: Mapping[str, str] | None = None,
    faults: Mapping[str, Sayable] | None = None,
    status: int = 422,
) -> web.Response:
    found = services(request)
    entries = await found.orders.history(order.id)
    return render(
        request,
        "orders/page.html",
        status=status if faults else 200,
        order=order,
        path_steps=path_of(order, entries),
        following=steps(order.kind, order.state),
        entries=[(entry, changes_of(entry)) for entry in entries],
        people=await everybody(request),
        customer=(await customers_of(request, [order.customer])).get(order.customer),
        ticket=await found.tickets.get(order.ticket) if order.ticket else None,
        today=_today(request),
        house_currency=HOUSE_CURRENCY,
        form=form or {},
        faults=faults or {},
    )


async def _form(
    request: web.Request, values: Mapping[str, str], *, faults: Mapping[str, Sayable] | None = None
) -> web.Response:
    customer_id = CustomerId(values.get("customer", ""))
    customers = await customers_of(request, [customer_id or None])
    return render(
        request,
        "orders/new.html",
        status=422 if faults else 200,
        values=values,
        faults=faults or {},
        customer=customers.get(customer_id),
        kinds=tuple(OrderKind),
        house_currency=HOUSE_CURRENCY,
    )
