"""Whoever is logged out has left: nothing rings at his desk any more, and a conversation goes on to its end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import LIMIT_MS, Agent, agent_at_desk
from tests.support.browser import Chromium, log_in
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.story import REPAIR, call_of, somebody_calls, topics, user_id, waiting
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def log_out(agent: Agent) -> None:
    """In another tab, while the desk stays open."""
    page = await agent.desk.page.context.new_page()
    await page.goto("/customers")
    await page.get_by_label("Your menu").click()
    await page.get_by_role("menuitem", name="Log out").click()
    await page.wait_for_url("**/login*")


async def phones_at_asterisk(product: Product) -> set[str]:
    return set(re.findall(r"Contact: +(\d{4})/", await product.asterisk("pjsip show contacts")))


async def gone(product: Product, login: str) -> None:
    """Off the floor, and no phone of his at Asterisk."""
    agent, extension = user_id(product, login), product.card.people[login].extension

    async def left() -> bool:
        rows = {row["agent"]: row for row in (await product.api("GET", "/floor"))["agents"]}
        assert agent not in rows or (rows[agent]["state"], rows[agent]["reachable"]) == ("offline", False), rows[agent]
        assert extension not in await phones_at_asterisk(product)
        return True

    await eventually(f"{login} to be gone", left)


async def test_after_logging_out_nothing_rings(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        assert "1001" in await phones_at_asterisk(product)
        await log_out(alice)
        await alice.shows("You are logged out.")
        await alice.phone_is("off")
        await gone(product, "alice")
        await somebody_calls(phones, product, number="13911130001", dnis=REPAIR, voice=callers_voice)
        call = await call_of(product, "13911130001")
        await waiting(product, call)
        async with agent_at_desk(product, browser, "carol") as carol:
            await carol.phone_is("registered")
        assert "call.offered" not in topics(product, call)


async def test_who_logs_out_in_a_call_speaks_to_its_end(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13911130002", dnis=REPAIR, voice=callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await log_out(alice)
        await alice.shows("You are logged out.")
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.phone_is("off")
        await expect(alice.desk.page.locator(".case-tab")).to_have_count(0)


@asynccontextmanager
async def administrator(product: Product, browser: Chromium) -> AsyncIterator[Page]:
    person = product.card.people["admin"]
    async with browser.desk(product.card.url) as desk:
        await log_in(desk, person.login, person.password)
        yield desk.page


async def test_who_is_locked_out_has_no_phone_either_until_he_is_let_in(product: Product, browser: Chromium) -> None:
    async with agent_at_desk(product, browser, "alice") as alice, administrator(product, browser) as admin:
        await alice.become_ready()
        await admin.goto(f"/admin/users/{user_id(product, 'alice')}")
        await admin.get_by_role("button", name="Lock out").click()
        await expect(admin.get_by_text("alice cannot log in any more.")).to_be_visible(timeout=LIMIT_MS)
        await expect(admin.get_by_text("Asterisk has not been told")).to_have_count(0)
        await alice.shows("You are logged out.")
        await gone(product, "alice")
        assert "1001/" not in await product.asterisk("pjsip show endpoints")
        await admin.get_by_role("button", name="Let them in again").click()
        await expect(admin.get_by_text("alice can log in again.")).to_be_visible(timeout=LIMIT_MS)
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
