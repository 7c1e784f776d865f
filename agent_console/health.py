"""`/healthz`: the process answers. `/readyz`: all it needs answers too, with the reason where not. `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry

from agent_console.auth.rules import public
from agent_console.keys import CHECKS
from agent_console.metrics import METRICS, ConsoleMetrics
from agent_console.settings import Check

_PATIENCE_S: Final = 3.0
routes = web.RouteTableDef()


@routes.get("/healthz")
@public
async def alive(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
@public
async def ready(request: web.Request) -> web.Response:
    checks = request.config_dict[CHECKS]
    answers = await asyncio.gather(*(_ask(check) for check in checks))
    found = {name: reason or "ok" for (name, _), reason in zip(checks, answers, strict=True)}
    well = not any(answers)
    return web.json_response({"status": "ready" if well else "not ready", "checks": found}, status=200 if well else 503)


async def _ask(check: Check) -> str | None:
    """A check that hangs or breaks is itself the reason."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check[1]()
    except TimeoutError:
        return f"No answer within {_PATIENCE_S:g} seconds."
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@routes.get("/metrics")
@public
async def metrics(request: web.Request) -> web.Response:
    return request.config_dict[METRICS].exposition()


def health_app(checks: Iterable[Check], registry: CollectorRegistry) -> web.Application:
    """These addresses alone, for a process that has no screens."""
    app = web.Application()
    app[CHECKS] = tuple(checks)
    app[METRICS] = ConsoleMetrics(registry)
    app.router.add_routes(routes)
    return app
