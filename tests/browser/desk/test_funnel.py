"""What callers did, drawn on the menu: by which way they went, where they hung up, by version and days."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from crm_core.kernel.ids import CallId
from cti.events import CallWalked, MenuVisit
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.browser.desk.drawn import node
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]

MENU: dict[str, Any] = {
    "start": "main",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "main": {
            "kind": "menu",
            "prompts": ["main_menu"],
            "choices": {"1": "person", "2": "late"},
            "exhausted": "person",
        },
        "late": {"kind": "goodbye", "prompts": ["goodbye"]},
        "person": {"kind": "queue"},
    },
}
CALLERS = (("choices.1", "person", "queue"),) * 7 + (("choices.2", "late", "end"),) * 2 + (("hung_up", "", ""),) * 3


async def called(stage: LiveStage, *, version: int) -> None:
    """Twelve callers an hour ago: seven want a person, two hear the goodbye, three hang up after a wrong key."""
    began = stage.clock.now() - timedelta(hours=1)
    where: dict[str, Any] = {"flow": "funnel", "version": version}
    for number, (way, to, end) in enumerate(CALLERS):
        wrong = ("7",) if way == "hung_up" else ()
        entered = wrong or (way[-1],)
        visits = [MenuVisit(node="main", at=began, seconds=6, way=way, entered=entered, wrong=wrong, **where)]
        if to:
            done = "goodbye" if end == "end" else ""
            visits.append(MenuVisit(node=to, at=began + timedelta(seconds=6), seconds=1, way=end, done=done, **where))
        await stage.services.calls.apply(
            CallWalked(at=began + timedelta(seconds=8), call=CallId(f"funnel-{number}"), visits=tuple(visits))
        )


async def test_the_funnel_is_drawn_on_the_menu(stage: LiveStage, seat: Seat) -> None:
    await stage.services.flows.furnish("funnel", json.dumps(MENU))
    await called(stage, version=1)
    async with seat("sam", "/menus/funnel/draft", microphone=False) as page:
        await page.get_by_role("button", name="What callers did").click()
        main = node(page, "main")
        await expect(main.locator(".funnel-caption")).to_have_text("12 callers · 0:06 · ▲▲ 25 % hung up")
        await expect(main).to_have_attribute("aria-label", "main, Key menu, 12 callers, 0:06, 25 % hung up")
        await expect(main.locator(".funnel-share")).to_have_text(["58 %", "17 %"])
        panel = page.locator(".funnel")
        await expect(panel).to_contain_text("Served in the menu")
        await expect(panel.locator(".funnel-figures dd")).to_have_text(["12", "17 %2", "58 %7", "25 %3"])
        await main.focus()
        await expect(panel).to_contain_text("What did not fit")
        await expect(panel.locator(".funnel-rows > li").last).to_have_text("73", use_inner_text=False)
        await expect(panel.get_by_role("link", name="Figures as a table (CSV)")).to_be_visible()
        await page.keyboard.press("Delete")
        await expect(main).to_be_visible()
        await page.get_by_label("Version").select_option("1")
        await expect(main.locator(".funnel-caption")).to_contain_text("12 callers")
        await page.get_by_label("Days").select_option("span")
        await expect(panel.get_by_role("alert")).to_have_text("Choose the first day.")
        await page.get_by_label("First day").fill("2020-01-01")
        await page.get_by_label("Last day").fill("2020-01-02")
        await page.get_by_label("Last day").press("Tab")
        await expect(panel).to_contain_text("No caller came by in this time.")
        await page.get_by_role("button", name="Back to the forms").click()
        await expect(page.locator(".funnel-caption")).to_have_count(0)
    assert await stage.services.flows.draft("funnel") is None
