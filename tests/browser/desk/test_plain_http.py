"""The live screens over plain http from another machine: browsers keep the microphone from them, and some functions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.desk.conftest import ON_ONE_LOOP
from tests.support.browser import Chromium, chromium, log_in
from tests.support.live_stage import PASSWORD, LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


class PlainSeat(Protocol):
    def __call__(self, login: str, path: str) -> AbstractAsyncContextManager[Page]: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def away(microphone: Path) -> AsyncIterator[Chromium]:
    async with chromium(microphone, "--host-resolver-rules=MAP calls.lan 127.0.0.1") as running:
        yield running


@pytest.fixture
def plain_seat(stage: LiveStage, away: Chromium) -> PlainSeat:
    """As `seat`, at a name that is not this machine's own: no page there is a secure one."""
    url = stage.url.replace("127.0.0.1", "calls.lan")

    @asynccontextmanager
    async def sit(login: str, path: str) -> AsyncIterator[Page]:
        async with away.desk(url) as desk:
            await log_in(desk, login, PASSWORD)
            await desk.page.goto(path)
            assert not await desk.page.evaluate("window.isSecureContext")
            yield desk.page
            # Chromium mentions a header that counts on secure pages only.
            assert not [said for said in desk.complaints if "Cross-Origin-Opener-Policy" not in said]

    return sit


async def test_a_phone_in_the_browser_says_what_it_needs(plain_seat: PlainSeat) -> None:
    async with plain_seat("alice", "/desk") as page:
        await expect(page.locator("[data-phone=insecure]")).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_text(
            "Calls in the browser need a secure connection. Open this page with https."
        )


async def test_whoever_has_a_desk_phone_works(stage: LiveStage, plain_seat: PlainSeat) -> None:
    async with plain_seat("bob", "/desk") as page:
        await page.get_by_role("button", name="Ready").click()
        await expect(page.locator("[data-state]").first).to_have_attribute("data-state", "ready")
        call = stage.telephony.arrive("13777770000")
        stage.telephony.offer(call, stage.people["bob"])
        stage.telephony.connect(call)
        await page.get_by_role("button", name="New ticket").click()
        form = page.get_by_role("form", name="Ticket", exact=True)
        await form.get_by_label("Subject").fill("Leaks")
        await form.get_by_role("button", name="Create ticket").click()
        await expect(form).to_be_hidden()
        await page.locator("section.who[data-certainty=new]").wait_for()
        await page.keyboard.press("c")
        await page.keyboard.type("New Neighbour")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="New Neighbour")).to_be_visible()


async def test_the_board_directs(stage: LiveStage, plain_seat: PlainSeat) -> None:
    async with plain_seat("sam", "/board") as page:
        card = page.locator(f"[data-agent='{stage.people['bob'].id}']")
        await card.focus()
        await page.keyboard.press("r")
        await expect(card).to_have_attribute("data-state", "ready")
