"""Skills and departments: both lists, and one of either with who uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.forms import fields
from agent_console.house_terms import menus_asking, put, remove
from agent_console.keys import current_user, services
from agent_console.menus import menu_names
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.house_terms import HouseTerm, TermKind
from crm_core.domain.users import Role
from crm_core.errors import FieldEmpty, Refused
from crm_core.kernel.language import Language

_LIST: Final = "/floor/terms"
_FIRST_NAME: Final = f"name-{Language.ZH}"
routes = web.RouteTableDef()


@routes.get(_LIST)
@needs(May.SHAPE_FLOOR)
async def terms(request: web.Request) -> web.Response:
    core = services(request).house_terms
    found = {kind: await core.all(kind) for kind in TermKind}
    return render(request, "house_terms/list.html", terms=found)


@routes.get("/floor/new-{kind:skill|department}")
@needs(May.SHAPE_FLOOR)
async def new(request: web.Request) -> web.Response:
    return await _form(request, _kind(request), None, {})


@routes.post("/floor/new-{kind:skill|department}")
@needs(May.SHAPE_FLOOR)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    return await _save(request, _kind(request), None, form, form.get("key", "").strip())


@routes.get(_LIST + "/{kind:skill|department}/{key}")
@needs(May.SHAPE_FLOOR)
async def edit(request: web.Request) -> web.Response:
    term = await _term(request)
    return await _form(request, term.kind, term, {f"name-{spoken}": name for spoken, name in term.names.items()})


@routes.post(_LIST + "/{kind:skill|department}/{key}")
@needs(May.SHAPE_FLOOR)
async def save(request: web.Request) -> web.Response:
    term = await _term(request)
    return await _save(request, term.kind, term, await fields(request), term.key)


@routes.post(_LIST + "/{kind:skill|department}/{key}/delete")
@needs(May.SHAPE_FLOOR)
async def delete(request: web.Request) -> web.Response:
    term = await _term(request)
    try:
        await remove(request, term.kind, term.key)
    except Refused:
        flash(request, say("It is still used, so it stays. Who uses it stands below."), "danger")
        return redirect(_address(term))
    flash(request, say("%(key)s is gone.", key=term.key))
    return redirect(_LIST)


async def _save(
    request: web.Request, kind: TermKind, term: HouseTerm | None, form: Mapping[str, str], key: str
) -> web.Response:
    names = {one.value: " ".join(form.get(f"name-{one}", "").split()) for one in Language}
    try:
        saved = await put(request, kind, key, names, new=term is None)
    except FieldEmpty:
        return await _form(request, kind, term, form, {_FIRST_NAME: say("Please give it a name.")})
    except Refused as error:
        field = str(error.params.get("field", ""))
        return await _form(request, kind, term, form, {_FIRST_NAME if field == "names" else field: error})
    flash(request, say("Saved: %(name)s. It holds from now on.", name=saved.names))
    return redirect(_LIST)


async def _form(
    request: web.Request,
    kind: TermKind,
    term: HouseTerm | None,
    values: Mapping[str, str],
    faults: Mapping[str, Sayable] | None = None,
) -> web.Response:
    core = services(request)
    called = await menu_names(request) if term else {}
    plan = await core.floor_plans.load()
    return render(
        request,
        "house_terms/term.html",
        status=422 if faults else 200,
        kind=kind,
        term=term,
        values=values,
        faults=faults or {},
        queues={str(queue.key): queue.names for queue in plan.queues},
        menus=[(one, called.get(one, one)) for one in (await menus_asking(request, term) if term else ())],
        admin=current_user(request).role is Role.ADMIN,
    )


def _kind(request: web.Request) -> TermKind:
    return TermKind(request.match_info["kind"])


async def _term(request: web.Request) -> HouseTerm:
    return await services(request).house_terms.get(_kind(request), request.match_info["key"])


def _address(term: HouseTerm) -> str:
    return f"{_LIST}/{term.kind}/{term.key}"
