"""What an agent does while she talks, beside hold: she mutes herself, and presses keys for a machine over there."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import listen, wait_until_heard, wait_until_not_heard
from tests.support.product import Product
from tests.support.story import call_of, ended, somebody_calls, topics
from tests.support.tones import seconds_of
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def test_muted_she_hears_and_is_not_heard(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13955550001", voice=callers_voice)
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)

        await alice.press("Mute")
        await expect(alice.button("Mute")).to_have_attribute("aria-pressed", "true")
        await wait_until_not_heard(caller, AGENTS_TONE)
        await alice.desk.wait_until_heard(CALLERS_TONE)

        await alice.press("Mute")
        await expect(alice.button("Mute")).to_have_attribute("aria-pressed", "false")
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.press("Hang up")
        await alice.finish()
        await alice.state_is("ready")
    told = topics(product, await call_of(product, "13955550001"))
    assert "call.held" not in told


async def test_she_presses_keys_and_the_other_side_gets_them(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13955550002", voice=callers_voice)
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)

        await alice.press("Keypad")
        await alice.press("5")
        await caller.wait_until(lambda: caller.digits == "5", "the digit 5")
        await alice.press("#")
        await alice.desk.page.keyboard.press("1")
        await caller.wait_until(lambda: caller.digits == "5#1", "the digits 5#1")
        await expect(alice.desk.page.locator("#keypad output")).to_have_text("5#1")

        await alice.press("Keypad")
        await expect(alice.desk.page.locator("#keypad")).to_be_hidden()
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.state_is("ready")
        assert alice.desk.complaints == []
    row = await ended(product, await call_of(product, "13955550002"))
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")


async def test_held_and_fetched_back_in_haste_the_caller_stays(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    """A hold waits until the last is agreed on: of two Asterisk refuses the second, and JsSIP then ends the call."""
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13955550003", voice=callers_voice)
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)
        for _ in range(20):
            await alice.desk.page.keyboard.press("h")

        async def is_back() -> bool:
            if await alice.button("Resume").is_visible():
                await alice.desk.page.keyboard.press("h")
                return False
            return seconds_of(await listen(caller), AGENTS_TONE) > 0.3

        await eventually("the caller to hear her again", is_back)
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await alice.press("Hang up")
        await alice.finish()
        await alice.state_is("ready")
    call = await call_of(product, "13955550003")
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    assert "call.held" in topics(product, call)
