"""What an administrator looks after: people with their skills, and API tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date

from aiohttp import web

from agent_console.auth.leaving import look_again, take_off_the_floor
from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.forms import fields
from agent_console.keys import BUS, CLOCK, current_user, services
from agent_console.pages.admin.forms import (
    password_fault,
    read_new_person,
    read_person,
    read_queues,
    read_skills,
    read_validity,
)
from agent_console.pages.people import choices, everybody
from agent_console.pages.telling import tell_phones, tell_telephony
from agent_console.query import text
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.floor import FloorPlan
from crm_core.domain.users import PhoneKind, Role, User
from crm_core.errors import DepartmentNotFound, ExtensionTaken, LoginTaken, NotFound, Refused
from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language

_PAGE = 50
routes = web.RouteTableDef()


@routes.get("/admin/users")
@needs(May.ADMINISTER)
async def people(request: web.Request) -> web.Response:
    page = await services(request).users.list(
        text=text(request, "q"), include_disabled=True, cursor=text(request, "cursor") or None, limit=_PAGE
    )
    template = "admin/_users.html" if request.headers.get("HX-Target") == "list" else "admin/users.html"
    plan = await services(request).floor_plans.load()
    return render(request, template, page=page, departments=_departments(plan), skills=_skills(plan))


@routes.get("/admin/users/new")
@needs(May.ADMINISTER)
async def new(request: web.Request) -> web.Response:
    values = {"role": Role.AGENT, "phone_kind": PhoneKind.WEBRTC}
    return await _form(request, {**values, "password": secrets.token_urlsafe(9)})


@routes.post("/admin/users/new")
@needs(May.ADMINISTER)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    plan = await services(request).floor_plans.load()
    skills = read_skills(form, plan)
    try:
        made = await services(request).users.create(
            **read_new_person(form),
            skills=skills,
            validity=read_validity(form, skills),
            queues=read_queues(form, plan),
            by=current_user(request).id,
        )
    except (Invalid, Refused, NotFound) as error:
        return await _form(request, form, faults=_faults(error))
    await tell_telephony(request)
    await tell_phones(request, None, made)
    flash(request, say("%(login)s can log in now, with the password you chose.", login=made.login))
    return redirect("/admin/users")


@routes.get("/admin/users/{id}")
@needs(May.ADMINISTER)
async def edit(request: web.Request) -> web.Response:
    person = await _person(request)
    return await _form(request, values_of(person), person=person)


@routes.post("/admin/users/{id}")
@needs(May.ADMINISTER)
async def save(request: web.Request) -> web.Response:
    person, form = await _person(request), await fields(request)
    me, plan = current_user(request), await services(request).floor_plans.load()
    skills = read_skills(form, plan)
    try:
        changed = await services(request).users.update(
            person.id,
            **read_person(form, present=person.role if person.id == me.id else None),
            skills=skills,
            validity=read_validity(form, skills),
            queues=read_queues(form, plan),
            abilities=form.get("abilities"),
            by=me.id,
        )
    except (Invalid, Refused, NotFound) as error:
        return await _form(request, form, person=person, faults=_faults(error))
    _look_again(request, person)
    await tell_telephony(request)
    await tell_phones(request, person, changed)
    flash(request, say("Saved."))
    return redirect("/admin/users")


@routes.post("/admin/users/{id}/disabled")
@needs(May.ADMINISTER)
async def set_disabled(request: web.Request) -> web.Response:
    person, form = await _person(request), await fields(request)
    if person.id == current_user(request).id:
        flash(request, say("You cannot lock yourself out. Ask another administrator."), "warning")
        return redirect(f"/admin/users/{person.id}")
    away = form.get("disabled") == "1"
    changed = await services(request).users.set_disabled(person.id, away, by=current_user(request).id)
    _look_again(request, person)
    if away:
        await take_off_the_floor(request.config_dict[BUS], person)
    await tell_telephony(request)
    await tell_phones(request, person, changed)
    said = (
        say("%(login)s cannot log in any more.", login=person.login)
        if away
        else say("%(login)s can log in again.", login=person.login)
    )
    flash(request, said)
    return redirect(f"/admin/users/{person.id}")


@routes.post("/admin/users/{id}/password")
@needs(May.ADMINISTER)
async def reset_password(request: web.Request) -> web.Response:
    person, form = await _person(request), await fields(request)
    password = form.get("password", "")
    if wrong := password_fault(password):
        return await _form(request, values_of(person), person=person, faults={"reset": wrong.sentence})
    await services(request).users.change_password(person.id, password, by=current_user(request).id)
    _look_again(request, person)
    flash(request, say("The new password of %(login)s holds from now on.", login=person.login))
    return redirect(f"/admin/users/{person.id}")


@routes.get("/admin/tokens")
@needs(May.ADMINISTER)
async def tokens(request: web.Request) -> web.Response:
    return await _tokens(request)


@routes.post("/admin/tokens")
@needs(May.ADMINISTER)
async def create_token(request: web.Request) -> web.Response:
    """The secret is shown on this one page and never again."""
    form = await fields(request)
    name = form.get("name", "").strip()
    if not name:
        return await _tokens(request, faults={"name": say("Please fill this in.")})
    owner, by = UserId(form.get("user", "")), current_user(request).id
    made = await services(request).api_tokens.create(name, owner, by=by)
    return await _tokens(request, fresh=made.token)


@routes.post("/admin/tokens/{id}/revoke")
@needs(May.ADMINISTER)
async def revoke_token(request: web.Request) -> web.Response:
    await services(request).api_tokens.revoke(request.match_info["id"], by=current_user(request).id)
    flash(request, say("This token opens nothing any more."))
    return redirect("/admin/tokens")


async def _tokens(
    request: web.Request, *, fresh: str = "", faults: Mapping[str, Sayable] | None = None
) -> web.Response:
    known = await everybody(request)
    return render(
        request,
        "admin/tokens.html",
        status=422 if faults else 200,
        tokens=await services(request).api_tokens.list(),
        people=known,
        owners=choices(request, known),
        fresh=fresh,
        faults=faults or {},
    )


async def _person(request: web.Request) -> User:
    return await services(request).users.get(UserId(request.match_info["id"]))


async def _form(
    request: web.Request,
    values: Mapping[str, str],
    *,
    person: User | None = None,
    faults: Mapping[str, Sayable] | None = None,
) -> web.Response:
    plan = await services(request).floor_plans.load()
    return render(
        request,
        "admin/user.html",
        status=422 if faults else 200,
        values=values,
        person=person,
        faults=faults or {},
        plan=plan,
        departments=_departments(plan),
        roles=tuple(Role),
        phone_kinds=tuple(PhoneKind),
        languages=tuple(Language),
    )


def values_of(person: User) -> dict[str, str]:
    """The form as it opens for somebody. Pure."""
    return {
        "name": person.name,
        "name_en": person.name_en,
        "role": person.role,
        "extension": person.extension or "",
        "phone_kind": person.phone_kind,
        "department": person.department or "",
        "language": person.language or "",
        "calls_per_hour": str(person.calls_per_hour or ""),
        "tickets_at_once": str(person.tickets_at_once),
        **{f"skill-{skill}": str(level) for skill, level in person.skills.items()},
        **{f"skill-{skill}-from": _written(days.first) for skill, days in person.validity.items()},
        **{f"skill-{skill}-until": _written(days.last) for skill, days in person.validity.items()},
        **{f"queue-{queue}": "1" for queue in person.queues},
    }


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _faults(error: Invalid | Refused | NotFound) -> dict[str, Sayable]:
    match error:
        case Invalid():
            return dict(by_field(error.faults))
        case LoginTaken():
            return {"login": error}
        case ExtensionTaken():
            return {"extension": error}
        case DepartmentNotFound():
            return {"department": error}
        case _:
            return {"": error}


def _departments(plan: FloorPlan) -> dict[str, dict[str, str]]:
    return {one.key: one.names for one in plan.departments}


def _skills(plan: FloorPlan) -> dict[str, dict[str, str]]:
    return {skill.key: skill.names for skill in plan.skills}


def _look_again(request: web.Request, person: User) -> None:
    """What somebody may do holds for the screens he has open as well."""
    look_again(request.config_dict[BUS], request.config_dict[CLOCK], person.id)
