"""A supervisor with the phone in her browser: she listens to a conversation from the board, and takes it over."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import LIMIT_MS, agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.story import call_of, ended, somebody_calls, topics

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def test_she_listens_and_takes_over_by_two_keys(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    """Her phone answers by itself: she asked for the call."""
    [alice_is, sam_is] = [
        row["id"] for row in product.rows("""select id from "user" where login in ('alice', 'sam') order by login""")
    ]
    async with agent_at_desk(product, browser, "alice") as alice, agent_at_desk(product, browser, "sam") as sam:
        await alice.become_ready()
        await sam.phone_is("registered")
        caller = await somebody_calls(phones, product, number="13955550004", voice=callers_voice)
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)
        call = await call_of(product, "13955550004")

        board = await sam.desk.page.context.new_page()
        await board.goto("/board")
        card, own = (board.locator(f"[data-agent='{agent}']") for agent in (alice_is, sam_is))
        await expect(card).to_have_attribute("data-state", "talking", timeout=LIMIT_MS)
        await card.focus()
        await board.keyboard.press("l")
        await expect(card).to_contain_text("You are listening", timeout=LIMIT_MS)
        await sam.desk.wait_until_heard(CALLERS_TONE)

        await board.keyboard.press("t")
        await expect(own).to_have_attribute("data-state", "talking", timeout=LIMIT_MS)
        await alice.state_is("wrap_up")
        await alice.finish()
        await wait_until_heard(caller, AGENTS_TONE)  # whose else: alice is out of it
        await sam.desk.wait_until_heard(CALLERS_TONE)
        await sam.press("Hang up")
        await sam.state_is("offline")  # as she was: she takes no callers
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    assert {"call.monitored", "call.taken_over"} <= set(topics(product, call))
