"""A centre in another country: its own time, its own numbering plan, on every screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from agent_console.app import make_app
from agent_console.middlewares import LANGUAGE_COOKIE
from agent_console.settings import ConsoleSettings
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from crm_core.services.options import CoreOptions
from cti.events import CallArrived, Direction
from tests.integration.console.stage import PASSWORD, Browser

LONDON = CoreOptions(
    region="GB", area_code="20", timezone="Europe/London", argon2_memory_kib=1024, argon2_rounds=1
)  # fmt: skip
NATIONAL = "020 7946 0123"


async def test_london_reads_its_own_clock_and_numbers(
    sqlite_database: Database, bus: Bus, clock: ManualClock, settings: ConsoleSettings
) -> None:
    services = make_services(sqlite_database, clock, options=LONDON)
    await services.users.create(login="alice", password=PASSWORD, name="Alice")
    made = await services.customers.create(name="Eleanor Hughes", number="79460123")  # as dialled within the city
    arrived = CallArrived(
        at=clock.now(), call=CallId("c1"), server=ServerId("s"), direction=Direction.INBOUND, ani="02079460123",
        dnis="4008000",
    )  # fmt: skip
    await services.calls.apply(arrived)
    promise = await services.callbacks.schedule(customer=made.id, due_at=clock.now() + timedelta(hours=2), why="x")
    app = make_app(services, bus, clock, replace(settings, timezone="Europe/London"))
    jar = CookieJar(unsafe=True)
    async with TestServer(app) as server, ClientSession(cookie_jar=jar) as session:
        jar.update_cookies({LANGUAGE_COOKIE: "en"}, server.make_url("/"))
        browser = Browser(server, session)
        await browser.log_in("alice")
        await browser.get(f"/callbacks/{promise.id}")
        assert "5 Jan 2026, 11:00" in browser.text
        for page in (f"/callbacks/{promise.id}", f"/customers/{made.id}", "/customers?q=02079460123"):
            await browser.get(page)
            assert NATIONAL in browser.text, page
        await browser.get("/calls/c1")
        assert f"{NATIONAL} called 4008000." in browser.text
