"""The console as one aiohttp application: screens, REST and the live connection, around the services and the bus.

A subject is a module with `routes`; `_SUBJECTS` lists them all. Which page needs which right stands beside each
handler (`auth.rules`), what happens around every request in `middlewares`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry

from agent_console import health, middlewares, render
from agent_console.api import views as api
from agent_console.auth import views as auth
from agent_console.keys import BUS, CHECKS, CLOCK, SERVICES, SETTINGS, WORDS
from agent_console.live import views as live
from agent_console.metrics import METRICS, ConsoleMetrics
from agent_console.pages.admin import views as admin
from agent_console.pages.articles import views as articles
from agent_console.pages.board import views as board
from agent_console.pages.calendars import importing as calendar_days
from agent_console.pages.calendars import views as calendars
from agent_console.pages.callbacks import views as callbacks
from agent_console.pages.calls import views as calls
from agent_console.pages.customers import pins as customers_pins
from agent_console.pages.customers import views as customers
from agent_console.pages.demo import views as demo
from agent_console.pages.desk import views as desk
from agent_console.pages.dialling import views as dialling
from agent_console.pages.house_terms import views as house_terms
from agent_console.pages.menus import figures as menu_figures
from agent_console.pages.menus import views as menus
from agent_console.pages.numbers import views as numbers
from agent_console.pages.orders import views as orders
from agent_console.pages.prompts import by_phone
from agent_console.pages.prompts import views as prompts
from agent_console.pages.queues import views as queues
from agent_console.pages.skills import views as skills
from agent_console.pages.styleguide import views as styleguide
from agent_console.pages.tickets import views as tickets
from agent_console.settings import Check, ConsoleSettings
from agent_console.trials.trying import TRIALS
from agent_console.words import load_words
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.services.bundle import Services

_LARGEST_BODY: Final = 1024 * 1024


class Subject(Protocol):
    """A module that answers addresses."""

    @property
    def routes(self) -> web.RouteTableDef: ...


_SUBJECTS: Final[Sequence[Subject]] = (
    health,
    auth,
    desk,
    board,
    customers,
    customers_pins,
    tickets,
    orders,
    callbacks,
    articles,
    calls,
    dialling,
    admin,
    menus,
    menu_figures,
    by_phone,
    prompts,
    queues,
    calendars,
    numbers,
    house_terms,
    calendar_days,
    skills,
    styleguide,
    demo,
    live,
    api,
)


def make_app(
    services: Services,
    bus: Bus,
    clock: Clock,
    settings: ConsoleSettings,
    *,
    checks: Iterable[Check] = (),
    registry: CollectorRegistry | None = None,
) -> web.Application:
    """The whole console. `checks` are what `/readyz` asks beside the database and the bus."""
    app = web.Application(middlewares=middlewares.ALL, client_max_size=_LARGEST_BODY)
    app[SERVICES] = services
    app[BUS] = bus
    app[CLOCK] = clock
    app[SETTINGS] = settings
    app[TRIALS] = asyncio.Lock()
    app[CHECKS] = (("database", services.database.healthy), ("bus", bus.healthy), *checks)
    app[METRICS] = ConsoleMetrics(registry or CollectorRegistry())
    app[WORDS] = load_words(timezone=settings.timezone, home_region=services.customers.region)
    render.set_up(app, app[WORDS], clock)
    app.router.add_static("/static", render.STATIC_FOLDER)
    live.set_up(app)
    for subject in _SUBJECTS:
        app.router.add_routes(subject.routes)
    return app
