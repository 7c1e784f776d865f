"""An agent at his desk, by the names that stand on the screen: what he does with a call, and what he sees."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.support.browser import Chromium, Desk, log_in
from tests.support.product import Product

LIMIT_MS = 30_000


class Agent:
    def __init__(self, desk: Desk, extension: str | None) -> None:
        self.desk = desk
        self.extension = extension

    @property
    def page_text(self) -> Locator:
        return self.desk.page.locator("body")

    async def phone_is(self, status: str) -> None:
        await expect(self.desk.page.locator("[data-phone]").first).to_have_attribute(
            "data-phone", status, timeout=LIMIT_MS
        )

    async def state_is(self, *states: str, limit_s: float = 30) -> None:
        await expect(self.desk.page.locator("[data-state]").first).to_have_attribute(
            "data-state", re.compile("|".join(states)), timeout=limit_s * 1000
        )

    async def shows(self, text: str, *, limit_s: float = 30) -> None:
        await expect(self.desk.page.get_by_text(text).first).to_be_visible(timeout=limit_s * 1000)

    def button(self, name: str) -> Locator:
        return self.desk.page.get_by_role("button", name=name, exact=True)

    async def press(self, name: str, *, limit_s: float = 30) -> None:
        await self.button(name).first.click(timeout=limit_s * 1000)

    async def become_ready(self) -> None:
        """The phone is there and calls are taken; who was ready before he left still is."""
        await self.phone_is("registered")
        if await self.desk.page.locator("[data-state=ready]").count() == 0:
            await self.press("Ready")
        await self.state_is("ready", "reserved", "ringing")

    async def answer(self, *, limit_s: float = 30) -> None:
        await self.press("Answer", limit_s=limit_s)
        await expect(self.button("Hold")).to_be_visible(timeout=LIMIT_MS)

    async def certainty_is(self, certainty: str) -> None:
        """How sure the screen is of the caller: known, maybe, several, new, anonymous."""
        mark = self.desk.page.locator(f"[data-certainty={certainty}]")
        await expect(mark.first).to_be_visible(timeout=LIMIT_MS)

    async def write_up(self, *, note: str = "", ticket: str = "", callback: str = "") -> None:
        """The paperwork, without finishing it."""
        page = self.desk.page
        await page.locator("textarea.note").first.fill(note)
        if ticket:
            await self.press("New ticket")
            form = page.get_by_role("form", name="Ticket", exact=True)
            await form.get_by_label("Subject").fill(ticket)
            await form.get_by_role("button", name="Create ticket").click()
            await expect(form).to_be_hidden(timeout=LIMIT_MS)
        if callback:
            await self.press("Schedule callback")
            form = page.get_by_role("form", name="Callback", exact=True)
            await form.get_by_label("Why").fill(callback)
            await form.get_by_role("button", name="Save callback").click()
            await expect(form).to_be_hidden(timeout=LIMIT_MS)

    async def finish(self) -> None:
        """Save the paperwork as it is and be done; what the call does not say of itself is chosen."""
        await self.state_is("wrap_up")
        outcome = self.desk.page.get_by_role("combobox", name="What came of it")
        if await outcome.input_value() == "":
            await outcome.click()
            await outcome.press("Enter")
        await self.press("Save and finish")
        state = self.desk.page.locator("[data-state]").first
        await expect(state).not_to_have_attribute("data-state", "wrap_up", timeout=LIMIT_MS)

    async def go_offline(self) -> None:
        """Finish what is left of a call, and leave."""
        await self.desk.page.get_by_label("Choose a reason").first.click()
        await self.desk.page.get_by_role("menuitem", name="Go offline").click()
        await self.state_is("offline")


@asynccontextmanager
async def agent_at_desk(
    product: Product, browser: Chromium, login: str, *, microphone: bool = True, trace: Path | None = None
) -> AsyncIterator[Agent]:
    """Logged in, the desk open in English. Leaving closes the browser window; the agent is then unreachable."""
    person = product.card.people[login]
    async with browser.desk(product.card.url, microphone=microphone, trace=trace) as desk:
        await log_in(desk, person.login, person.password)
        await desk.page.goto("/desk")
        yield Agent(desk, person.extension)
