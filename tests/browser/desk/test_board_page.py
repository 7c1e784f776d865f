"""The live board and the demo's panel in a browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from routing.states import AgentState
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


async def test_two_keys_set_an_agents_state(stage: LiveStage, seat: Seat) -> None:
    bob = stage.people["bob"]
    async with seat("sam", "/board") as page:
        card = page.locator(f"[data-agent='{bob.id}']")
        await expect(card).to_have_attribute("data-state", "offline")
        await card.focus()
        await page.keyboard.press("r")
        await expect(card).to_have_attribute("data-state", "ready")
        await page.keyboard.press("p")
        await expect(card).to_have_attribute("data-state", "paused")
    assert stage.telephony.agents[bob.id].state is AgentState.PAUSED  # type: ignore[index]


async def test_who_waits_and_why(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/board") as page:
        call = stage.telephony.arrive("13800138000")
        row = page.locator(f"[data-call='{call}']")
        await expect(row).to_contain_text("Zhang Wei")
        await expect(row).to_contain_text("Nobody who can help is free (Chinese ≥ 1, Repair ≥ 1)")
        stage.telephony.offer(call, stage.people["bob"])
        await expect(row).to_contain_text("Bob Wang is being called")
        stage.telephony.connect(call)
        await expect(row).to_contain_text("with Bob Wang")
        stage.telephony.end(call)
        await expect(row).to_have_count(0)


async def test_an_old_picture_says_how_old_it_is(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/customers") as page:
        lines: list[object] = []

        async def through(route: object) -> None:
            lines.append(route)
            if len(lines) == 1:
                route.connect_to_server()  # type: ignore[attr-defined]

        await page.route_web_socket("**/live*", through)
        await page.goto("/board")
        await expect(page.locator("[data-agent]").first).to_be_visible()
        await lines[0].close(code=1001)  # type: ignore[attr-defined]
        await expect(page.get_by_text("No connection to the server. The picture is of")).to_be_visible()


async def test_a_floor_that_does_not_answer_is_an_old_picture(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/board") as page:
        strip = page.get_by_text("The telephone part does not answer; calls go on. The picture is of")
        await expect(page.locator("[data-agent]").first).to_be_visible()
        await expect(strip).to_have_count(0)
        async with stage.telephony.away():
            await expect(strip).to_be_visible(timeout=15_000)
            await expect(page.locator(".board-grid")).to_contain_class("is-old")
        await expect(strip).to_have_count(0, timeout=15_000)
        await expect(page.locator(".board-grid")).not_to_contain_class("is-old")


async def test_a_visitor_lets_somebody_call_and_watches(stage: LiveStage, seat: Seat) -> None:
    async with seat("alice", "/demo") as page:
        await page.get_by_text("Zhang Wei", exact=True).click()
        await page.get_by_role("button", name="Start the call").click()
        story = page.get_by_role("article")
        await expect(story).to_contain_text("Waits in the queue Repair")
        (call,) = stage.telephony.calls
        stage.telephony.offer(call, stage.people["bob"])
        await expect(story).to_contain_text("Bob Wang is chosen: knows this best")
        stage.telephony.connect(call)
        await expect(story).to_contain_text("Speaks with Bob Wang")
        await story.get_by_role("button", name="Hang up").click()
        await expect(story).to_contain_text("Over, after")


async def test_ringing_and_talking_are_counted_apart(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/board") as page:
        call = stage.telephony.arrive("13800138000")
        stage.telephony.offer(call, stage.people["bob"])
        counts = page.locator(".agent-summary")
        await expect(counts).to_contain_text("1 Ringing")
        await expect(counts).to_contain_text("0 Talking")
        stage.telephony.connect(call)
        await expect(counts).to_contain_text("0 Ringing")
        await expect(counts).to_contain_text("1 Talking")


async def test_the_panels_choices_stand_in_even_columns_on_a_phone(seat: Seat) -> None:
    async with seat("alice", "/demo") as page:
        await page.set_viewport_size({"width": 390, "height": 844})
        choices = page.get_by_role("group", name="Choice in the menu").locator(".segment")
        await expect(choices).to_have_count(5)
        boxes = [box for one in await choices.all() if (box := await one.bounding_box())]
    left, right = boxes[0]["x"], boxes[1]["x"]
    assert [box["x"] for box in boxes] == [left, right, left, right, left]
    assert boxes[4]["x"] + boxes[4]["width"] == boxes[3]["x"] + boxes[3]["width"]
