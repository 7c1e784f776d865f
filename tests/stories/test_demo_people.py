"""The demo rings without anybody's own phone: its panel places calls that speak, and colleagues take their share."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.agent import LIMIT_MS, agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product, running_demo
from tests.support.story import ended, latest_call
from tests.support.tones import seconds_of_sound
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def test_the_panel_places_a_call_that_chooses_in_the_menu_and_speaks(product: Product, browser: Chromium) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        panel = await alice.desk.page.context.new_page()
        await panel.goto("/demo")
        await panel.get_by_text("Eleanor Hughes").click()
        await panel.get_by_role("button", name="Start the call").click()
        await alice.answer(limit_s=40)
        await expect(panel.get_by_text("Speaks with Alice Wang")).to_be_visible(timeout=LIMIT_MS)

        async def speaks() -> bool:
            return seconds_of_sound(await alice.desk.listen()) > 0.3

        await eventually("the caller's voice in the browser", speaks)
        await panel.get_by_role("button", name="Hang up").click()
        await alice.finish()
        await alice.state_is("ready")
    row = await ended(product, await latest_call(product))
    assert (row["outcome"], row["hung_up_by"], row["intent"]) == ("answered", "caller", "repair")


async def test_simulated_callers_reach_simulated_colleagues(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with running_demo(tmp_path_factory.mktemp("lively") / "home", arguments=("--calls", "40")) as lively:

        async def talking() -> bool:
            floor = await lively.api("GET", "/floor")
            return [call["phase"] for call in floor["calls"]].count("talking") >= 2

        await eventually("two colleagues to talk at once", talking, limit_s=60)
        await lively.wait_until_ready()  # a beat of the heart that a busy machine has missed is no illness
        assert await lively.stop() == 0
    assert "Traceback" not in lively.said
