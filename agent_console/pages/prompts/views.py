"""Prompts: the list with where each is said, and one of them to be heard, written, recorded and spoken anew."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import ConsoleError, PromptUnspoken
from agent_console.forms import fields
from agent_console.keys import services, words
from agent_console.live.page_words import page_words
from agent_console.pages.people import everybody
from agent_console.pages.prompts.choosing import STANDINGS, chosen, meant
from agent_console.pages.prompts.history import history
from agent_console.pages.prompts.values import examples_given, valued
from agent_console.prompts import (
    example,
    language_of,
    make,
    menus_now,
    prompts_of,
    speak,
    speak_if_nobody_recorded,
    subject,
    take_away,
    take_back,
    told,
    used,
    write,
)
from agent_console.render import flash, redirect, render
from agent_console.words import Sayable, say
from crm_core.kernel.language import Language
from ivr.prompts.converting import LARGEST, LONGEST_S
from ivr.prompts.house import LONGEST_TEXT, Standing
from ivr.used import InQueue, said_outside_menus, values_for

routes = web.RouteTableDef()


@routes.get("/prompts")
@needs(May.EDIT_MENUS)
async def prompts(request: web.Request) -> web.Response:
    return await _list(request, {}, {})


@routes.post("/prompts")
@needs(May.EDIT_MENUS)
async def create(request: web.Request) -> web.Response:
    form = await fields(request)
    key = form.get("name", "").strip()
    texts = {language: form.get(f"text_{language}", "") for language in Language}
    try:
        await make(request, key, texts)
    except ConsoleError as error:
        return await _list(request, form, {"name": error})
    for language in (one for one, text in texts.items() if text.strip()):
        await _speak_new_words(request, key, language)
    return redirect(f"/prompts/{key}")


@routes.get("/prompts/{key}")
@needs(May.EDIT_MENUS)
async def prompt(request: web.Request) -> web.Response:
    return await _prompt(request)


@routes.post("/prompts/{key}/take-away")
@needs(May.EDIT_MENUS)
async def remove(request: web.Request) -> web.Response:
    await fields(request)
    key = request.match_info["key"]
    try:
        await take_away(request, key)
    except ConsoleError as error:
        flash(request, error, "danger")
        return redirect(f"/prompts/{key}")
    flash(request, say("The prompt is taken away. What people recorded of it is kept."))
    return redirect("/prompts?view=own")


@routes.post("/prompts/{key}/{language}/words")
@needs(May.EDIT_MENUS)
async def rewrite(request: web.Request) -> web.Response:
    form, key, language = await fields(request), request.match_info["key"], _language(request)
    # as browsers send what stands in several lines
    text, seen = (" ".join(form.get(name, "").split()) for name in ("text", "seen"))
    try:
        await write(request, key, language, text, form.get("say", ""), seen=seen)
    except ConsoleError as error:
        return await _prompt(request, form, {language: error})
    await _speak_new_words(request, key, language)
    return redirect(f"/prompts/{key}")


@routes.post("/prompts/{key}/{language}/speak")
@needs(May.EDIT_MENUS)
async def synthesise(request: web.Request) -> web.Response:
    await fields(request)
    key, language = request.match_info["key"], _language(request)
    try:
        await speak(request, key, language)
    except ConsoleError as error:
        return await _prompt(request, {}, {language: error})
    flash(request, say("The synthesiser has spoken it. The next caller hears it so."))
    return redirect(f"/prompts/{key}")


@routes.post("/prompts/{key}/{language}/again")
@needs(May.EDIT_MENUS)
async def again(request: web.Request) -> web.Response:
    form, key, language = await fields(request), request.match_info["key"], _language(request)
    try:
        await take_back(request, key, language, form.get("earlier", "") or "-")
    except ConsoleError as error:
        return await _prompt(request, {}, {language: error})
    flash(request, say("The recording is what the next caller hears."))
    return redirect(f"/prompts/{key}")


@routes.get("/prompts/{key}/{language}/example")
@needs(May.EDIT_MENUS)
async def with_examples(request: web.Request) -> web.StreamResponse:
    """Its words as a caller would hear them, with the values of the query."""
    key, language = request.match_info["key"], _language(request)
    with told():
        side = (await prompts_of(request).get(key)).sides[language]
    data = await example(request, key, language, examples_given(side, request.query))
    return web.Response(body=data, content_type="audio/wav", headers={"Cache-Control": "no-store"})


@routes.get("/prompts/{key}/{language}/sound")
@needs(May.EDIT_MENUS)
async def sound(request: web.Request) -> web.StreamResponse:
    with told():
        file = await prompts_of(request).sound(
            request.match_info["key"], _language(request), request.query.get("earlier", "")
        )
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


async def _speak_new_words(request: web.Request, key: str, language: Language) -> None:
    """The words are kept, whatever becomes of their sound."""
    try:
        await speak_if_nobody_recorded(request, key, language)
    except PromptUnspoken as error:
        flash(request, error, "warning")
        return
    side = (await prompts_of(request).get(key)).sides[language]
    if side.standing is Standing.RECORDED:
        flash(request, say("The words are saved. The recording still says what it said before."), "warning")
    else:
        flash(request, say("The words are saved, and the next caller hears them."))


async def _list(request: web.Request, form: Mapping[str, str], faults: Mapping[str, Sayable]) -> web.Response:
    query = request.query
    view, standing = query.get("view", "sentences"), query.get("standing", "")
    places = await used(request)
    found = chosen(await prompts_of(request).all(), view, standing, query.get("q", ""), places)
    return render(
        request,
        "prompts/_list.html" if "HX-Request" in request.headers else "prompts/list.html",
        status=422 if faults else 200,
        prompts=found,
        used=places,
        meant=meant(found),
        queues={one.key: one.names for one in (await services(request).floor_plans.load()).queues},
        standings=STANDINGS,
        view=view,
        form=form,
        faults=faults,
    )


async def _prompt(
    request: web.Request, form: Mapping[str, str] | None = None, faults: Mapping[Language, Sayable] | None = None
) -> web.Response:
    key = request.match_info["key"]
    with told():
        found = await prompts_of(request).get(key)
    places = (await used(request)).get(key, ())
    fixed = said_outside_menus(key) or any(isinstance(one, InQueue) for one in places)
    return render(
        request,
        "prompts/prompt.html",
        status=422 if faults else 200,
        prompt=found,
        meant=meant((found,)),
        uses=places,
        queues={one.key: one.names for one in (await services(request).floor_plans.load()).queues},
        standings=STANDINGS,
        history=history(await services(request).event_log.of_subject(subject(key)), await everybody(request)),
        form=form or {},
        faults=faults or {},
        largest=LARGEST,
        longest_s=LONGEST_S,
        longest_text=LONGEST_TEXT,
        page_words=page_words(words(request)),
        valued=valued(found, request.query),
        known=() if fixed else values_for(key, *await menus_now(request)),
    )


def _language(request: web.Request) -> Language:
    return language_of(request.match_info["language"])
