"""A caller whom nobody at work is able to help: after a while his queue asks for less, and everybody can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess
from tests.stories.conftest import AGENTS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.queues import agreed_otherwise, terms_of
from tests.support.story import REPAIR, call_of, ended, events, legs, somebody_calls, waiting

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


AFTER_S = 30
"""Long enough to look around before; the demo's own minute is longer than that."""


async def test_a_repair_call_goes_to_somebody_else_when_nobody_who_repairs_is_at_work(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    sooner = [{**step, "after_s": AFTER_S} for step in (await terms_of(product, "repair"))["relaxing"]]
    async with agreed_otherwise(product, "repair", relaxing=sooner), agent_at_desk(product, browser, "bob") as bob:
        await bob.become_ready()
        caller = await somebody_calls(phones, product, number="13911110041", dnis=REPAIR, voice=callers_voice)
        call = await call_of(product, "13911110041")
        await waiting(product, call)
        assert legs(product, call) == []
        await bob.desk.page.locator("[data-menu=state] summary").click()
        await bob.desk.page.get_by_role("menuitem", name="Why do I get no calls?").click()
        await expect(bob.desk.page.get_by_text("1 waits in a queue that is not served here: Repair")).to_be_visible()
        waits = await product.api("GET", f"/calls/{call}/why-waiting")
        assert (waits["code"], waits["ahead"]) == ("nobody_logged_in", 0)
        assert (waits["next_step"]["kind"], waits["next_step"]["skill"]) == ("drop", "repair")
        await bob.answer(limit_s=90)
        told = bob.desk.page.get_by_text("等待 0:30 后不再要求").or_(bob.desk.page.get_by_text("after waiting 0:30"))
        await expect(told.first).to_be_visible()
        await wait_until_heard(caller, AGENTS_TONE)
        await caller.hang_up()
        await bob.finish()
    row = await ended(product, call)
    assert (row["outcome"], row["queue"]) == ("answered", "repair")
    assert row["wait_s"] >= AFTER_S
    steps = [event["step"] for event in events(product, call, "call.relaxed")]
    assert [(step["kind"], step["after_s"]) for step in steps] == [("drop", AFTER_S), ("widen", AFTER_S)]
    [offered] = events(product, call, "call.offered")
    assert offered["because"]["steps"] == steps
