"""Alive, ready with the reason where not, and figures."""

from __future__ import annotations

import asyncio

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, Counter

from agent_console.app import make_app
from agent_console.health import health_app
from agent_console.settings import Check, ConsoleSettings
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.services.bundle import Services


async def _well() -> str | None:
    return None


async def _down() -> str | None:
    return "No Asterisk answers at 127.0.0.1:5038."


async def _broken() -> str | None:
    raise RuntimeError("boom")


async def _readyz(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings, *checks: Check
) -> tuple[int, dict[str, object]]:
    app = make_app(services, bus, clock, settings, checks=checks)
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/readyz")
        return response.status, await response.json()


async def test_ready_when_everything_is(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings
) -> None:
    status, found = await _readyz(services, bus, clock, settings, ("ami", _well))
    assert status == 200
    assert found == {"status": "ready", "checks": {"database": "ok", "bus": "ok", "ami": "ok"}}


async def test_the_reason_is_told_where_something_is_not(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings
) -> None:
    status, found = await _readyz(services, bus, clock, settings, ("ami", _down), ("fastagi", _broken))
    assert status == 503
    checks = found["checks"]
    assert isinstance(checks, dict)
    assert checks["ami"] == "No Asterisk answers at 127.0.0.1:5038."
    assert checks["fastagi"] == "RuntimeError: boom"
    assert checks["database"] == "ok"


async def test_alive_and_figures(services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings) -> None:
    registry = CollectorRegistry()
    Counter("callwright_calls", "Of another part", registry=registry).inc()
    app = make_app(services, bus, clock, settings, registry=registry)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/healthz")).status == 200
        await client.get("/customers/cus_1", allow_redirects=False)
        text = await (await client.get("/metrics")).text()
    assert "callwright_calls_total 1.0" in text
    assert 'callwright_http_requests_total{method="GET",route="/customers/{id}",status="303"} 1.0' in text


async def test_a_process_without_screens_tells_the_same_and_nothing_else() -> None:
    registry = CollectorRegistry()
    Counter("callwright_calls", "Of another part", registry=registry).inc()
    async with TestClient(TestServer(health_app((("ami", _down),), registry))) as client:
        assert (await client.get("/healthz")).status == 200
        told = await client.get("/readyz")
        assert (told.status, (await told.json())["checks"]) == (503, {"ami": "No Asterisk answers at 127.0.0.1:5038."})
        assert "callwright_calls_total 1.0" in await (await client.get("/metrics")).text()
        assert (await client.get("/login")).status == 404


async def test_many_requests_at_once_share_nothing(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings
) -> None:
    app = make_app(services, bus, clock, settings)
    async with TestClient(TestServer(app)) as client:
        answers = await asyncio.gather(
            *(client.get("/login", headers={"Accept-Language": lang}) for lang in ("en", "zh") * 10)
        )
        texts = [await answer.text() for answer in answers]
    assert all(("Password" in text) is (place % 2 == 0) for place, text in enumerate(texts))
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20
