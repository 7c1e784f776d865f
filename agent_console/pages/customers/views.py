"""Customers: the list that finds while one types, the page with everything about one, the form."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from agent_console.auth.permissions import May, allowed
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.forms import fields
from agent_console.keys import BUS, CLOCK, current_user, services, words
from agent_console.live.events import CallerNamed
from agent_console.pages.customers.forms import Draft, draft_of, form_faults, read, read_draft
from agent_console.pages.customers.merging import merged
from agent_console.pages.customers.numbers import shared
from agent_console.pages.customers.timeline import timeline
from agent_console.pages.people import everybody
from agent_console.query import choice, text
from agent_console.render import flash, now_of, redirect, render
from agent_console.words import Sayable, names_of, say
from crm_core.domain.customers import CustomerDetails, CustomerKind, CustomerLevel
from crm_core.domain.orders import OrderFilter
from crm_core.errors import CallNotFound, CustomerChangedMeanwhile
from crm_core.kernel.ids import CallId, ContactId, CustomerId

_PAGE = 25
_RECENT = 30
routes = web.RouteTableDef()


@routes.get("/customers")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    customers = services(request).customers
    page = await customers.search(
        text(request, "q"),
        kind=choice(request, "kind", CustomerKind),
        level=choice(request, "level", CustomerLevel),
        cursor=text(request, "cursor") or None,
        limit=_PAGE,
    )
    template = "customers/_list.html" if request.headers.get("HX-Target") == "list" else "customers/list.html"
    return render(request, template, page=page, numbers=await customers.numbers_of(one.id for one in page))


@routes.get("/customers/new")
@needs(May.WORK)
async def new(request: web.Request) -> web.Response:
    number, name = text(request, "number"), text(request, "name")
    draft = Draft(
        values={"name": name, "kind": CustomerKind.PERSON, "level": CustomerLevel.NORMAL},
        contacts={},
        numbers={0: {"number": number, "confirmed": "1" if number else "", "label": "", "contact": ""}},
    )
    return _form(request, draft, call=text(request, "call"))


@routes.post("/customers/new")
@needs(May.WORK)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    draft, call = read_draft(form), form.get("call", "")
    try:
        wanted = read(draft, services(request).customers.number)
    except Invalid as error:
        return _form(request, draft, faults=form_faults(error), call=call)
    by = current_user(request).id
    values = wanted.customer.model_dump(exclude={"owner"})
    whose = CallId(call) if call else None
    try:
        customer = await services(request).customers.create(**values, **wanted.entries, call=whose, owner=by, by=by)
    except CallNotFound as error:
        return _form(request, draft, faults={"": error})
    if whose is not None:
        request.config_dict[BUS].publish(CallerNamed(at=request.config_dict[CLOCK].now(), call=whose))
    flash(request, say("%(customer)s is now in the book.", customer=names_of(customer)))
    return redirect(f"/customers/{customer.id}")


@routes.get("/customers/pick")
@needs(May.WORK)
async def pick(request: web.Request) -> web.Response:
    """A few customers to choose from inside another form, as a fragment."""
    wanted = text(request, "customer_text")
    found = await services(request).customers.search(wanted, limit=8) if wanted.strip() else None
    return render(request, "customers/_pick.html", found=found)


@routes.get("/customers/{id}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    return await page_of(request, CustomerId(request.match_info["id"]))


async def page_of(
    request: web.Request, customer: CustomerId, *, account: str = "", faults: Mapping[str, Sayable] | None = None
) -> web.Response:
    """`account`, `faults`: what was typed for the customer's PIN, and what is wrong with it."""
    found = services(request)
    details = await found.customers.details(customer)
    calls = await found.calls.of_customer(customer, limit=_RECENT)
    tickets = await found.tickets.of_customer(customer, limit=_RECENT)
    callbacks = await found.callbacks.of_customer(customer, limit=_RECENT)
    orders = await found.orders.search(OrderFilter(customer=customer), limit=_RECENT)
    return render(
        request,
        "customers/page.html",
        status=422 if faults else 200,
        **({"path": f"/customers/{customer}", "path_qs": f"/customers/{customer}"} if faults else {}),
        typed_account=account,
        faults=faults or {},
        details=details,
        customer=details.customer,
        contacts={contact.id: contact for contact in details.contacts},
        numbers=shared(details.numbers),
        open_tickets=await found.tickets.of_customer(customer, open_only=True),
        open_callbacks=await found.callbacks.of_customer(customer, scheduled_only=True),
        open_orders=await found.orders.search(OrderFilter(customer=customer, open=True)),
        moments=timeline(calls, tickets, callbacks, orders),
        today=words(request).local(now_of(request)).date(),
        calls_total=calls.total,
        people=await everybody(request),
        pin=await found.customer_pins.of(customer),
        sets_pins=allowed(current_user(request), May.SET_PINS),
    )


@routes.get("/customers/{id}/edit")
@needs(May.WORK)
async def edit(request: web.Request) -> web.Response:
    details = await services(request).customers.details(CustomerId(request.match_info["id"]))
    return _form(request, draft_of(details), details=details)


@routes.post("/customers/{id}/edit")
@needs(May.WORK)
async def save(request: web.Request) -> web.Response:
    found = services(request).customers
    details = await found.details(CustomerId(request.match_info["id"]))
    draft, by = read_draft(await fields(request)), current_user(request).id
    try:
        wanted = read(draft, found.number)
        customer = await found.update(
            details.customer.id,
            **wanted.customer.model_dump(exclude={"owner"}),
            **wanted.entries,
            shown=draft.opened.numbers,
            version=draft.opened.version,
            by=by,
        )
    except Invalid as error:
        return _form(request, draft, faults=form_faults(error), details=details)
    except CustomerChangedMeanwhile:
        return _both(request, draft, await found.details(details.customer.id))
    flash(request, say("Saved."))
    return redirect(f"/customers/{customer.id}")


@routes.post("/customers/{id}/numbers/confirm")
@needs(May.WORK)
async def confirm_number(request: web.Request) -> web.Response:
    """A person has made sure that this number is theirs."""
    customer = CustomerId(request.match_info["id"])
    form = await fields(request)
    contact = form.get("contact", "")
    await services(request).customers.attach_number(
        form.get("number", ""), customer, ContactId(contact) if contact else None, by=current_user(request).id
    )
    flash(request, say("The number is confirmed. Calls from it are recognised at once."))
    return redirect(f"/customers/{customer}")


def _both(request: web.Request, typed: Draft, details: CustomerDetails) -> web.Response:
    """The form again, with what a colleague has changed meanwhile and what was typed here."""
    both = merged(typed, draft_of(details))
    return _form(request, both.draft, details=details, theirs=both.theirs, status=409)


def _form(
    request: web.Request,
    draft: Draft,
    *,
    faults: Mapping[str, Sayable] | None = None,
    details: CustomerDetails | None = None,
    call: str = "",
    theirs: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    return render(
        request,
        "customers/form.html",
        status=422 if faults else status,
        draft=draft,
        faults=faults or {},
        details=details,
        call=call,
        theirs=theirs,
    )
