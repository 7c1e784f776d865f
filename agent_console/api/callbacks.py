"""REST: callbacks promised, moved, kept."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from agent_console.api import models
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, SearchText
from agent_console.inputs import CallbackInput, Id, Input, SeenLine, Text
from crm_core.domain.callbacks import CallbackFilter, CallbackState
from crm_core.kernel.ids import CallbackId, CallId, CustomerId, TicketId, UserId

api = Operations("Callbacks")


class CallbackQuery(ListQuery):
    q: SearchText = ""
    state: CallbackState | None = None
    assignee: Id | None = None
    customer: Id | None = None
    ticket: Id | None = None


class Completion(Input):
    note: Text = ""
    call: Id | None = Field(default=None, description="The call by which the promise was kept.")


class Move(Input):
    due_at: AwareDatetime
    why: SeenLine | None = None


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
    wanted = CallbackFilter(
        text=query.q,
        states=(query.state,) if query.state else (),
        assignee=UserId(query.assignee) if query.assignee else None,
        customer=CustomerId(query.customer) if query.customer else None,
        ticket=TicketId(query.ticket) if query.ticket else None,
    )
    page = await ask.services.callbacks.search(wanted, cursor=query.cursor, limit=query.limit)
    return models.CallbackPage.model_validate(page)


@api.add("POST", "/callbacks", "Promise a callback", answers=models.Callback, status=201, body=CallbackInput)
async def schedule_callback(ask: Ask, body: CallbackInput) -> Made:
    arguments = {**body.model_dump(), "number": body.number or ""}
    made = await ask.services.callbacks.schedule(**arguments, by=ask.user.id)
    return Made(made=models.Callback.model_validate(made), location=f"{PREFIX}/callbacks/{made.id}")


@api.add("GET", "/callbacks/{callback}", "A callback", answers=models.Callback)
async def get_callback(ask: Ask) -> models.Callback:
    return models.Callback.model_validate(await ask.services.callbacks.get(_id(ask)))


@api.add("POST", "/callbacks/{callback}/complete", "The customer was called", answers=models.Callback, body=Completion)
async def complete_callback(ask: Ask, body: Completion) -> models.Callback:
    call = CallId(body.call) if body.call else None
    done = await ask.services.callbacks.complete(_id(ask), note=body.note, call=call, by=ask.user.id)
    return models.Callback.model_validate(done)


@api.add("POST", "/callbacks/{callback}/reschedule", "Move a callback", answers=models.Callback, body=Move)
async def reschedule_callback(ask: Ask, body: Move) -> models.Callback:
    moved = await ask.services.callbacks.reschedule(_id(ask), body.due_at, why=body.why, by=ask.user.id)
    return models.Callback.model_validate(moved)


@api.add("POST", "/callbacks/{callback}/cancel", "Cancel a callback", answers=models.Callback, body=Cancellation)
async def cancel_callback(ask: Ask, body: Cancellation) -> models.Callback:
    cancelled = await ask.services.callbacks.cancel(_id(ask), note=body.note, by=ask.user.id)
    return models.Callback.model_validate(cancelled)


def _id(ask: Ask) -> CallbackId:
    return CallbackId(ask.path["callback"])
