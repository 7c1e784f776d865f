"""`/board`: the frame; the floor comes over the live connection."""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.permissions import May
from agent_console.auth.rules import needs
from agent_console.keys import words
from agent_console.live.page_words import page_words
from agent_console.render import render

routes = web.RouteTableDef()


@routes.get("/board")
@needs(May.SEE_FLOOR)
async def board(request: web.Request) -> web.Response:
    return render(request, "board/board.html", page_words=page_words(words(request)))
