"""Voice menus: the list with the numbers, a menu's versions and draft, two versions compared, the designer's frame."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import FlowRefused, NotFound
from agent_console.forms import fields
from agent_console.keys import SETTINGS, current_user, services, words
from agent_console.live.page_words import page_words
from agent_console.menus import (
    NOTHING_YET,
    doubtful,
    menu_names,
    menu_title,
    publish,
    roll_back,
    shown,
    unsaid,
    unusable,
    what_is_wrong,
    written,
)
from agent_console.pages.menus.comparing import compared
from agent_console.pages.menus.designing import names_for_designer
from agent_console.pages.menus.names import field_name, kind_name, value_name
from agent_console.pages.people import everybody
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, say
from crm_core.domain.flows import FlowVersion
from crm_core.errors import FlowDraftNotFound, Refused
from ivr.flow.loader import document_in

DRAFT = "draft"
_MOST_FILE = 1_200_000
"""Bytes; of longer ones it is said that they are too long."""
routes = web.RouteTableDef()


@routes.get("/menus")
@needs(May.EDIT_MENUS)
async def menus(request: web.Request) -> web.Response:
    return await _list(request, {}, {})


@routes.post("/menus")
@needs(May.EDIT_MENUS)
async def create(request: web.Request) -> web.Response:
    """A new menu, from a file or as a greeting and a person."""
    form, by = await fields(request), current_user(request).id
    name = form.get("name", "").strip()
    try:
        uploaded = await _uploaded(request)
        document = uploaded or written(NOTHING_YET)
        await services(request).flows.save_draft(name, document, revision=0, by=by, new=True)
    except Refused as error:
        return await _list(request, form, {"name": error})
    return redirect(f"/menus/{name}" if uploaded else f"/menus/{name}/draft")


@routes.get("/menus/{name}")
@needs(May.EDIT_MENUS)
async def menu(request: web.Request) -> web.Response:
    return await _menu(request)


@routes.post("/menus/{name}/publish")
@needs(May.EDIT_MENUS)
async def publish_draft(request: web.Request) -> web.Response:
    form, name = await fields(request), request.match_info["name"]
    try:
        version = await publish(request, name, _number(form.get("revision", "")), form.get("note", ""))
    except (FlowRefused, Refused, FlowDraftNotFound) as error:
        return await _menu(request, {"publish": error})
    flash(request, say("Version %(number)s is what the next caller hears.", number=version.number))
    return redirect(f"/menus/{name}")


@routes.post("/menus/{name}/discard")
@needs(May.EDIT_MENUS)
async def discard(request: web.Request) -> web.Response:
    form, name = await fields(request), request.match_info["name"]
    flows = services(request).flows
    try:
        await flows.discard_draft(name, revision=_number(form.get("revision", "")), by=current_user(request).id)
    except (Refused, FlowDraftNotFound) as error:
        return await _menu(request, {"publish": error})
    flash(request, say("The draft is gone."))
    return redirect("/menus" if all(one.name != name for one in await flows.list()) else f"/menus/{name}")


@routes.post("/menus/{name}/import")
@needs(May.EDIT_MENUS)
async def take_file(request: web.Request) -> web.Response:
    """A file becomes the draft."""
    form, name = await fields(request), request.match_info["name"]
    try:
        if (document := await _uploaded(request)) is None:
            return await _menu(request, {"file": say("Please choose a file.")})
        revision = _number(form.get("revision", "0"))
        await services(request).flows.save_draft(name, document, revision=revision, by=current_user(request).id)
    except Refused as error:
        return await _menu(request, {"file": error})
    flash(request, say("The file is the draft now."))
    return redirect(f"/menus/{name}")


@routes.post("/menus/{name}/versions/{number}/again")
@needs(May.EDIT_MENUS)
async def again(request: web.Request) -> web.Response:
    name, number = request.match_info["name"], _number(request.match_info["number"])
    note = words(request)("As version %(number)s", number=number)
    try:
        version = await roll_back(request, name, number, note)
    except (FlowRefused, Refused) as error:
        return await _menu(request, {"again": error})
    flash(request, say("Version %(number)s is what the next caller hears.", number=version.number))
    return redirect(f"/menus/{name}")


@routes.get("/menus/{name}/compare")
@needs(May.EDIT_MENUS)
async def compare(request: web.Request) -> web.Response:
    name, query = request.match_info["name"], request.query
    before, after = query.get("a", ""), query.get("b", DRAFT)
    changes = compared(await _document(request, name, before), await _document(request, name, after))
    return render(
        request,
        "menus/compare.html",
        name=name,
        a=before,
        b=after,
        changes=changes,
        kind_name=kind_name,
        field_name=field_name,
        value_name=value_name,
    )


@routes.get("/menus/{name}/export")
@needs(May.EDIT_MENUS)
async def export(request: web.Request) -> web.Response:
    name, number = request.match_info["name"], request.query.get("version", DRAFT)
    document = await _document(request, name, number)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.json"}
    return web.Response(text=document, content_type="application/json", headers=headers)


@routes.get("/menus/{name}/draft")
@needs(May.EDIT_MENUS)
async def designer(request: web.Request) -> web.Response:
    name, here = request.match_info["name"], words(request)
    menu = await services(request).flows.get(name)
    names, sounds = await names_for_designer(request), request.config_dict[SETTINGS].sounds is not None
    return render(
        request,
        "menus/designer.html",
        name=name,
        title=await menu_title(request, menu),
        names=names,
        sounds=sounds,
        page_words=page_words(here),
    )


async def _list(request: web.Request, form: Mapping[str, str], faults: Mapping[str, Sayable]) -> web.Response:
    flows = services(request).flows
    return render(
        request,
        "menus/list.html",
        status=422 if faults else 200,
        menus=await flows.list(),
        names=await menu_names(request),
        unusable=await unusable(request),
        numbers=tuple((await flows.standing()).numbers.values()),
        form=form,
        faults=faults,
    )


async def _menu(request: web.Request, faults: Mapping[str, Sayable] | None = None) -> web.Response:
    name, flows = request.match_info["name"], services(request).flows
    entry, draft = await flows.get(name), await flows.draft(name)
    text = draft.document if draft else ""
    problems = await what_is_wrong(request, name, text) if draft else ()
    doubts = await doubtful(request, name, text) if draft else ()
    lost, silent = (await unusable(request)).get(name, ()), (await unsaid(request)).get(name, ())
    heard = (await flows.published()).get(name, "") if lost or silent else ""
    numbers = (await flows.standing()).numbers.values()
    return render(
        request,
        "menus/menu.html",
        status=422 if faults else 200,
        menu=entry,
        title=await menu_title(request, entry),
        draft=draft,
        problems=shown(name, text, problems),
        doubts=shown(name, text, doubts),
        unusable=shown(name, heard, lost),
        unsaid=shown(name, heard, silent),
        versions=await flows.versions(name),
        numbers=[one.number for one in numbers if name in (one.to, one.closed_to)],
        people=await everybody(request),
        faults=faults or {},
    )


async def _document(request: web.Request, name: str, which: str) -> str:
    flows = services(request).flows
    if which != DRAFT:
        return (await _version(request, name, which)).document
    draft = await flows.draft(name)
    if draft is None:
        raise FlowDraftNotFound(id=name)
    return draft.document


async def _version(request: web.Request, name: str, number: str) -> FlowVersion:
    return await services(request).flows.version(name, _number(number))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)


async def _uploaded(request: web.Request) -> str | None:
    """The file of the form as it is to be kept: tidy where it is JSON, as it came where it is not."""
    upload = (await request.post()).get("file")
    if not isinstance(upload, web.FileField) or not upload.filename:
        return None
    text = upload.file.read(_MOST_FILE + 1).decode("utf-8-sig", "replace")
    found = document_in(text)
    return written(found) if isinstance(found, dict) else text
