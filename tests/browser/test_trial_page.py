"""A past day's calls tried in a browser before other rules go live: the draft stays a draft."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from agent_console.app import make_app
from agent_console.settings import ConsoleSettings
from crm_core.domain.floor import Queue, Skill
from crm_core.domain.users import Role, User
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions
from tests.support.browser import chromium, log_in
from tests.support.past_day import busy_morning
from tests.support.tones import make_tone

pytestmark = pytest.mark.browser
PASSWORD = "correct horse"
SERVICE = QueueKey("service")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    page: Page
    services: Services
    bob: User


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """Chinese is asked for, which only Alice speaks; Bob serves the queue as well. (The session's cookie lives by the
    browser's clock, so it is today.)"""
    now, bus = datetime.now(UTC), InProcessBus()
    clock = ManualClock(now)
    services = make_services(
        sqlite_database, clock, options=CoreOptions(argon2_memory_kib=1024, argon2_rounds=1, timezone="UTC")
    )
    await services.floor_plans.put_skill(Skill(key=SkillKey("zh"), names={"zh": "中文", "en": "Chinese"}))
    await services.floor_plans.put_queue(
        Queue(key=SERVICE, names={"zh": "客服", "en": "Service"}, skills={SkillKey("zh"): 1})
    )
    alice = await services.users.create(
        login="alice", password=PASSWORD, name="Alice", extension="1001", skills={SkillKey("zh"): 5}, queues=[SERVICE]
    )
    bob = await services.users.create(login="bob", password=PASSWORD, name="Bob", extension="1002", queues=[SERVICE])
    await services.users.create(login="sam", password=PASSWORD, name="Sam", role=Role.SUPERVISOR)
    yesterday = datetime.combine(now.date() - timedelta(days=1), time(), UTC)
    past = busy_morning(yesterday, AgentId(alice.id), [AgentId(bob.id)], requires={"zh": 1})
    await services.calls.apply_all(past)
    settings = ConsoleSettings(secret_key="only for tests", recordings=tmp_path, timezone="UTC")
    async with AsyncExitStack() as parts:
        parts.push_async_callback(bus.close)
        server = await parts.enter_async_context(TestServer(make_app(services, bus, clock, settings)))
        browser = await parts.enter_async_context(chromium(make_tone(tmp_path / "mouth.wav", 700)))
        desk = await parts.enter_async_context(browser.desk(str(server.make_url("/")).rstrip("/")))
        await log_in(desk, "sam", PASSWORD)
        yield House(page=desk.page, services=services, bob=bob)


async def test_a_draft_is_tried_with_yesterdays_calls_changed_and_saved(house: House) -> None:
    page = house.page
    await page.goto("/floor/queues/service")
    result, ask = page.locator("#trial-result"), page.get_by_role("button", name="Try with this day's calls")
    await ask.click()
    await expect(result).to_contain_text("The draft is what holds already")
    await expect(ask).to_be_enabled()
    steps = page.get_by_role("group", name="Less is asked for")
    await steps.get_by_role("button", name="Add a step").click()
    await steps.get_by_label("After, seconds").fill("15")
    await steps.get_by_label("Then").select_option("drop:zh")
    await ask.click()
    await expect(result).to_contain_text("Service: callers would have waited for")
    draft = result.get_by_role("row").filter(has_text="With the draft").first
    await expect(draft.locator(".trial-better").first).to_be_visible()
    await result.get_by_text("How busy everybody was").click()
    await expect(result.get_by_role("rowheader", name="Bob")).to_be_visible()
    assert (await house.services.floor_plans.queue(SERVICE)).version == 1, "nothing is saved by trying"
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved as version 2.")).to_be_visible()


async def test_somebody_is_taught_for_a_try(house: House) -> None:
    page = house.page
    await page.goto(f"/floor/skills/{house.bob.id}")
    await page.locator("#f-skill-zh").select_option("3")
    await page.get_by_role("button", name="Try with this day's calls").click()
    result = page.locator("#trial-result")
    await expect(result).to_contain_text("would have given up instead of")
    assert (await house.services.users.get(house.bob.id)).skills == {}
    await page.locator("#f-calls_per_hour").fill("many")
    await page.get_by_role("button", name="Try with this day's calls").click()
    await expect(result).to_contain_text("Nothing was tried")
