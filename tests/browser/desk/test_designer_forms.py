"""The designer's forms as a supervisor fills them in: by mouse, and by keyboard alone; nothing is written as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.browser.desk.drawn import DESIGNER, begin, kept, node
from tests.support.live_stage import LiveStage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


async def test_by_mouse_a_decision_is_made_where_a_way_is_to_lead_there(stage: LiveStage, seat: Seat) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await node(page, "hello").click(position={"x": 20, "y": 20})
        await page.get_by_label("Goes on to *").select_option("")
        await page.get_by_label("A new node for: Goes on to").click()
        await page.get_by_role("menuitem", name="Decide", exact=True).click()
        await page.get_by_role("button", name="Go to condition").click()
        await expect(node(page, "condition")).to_be_focused()
        panel = page.locator(".designer-panel")
        await page.get_by_label("Value", exact=True).select_option("ani")
        await page.get_by_label("Comparison").select_option("not begins_with")
        await page.get_by_label("Compared with, row 1", exact=True).fill("021")
        await page.get_by_role("button", name="Or another one").click()
        await expect(page.get_by_label("Compared with, row 2", exact=True)).to_be_focused()
        await page.get_by_label("Compared with, row 2", exact=True).fill("0512")
        await page.keyboard.press("Tab")
        await page.get_by_label("Goes to", exact=True).select_option("person")
        await page.get_by_label("Otherwise *").select_option("person")
        await page.get_by_role("button", name="Add a case").click()
        await page.get_by_role("button", name="Move up: Case 2", exact=True).click()
        await expect(panel.locator(".fault").first).to_be_visible()
        case = {"when": [{"value": "ani", "is": "begins_with", "this": ["021", "0512"], "not": True}], "to": "person"}
        await eventually("the cases to be kept", lambda: _cases(stage, 2, case))
        await page.get_by_role("button", name="Remove Case 1", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("Saved. Nothing is wrong with it.")
        assert (await kept(stage))["nodes"]["condition"]["cases"] == [case]
        await page.get_by_role("button", name="Undo").click()
        await expect(page.locator(".designer-panel").get_by_text("Case 2", exact=True)).to_be_visible()


async def _cases(stage: LiveStage, count: int, last: dict[str, Any]) -> bool:
    found = (await kept(stage))["nodes"].get("condition", {"cases": []})["cases"]
    return len(found) == count and found[-1] == last


async def test_by_keyboard_alone_a_calendar_has_hours_holidays_and_days_made_up_for(
    stage: LiveStage, seat: Seat
) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await page.get_by_role("button", name="The whole menu").press("Enter")
        await page.get_by_role("button", name="Add a calendar").press("Enter")
        await expect(page.get_by_label("Name of the calendar")).to_be_focused()
        await page.keyboard.press("Control+a")
        await page.keyboard.type("office")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Remove office")).to_be_focused()
        await page.get_by_label("Monday, to", exact=True).focus()
        await retype(page, "1730")
        await expect(page.get_by_label("Monday, to", exact=True)).to_have_value("17:30")
        await page.get_by_role("button", name="Add a holiday").press("Enter")
        await expect(page.get_by_label("First day")).to_be_focused()
        await retype(page, "2026-10-01")
        await expect(page.get_by_role("button", name="Remove 2026-10-01")).to_be_visible()
        await page.get_by_label("Last day").focus()
        await retype(page, "2026/10/7")
        await page.get_by_label("Name of the holiday").focus()
        await retype(page, "国庆节")
        await page.get_by_role("button", name="Add a working day").press("Enter")
        await expect(page.get_by_label("First day").nth(1)).to_be_focused()
        await retype(page, "2026-10-32")
        await expect(page.locator(".designer-panel .fault")).to_contain_text("“2026-10-32” is no day")
        await page.get_by_label("First day").nth(1).focus()
        await retype(page, "2026-10-10")
        await eventually("the calendar to be kept", lambda: _worked(stage))
        office = (await kept(stage))["calendars"]["office"]
        assert (office["week"]["mon"], office["week"]["fri"]) == (["09:00-17:30"], ["09:00-18:00"])
        assert (office["holidays"], office["working_days"]) == (
            {"2026-10-01/2026-10-07": "国庆节"},
            {"2026-10-10": ["09:00-18:00"]},
        )
        await page.get_by_role("button", name="Undo").press("Enter")
        await eventually("the last day to be as before", lambda: _worked(stage, there=False))


async def retype(page: Page, text: str) -> None:
    await page.keyboard.press("Control+a")
    await page.keyboard.type(text)
    await page.keyboard.press("Tab")


async def _worked(stage: LiveStage, *, there: bool = True) -> bool:
    office = (await kept(stage)).get("calendars", {}).get("office", {})
    return ("2026-10-10" in office.get("working_days", {})) is there


async def test_what_a_caller_needs_is_chosen_from_queues_and_skills(stage: LiveStage, seat: Seat) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, language="zh", microphone=False) as page:
        await node(page, "person").focus()
        await page.get_by_label("队列", exact=True).select_option(label="报修")
        await page.get_by_role("button", name="添加技能").click()
        await page.get_by_label("技能", exact=True).select_option("repair")
        await page.get_by_label("维修的最低等级").select_option("3")
        await expect(page.get_by_role("status")).to_contain_text("没有")
        wanted = {"kind": "queue", "queue": "repair", "skills": {"repair": 3}}
        await eventually("the wishes to be kept", lambda: _is(stage, "person", wanted))


async def _is(stage: LiveStage, name: str, wanted: dict[str, Any]) -> bool:
    return bool((await kept(stage))["nodes"][name] == wanted)
