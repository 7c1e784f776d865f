"""Tickets: the list, the page with its history, the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from agent_console.articles import read, states_read
from agent_console.auth.permissions import May, sees_figures
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.explained import names_of_floor
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.inputs import CommentInput, HandBackInput, ToLineInput, checked
from agent_console.keys import BUS, current_user, services, words
from agent_console.line import tell_line
from agent_console.pages.calls.compared import who_was_free
from agent_console.pages.people import choices, customers_of, everybody
from agent_console.pages.tickets.forms import draft, read_change, read_new
from agent_console.pages.tickets.history import changes_of
from agent_console.pages.tickets.line import asked, why_waits
from agent_console.query import choice, chosen, text
from agent_console.render import flash, now_of, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.articles import ArticleFilter
from crm_core.domain.callbacks import CallbackFilter
from crm_core.domain.calls import CallRecord
from crm_core.domain.floor import FloorPlan
from crm_core.domain.orders import OrderFilter
from crm_core.domain.tickets import (
    OPEN_STATUSES,
    Ticket,
    TicketFilter,
    TicketPriority,
    TicketStatus,
    TicketType,
)
from crm_core.domain.users import User
from crm_core.errors import ArticleNotFound, CallNotFound, NotFound, Refused, TicketChangedMeanwhile, TicketClosed
from crm_core.kernel.ids import CallId, CustomerId, QueueKey, UserId

_PAGE = 25
_CALLBACKS = 10
_ORDERS = 10
_ASKED = 5
routes = web.RouteTableDef()


def filters_of(request: web.Request, me: User) -> TicketFilter:
    """`view` says whose, the rest narrows it down; without a status only what is still open."""
    view = request.query.get("view", "open")
    status = choice(request, "status", TicketStatus)
    assignee = me.id if view == "mine" else UserId(text(request, "assignee"))
    customer = text(request, "customer")
    return TicketFilter(
        text=text(request, "q"),
        statuses=(status,) if status else (() if view == "all" else OPEN_STATUSES),
        types=chosen(request, "type", TicketType),
        priorities=chosen(request, "priority", TicketPriority),
        assignee=assignee or None,
        unassigned=view == "unassigned",
        customer=CustomerId(customer) if customer else None,
    )


@routes.get("/tickets")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    cursor = text(request, "cursor") or None
    wanted = filters_of(request, current_user(request))
    page = await services(request).tickets.search(wanted, cursor=cursor, limit=_PAGE)
    people = await everybody(request)
    template = "tickets/_list.html" if request.headers.get("HX-Target") == "list" else "tickets/list.html"
    return render(
        request,
        template,
        page=page,
        people=people,
        customers=await customers_of(request, (ticket.customer for ticket in page)),
        view=request.query.get("view", "open"),
        assignees=choices(request, people, nobody=say("Everybody's")),
    )


@routes.get("/tickets/new")
@needs(May.WORK)
async def new(request: web.Request) -> web.Response:
    values = {name: text(request, name) for name in ("customer", "contact", "call", "subject", "type")}
    if values["call"] and not values["customer"]:
        values["customer"] = await _customer_of_call(request, CallId(values["call"]))
    return await _form(request, {**values, "assignee": current_user(request).id})


async def _customer_of_call(request: web.Request, call: CallId) -> str:
    try:
        return (await services(request).calls.get(call)).customer or ""
    except CallNotFound:
        return ""


@routes.post("/tickets/new")
@needs(May.WORK)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    try:
        values = read_new(form)
        ticket = await services(request).tickets.create(**values.model_dump(), by=current_user(request).id)
    except Invalid as error:
        return await _form(request, draft(form), faults=dict(by_field(error.faults)))
    except (Refused, NotFound) as error:
        return await _form(request, draft(form), faults={"": error})
    await _tell(request, ticket)
    flash(request, say("Ticket %(number)s is written.", number=ticket.number))
    return redirect(f"/tickets/{ticket.number}")


@routes.get("/tickets/{ticket}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    return await _page(request, await services(request).tickets.get(request.match_info["ticket"]))


@routes.post("/tickets/{ticket}")
@needs(May.WORK)
async def change(request: web.Request) -> web.Response:
    ticket = await services(request).tickets.get(request.match_info["ticket"])
    form = await fields(request)
    try:
        changed = await services(request).tickets.update(ticket.id, **read_change(form), by=current_user(request).id)
    except Invalid as error:
        return await _page(request, ticket, form=form, faults=dict(by_field(error.faults)))
    except TicketChangedMeanwhile as error:
        return await _page(request, ticket, form=form, faults={"": error}, status=409)
    except (Refused, NotFound) as error:
        return await _page(request, ticket, form=form, faults={"": error})
    await _tell(request, changed)
    flash(request, say("Saved."))
    return redirect(f"/tickets/{ticket.number}")


@routes.post("/tickets/{ticket}/take")
@needs(May.WORK)
async def take(request: web.Request) -> web.Response:
    found = services(request).tickets
    ticket = await found.get(request.match_info["ticket"])
    try:
        taken = await found.take(ticket.id, by=current_user(request).id)
    except Refused as error:
        return await _page(request, await found.get(ticket.id), faults={"": error}, status=409)
    await _tell(request, taken)
    flash(request, say("Ticket %(number)s is yours.", number=ticket.number))
    return redirect(f"/tickets/{ticket.number}")


@routes.post("/tickets/{ticket}/to-line")
@needs(May.WORK)
async def to_line(request: web.Request) -> web.Response:
    """Into the line of a queue; who is just being asked, or works on it, gives it to somebody else in the same way."""
    found, by, form = services(request).tickets, current_user(request).id, await fields(request)
    ticket = await found.get(request.match_info["ticket"])
    try:
        values = checked(ToLineInput, {"queue": form.get("queue", ""), "reason": form.get("reason", "")})
        if ticket.assignee == by:
            checked(HandBackInput, {"reason": values.reason})
        stands = await found.to_line(ticket.id, QueueKey(values.queue), reason=values.reason, by=by)
    except Invalid as error:
        return await _page(request, ticket, form=form, faults=dict(by_field(error.faults)))
    except (Refused, NotFound) as error:
        return await _page(request, ticket, form=form, faults={"": error})
    await _tell(request, stands)
    flash(request, say("Ticket %(number)s is in the line.", number=ticket.number))
    return redirect(f"/tickets/{ticket.number}")


async def _tell(request: web.Request, ticket: Ticket) -> None:
    await tell_line(request.config_dict[BUS], services(request).tickets, ticket)


@routes.post("/tickets/{ticket}/articles")
@needs(May.WORK)
async def attach(request: web.Request) -> web.Response:
    """What was told to the customer, by the article's number; `remove` takes it off again."""
    ticket, form = await services(request).tickets.get(request.match_info["ticket"]), await fields(request)
    articles, number = services(request).articles, form.get("article", "").strip().upper()
    try:
        article = await read(request, number)
        await (articles.detach if form.get("remove") else articles.attach)(
            article.id, ticket.id, by=current_user(request).id
        )
    except ArticleNotFound as error:
        return await _page(request, ticket, form=form, faults={"article": error})
    return redirect(f"/tickets/{ticket.number}")


@routes.post("/tickets/{ticket}/comments")
@needs(May.WORK)
async def comment(request: web.Request) -> web.Response:
    """A comment, and with its second button the ticket is solved as well."""
    found, by = services(request).tickets, current_user(request).id
    ticket = await found.get(request.match_info["ticket"])
    form = await fields(request)
    try:
        values = checked(CommentInput, {"text": form.get("text", "")})
        await found.comment(ticket.id, values.text, by=by)
        if form.get("then") == "solve" and ticket.status in OPEN_STATUSES:
            await _tell(request, await found.update(ticket.id, status=TicketStatus.SOLVED, by=by))
    except Invalid as error:
        return await _page(request, ticket, form=form, faults=dict(by_field(error.faults)))
    except TicketClosed as error:
        return await _page(request, ticket, form=form, faults={"text": error})
    return redirect(f"/tickets/{ticket.number}#end")


async def _page(
    request: web.Request,
    ticket: Ticket,
    *,
    form: Mapping[str, str] | None = None,
    faults: dict[str, Sayable] | None = None,
    status: int = 422,
) -> web.Response:
    found = services(request)
    people = await everybody(request)
    entries = await found.tickets.history(ticket.id)
    plan = await found.floor_plans.load()
    names = names_of_floor(plan)
    return render(
        request,
        "tickets/page.html",
        status=status if faults else 200,
        ticket=ticket,
        entries=[(entry, changes_of(entry, people)) for entry in entries],
        people=people,
        customer=(await customers_of(request, [ticket.customer])).get(ticket.customer) if ticket.customer else None,
        call=await _call(request, ticket.call),
        callbacks=await found.callbacks.search(CallbackFilter(ticket=ticket.id), limit=_CALLBACKS),
        orders=await found.orders.search(OrderFilter(ticket=ticket.id), limit=_ORDERS),
        today=words(request).local(now_of(request)).date(),
        messages=await found.recordings.of_ticket(ticket.id),
        articles=await found.articles.search(ArticleFilter(ticket=ticket.id, states=states_read(request))),
        form=form or {},
        faults=faults or {},
        queues=_queues(request, plan),
        line_of=names.queue(ticket.queue) if ticket.queue else None,
        waits=await why_waits(request.config_dict[BUS], ticket, names),
        asked=[
            (
                one,
                tuple(one.said(names)),
                who_was_free(one.why.because, names, figures=sees_figures(current_user(request))),
            )
            for one in asked(await found.event_log.of_subject(ticket.id))[:_ASKED]
        ],
        statuses=tuple(TicketStatus),
        priorities=tuple(TicketPriority),
        types=tuple(TicketType),
        assignees=choices(request, people, nobody=say("Nobody")),
    )


def _queues(request: web.Request, plan: FloorPlan) -> list[tuple[str, str]]:
    """For a select: in whose line it can wait."""
    reader = words(request)
    return [("", reader.speak(say("In no line"))), *((queue.key, reader.named(queue.names)) for queue in plan.queues)]


async def _call(request: web.Request, call: CallId | None) -> CallRecord | None:
    """The call it was born in; a call log that was tidied up is no reason for an error page."""
    try:
        return await services(request).calls.get(call) if call else None
    except CallNotFound:
        return None


async def _form(
    request: web.Request, values: Mapping[str, str], *, faults: Mapping[str, Sayable] | None = None
) -> web.Response:
    customer_id = CustomerId(values.get("customer", ""))
    customers = await customers_of(request, [customer_id or None])
    return render(
        request,
        "tickets/new.html",
        status=422 if faults else 200,
        values=values,
        faults=faults or {},
        customer=customers.get(customer_id),
        priorities=tuple(TicketPriority),
        types=tuple(TicketType),
        assignees=choices(request, await everybody(request), nobody=say("Nobody yet")),
        queues=_queues(request, await services(request).floor_plans.load()),
    )
