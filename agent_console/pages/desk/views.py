"""`/desk`: the frame; everything in it comes over the live connection."""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.keys import words
from agent_console.live.page_words import page_words
from agent_console.render import render

routes = web.RouteTableDef()


@routes.get("/desk")
@needs(May.TAKE_CALLS)
async def desk(request: web.Request) -> web.Response:
    return render(request, "desk/desk.html", page_words=page_words(words(request)))
