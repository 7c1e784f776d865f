"""What agents can, which queues they serve and how many calls they take: looked after by their supervisors."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from agent_console.auth.permissions import May, may_shape
from agent_console.auth.rules import needs
from agent_console.errors import Forbidden, Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import current_user, services
from agent_console.pages.admin.forms import read_limits, read_queues, read_skills, read_validity
from agent_console.pages.admin.views import values_of
from agent_console.pages.people import everybody
from agent_console.pages.telling import tell_phones, tell_telephony
from agent_console.render import flash, redirect, render
from agent_console.trials.page import not_tried, trial
from agent_console.trials.trying import past_days, with_abilities
from agent_console.words import Sayable, names_of, say
from crm_core.domain.users import User
from crm_core.errors import NotFound, Refused, UserChangedMeanwhile
from crm_core.kernel.ids import AgentId, UserId

routes = web.RouteTableDef()


@routes.get("/floor/skills")
@needs(May.SHAPE_FLOOR)
async def matrix(request: web.Request) -> web.Response:
    people = [one for one in (await everybody(request)).values() if one.extension and not one.disabled]
    plan, me = await services(request).floor_plans.load(), current_user(request)
    today = {agent.id: agent.skills for agent in plan.agents}
    mine = {one.id for one in people if may_shape(me, one.department)}
    names = {queue.key: queue.names for queue in plan.queues}
    return render(request, "skills/matrix.html", people=people, plan=plan, today=today, mine=mine, queues=names)


@routes.get("/floor/skills/{id}")
@needs(May.SHAPE_FLOOR)
async def edit(request: web.Request) -> web.Response:
    person = await _mine(request)
    return await _form(request, person, values_of(person), seen=person.abilities)


@routes.post("/floor/skills/{id}")
@needs(May.SHAPE_FLOOR)
async def save(request: web.Request) -> web.Response:
    person, form = await _mine(request), await fields(request)
    plan, seen = await services(request).floor_plans.load(), form.get("abilities", "")
    skills = read_skills(form, plan)
    try:
        changed = await services(request).users.update(
            person.id,
            skills=skills,
            validity=read_validity(form, skills),
            queues=read_queues(form, plan),
            **read_limits(form),
            abilities=seen,
            by=current_user(request).id,
        )
    except UserChangedMeanwhile:
        now = await services(request).users.get(person.id)
        return await _form(request, person, form, seen=now.abilities, theirs=now)
    except Invalid as error:
        return await _form(request, person, form, seen=seen, faults=by_field(error.faults))
    except (Refused, NotFound) as error:
        return await _form(request, person, form, seen=seen, faults={"": error})
    await tell_telephony(request)
    await tell_phones(request, person, changed)
    flash(request, say("Saved: %(name)s. It holds from now on.", name=names_of(changed)))
    return redirect("/floor/skills")


@routes.post("/floor/skills/{id}/trial")
@needs(May.SHAPE_FLOOR)
async def try_draft(request: web.Request) -> web.Response:
    """What stands in the form, with a past day's calls."""
    person, form = await _mine(request), await fields(request)
    plan = await services(request).floor_plans.load()
    skills = read_skills(form, plan)
    try:
        days, most = read_validity(form, skills), read_limits(form)["calls_per_hour"]
    except Invalid as error:
        return not_tried(request, error)
    draft = with_abilities(
        request,
        plan,
        AgentId(person.id),
        skills=skills,
        validity=days,
        queues=read_queues(form, plan),
        calls_per_hour=most,
    )
    return await trial(request, form, plan, draft)


async def _mine(request: web.Request) -> User:
    """The person of the address, if this supervisor looks after him."""
    person = await services(request).users.get(UserId(request.match_info["id"]))
    if not may_shape(current_user(request), person.department):
        raise Forbidden()
    return person


async def _form(
    request: web.Request,
    person: User,
    values: Mapping[str, str],
    *,
    seen: str,
    faults: Mapping[str, Sayable] | None = None,
    theirs: User | None = None,
) -> web.Response:
    plan = await services(request).floor_plans.load()
    return render(
        request,
        "skills/person.html",
        status=409 if theirs else 422 if faults else 200,
        person=person,
        values=values,
        seen=seen,
        faults=faults or {},
        theirs=theirs,
        plan=plan,
        trial_days=await past_days(request, plan),
        trial_at=f"/floor/skills/{person.id}/trial",
    )
