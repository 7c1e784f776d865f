"""The console on a real database and the real in-process bus, spoken to over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from agent_console.app import make_app
from agent_console.middlewares import LANGUAGE_COOKIE
from agent_console.settings import ConsoleSettings
from crm_core.domain.floor import Department, Queue, Skill
from crm_core.domain.users import Role, User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, OfferId, QueueKey, ServerId, SkillKey
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions
from cti.events import (
    CallArrived,
    CallConnected,
    CallEnded,
    CallOffered,
    CallQueued,
    Direction,
    HungUpBy,
    Outcome,
    RecordingStarted,
)
from routing.reasons import Because
from tests.integration.console.stage import PASSWORD, Api, Browser, NewBrowser, People


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(sqlite_database: Database, clock: ManualClock) -> Services:
    return make_services(sqlite_database, clock, options=CoreOptions(argon2_memory_kib=1024, argon2_rounds=1))


@pytest.fixture
async def bus() -> AsyncIterator[Bus]:
    opened = InProcessBus()
    yield opened
    await opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> ConsoleSettings:
    (tmp_path / "recordings").mkdir()
    return ConsoleSettings(secret_key="only for tests", recordings=tmp_path / "recordings")


@pytest.fixture
async def people(services: Services) -> People:
    await services.floor_plans.put_department(Department(key="service", names={"zh": "客服部", "en": "Service"}))
    for key, zh, en in (("zh", "中文", "Chinese"), ("repair", "维修", "Repair")):
        await services.floor_plans.put_skill(Skill(key=SkillKey(key), names={"zh": zh, "en": en}))
    await services.floor_plans.put_queue(Queue(key=QueueKey("service"), names={"zh": "服务热线", "en": "Hotline"}))

    async def hire(login: str, name: str, name_en: str, role: Role, extension: str | None) -> User:
        return await services.users.create(
            login=login, password=PASSWORD, name=name, name_en=name_en, role=role, extension=extension
        )

    return People(
        alice=await hire("alice", "王爱丽", "Alice Wang", Role.AGENT, "1001"),
        bob=await hire("bob", "陈博", "Bob Chen", Role.AGENT, "1002"),
        sam=await hire("sam", "孙三", "Sam Sun", Role.SUPERVISOR, None),
        admin=await hire("admin", "管理员", "Administrator", Role.ADMIN, None),
    )


@pytest.fixture
async def server(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings, people: People
) -> AsyncIterator[TestServer]:
    app: web.Application = make_app(services, bus, clock, settings)
    running = TestServer(app)
    async with running:
        yield running


@pytest.fixture
async def new_browser(server: TestServer) -> AsyncIterator[NewBrowser]:
    opened: list[ClientSession] = []

    def make() -> Browser:
        jar = CookieJar(unsafe=True)
        jar.update_cookies({LANGUAGE_COOKIE: "en"}, server.make_url("/"))
        session = ClientSession(cookie_jar=jar)
        opened.append(session)
        return Browser(server, session)

    yield make
    for session in opened:
        await session.close()


@pytest.fixture
async def alice(new_browser: NewBrowser, people: People) -> Browser:
    """Alice at her browser, in English."""
    browser = new_browser()
    await browser.log_in("alice")
    await browser.get("/customers")
    return browser


@pytest.fixture
async def sam(new_browser: NewBrowser, people: People) -> Browser:
    """A supervisor at his."""
    browser = new_browser()
    await browser.log_in("sam")
    await browser.get("/customers")
    return browser


@pytest.fixture
async def admin(new_browser: NewBrowser, people: People) -> Browser:
    browser = new_browser()
    await browser.log_in("admin")
    await browser.get("/customers")
    return browser


@pytest.fixture
async def api(server: TestServer, services: Services, people: People) -> AsyncIterator[Api]:
    made = await services.api_tokens.create("test", people.alice.id)
    async with ClientSession() as session:
        yield Api(server, session, made.token)


@pytest.fixture
async def program(api: Api, services: Services, people: People) -> Api:
    """A program with a supervisor's rights, beside the agent's."""
    made = await services.api_tokens.create("supervisor's", people.sam.id)
    return replace(api, token=made.token)


@pytest.fixture
async def a_call(services: Services, clock: ManualClock, people: People, settings: ConsoleSettings) -> CallId:
    """A call that Alice took, with its recording."""
    call, start = CallId("test-1.1"), clock.now()
    answered = start + timedelta(seconds=9)
    offered = CallOffered(
        at=start + timedelta(seconds=5),
        call=call,
        agent=people.alice.id,  # type: ignore[arg-type]
        extension="1001",
        offer=OfferId("o1"),
        queue=QueueKey("service"),
        because=Because(rule="only_one"),
    )
    for event in (
        CallArrived(
            at=start, call=call, server=ServerId("test"), direction=Direction.INBOUND, ani="13800138000", dnis="4008000"
        ),
        CallQueued(at=start + timedelta(seconds=3), call=call, queue=QueueKey("service"), requires={"zh": 1}),
        offered,
        CallConnected(
            at=start + timedelta(seconds=9), call=call, agent=offered.agent, party="1001", offer=offered.offer
        ),
        RecordingStarted(at=answered, call=call, file="test-1.1.wav"),
        CallEnded(
            at=start + timedelta(seconds=60),
            call=call,
            outcome=Outcome.ANSWERED,
            hung_up_by=HungUpBy.CALLER,
            wait_s=6,
            talk_s=51,
            agents=(offered.agent,),
        ),
    ):
        await services.calls.apply(event)
    (settings.recordings / "test-1.1.wav").write_bytes(b"RIFF" + bytes(range(200)))
    return call
