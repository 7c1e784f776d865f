"""REST: tickets and their history."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import Field

from agent_console.api import models
from agent_console.api.floor import in_every_language
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText, YesNo
from agent_console.auth.permissions import sees_figures
from agent_console.explained import names_of_floor, ticket_waits, wait_reason
from agent_console.inputs import CommentInput, HandBackInput, Id, Moment, TicketChange, TicketInput, ToLineInput
from agent_console.keys import BUS
from agent_console.line import tell_line
from agent_console.pages.tickets.line import asked
from crm_core.domain.tickets import Ticket, TicketFilter, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import User
from crm_core.kernel.ids import CallId, CustomerId, QueueKey, UserId
from routing.reasons import Because

api = Operations("Tickets")


class TicketQuery(ListQuery):
    q: SearchText = Field(default="", description="Part of the number, the subject, the topic or the customer's name.")
    status: TicketStatus | None = None
    type: TicketType | None = None
    priority: TicketPriority | None = None
    open: YesNo | None = Field(default=None, description="true: still to be done; false: solved or closed.")
    assignee: Id | None = None
    unassigned: YesNo = Field(default=False, description="true: only those that nobody has.")
    department: Id | None = None
    queue: Id | None = Field(default=None, description="Of this queue, waiting in its line or not.")
    customer: Id | None = None
    call: Id | None = Field(default=None, description="Written in this call, or linked to it.")
    created_by: Id | None = None
    since: Moment | None = Field(default=None, description="Written at this moment or later.")
    until: Moment | None = Field(default=None, description="Written before this moment.")

    def filter(self) -> TicketFilter:
        return TicketFilter(
            text=self.q,
            statuses=(self.status,) if self.status else (),
            types=(self.type,) if self.type else (),
            priorities=(self.priority,) if self.priority else (),
            open=self.open,
            assignee=UserId(self.assignee) if self.assignee else None,
            unassigned=self.unassigned,
            department=self.department,
            queue=QueueKey(self.queue) if self.queue else None,
            customer=CustomerId(self.customer) if self.customer else None,
            call=CallId(self.call) if self.call else None,
            created_by=UserId(self.created_by) if self.created_by else None,
            since=self.since,
            until=self.until,
        )


@api.add("GET", "/tickets", "Find tickets", answers=models.TicketPage, query=TicketQuery)
async def list_tickets(ask: Ask, query: TicketQuery) -> models.TicketPage:
    page = await ask.services.tickets.search(query.filter(), cursor=query.cursor, limit=query.limit)
    return models.TicketPage.model_validate(page)


@api.add("POST", "/tickets", "Write a ticket", answers=models.Ticket, status=201, body=TicketInput)
async def create_ticket(ask: Ask, body: TicketInput) -> Made:
    made = await ask.services.tickets.create(**body.model_dump(), by=ask.user.id)
    await _tell(ask, made)
    return Made(made=models.Ticket.model_validate(made), location=f"{PREFIX}/tickets/{made.id}")


@api.add("GET", "/tickets/{ticket}", "A ticket, by id or number", answers=models.Ticket)
async def get_ticket(ask: Ask) -> models.Ticket:
    return models.Ticket.model_validate(await ask.services.tickets.get(ask.path["ticket"]))


@api.add("PATCH", "/tickets/{ticket}", "Change a ticket", answers=models.Ticket, body=TicketChange)
async def update_ticket(ask: Ask, body: TicketChange) -> models.Ticket:
    tickets = ask.services.tickets
    ticket = await tickets.get(ask.path["ticket"])
    changed = await tickets.update(ticket.id, **body.model_dump(exclude_unset=True), by=ask.user.id)
    await _tell(ask, changed)
    return models.Ticket.model_validate(changed)


@api.add("POST", "/tickets/{ticket}/take", "Take a ticket: yours from now on", answers=models.Ticket)
async def take_ticket(ask: Ask) -> models.Ticket:
    tickets = ask.services.tickets
    taken = await tickets.take((await tickets.get(ask.path["ticket"])).id, by=ask.user.id)
    return await _told(ask, taken)


@api.add(
    "POST",
    "/tickets/{ticket}/hand-back",
    "Somebody else shall have it: you are not asked again",
    answers=models.Ticket,
    body=HandBackInput,
)
async def hand_back_ticket(ask: Ask, body: HandBackInput) -> models.Ticket:
    tickets = ask.services.tickets
    back = await tickets.hand_back((await tickets.get(ask.path["ticket"])).id, body.reason, by=ask.user.id)
    return await _told(ask, back)


@api.add(
    "POST",
    "/tickets/{ticket}/to-line",
    "Put a ticket into the line of a queue: whoever is free gets it",
    answers=models.Ticket,
    body=ToLineInput,
)
async def put_ticket_into_line(ask: Ask, body: ToLineInput) -> models.Ticket:
    tickets = ask.services.tickets
    ticket = (await tickets.get(ask.path["ticket"])).id
    stands = await tickets.to_line(ticket, QueueKey(body.queue), reason=body.reason, by=ask.user.id)
    return await _told(ask, stands)


@api.add(
    "GET",
    "/tickets/{ticket}/why-waiting",
    "Why a ticket in the line still waits",
    answers=models.WhyWaits,
    refusals=(503, 504),
)
async def why_ticket_waits(ask: Ask) -> models.WhyWaits:
    ticket = await ask.services.tickets.get(ask.path["ticket"])
    reason = await wait_reason(ask.request.config_dict[BUS], CallId(ticket.id))
    said = in_every_language(ask, ticket_waits(reason, names_of_floor(await ask.services.floor_plans.load())))
    return models.WhyWaits.model_validate({**asdict(reason), "sentences": said})


@api.add("GET", "/tickets/{ticket}/offers", "Who was asked to take it, and why", answers=models.TicketOffers)
async def list_ticket_offers(ask: Ask) -> models.TicketOffers:
    ticket = await ask.services.tickets.get(ask.path["ticket"])
    names = names_of_floor(await ask.services.floor_plans.load())
    return models.TicketOffers(
        items=[
            models.TicketAsked(
                at=one.at,
                agent=one.agent,
                rule=one.why.because.rule,
                compared=_compared(one.why.because, ask.user),
                ended_at=one.ended_at,
                end=one.end,
                sentences=in_every_language(ask, one.said(names)),
            )
            for one in asked(await ask.services.event_log.of_subject(ticket.id))
        ]
    )


def _compared(because: Because, user: User) -> list[models.FreeAgent]:
    return [models.FreeAgent.model_validate(one) for one in because.compared] if sees_figures(user) else []


async def _told(ask: Ask, ticket: Ticket) -> models.Ticket:
    await _tell(ask, ticket)
    return models.Ticket.model_validate(ticket)


async def _tell(ask: Ask, ticket: Ticket) -> None:
    await tell_line(ask.request.config_dict[BUS], ask.services.tickets, ticket)


@api.add("GET", "/tickets/{ticket}/history", "All that happened to a ticket", answers=models.TicketEntries)
async def get_ticket_history(ask: Ask) -> models.TicketEntries:
    ticket = await ask.services.tickets.get(ask.path["ticket"])
    entries = await ask.services.tickets.history(ticket.id)
    return models.TicketEntries(items=[models.TicketEntry.model_validate(entry) for entry in entries])


@api.add("POST", "/tickets/{ticket}/comments", "Comment on a ticket", answers=models.TicketEntry, body=CommentInput)
async def comment_ticket(ask: Ask, body: CommentInput) -> models.TicketEntry:
    ticket = await ask.services.tickets.get(ask.path["ticket"])
    call = CallId(body.call) if body.call else None
    entry = await ask.services.tickets.comment(ticket.id, body.text, call=call, by=ask.user.id)
    return models.TicketEntry.model_validate(entry)
