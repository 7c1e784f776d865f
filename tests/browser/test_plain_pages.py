"""The small helps of the plain pages, tried in a browser without a server behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Route

import agent_console
from tests.support.browser import chromium
from tests.support.tones import make_tone
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

_HELPS = (Path(agent_console.__file__).parent / "static" / "pages.js").read_text(encoding="utf-8")
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
