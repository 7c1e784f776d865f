"""A ticket of a queue comes to whoever is free, as a call does; and calls come while he works on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.support.agent import LIMIT_MS, agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product
from tests.support.story import somebody_calls, user_id
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]

REPAIR_LINE = "4008002"
SUBJECT = "The lift stands still"


async def test_a_ticket_is_offered_taken_and_done_and_a_call_comes_meanwhile(
    product: Product, browser: Chromium, phones: PhoneProcess, tmp_path: Path
) -> None:
    async with agent_at_desk(product, browser, "alice", trace=tmp_path / "trace.zip") as alice:
        await alice.become_ready()
        ticket = await product.api("POST", "/tickets", {"subject": SUBJECT, "queue": "repair", "priority": "high"})
        asked = alice.desk.page.get_by_role("status").filter(has_text="A ticket for you")
        await expect(asked.get_by_text(SUBJECT)).to_be_visible(timeout=LIMIT_MS)

        await alice.press("Take the ticket")
        await expect(asked).to_have_count(0, timeout=LIMIT_MS)
        done = alice.button(f"Done: {SUBJECT}")
        await expect(done).to_be_visible(timeout=LIMIT_MS)
        taken = await product.api("GET", f"/tickets/{ticket['id']}")
        assert (taken["assignee"], taken["status"]) == (user_id(product, "alice"), "open")
        assert (await product.api("GET", "/floor"))["tickets"] == []

        caller = await somebody_calls(phones, product, number="13800138000", dnis=REPAIR_LINE)
        await alice.answer()
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.state_is("wrap_up")
        await alice.finish()
        await alice.state_is("ready")

        await done.click()
        await expect(done).to_have_count(0, timeout=LIMIT_MS)
        await alice.go_offline()

    assert (await product.api("GET", f"/tickets/{ticket['id']}"))["status"] == "solved"

    async def told() -> bool:
        offers = (await product.api("GET", f"/tickets/{ticket['id']}/offers"))["items"]
        return [(one["agent"], one["end"]) for one in offers] == [(user_id(product, "alice"), "taken")]

    await eventually("the log to have who was asked", told)
