"""REST: tickets and their history."""

from __future__ import annotations

from pydantic import Field

from agent_console.api import models
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText, YesNo
from agent_console.inputs import CommentInput, Id, Moment, TicketChange, TicketInput
from crm_core.domain.tickets import TicketFilter, TicketPriority, TicketStatus, TicketType
from crm_core.kernel.ids import CallId, CustomerId, UserId

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
    return Made(made=models.Ticket.model_validate(made), location=f"{PREFIX}/tickets/{made.id}")


@api.add("GET", "/tickets/{ticket}", "A ticket, by id or number", answers=models.Ticket)
async def get_ticket(ask: Ask) -> models.Ticket:
    return models.Ticket.model_validate(await ask.services.tickets.get(ask.path["ticket"]))


@api.add("PATCH", "/tickets/{ticket}", "Change a ticket", answers=models.Ticket, body=TicketChange)
async def update_ticket(ask: Ask, body: TicketChange) -> models.Ticket:
    tickets = ask.services.tickets
    ticket = await tickets.get(ask.path["ticket"])
    changed = await tickets.update(ticket.id, **body.model_dump(exclude_unset=True), by=ask.user.id)
    return models.Ticket.model_validate(changed)


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
