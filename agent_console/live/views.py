"""The live connection's address, and the hub's life with the application.

`set_up(app)` gives the application its hub; `routes` answers `/live`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from agent_console.auth.permissions import May, allowed
from agent_console.auth.rules import needs
from agent_console.keys import BUS, CLOCK, SERVICES, SETTINGS, current_user
from agent_console.live.actions import Actions
from agent_console.live.directory import Directory
from agent_console.live.hub import Hub
from agent_console.live.keys import ACTIONS, DIRECTORY, HUB
from agent_console.live.session import Screen, Session
from agent_console.security import check_origin

routes = web.RouteTableDef()


def set_up(app: web.Application) -> None:
    demo = app[SETTINGS].demo
    app[HUB] = Hub(app[SERVICES], app[BUS], app[CLOCK], demo=demo)
    app[DIRECTORY] = Directory(app[SERVICES], app[CLOCK])
    app[ACTIONS] = Actions(app[SERVICES], app[BUS], app[HUB], app[CLOCK], app[DIRECTORY], demo=demo)
    app.cleanup_ctx.append(_live)


async def _live(app: web.Application) -> AsyncIterator[None]:
    async with app[HUB].running():
        yield


@routes.get("/live")
@needs(May.WORK)
async def live(request: web.Request) -> web.StreamResponse:
    """One websocket a screen: `?screen=desk` (the default), `board` or `demo`."""
    check_origin(request, request.config_dict[SETTINGS])
    screen = _screen(request)
    socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=128 * 1024, compress=False)
    await socket.prepare(request)
    await Session(request, socket, screen).run()
    return socket


def _screen(request: web.Request) -> Screen:
    try:
        screen = Screen(request.query.get("screen", Screen.DESK))
    except ValueError:
        raise web.HTTPNotFound from None
    wanted = {Screen.DESK: May.TAKE_CALLS, Screen.BOARD: May.SEE_FLOOR, Screen.DEMO: May.WORK}[screen]
    if not allowed(current_user(request), wanted):
        raise web.HTTPForbidden
    if screen is Screen.DEMO and not request.config_dict[SETTINGS].demo:
        raise web.HTTPNotFound
    return screen
