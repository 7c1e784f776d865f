"""Calls are handed on and made from the desk: consultation and transfer between two browsers, and click to call."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import LIMIT_MS, Agent, agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.story import call_of, ended, events, latest_call, somebody_calls, user_id
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]
CALLER = "13955550031"


async def _consult(agent: Agent, whom: str) -> None:
    page = agent.desk.page
    await agent.press("Consult")
    search = page.get_by_role("combobox", name="Colleague, queue or number")
    await search.fill(whom)
    await expect(page.get_by_role("option", selected=True)).to_contain_text(whom, timeout=LIMIT_MS)
    await search.press("Enter")
    await expect(page.get_by_role("group", name="Consultation", exact=True)).to_contain_text(whom, timeout=LIMIT_MS)


async def test_alice_asks_bob_and_hands_the_customer_over(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice, agent_at_desk(product, browser, "bob") as bob:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number=CALLER, voice=callers_voice)
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)
        await bob.become_ready()

        await _consult(alice, "Bob Li")
        await bob.answer()
        bar = alice.desk.page.get_by_role("group", name="Consultation", exact=True)
        await expect(bar).to_contain_text("talks with you", timeout=LIMIT_MS)
        await bob.desk.wait_until_not_heard(CALLERS_TONE)

        await alice.press("Complete transfer")
        await expect(bar).to_have_count(0, timeout=LIMIT_MS)
        await bob.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.state_is("wrap_up")
        await bob.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)  # else his window may close before his phone has said goodbye
    call = await call_of(product, CALLER)
    row = await ended(product, call)
    assert row["outcome"] == "answered"
    await eventually("the transfer in the call log", lambda: events(product, call, "call.transferred"))
    (transfer,) = events(product, call, "call.transferred")
    assert (transfer["kind"], transfer["outcome"]) == ("attended", "completed")


async def test_alice_clicks_to_call_and_her_phone_picks_up_by_itself(product: Product, browser: Chromium) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        page = alice.desk.page
        await page.get_by_role("textbox", name="Call a number").fill("139 0013 9001")
        await page.get_by_role("button", name="Call this number", exact=True).click()
        await expect(alice.button("Hold")).to_be_visible(timeout=LIMIT_MS)
        await alice.shows("139 0013 9001")
        await alice.press("Hang up")
        await alice.state_is("ready", "wrap_up")
    (arrived,) = events(product, await latest_call(product), "call.arrived")
    assert (arrived["direction"], arrived["agent"]) == ("outbound", user_id(product, "alice"))
