"""The REST interface on the router, its OpenAPI document and the page that reads it to people."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from aiohttp import web

from agent_console.api import (
    articles,
    calendars,
    callbacks,
    calls,
    control,
    customers,
    floor,
    flows,
    house_terms,
    menu_figures,
    numbers,
    openapi,
    orders,
    prompts,
    queues,
    rehearsals,
    tickets,
    trials,
)
from agent_console.api.dispatch import handler_of
from agent_console.api.operations import PREFIX, Operation
from agent_console.auth.rules import needs, public
from agent_console.render import render

_SUBJECTS: Final = (
    *(customers, tickets, orders, callbacks, articles, calls, control, floor, queues, calendars, numbers, house_terms),
    *(flows, prompts, rehearsals, trials, menu_figures),
)
OPERATIONS: Final[tuple[Operation, ...]] = tuple(operation for subject in _SUBJECTS for operation in subject.api.found)
routes = web.RouteTableDef()
for _operation in OPERATIONS:
    routes.route(_operation.method, PREFIX + _operation.path, name=_operation.id)(
        needs(_operation.may)(handler_of(_operation))
    )


def _version() -> str:
    try:
        return version("callwright")
    except PackageNotFoundError:
        return "0"


_DOCUMENT: Final = openapi.document(OPERATIONS, version=_version())


@routes.get(f"{PREFIX}/openapi.json")
@public
async def openapi_document(_request: web.Request) -> web.Response:
    return web.json_response(_DOCUMENT)


@routes.get("/api/docs")
async def docs(request: web.Request) -> web.Response:
    return render(request, "api/docs.html", document=_DOCUMENT, operations=OPERATIONS)
