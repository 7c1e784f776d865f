"""An article is written and published by a supervisor, and found by an agent beside his call."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


async def test_written_published_and_read_in_the_middle_of_a_call(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/articles") as page:
        await page.keyboard.press("c")
        await page.get_by_label("Title in Chinese").fill("如何重启路由器")
        await page.get_by_label("Text in Chinese").fill("先拔掉电源，等三十秒。")
        await page.get_by_label("Title in English").fill("How to reset the router")
        await page.get_by_label("Text in English").fill("Pull the plug, and wait for half a minute.")
        await page.keyboard.press("Control+Enter")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("Agents find it now")).to_be_visible()
    async with seat("bob") as page:
        call = stage.telephony.arrive("13800138000")
        stage.telephony.offer(call, stage.people["bob"])
        stage.telephony.connect(call)
        await expect(page.get_by_role("tab")).to_be_visible()
        await page.keyboard.press("i")
        await page.keyboard.type("路由")
        await expect(page.get_by_text("How to reset the router")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Pull the plug, and wait for half a minute.")).to_be_visible()
        await expect(page).to_have_url(re.compile("/desk$"))
        async with page.expect_popup() as opened:
            await page.get_by_role("link", name="K-0001").click()
        await expect((await opened.value).get_by_role("heading", name="How to reset the router")).to_be_visible()
