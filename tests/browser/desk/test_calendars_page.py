"""A calendar of the house is made and looked at by keyboard and mouse, and a number opens by it."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
MENU = {"start": "person", "apology": "trouble", "error": "person", "nodes": {"person": {"kind": "queue"}}}


async def test_a_calendar_is_made_looked_at_and_chosen(stage: LiveStage, seat: Seat) -> None:
    for name in ("main", "night"):
        await stage.services.flows.furnish(name, json.dumps(MENU))
    async with seat("sam", "/floor/calendars", microphone=False) as page:
        await page.keyboard.press("n")
        await expect(page.get_by_role("textbox", name="Key")).to_be_focused()
        await page.keyboard.type("office")
        await page.keyboard.press("Tab")
        await page.keyboard.type("办公室")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Office")
        await page.get_by_role("button", name="Add a holiday").click()
        await page.get_by_label("First day").fill("2026-10-01")
        await page.get_by_label("Last day").fill("2026-10-07")
        await page.get_by_label("Name of the holiday").fill("国庆节")
        await page.get_by_role("button", name="Add a working day").click()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("Saved as version 1. It holds from now on.")).to_be_visible()
        await page.get_by_label("Moment, by the clocks of the house").fill("2026-10-02 10:00")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("A holiday: 国庆节.")).to_be_visible()

        await page.goto(page.url.split("/floor")[0] + "/floor/numbers/4008000")
        await page.get_by_label("Opens by").select_option(label="Office")
        await expect(page.get_by_label("Only in certain hours")).to_be_hidden()
        await page.get_by_label("Outside of them to").select_option("night")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Callers of 4008000 hear this from the next call on.")).to_be_visible()
        await page.goto(page.url.split("/floor")[0] + "/floor/calendars/office")
        await expect(page.get_by_role("link", name="the number 4008000")).to_be_visible()
        await expect(page.get_by_role("button", name="Delete the calendar")).to_have_count(0)
    number = (await stage.services.flows.standing()).numbers["4008000"]
    assert (number.calendar, number.open_hours, number.closed_to) == ("office", None, "night")
    office = (await stage.services.calendars.get("office")).calendar
    assert office.hours.holidays == {"2026-10-01/2026-10-07": "国庆节"}
    assert len(office.hours.working_days) == 1
