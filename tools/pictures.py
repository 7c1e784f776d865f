"""Takes the README's pictures from a running demo.

`python -m tools.pictures desk` beside `make demo`, then `python -m tools.pictures board` beside
`make demo DEMO="--calls 6"`. Pictures of alice's desk with a call ringing, in conversation, in a consultation with a
colleague and in wrap-up, of a ticket and of the live board, in both languages, into docs/pictures/.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.support.browser import CHROMIUM

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
WORDS = {
    "en": {
        "ready": "Ready",
        "ring": "Ring me",
        "answer": "Answer",
        "asked": "talks with you",
        "back": "Cancel transfer",
        "hang_up": "Hang up",
        "ticket": "New ticket",
        "finish": "Save and finish",
        "figures": "What callers did",
        "smaller": "Smaller",
    },
    "zh": {
        "ready": "就绪",
        "ring": "让我的电话响起",
        "answer": "接听",
        "asked": "正在与您通话",
        "back": "取消转接",
        "hang_up": "挂断",
        "ticket": "新建工单",
        "finish": "保存并完成",
        "figures": "来电者走向",
        "smaller": "缩小",
    },
}


async def main(card: dict[str, object], wanted: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    url = str(card["url"])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language in ("en", "zh"):
            if wanted in ("all", "desk"):
                await desk(browser, url, language)
            if wanted in ("all", "board"):
                await supervisor(browser, url, language)
        await browser.close()


async def page_of(browser: Browser, url: str, login: str, language: str) -> Page:
    context = await browser.new_context(
        base_url=url,
        locale=LOCALES[language],
        viewport={"width": 1280, "height": 800},
        permissions=["microphone"],
    )
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("input[name=login]", login)
    await page.fill("input[name=password]", f"{login}-demo")
    await page.locator("form button[type=submit]").first.click()
    await page.wait_for_url(lambda address: "/login" not in address)
    return page


async def desk(browser: Browser, url: str, language: str) -> None:
    words = WORDS[language]
    page = await page_of(browser, url, "alice", language)
    await page.wait_for_timeout(2000)
    ready = page.get_by_role("button", name=words["ready"], exact=True).first
    if await ready.is_visible():  # she is ready already after the pictures in the other language
        await ready.click()
    await page.get_by_role("button", name=words["ring"]).click()
    answer = page.get_by_role("button", name=re.compile(words["answer"])).first
    await answer.wait_for(timeout=90_000)
    await page.wait_for_timeout(1500)
    await page.screenshot(path=PICTURES / f"desk-ringing-{language}.png")
    await answer.click()
    await page.mouse.move(2, 2)  # nothing lies under it
    await page.wait_for_timeout(4000)
    await page.screenshot(path=PICTURES / f"desk-talking-{language}.png")
    await page.keyboard.press("s")
    await page.locator("#hand-on-search").wait_for()
    await page.wait_for_timeout(1000)
    await page.keyboard.press("Enter")  # the first who is free
    await page.get_by_text(words["asked"]).wait_for(timeout=30_000)
    await page.wait_for_timeout(2000)
    await page.screenshot(path=PICTURES / f"desk-consulting-{language}.png")
    await page.get_by_role("button", name=words["back"]).click()
    await page.get_by_text(words["asked"]).wait_for(state="hidden")
    await page.get_by_role("button", name=words["ticket"]).first.click()
    await page.wait_for_timeout(800)
    await page.get_by_role("button", name=words["hang_up"]).first.click()
    await page.wait_for_timeout(1500)
    await page.screenshot(path=PICTURES / f"desk-wrap-up-{language}.png")
    await page.locator(".picker-box input").click()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=words["finish"]).first.click()
    await page.wait_for_timeout(1500)
    await page.context.close()


async def supervisor(browser: Browser, url: str, language: str) -> None:
    page = await page_of(browser, url, "sam", language)
    await page.goto("/board")
    await page.wait_for_timeout(3000)
    await page.screenshot(path=PICTURES / f"board-{language}.png")
    await page.goto("/tickets")
    await page.locator("main table tbody tr").nth(4).locator("a").first.click()  # a story, not what was just made
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=PICTURES / f"ticket-{language}.png")
    await page.set_viewport_size({"width": 1600, "height": 1000})
    await page.goto("/menus/main/draft")
    for _ in range(2):
        await page.get_by_role("button", name=WORDS[language]["smaller"], exact=True).click()
    await page.get_by_role("button", name=WORDS[language]["figures"]).click()
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(1500)
    await page.screenshot(path=PICTURES / f"menu-{language}.png")
    await page.context.close()


if __name__ == "__main__":
    chosen, home, *_ = [*sys.argv[1:], *("all", "var")[len(sys.argv[1:]) :]]
    asyncio.run(main(json.loads((Path(home) / "demo.json").read_text(encoding="utf-8")), chosen))
