"""Where a number leads, and in which hours: a supervisor fills in a calendar instead of writing lines."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
NIGHT = {"start": "person", "apology": "trouble", "error": "person", "nodes": {"person": {"kind": "queue"}}}


async def test_a_number_has_hours_and_leads_elsewhere_outside_of_them(stage: LiveStage, seat: Seat) -> None:
    for name in ("main", "night"):
        await stage.services.flows.furnish(name, json.dumps(NIGHT))
    async with seat("sam", "/floor/numbers", microphone=False) as page:
        await page.get_by_role("link", name="4008000").click()
        await page.get_by_label("Only in certain hours").check()
        await page.get_by_role("button", name="Add hours: Saturday").click()
        await expect(page.get_by_label("Saturday, from", exact=True)).to_be_focused()
        await page.get_by_label("Saturday, to", exact=True).fill("12")
        await page.get_by_role("button", name="Add a holiday").click()
        await page.get_by_label("First day").fill("2026-10-01")
        await page.get_by_label("Last day").fill("2026-10-07")
        await page.get_by_label("Name of the holiday").fill("国庆节")
        await page.get_by_label("Outside of them to").select_option("night")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Callers of 4008000 hear this from the next call on.")).to_be_visible()
        await page.get_by_role("link", name="4008000").click()
        await expect(page.get_by_label("Saturday, to", exact=True)).to_have_value("12:00")
        number = await stage.services.numbers.get("4008000")
        assert number.open_hours is not None
        assert number.open_hours.week["sat"] == ("09:00-12:00",)
        assert number.open_hours.holidays == {"2026-10-01/2026-10-07": "国庆节"}
        assert number.closed_to == "night"
        await page.get_by_label("Leads to").select_option("queue:service")  # a queue has hours of its own
        await expect(page.get_by_label("Outside of them to")).to_be_hidden()
        await page.get_by_label("Take the call at once").uncheck()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Callers of 4008000 hear this from the next call on.")).to_be_visible()
    number = await stage.services.numbers.get("4008000")
    assert (number.to, number.open_hours, number.closed_to, number.answer) == ("service", None, None, False)
