"""The small helps of the plain pages, tried in a browser without a server behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Dialog, Route

import agent_console
from tests.support.browser import chromium
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

_HELPS = (Path(agent_console.__file__).parent / "static" / "pages.js").read_text(encoding="utf-8")
_TWO_FORMS = f"""
<!doctype html><title>forms</title><link rel="icon" href="data:,">
<form method="post" action="/comment" data-guard><textarea aria-label="Comment"></textarea><button>Send</button></form>
<form method="post" action="/save" data-guard><input aria-label="Subject"><button>Save</button></form>
<script>{_HELPS}</script>
"""
_FORM = f"""
<!doctype html><title>form</title><link rel="icon" href="data:,">
<form method="post" action="/write"><button>Write the ticket</button></form><script>{_HELPS}</script>
"""


async def test_a_double_click_sends_a_form_once_and_a_later_click_again(tmp_path: Path) -> None:
    written: list[str] = []

    async def answer(route: Route) -> None:
        if route.request.method == "POST":
            written.append(route.request.url)
            await route.fulfill(status=204)  # the page stays, so that a second form could still go out
        else:
            await route.fulfill(body=_FORM, content_type="text/html")

    async with chromium(make_tone(tmp_path / "mouth.wav", 700)) as browser, browser.desk("http://127.0.0.1:1") as desk:
        await desk.page.route("**/*", answer)
        await desk.page.goto("/")
        await desk.page.get_by_role("button").dblclick()
        await eventually("the form arrives", lambda: written)
        await desk.page.get_by_role("button").click()
        assert len(written) == 1
        await desk.page.goto("/")
        await desk.page.get_by_role("button").click()
        await eventually("the form of the page that was opened again arrives", lambda: len(written) == 2)


async def test_who_stays_with_what_he_wrote_can_save_again(tmp_path: Path) -> None:
    """The page asks before it loses a comment; the answer "stay" leaves no button dead, and nothing unguarded."""
    written: list[str] = []
    asked: list[str] = []
    leave = False

    async def answer(route: Route) -> None:
        if route.request.method == "POST":
            written.append(route.request.url)
        await route.fulfill(body=_TWO_FORMS, content_type="text/html")

    async def decide(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await (dialog.accept() if leave else dialog.dismiss())

    async with chromium(make_tone(tmp_path / "mouth.wav", 700)) as browser, browser.desk("http://127.0.0.1:1") as desk:
        page = desk.page
        page.on("dialog", decide)
        await page.route("**/*", answer)
        await page.goto("/")
        await page.get_by_label("Subject").fill("Leaks")
        await page.get_by_label("Comment").fill("since Monday")
        for times, button in enumerate(("Save", "Save", "Send"), start=1):
            await page.get_by_role("button", name=button).click()
            await eventually(f"the question after {button}", lambda: len(asked) == times)  # noqa: B023
        assert written == []
        leave = True
        await page.get_by_role("button", name="Save").click()
        await eventually("the form", lambda: written == ["http://127.0.0.1:1/save"])
        assert asked == ["beforeunload"] * 4


async def test_a_form_alone_goes_out_unasked(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(route: Route) -> None:
        await route.fulfill(body=_TWO_FORMS, content_type="text/html")

    async def decide(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    async with chromium(make_tone(tmp_path / "mouth.wav", 700)) as browser, browser.desk("http://127.0.0.1:1") as desk:
        desk.page.on("dialog", decide)
        await desk.page.route("**/*", answer)
        await desk.page.goto("/")
        await desk.page.get_by_label("Subject").fill("Leaks")
        await desk.page.get_by_role("button", name="Save").click()
        await desk.page.wait_for_url("**/save")
    assert asked == []
