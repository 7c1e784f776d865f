"""The call log: the list, the story of each call, its recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import web

from agent_console.auth.permissions import May, allowed, may_hear, sees_figures
from agent_console.auth.rules import needs
from agent_console.errors import Forbidden
from agent_console.forms import fields
from agent_console.keys import BUS, CLOCK, SETTINGS, current_user, services, words
from agent_console.live.events import CallerNamed
from agent_console.pages.calls.figures import ended_by, transfer_row
from agent_console.pages.calls.sound import recorded_file
from agent_console.pages.calls.story import cast_of, story
from agent_console.pages.calls.within import FOR_EVERYBODY, FOR_SUPERVISORS, gaps
from agent_console.pages.people import choices, customers_of, everybody
from agent_console.query import choice, day_end, day_start, text
from agent_console.render import flash, redirect, render
from agent_console.words import Words, say
from crm_core.domain.callbacks import CallbackFilter
from crm_core.domain.calls import CallDirection, CallFilter, CallOutcome, CallRecord
from crm_core.domain.dispositions import Disposition
from crm_core.domain.floor import FloorPlan
from crm_core.domain.users import User
from crm_core.errors import DispositionNotFound, RecordingNotFound
from crm_core.kernel.ids import AgentId, CallId, CustomerId, QueueKey, RecordingId, UserId

_PAGE = 25
_CALLBACKS = 10
routes = web.RouteTableDef()


def filters_of(request: web.Request, me: User, reader: Words) -> CallFilter:
    view = request.query.get("view", "all")
    agent = me.id if view == "mine" else text(request, "agent")
    queue, customer = text(request, "queue"), text(request, "customer")
    return CallFilter(
        text=text(request, "q"),
        direction=choice(request, "direction", CallDirection),
        outcome=CallOutcome.ABANDONED if view == "lost" else choice(request, "outcome", CallOutcome),
        agent=AgentId(agent) if agent else None,
        queue=QueueKey(queue) if queue else None,
        customer=CustomerId(customer) if customer else None,
        since=day_start(request, "since", reader),
        until=day_end(request, "until", reader),
        undisposed=view == "undisposed",
    )


@routes.get("/calls")
@needs(May.WORK)
async def listing(request: web.Request) -> web.Response:
    wanted = filters_of(request, current_user(request), words(request))
    page = await services(request).calls.search(wanted, cursor=text(request, "cursor") or None, limit=_PAGE)
    people = await everybody(request)
    plan = await services(request).floor_plans.load()
    return render(
        request,
        "calls/_list.html" if request.headers.get("HX-Target") == "list" else "calls/list.html",
        page=page,
        view=request.query.get("view", "all"),
        people=people,
        customers=await customers_of(request, (call.customer for call in page)),
        agents=choices(request, people, nobody=say("Everybody's")),
        seats=_seats(people),
        queues=_queues(plan),
    )


@routes.get("/calls/{id}")
@needs(May.WORK)
async def page(request: web.Request) -> web.Response:
    found, me = services(request), current_user(request)
    call = await found.calls.get(CallId(request.match_info["id"]))
    people = await everybody(request)
    plan = await found.floor_plans.load()
    customers = await customers_of(request, [call.customer])
    hears = may_hear(me, took_part(call, me))
    kept = await found.recordings.of_call(call.id)
    notes, events, cast = (
        await found.calls.notes(call.id),
        await found.calls.events(call.id),
        cast_of(people, plan),
    )
    return render(
        request,
        "calls/page.html",
        call=call,
        beats=story(
            events,
            cast,
            FOR_SUPERVISORS if allowed(me, May.LISTEN_ALL) else FOR_EVERYBODY,
            figures=sees_figures(me),
        ),
        gaps=gaps(events, cast),
        transfers=[transfer_row(one, cast) for one in call.transfers],
        ended_by=ended_by(call),
        notes=notes,
        mine=next((one for one in notes if one.by == me.id), None),
        chosen=await _chosen(request, [call.disposition, *(one.disposition for one in notes)]),
        people=people,
        seats=_seats(people),
        customer=customers.get(call.customer) if call.customer else None,
        tickets=await found.tickets.of_call(call.id),
        callbacks=await found.callbacks.search(CallbackFilter(call=call.id), limit=_CALLBACKS),
        recordings=[one for one in kept if hears and one.ticket is None and not one.comment],
        comments=[one for one in kept if hears and one.comment],
        messages=[one for one in kept if one.ticket is not None],
        may_hear=hears,
        queues=_queues(plan),
        dispositions=flat(await found.dispositions.tree()),
        match=await found.customers.who_is(call.number, call.started_at) if not call.customer else None,
    )


async def _chosen(request: web.Request, codes: Iterable[str | None]) -> dict[str, Disposition]:
    """What was said came of it, by its code; also what may be chosen no more."""
    found = {code: await _disposition(request, code) for code in dict.fromkeys(codes) if code}
    return {code: disposition for code, disposition in found.items() if disposition is not None}


async def _disposition(request: web.Request, code: str | None) -> Disposition | None:
    try:
        return await services(request).dispositions.get(code) if code else None
    except DispositionNotFound:
        return None


@routes.post("/calls/{id}/disposition")
@needs(May.WORK)
async def dispose(request: web.Request) -> web.Response:
    call = CallId(request.match_info["id"])
    form = await fields(request)
    await services(request).calls.set_disposition(
        call, form.get("code") or None, form.get("note", "").strip(), by=current_user(request).id
    )
    flash(request, say("Saved."))
    return redirect(f"/calls/{call}")


@routes.post("/calls/{id}/customer")
@needs(May.WORK)
async def set_customer(request: web.Request) -> web.Response:
    """Who it was; with `remember` the number is his from now on."""
    found, by = services(request), current_user(request).id
    call = await found.calls.get(CallId(request.match_info["id"]))
    form = await fields(request)
    if not (chosen := form.get("customer", "")):
        flash(request, say("Choose a customer first."), "warning")
        return redirect(f"/calls/{call.id}")
    await found.calls.set_customer(call.id, CustomerId(chosen), by=by)
    request.config_dict[BUS].publish(CallerNamed(at=request.config_dict[CLOCK].now(), call=call.id))
    if form.get("remember") and call.number.linkable:
        await found.customers.attach_number(call.number.dialable, CustomerId(chosen), by=by)
    flash(request, say("Saved."))
    return redirect(f"/calls/{call.id}")


@routes.get("/recordings/{id}")
@needs(May.LISTEN_OWN)
async def recording(request: web.Request) -> web.StreamResponse:
    """The sound, in parts when the player asks for parts."""
    found, me = services(request), current_user(request)
    kept = await found.recordings.get(RecordingId(request.match_info["id"]))
    call = await found.calls.get(kept.call)
    if not may_hear(me, took_part(call, me), message=kept.ticket is not None):
        raise Forbidden()
    file = recorded_file(request.config_dict[SETTINGS].recordings, kept)
    if file is None:
        raise RecordingNotFound(id=kept.id)
    response = web.FileResponse(file, headers={"Cache-Control": "private, max-age=300"})
    if "download" in request.query:
        response.headers["Content-Disposition"] = f'attachment; filename="{kept.call}.wav"'
    return response


def took_part(call: CallRecord, user: User) -> bool:
    return AgentId(user.id) in call.agents


def flat(tree: tuple[Disposition, ...], depth: int = 0) -> list[tuple[int, Disposition]]:
    """The tree as a list with depths, for a select."""
    return [found for node in tree for found in ((depth, node), *flat(node.children, depth + 1))]


def _seats(people: Mapping[UserId, User]) -> dict[str, User]:
    """Who sits at which phone."""
    return {user.extension: user for user in people.values() if user.extension}


def _queues(plan: FloorPlan) -> dict[QueueKey, dict[str, str]]:
    return {queue.key: queue.names for queue in plan.queues}
