"""One Asterisk is installed for all tests, and each test that asks gets an instance of its own on free ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callwright.asterisk import (
    Agent,
    AsteriskInstall,
    AsteriskPlan,
    Did,
    PhoneKind,
    Ports,
    Queue,
    load_or_make,
    render,
    start,
)
from callwright.demo.phones import PhoneProcess
from tests.integration.asterisk.parts import Ami
from tests.support.asterisk import end_at_once, installed_asterisk
from tests.support.ports import free_port_offset

QUEUES = (Queue(key="service"), Queue(key="vip"), Queue(key="repair", ring_s=3))
AGENTS = (
    Agent(extension="1001", name="爱丽丝", sip_secret="secret-of-1001", kind=PhoneKind.SIP, queues=("service",)),
    Agent(extension="1002", name="Bob; a", sip_secret="secret-of-1002", kind=PhoneKind.SIP, queues=("repair", "vip")),
    Agent(extension="1003", name="Carol", sip_secret="secret-of-1003", queues=("service", "vip")),
)
DIDS = (
    Did(number="4008000", flow="main"),
    Did(number="4008001", queue="vip", priority=5),
    Did(number="4008002", queue="repair", skills="repair:2/zh:1", intent="repair", answer=False),
    Did(number="4008003", queue="vip", skills="en:5|repair:3/zh:4~zh:5"),
)


@pytest.fixture(scope="session")
def installed() -> AsteriskInstall:
    return asyncio.run(installed_asterisk())


@pytest.fixture
def plan(installed: AsteriskInstall, tmp_path: Path) -> AsteriskPlan:
    secrets = load_or_make(tmp_path)
    return AsteriskPlan.under(
        tmp_path,
        installed,
        secrets,
        ports=Ports().moved(free_port_offset()),
        system_name="test",
        agents=AGENTS,
        queues=QUEUES,
        dids=DIDS,
    )


@pytest.fixture
async def asterisk(installed: AsteriskInstall, plan: AsteriskPlan) -> AsyncIterator[AsteriskPlan]:
    """A running Asterisk; its plan tells where."""
    render(plan)
    try:
        await start(installed, plan)
        yield plan
    finally:
        await end_at_once(plan.directories)


@pytest.fixture
async def ami(asterisk: AsteriskPlan) -> AsyncIterator[Ami]:
    async with Ami.logged_in(asterisk) as connected:
        yield connected


@pytest.fixture
async def phones() -> AsyncIterator[PhoneProcess]:
    async with PhoneProcess(life_s=600) as process:
        yield process
