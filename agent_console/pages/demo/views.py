"""`/demo`: the panel that lets somebody call the hotline. There in the demo only."""

from __future__ import annotations

import json

from aiohttp import web
from markupsafe import Markup

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.errors import NotFound
from agent_console.keys import SETTINGS, services, words
from agent_console.live.page_words import page_words
from agent_console.pages.demo.callers import known_callers
from agent_console.render import render

routes = web.RouteTableDef()


@routes.get("/demo")
@needs(May.WORK)
async def panel(request: web.Request) -> web.Response:
    if not request.config_dict[SETTINGS].demo:
        raise NotFound
    known = await known_callers(services(request), words(request))
    return render(
        request,
        "demo/panel.html",
        page_words=page_words(words(request)),
        callers=Markup(json.dumps(known, ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S704 - escaped
    )
