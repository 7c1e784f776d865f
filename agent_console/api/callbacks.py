"""REST: callbacks promised, moved, kept."""

from __future__ import annotations

from pydantic import Field

from agent_console.api import models
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText, YesNo
from agent_console.inputs import CallbackInput, Id, Input, Moment, SeenLine, Text
from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.kernel.ids import CallbackId, CallId, CustomerId, TicketId, UserId

api = Operations("Callbacks")


class CallbackQuery(ListQuery):
    q: SearchText = ""
    state: CallbackState | None = None
    assignee: Id | None = None
    unassigned: YesNo = Field(default=False, description="true: only those that are for whoever is free.")
    customer: Id | None = None
    ticket: Id | None = None
    call: Id | None = Field(default=None, description="Promised in this call, or kept by it.")
    since: Moment | None = Field(default=None, description="Due at this moment or later.")
    until: Moment | None = Field(default=None, description="Due before this moment.")

    def filter(self) -> CallbackFilter:
        return CallbackFilter(
            text=self.q,
            states=(self.state,) if self.state else (),
            assignee=UserId(self.assignee) if self.assignee else None,
            unassigned=self.unassigned,
            customer=CustomerId(self.customer) if self.customer else None,
            ticket=TicketId(self.ticket) if self.ticket else None,
            call=CallId(self.call) if self.call else None,
            since=self.since,
            until=self.until,
        )


class Completion(Input):
    note: Text = ""
    call: Id | None = Field(default=None, description="The call by which the promise was kept.")


class Move(Input):
    due_at: Moment
    why: SeenLine | None = None


class Assignment(Input):
    assignee: Id | None = Field(description="Who shall call; null: whoever is free.")


class Cancellation(Input):
    note: Text = ""


@api.add(
    "GET",
    "/callbacks",
    "Find callbacks, the earliest first",
    answers=models.CallbackPage,
    query=CallbackQuery,
)
async def list_callbacks(ask: Ask, query: CallbackQuery) -> models.CallbackPage:
    page = await ask.services.callbacks.search(query.filter(), cursor=query.cursor, limit=query.limit)
    return models.CallbackPage.model_validate(page)


@api.add("POST", "/callbacks", "Promise a callback", answers=models.Callback, status=201, body=CallbackInput)
async def schedule_callback(ask: Ask, body: CallbackInput) -> Made:
    arguments = {**body.model_dump(), "number": body.number or ""}
    made = await ask.services.callbacks.schedule(**arguments, by=ask.user.id)
    return Made(made=models.Callback.model_validate(made), location=f"{PREFIX}/callbacks/{made.id}")


@api.add("GET", "/callbacks/{callback}", "A callback", answers=models.Callback)
async def get_callback(ask: Ask) -> models.Callback:
    return models.Callback.model_validate(await ask.services.callbacks.get(_id(ask)))


@api.add("GET", "/callbacks/{callback}/events", "What became of a callback, in order", answers=models.LoggedEvents)
async def get_callback_events(ask: Ask) -> models.LoggedEvents:
    callback = await ask.services.callbacks.get(_id(ask))
    events = await ask.services.event_log.of_subject(callback.id)
    return models.LoggedEvents(items=[models.LoggedEvent.model_validate(event) for event in events])


@api.add("POST", "/callbacks/{callback}/complete", "The customer was called", answers=models.Callback, body=Completion)
async def complete_callback(ask: Ask, body: Completion) -> models.Callback:
    call = CallId(body.call) if body.call else None
    done = await ask.services.callbacks.complete(_id(ask), note=body.note, call=call, by=ask.user.id)
    return models.Callback.model_validate(done)


@api.add("POST", "/callbacks/{callback}/reschedule", "Move a callback", answers=models.Callback, body=Move)
async def reschedule_callback(ask: Ask, body: Move) -> models.Callback:
    moved = await ask.services.callbacks.reschedule(_id(ask), body.due_at, why=body.why, by=ask.user.id)
    return models.Callback.model_validate(moved)


@api.add("POST", "/callbacks/{callback}/assign", "Say who shall call", answers=models.Callback, body=Assignment)
async def assign_callback(ask: Ask, body: Assignment) -> models.Callback:
    assignee = UserId(body.assignee) if body.assignee else None
    assigned = await ask.services.callbacks.assign(_id(ask), assignee, by=ask.user.id)
    return models.Callback.model_validate(assigned)


@api.add("POST", "/callbacks/{callback}/cancel", "Cancel a callback", answers=models.Callback, body=Cancellation)
async def cancel_callback(ask: Ask, body: Cancellation) -> models.Callback:
    cancelled = await ask.services.callbacks.cancel(_id(ask), note=body.note, by=ask.user.id)
    return models.Callback.model_validate(cancelled)


def _id(ask: Ask) -> CallbackId:
    return CallbackId(ask.path["callback"])
