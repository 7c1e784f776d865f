"""Queues drawn in a browser, and the engine that serves callers beside it: it goes by what was saved last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from agent_console.app import make_app
from agent_console.settings import ConsoleSettings
from callwright.floor_watch import FloorWatch
from crm_core.domain.floor import Queue, Skill, Strategy
from crm_core.domain.users import Role
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions
from cti.commands import SetPaused
from cti.telephony import Telephony
from routing.states import AgentState
from tests.support.browser import chromium, log_in
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser
PASSWORD = "correct horse"
SERVICE = QueueKey("service")
ADDRESS = "/floor/queues/service"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A supervisor's page, and the engine without an Asterisk."""

    page: Page
    services: Services
    telephony: Telephony
    alice: AgentId

    def engine(self) -> str:
        """How the engine chooses now."""
        [queue] = self.telephony.look().queues
        return queue.strategy.value

    async def saved(self, number: int) -> None:
        await expect(self.page.get_by_text(f"Saved as version {number}. It holds from now on.")).to_be_visible()


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    clock, bus = SystemClock(), InProcessBus()
    services = make_services(sqlite_database, clock, options=CoreOptions(argon2_memory_kib=1024, argon2_rounds=1))
    await services.floor_plans.put_skill(Skill(key=SkillKey("zh"), names={"zh": "中文", "en": "Chinese"}))
    await services.floor_plans.put_skill(Skill(key=SkillKey("en"), names={"zh": "英文", "en": "English"}))
    await services.floor_plans.put_queue(Queue(key=SERVICE, names={"zh": "客服", "en": "Service"}))
    alice = await services.users.create(
        login="alice", password=PASSWORD, name="Alice", extension="1001", skills={SkillKey("zh"): 5}, queues=[SERVICE]
    )
    await services.users.create(login="sam", password=PASSWORD, name="Sam", role=Role.SUPERVISOR)
    settings = ConsoleSettings(secret_key="only for tests", recordings=tmp_path)
    watch = FloorWatch(services.floor_plans, bus)
    telephony = Telephony(bus, clock, links=[], load_floor=watch.load, recordings_dir=tmp_path)
    async with AsyncExitStack() as parts:
        parts.push_async_callback(bus.close)
        await parts.enter_async_context(telephony)
        server = await parts.enter_async_context(TestServer(make_app(services, bus, clock, settings)))
        browser = await parts.enter_async_context(chromium(make_tone(tmp_path / "mouth.wav", 700)))
        desk = await parts.enter_async_context(browser.desk(str(server.make_url("/")).rstrip("/")))
        await log_in(desk, "sam", PASSWORD)
        await desk.page.goto(ADDRESS)
        assert (await bus.request(SetPaused(agent=AgentId(alice.id), reason="break"))).ok
        yield House(page=desk.page, services=services, telephony=telephony, alice=AgentId(alice.id))


async def test_what_is_saved_the_running_engine_goes_by_and_nobodys_state_changes(house: House) -> None:
    assert house.engine() == "best_skill"
    await house.page.get_by_label("Of several who are free").select_option("round_robin")
    await house.page.get_by_role("button", name="Save").click()
    await house.saved(2)
    await eventually("the engine to choose otherwise", lambda: house.engine() == "round_robin")
    [alice] = house.telephony.look().agents
    assert (alice.state, alice.reason) == (AgentState.PAUSED, "break")


async def test_a_wrong_wish_is_shown_at_its_field(house: House) -> None:
    wish = house.page.get_by_label("What a call asks for")
    await wish.fill("zh >= 2 and (zh")
    await house.page.get_by_role("button", name="Save").click()
    await expect(wish).to_be_focused()
    await expect(wish).to_have_attribute("aria-invalid", "true")
    await expect(house.page.locator("#fault-asks")).to_have_text("At its end a closing bracket is missing.")
    await wish.fill("zh >= 2")
    await house.page.get_by_role("button", name="Save").click()
    await house.saved(2)
    assert (await house.services.floor_plans.queue(SERVICE)).queue.asks == "zh >= 2"


async def test_a_wish_is_put_together_of_the_skills_by_their_names(house: House) -> None:
    wish, pieces = (
        house.page.get_by_label("What a call asks for"),
        house.page.get_by_role("group", name="Skills to put in"),
    )
    await wish.fill("(")
    await pieces.get_by_role("button", name="Chinese zh").click()
    await expect(wish).to_be_focused()
    await house.page.keyboard.press("4")
    await house.page.keyboard.type(" or")
    await pieces.get_by_role("button", name="English en").press("Enter")
    await house.page.keyboard.type("2)")
    await pieces.get_by_role("button", name="Chinese zh").click()
    await expect(wish).to_have_value("(zh >= 4 or en >= 2) and zh >= 3")


async def test_a_step_is_added_and_taken_away(house: House) -> None:
    steps = house.page.get_by_role("group", name="Less is asked for")
    await house.page.get_by_label("Chinese zh").select_option("2")
    for seconds in ("30", "60"):
        await steps.get_by_role("button", name="Add a step").click()
        await steps.get_by_label("After, seconds").last.fill(seconds)
        await steps.get_by_label("Then").last.select_option("drop:zh")
    await steps.get_by_role("button", name="Remove this step").first.click()
    await house.page.get_by_role("button", name="Save").click()
    await house.saved(2)
    [step] = (await house.services.floor_plans.queue(SERVICE)).queue.relaxing
    assert (step.after_s, step.skill) == (60, "zh")


async def test_who_saves_after_a_colleague_sees_both_and_the_way_back_stays_open(house: House) -> None:
    page, plans = house.page, house.services.floor_plans
    before = (await plans.queue(SERVICE)).queue
    await page.get_by_label("Weight between queues").fill("5")
    await plans.put_queue(
        Queue(key=SERVICE, names=before.names, strategy=Strategy.LONGEST_IDLE), version=1
    )  # a colleague, meanwhile
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("has saved this queue while you had it open")).to_be_visible()
    await expect(page.get_by_label("Of several who are free")).to_have_value("longest_idle")
    await expect(page.get_by_label("Weight between queues")).to_have_value("5")
    await page.get_by_role("button", name="Save").click()
    await house.saved(3)
    await page.get_by_role("link", name="What was changed").click()
    await page.get_by_role("region", name="Version 1").get_by_role("button", name="Go back to this").click()
    await expect(page.get_by_text("Version 1 holds again, as version 4.")).to_be_visible()
    assert (await plans.queue(SERVICE)).queue == before
    await eventually("the engine to choose as before", lambda: house.engine() == "best_skill")
