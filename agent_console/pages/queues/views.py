"""Queues as a supervisor draws them: the list, one queue's terms, and what was agreed before."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from agent_console import queue_removal
from agent_console.auth.permissions import May, may_shape
from agent_console.auth.rules import needs
from agent_console.errors import CommandRefused, Forbidden, Invalid
from agent_console.explained import names_of_floor
from agent_console.faults import by_field
from agent_console.floor import floor_now
from agent_console.forms import fields
from agent_console.good_byes import PROMPTS
from agent_console.keys import current_user, services
from agent_console.menus import menu_names, sounds_of
from agent_console.pages.calls.reasons import asked_for
from agent_console.pages.people import everybody
from agent_console.pages.queues.checks import doubt, doubts_among, faults_among, seal
from agent_console.pages.queues.forms import merged, read_queue, values_of
from agent_console.pages.queues.rows import numbers_of
from agent_console.pages.queues.said import DAYS, Change, changes, onward
from agent_console.pages.queues.terms import GROUPS
from agent_console.pages.queues.told import how_true
from agent_console.pages.telling import tell_queue, tell_telephony
from agent_console.render import flash, redirect, render
from agent_console.trials.page import CALLS_OF, not_tried, trial
from agent_console.trials.trying import in_place_of, past_days, with_queue
from agent_console.words import Sayable, Sentence, say
from crm_core.domain import overflow
from crm_core.domain.floor import Announced, FloorPlan, Queue, QueueVersion
from crm_core.domain.told_waits import WaitAccuracy
from crm_core.errors import (
    CalendarGone,
    FlowNotFound,
    FlowNotPublished,
    NotFound,
    QueueChangedMeanwhile,
    QueueTaken,
    QueueVersionNotFound,
    Refused,
)
from crm_core.kernel.bus import NobodyServes, RequestTimedOut
from crm_core.kernel.ids import QueueKey, UserId
from cti.commands import QueueOnFloor
from ivr.prompts.catalogue import PIECES, load_catalogue

_BLANK = Queue(key=QueueKey(""), names={})
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form as it goes out."""

    values: Mapping[str, str]
    version: int = 0
    """The one it was filled in for; 0: there is no such queue yet."""
    faults: Mapping[str, Sayable] = field(default_factory=dict)
    doubts: tuple[Sayable, ...] = ()
    accepted: str = ""
    """The seal of the doubts its writer is shown; empty: none that would keep him from saving."""
    theirs: tuple[Change, ...] = ()
    """What a colleague has saved meanwhile."""
    by: UserId | None = None
    both: bool = False
    """… in a field that was changed here, too."""

    @property
    def status(self) -> int:
        return 409 if self.theirs else 422 if self.faults or self.accepted else 200


@routes.get("/floor/queues")
@needs(May.SHAPE_FLOOR)
async def queues(request: web.Request) -> web.Response:
    plan, me = await services(request).floor_plans.load(), current_user(request)
    names, sounds = names_of_floor(plan), sounds_of(request)
    return render(
        request,
        "queues/list.html",
        queues=plan.queues,
        names=names,
        live=await _live(request),
        serving={queue.key: sum(queue.key in agent.queues for agent in plan.agents) for queue in plan.queues},
        asked={queue.key: tuple(asked_for(queue.wish, names.skill)) for queue in plan.queues},
        onward={queue.key: tuple(onward(queue, names)) for queue in plan.queues},
        doubts={queue.key: [doubt(one, names) for one in doubts_among(queue, plan, sounds)] for queue in plan.queues},
        mine={queue.key for queue in plan.queues if may_shape(me, queue.department)},
    )


@routes.get("/floor/new-queue")
@needs(May.SHAPE_FLOOR)
async def new(request: web.Request) -> web.Response:
    own = replace(_BLANK, department=current_user(request).department)
    return await _form(request, _BLANK, Draft(values=values_of(own)))


@routes.post("/floor/new-queue")
@needs(May.SHAPE_FLOOR)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    blank = replace(_BLANK, key=QueueKey(form.get("key", "").strip()))
    return await _save(request, QueueVersion(version=0, queue=blank), form)


@routes.get("/floor/queues/{key}")
@needs(May.SHAPE_FLOOR)
async def edit(request: web.Request) -> web.Response:
    now = await _mine(request)
    plan = await services(request).floor_plans.load()
    names = names_of_floor(plan)
    doubts = tuple(doubt(one, names) for one in doubts_among(now.queue, plan, sounds_of(request)))
    return await _form(request, now.queue, Draft(values=values_of(now.queue), version=now.version, doubts=doubts))


@routes.post("/floor/queues/{key}")
@needs(May.SHAPE_FLOOR)
async def save(request: web.Request) -> web.Response:
    return await _save(request, await _mine(request), await fields(request))


@routes.post("/floor/queues/{key}/trial")
@needs(May.SHAPE_FLOOR)
async def try_draft(request: web.Request) -> web.Response:
    """What stands in the form, with a past day's calls."""
    now, form = await _mine(request), await fields(request)
    opened = await _opened(request, now, form)
    return await _try(request, opened.queue, form, QueueKey(form.get(CALLS_OF, "")) or now.queue.key)


@routes.post("/floor/new-queue/trial")
@needs(May.SHAPE_FLOOR)
async def try_new(request: web.Request) -> web.Response:
    """A queue there is not yet, with the callers of another."""
    form = await fields(request)
    return await _try(request, _BLANK, form, QueueKey(form.get(CALLS_OF, "")))


async def _try(request: web.Request, before: Queue, form: Mapping[str, str], calls_of: QueueKey) -> web.Response:
    plans = services(request).floor_plans
    plan = await plans.load()
    try:
        draft = in_place_of(plan, calls_of, read_queue(form, before, plan))
        if wrong := tuple(faults_among(draft, plan, names_of_floor(plan), current_user(request))):
            raise Invalid(wrong)
        await plans.check_queue(draft)
    except (Invalid, Refused, NotFound) as error:
        return not_tried(request, error)
    return await trial(request, form, plan, with_queue(plan, draft), of=draft.key)


@routes.get("/floor/queues/{key}/delete")
@needs(May.SHAPE_FLOOR)
async def ask_to_delete(request: web.Request) -> web.Response:
    return await _deletion(request, await _mine(request))


@routes.post("/floor/queues/{key}/delete")
@needs(May.SHAPE_FLOOR)
async def delete(request: web.Request) -> web.Response:
    now, form = await _mine(request), await fields(request)
    try:
        await queue_removal.remove(request, now.queue.key, int(form.get("version", "0") or 0))
    except (Refused, ValueError):
        return await _deletion(request, now, status=409)
    flash(request, say("The queue %(queue)s is gone.", queue=now.queue.key))
    return redirect("/floor/queues")


async def _deletion(request: web.Request, now: QueueVersion, *, status: int = 200) -> web.Response:
    """What it would mean, or what is in the way."""
    plan = await services(request).floor_plans.load()
    names, needed = names_of_floor(plan), await queue_removal.needs(request, now.queue.key)
    return render(
        request,
        "queues/delete.html",
        status=status,
        queue=now.queue,
        version=now.version,
        needed=[queue_removal.why(one, names) for one in needed],
        serving=sum(now.queue.key in agent.queues for agent in plan.agents),
    )


@routes.get("/floor/queues/{key}/history")
@needs(May.SHAPE_FLOOR)
async def history(request: web.Request) -> web.Response:
    now = await _mine(request)
    plan = await services(request).floor_plans.load()
    versions, names = await services(request).floor_plans.queue_versions(now.queue.key), names_of_floor(plan)
    before = {later.version: earlier for later, earlier in itertools.pairwise(versions)}
    told = {
        one.version: changes(before[one.version].queue, one.queue, names) for one in versions if one.version in before
    }
    return render(
        request,
        "queues/history.html",
        queue=now.queue,
        version=now.version,
        versions=versions,
        changes=told,
        people=await everybody(request),
    )


@routes.post("/floor/queues/{key}/history/{version}")
@needs(May.SHAPE_FLOOR)
async def go_back(request: web.Request) -> web.Response:
    """What was agreed then is agreed anew: a version of its own, so that nothing of the history goes."""
    now, form = await _mine(request), await fields(request)
    then = await _version(request, now.queue.key, request.match_info["version"])
    if not may_shape(current_user(request), then.queue.department):
        raise Forbidden()
    address = f"/floor/queues/{now.queue.key}/history"
    try:
        seen = int(form.get("version", "0") or 0)
        saved = await services(request).floor_plans.put_queue(then.queue, version=seen, by=current_user(request).id)
    except (Refused, NotFound, ValueError) as error:
        said = error if isinstance(error, Refused | NotFound) else say("This value cannot be used.")
        flash(request, said, "danger")
        return redirect(address)
    await tell_telephony(request)
    await tell_queue(request, now.queue, then.queue)
    flash(request, say("Version %(then)s holds again, as version %(now)s.", then=then.version, now=saved))
    return redirect(address)


async def _save(  # noqa: PLR0911 - each way the form may come back
    request: web.Request, now: QueueVersion, form: Mapping[str, str]
) -> web.Response:
    """Once around: read, compared with what a colleague has saved meanwhile, looked at, kept, told."""
    plan = await services(request).floor_plans.load()
    opened = await _opened(request, now, form)
    draft = Draft(values=form, version=opened.version)
    try:
        mine = read_queue(form, opened.queue, plan)
    except Invalid as error:
        return await _form(request, now.queue, replace(draft, faults=by_field(error.faults)))
    if opened.version != now.version:
        return await _meanwhile(request, opened, mine, now)
    names = names_of_floor(plan)
    if faults := by_field(faults_among(mine, plan, names, current_user(request))):
        return await _form(request, now.queue, replace(draft, faults=faults))
    sounds = sounds_of(request)
    known = doubts_among(now.queue, plan, sounds)
    new = tuple(one for one in doubts_among(mine, plan, sounds) if one not in known)
    if new and form.get("accepted") != seal(new):
        doubts = tuple(doubt(one, names) for one in new)
        return await _form(request, now.queue, replace(draft, doubts=doubts, accepted=seal(new)))
    try:
        saved = await services(request).floor_plans.put_queue(mine, version=now.version, by=current_user(request).id)
    except QueueChangedMeanwhile:
        return await _meanwhile(request, opened, mine, await services(request).floor_plans.queue(mine.key))
    except (Refused, NotFound, FlowNotPublished) as error:
        return await _form(request, now.queue, replace(draft, faults={_field_of(error): error}))
    await tell_telephony(request)
    await tell_queue(request, now.queue, mine)
    flash(request, say("Saved as version %(number)s. It holds from now on.", number=saved))
    return redirect(f"/floor/queues/{mine.key}")


def _field_of(error: Refused | NotFound) -> str:
    if isinstance(error, QueueTaken):
        return "key"
    if isinstance(error, FlowNotFound | FlowNotPublished):
        return "after_call"
    if isinstance(error, CalendarGone):
        return "calendar"
    return str(error.params.get("field", ""))


async def _opened(request: web.Request, now: QueueVersion, form: Mapping[str, str]) -> QueueVersion:
    """What the form was filled in for."""
    text = form.get("version", "")
    if now.version == 0 or text in ("", str(now.version)):
        return now
    return await _version(request, now.queue.key, text)


async def _version(request: web.Request, key: QueueKey, number: str) -> QueueVersion:
    for one in await services(request).floor_plans.queue_versions(key):
        if str(one.version) == number:
            return one
    raise QueueVersionNotFound(id=number)


async def _meanwhile(request: web.Request, opened: QueueVersion, mine: Queue, now: QueueVersion) -> web.Response:
    """Nothing is lost and nothing overwritten: the form comes back with both, to be looked at and saved again."""
    names = names_of_floor(await services(request).floor_plans.load())
    together, both = merged(opened.queue, mine, now.queue)
    newest = await _version(request, now.queue.key, str(now.version))
    draft = Draft(
        values=values_of(together),
        version=now.version,
        theirs=changes(opened.queue, now.queue, names),
        by=newest.by,
        both=bool(both),
    )
    return await _form(request, now.queue, draft)


async def _mine(request: web.Request) -> QueueVersion:
    """The queue of the address, if this person may change it."""
    found = await services(request).floor_plans.queue(QueueKey(request.match_info["key"]))
    if not may_shape(current_user(request), found.queue.department):
        raise Forbidden()
    return found


async def _live(request: web.Request) -> Mapping[str, QueueOnFloor]:
    """Empty while the telephone side is away: the list does without."""
    try:
        return {one.queue: one for one in (await floor_now(request)).queues}
    except (NobodyServes, RequestTimedOut, CommandRefused):
        return {}


async def _form(request: web.Request, queue: Queue, draft: Draft) -> web.Response:
    plan = await services(request).floor_plans.load()
    people = await everybody(request) if draft.by else {}
    return render(
        request,
        "queues/form.html",
        status=draft.status,
        queue=queue,
        draft=draft,
        groups=GROUPS,
        plan=plan,
        whys=overflow.REASONS,
        days=DAYS,
        prompts=PROMPTS,
        chain=_rows(draft.values, "overflow"),
        steps=_rows(draft.values, "relaxing"),
        colleague=people.get(draft.by) if draft.by else None,
        may_choose=_departments(request, plan),
        trial_days=await past_days(request, plan) if plan.queues else (),
        trial_at=f"/floor/queues/{queue.key}/trial" if draft.version else "/floor/new-queue/trial",
        trial_queues=[one for one in plan.queues if one.key != queue.key],
        trial_own=bool(draft.version),
        menus=await menu_names(request, heard=True),
        prompt_keys=_sentences(request),
        told_waits=await _told_waits(request, queue) if draft.version else (),
    )


async def _told_waits(request: web.Request, queue: Queue) -> Sequence[Sentence]:
    """How true the waits were that its callers are told; nothing where they are told none."""
    if Announced.WAIT not in queue.announce:
        return ()
    found = await services(request).told_waits.lately()
    return tuple(how_true(found.get(queue.key, WaitAccuracy())))


def _sentences(request: web.Request) -> list[str]:
    """The prompts, without what numbers and dates are put together from."""
    pieces = load_catalogue((PIECES,)).prompts
    return sorted(set().union(*sounds_of(request).values()) - set(pieces))


def _rows(values: Mapping[str, str], rows: str) -> Sequence[int]:
    return numbers_of(values, rows)


def _departments(request: web.Request, plan: FloorPlan) -> list[tuple[str, Mapping[str, str]]]:
    me = current_user(request)
    return [(one.key, one.names) for one in plan.departments if may_shape(me, one.key)]
