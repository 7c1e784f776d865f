"""A prompt's recording by phone on its page: asked for, looked at once a second while it goes on, hung up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.forms import fields
from agent_console.keys import LANGUAGE
from agent_console.live.sentences import told_of
from agent_console.pages.people import everybody
from agent_console.prompts import language_of, refused
from agent_console.render import flash, redirect, render
from agent_console.takes import call_for, end_take, take_of
from agent_console.words import Sayable, Sentence, say
from crm_core.kernel.errors import CallwrightError
from ivr.prompts.errors import Refusal
from ivr.takes.commands import Take, TakeState

routes = web.RouteTableDef()

_NOW: Final[Mapping[TakeState, Sentence]] = {
    TakeState.RINGING: say("The phone rings. Pick up."),
    TakeState.GUIDING: say("On the phone: how it is done."),
    TakeState.RECORDING: say("Recording. Read the words after the tone, and press # to finish."),
    TakeState.LISTENING: say("Listen to it. Press 1 to keep it, 2 to record again, * to give up."),
    TakeState.SAVING: say("Keeping the recording …"),
    TakeState.KEPT: say("The recording is what the next caller hears."),
    TakeState.GIVEN_UP: say("Given up. Nothing was kept."),
    TakeState.HUNG_UP: say("The phone hung up before 1 was pressed. Nothing was kept."),
    TakeState.UNDECIDED: say("Nobody decided on the phone. Nothing was kept."),
    TakeState.NOTHING_HEARD: say("Nothing was to be heard on the phone. Nothing was kept."),
    TakeState.NO_ANSWER: say("Nobody picked up."),
    TakeState.BUSY: say("The phone was busy."),
    TakeState.DECLINED: say("The call was declined at the phone."),
    TakeState.NOT_REACHED: say("The phone could not be called."),
    TakeState.BROKEN_OFF: say("A fault on our side broke it off. Nothing was kept. Please try again."),
}
_FAILED: Final = say("What was recorded could not be kept. Please try again.")


@routes.post("/prompts/{key}/{language}/phone")
@needs(May.EDIT_MENUS)
async def begin(request: web.Request) -> web.Response:
    form, key, language = await fields(request), request.match_info["key"], language_of(request.match_info["language"])
    try:
        await call_for(request, key, language, number=form.get("number", ""), guidance=request[LANGUAGE])
    except CallwrightError as error:
        flash(request, told_of(error), "danger")
        return redirect(f"/prompts/{key}")
    return redirect(f"/prompts/{key}?phone={language}#side-{language}")


@routes.get("/prompts/{key}/{language}/phone")
@needs(May.EDIT_MENUS)
async def state(request: web.Request) -> web.Response:
    """A part of the page, as long as it is another than the page has (`seen`)."""
    key, language = request.match_info["key"], language_of(request.match_info["language"])
    seen = request.query.get("seen")
    try:
        take = await take_of(request, key, language)
    except CallwrightError as error:
        if seen is None:
            return web.Response(status=204)
        return await _part(request, None, told_of(error))
    if take is None:
        # it was there when the page was made: telephony has begun anew
        return web.Response(status=204) if seen is None else await _part(request, None, _NOW[TakeState.BROKEN_OFF])
    if seen == take.state or (seen is None and not take.running):
        return web.Response(status=204)
    if take.state is TakeState.KEPT:
        return web.Response(headers={"HX-Redirect": f"/prompts/{key}?recorded={language}#side-{language}"})
    return await _part(request, take, _sentence(take))


@routes.post("/prompts/{key}/{language}/phone/end")
@needs(May.EDIT_MENUS)
async def end(request: web.Request) -> web.Response:
    await fields(request)
    key, language = request.match_info["key"], language_of(request.match_info["language"])
    try:
        await end_take(request, key, language)
        flash(request, _NOW[TakeState.GIVEN_UP])
    except CallwrightError as error:
        flash(request, told_of(error), "warning")
    return redirect(f"/prompts/{key}#side-{language}")


def _sentence(take: Take) -> Sayable:
    if take.state is not TakeState.REFUSED:
        return _NOW[take.state]
    return refused(Refusal(take.reason)) if take.reason in set(Refusal) else _FAILED


async def _part(request: web.Request, take: Take | None, sentence: Sayable) -> web.Response:
    return render(
        request,
        "prompts/_phone.html",
        take=take,
        sentence=sentence,
        speaker=(await everybody(request)).get(take.by) if take is not None else None,
        base=f"/prompts/{request.match_info['key']}/{request.match_info['language']}",
    )
