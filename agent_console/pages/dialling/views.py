"""Click to call from any page that shows a number: the agent's own phone rings first, then the number.

A script asks in the background and says on the spot what came of it; without one the page comes back and says so.
"""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import refusal
from agent_console.forms import fields
from agent_console.keys import BUS, current_user, words
from agent_console.live.sentences import error_sentence
from agent_console.render import flash, local_path, redirect
from agent_console.words import Dialled, Sayable, say
from crm_core.kernel.bus import Bus
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId
from cti.commands import PlaceCall

routes = web.RouteTableDef()


@routes.post("/calls/place")
@needs(May.TAKE_CALLS)
async def place_call(request: web.Request) -> web.Response:
    form = await fields(request)
    agent, number = AgentId(current_user(request).id), form.get("number", "").strip()
    command = PlaceCall(agent=agent, number=number, customer=form.get("customer", ""))
    ok, told = await _placed(request.config_dict[BUS], command)
    if request.headers.get("Accept") == "application/json":
        said = error_sentence(told, words(request)) if isinstance(told, CallwrightError) else words(request).speak(told)
        return web.json_response({"ok": ok, "sentence": said})
    flash(request, told, "success" if ok else "danger")
    return redirect(local_path(form.get("next", "/")))


async def _placed(bus: Bus, command: PlaceCall) -> tuple[bool, Sayable]:
    try:
        result = await bus.request(command)
    except CallwrightError as error:
        return False, error
    if not result.ok:
        return False, refusal(result)
    return True, say("Your phone is picking up; then %(number)s rings.", number=Dialled(raw=command.number))
