"""What every role and most commands stand on: settings, clock, bus, database and its services."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from callwright.settings import Settings, make_home
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.redis_bus import RedisBus
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What every role stands on."""

    settings: Settings
    clock: Clock
    bus: Bus
    services: Services
    registry: CollectorRegistry
    """What this process has to tell Prometheus."""


def core_options(settings: Settings) -> CoreOptions:
    """How this house reads numbers and counts its days."""
    region, area_code = settings.number_plan
    return CoreOptions(region=region, area_code=area_code, timezone=settings.timezone)


@contextlib.asynccontextmanager
async def foundation(settings: Settings, clock: Clock, *, upgrade: bool) -> AsyncIterator[Foundation]:
    make_home(settings.home)
    database = Database(settings.database)
    bus: Bus = RedisBus(settings.redis_url) if settings.redis_url else InProcessBus()
    try:
        await (database.upgrade() if upgrade else database.check())
        services, registry = make_services(database, clock, options=core_options(settings)), CollectorRegistry()
        yield Foundation(settings=settings, clock=clock, bus=bus, services=services, registry=registry)
    finally:
        await bus.close()
        await database.close()
