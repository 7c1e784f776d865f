"""REST: the call log, what came of each call, and its sound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import Field

from agent_console.api import models
from agent_console.api.operations import Ask, ListQuery, Operations, SearchText, YesNo
from agent_console.auth.permissions import May, allowed, may_hear, sees_figures
from agent_console.errors import Forbidden
from agent_console.inputs import Id, Input, Moment, Text
from agent_console.keys import BUS, SETTINGS
from agent_console.live.events import CallerNamed
from agent_console.pages.calls.sound import recorded_file
from crm_core.domain.calls import CallDirection, CallFilter, CallOutcome, CallRecord
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.errors import RecordingNotFound
from crm_core.kernel.ids import AgentId, CallId, ContactId, CustomerId, QueueKey, RecordingId
from cti.events import CallMonitored

api = Operations("Calls")


class CallQuery(ListQuery):
    q: SearchText = Field(default="", description="Part of a number, a name or a note.")
    direction: CallDirection | None = None
    outcome: CallOutcome | None = None
    agent: Id | None = None
    queue: Id | None = None
    customer: Id | None = None
    since: Moment | None = Field(default=None, description="Begun at this moment or later.")
    until: Moment | None = Field(default=None, description="Begun before this moment.")
    live: YesNo | None = Field(default=None, description="true: still going on; false: over.")
    undisposed: YesNo = Field(default=False, description="true: answered, and nobody has said yet what came of it.")

    def filter(self) -> CallFilter:
        return CallFilter(
            text=self.q,
            direction=self.direction,
            outcome=self.outcome,
            agent=AgentId(self.agent) if self.agent else None,
            queue=QueueKey(self.queue) if self.queue else None,
            customer=CustomerId(self.customer) if self.customer else None,
            since=self.since,
            until=self.until,
            live=self.live,
            undisposed=self.undisposed,
        )


class DispositionInput(Input):
    code: Id | None = Field(default=None, description="Of the tree; null: only the note is written.")
    note: Text = ""


class CallerInput(Input):
    customer: Id | None
    contact: Id | None = None


@api.add("GET", "/calls", "Find calls, the newest first", answers=models.CallPage, query=CallQuery)
async def list_calls(ask: Ask, query: CallQuery) -> models.CallPage:
    page = await ask.services.calls.search(query.filter(), cursor=query.cursor, limit=query.limit)
    return models.CallPage.model_validate(page)


@api.add("GET", "/calls/{call}", "A call, everybody's part in it and everybody's note", answers=models.CallDetails)
async def get_call(ask: Ask) -> models.CallDetails:
    call = await _call(ask)
    legs, notes = await ask.services.calls.legs(call.id), await ask.services.calls.notes(call.id)
    return models.CallDetails(
        call=models.Call.model_validate(call),
        legs=[models.Leg.model_validate(replace(leg, because=_why(leg.because, ask.user))) for leg in legs],
        notes=[models.CallNote.model_validate(note) for note in notes],
    )


@api.add("GET", "/calls/{call}/events", "Everything told about a call, in order", answers=models.LoggedEvents)
async def get_call_events(ask: Ask) -> models.LoggedEvents:
    call = await _call(ask)
    events = await ask.services.calls.events(call.id)
    told = [_told(event, ask.user) for event in events if _may_know(event, ask.user)]
    return models.LoggedEvents(items=[models.LoggedEvent.model_validate(event) for event in told])


def _may_know(event: LoggedEvent, user: User) -> bool:
    """Who is listened to is not told of it, as on the call's page."""
    return event.topic != CallMonitored.topic or allowed(user, May.LISTEN_ALL)


def _told(event: LoggedEvent, user: User) -> LoggedEvent:
    if "because" not in event.body:
        return event
    return replace(event, body=event.body | {"because": _why(event.body["because"], user)})


def _why(because: dict[str, Any] | None, user: User) -> dict[str, Any] | None:
    """How colleagues stood beside each other is for those who see the floor."""
    return because if not because or sees_figures(user) else because | {"compared": []}


@api.add("PUT", "/calls/{call}/disposition", "Say what came of a call", answers=models.Call, body=DispositionInput)
async def set_disposition(ask: Ask, body: DispositionInput) -> models.Call:
    call = await _call(ask)
    told = await ask.services.calls.set_disposition(call.id, body.code, body.note, by=ask.user.id)
    return models.Call.model_validate(told)


@api.add("PUT", "/calls/{call}/customer", "Say who it was", answers=models.Call, body=CallerInput)
async def set_caller(ask: Ask, body: CallerInput) -> models.Call:
    call = await _call(ask)
    told = await ask.services.calls.set_customer(
        call.id,
        CustomerId(body.customer) if body.customer else None,
        ContactId(body.contact) if body.contact else None,
        by=ask.user.id,
    )
    ask.request.config_dict[BUS].publish(CallerNamed(at=ask.clock.now(), call=call.id))
    return models.Call.model_validate(told)


@api.add("GET", "/calls/{call}/recordings", "The recordings of a call", answers=models.Recordings, may=May.LISTEN_OWN)
async def list_recordings(ask: Ask) -> models.Recordings:
    call = await _call(ask)
    found = await ask.services.recordings.of_call(call.id)
    if not found or any(one.ticket is None for one in found):
        _check_may_hear(ask, call)  # messages alone are for everybody
    return models.Recordings(items=[models.Recording.model_validate(one) for one in found])


@api.add("GET", "/recordings/{recording}", "The sound of a recording", answers=bytes, may=May.LISTEN_OWN)
async def download_recording(ask: Ask) -> web.StreamResponse:
    kept = await ask.services.recordings.get(RecordingId(ask.path["recording"]))
    if kept.ticket is None:
        _check_may_hear(ask, await ask.services.calls.get(kept.call))
    file = recorded_file(ask.request.config_dict[SETTINGS].recordings, kept)
    if file is None:
        raise RecordingNotFound(id=kept.id)
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


@api.add("GET", "/dispositions", "What may come of a call: the tree to choose from", answers=models.Dispositions)
async def list_dispositions(ask: Ask) -> models.Dispositions:
    tree = await ask.services.dispositions.tree()
    return models.Dispositions(items=[models.Disposition.model_validate(one) for one in tree])


async def _call(ask: Ask) -> CallRecord:
    return await ask.services.calls.get(CallId(ask.path["call"]))


def _check_may_hear(ask: Ask, call: CallRecord) -> None:
    if not may_hear(ask.user, AgentId(ask.user.id) in call.agents):
        raise Forbidden()
