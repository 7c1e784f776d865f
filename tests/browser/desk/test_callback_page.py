"""A callback from the desk to its page and back: reached from the list of work and from the call, kept by keyboard."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from crm_core.domain.callbacks import CallbackState
from crm_core.kernel.clock import SystemClock
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
REGULAR = "13800138000"


async def test_the_desk_counts_more_promises_than_it_lists(stage: LiveStage, seat: Seat) -> None:
    bob, due = stage.people["bob"], SystemClock().now() + timedelta(hours=1)
    for number in range(14):
        await stage.services.callbacks.schedule(
            number=f"138001381{number:02}", due_at=due, why="Confirm the visit", assignee=bob.id
        )
    async with seat("bob") as page:
        promises = page.locator(".work-group", has_text="Callbacks").first
        await expect(promises.locator(".count")).to_have_text("14")
        await expect(promises.locator(".work-row")).to_have_count(12)


async def test_the_desk_leads_to_the_page_of_each_promise(stage: LiveStage, seat: Seat) -> None:
    bob = stage.people["bob"]
    zhang = (await stage.services.customers.who_is(REGULAR)).candidates[0].customer
    promise = await stage.services.callbacks.schedule(
        customer=zhang, due_at=SystemClock().now() + timedelta(hours=1), why="Confirm the visit", assignee=bob.id
    )
    address = f"/callbacks/{promise.id}"
    async with seat("bob") as page:
        await expect(page.locator(f".work-row a[href='{address}']")).to_contain_text("Confirm the visit")
        call = stage.telephony.arrive(REGULAR)
        stage.telephony.offer(call, bob)
        stage.telephony.connect(call)
        await expect(page.locator(f".row-item a[href='{address}']")).to_contain_text("Confirm the visit")
        await page.get_by_role("button", name="Schedule callback").click()
        form = page.get_by_role("form", name="Callback", exact=True)
        await form.get_by_label("Why").fill("Tell the price")
        await form.get_by_role("button", name="Save callback").click()
        async with page.expect_popup() as opened:
            await page.locator(".made").get_by_role("link", name="Callback").click()
        fresh = await opened.value
        await expect(fresh.get_by_text("Tell the price").first).to_be_visible()
        await expect(fresh.get_by_role("link", name="Promised in this call")).to_have_attribute(
            "href", f"/calls/{call}"
        )


async def test_a_promise_is_found_and_kept_by_keyboard(stage: LiveStage, seat: Seat) -> None:
    services, now = stage.services, SystemClock().now()
    due = await services.callbacks.schedule(number=REGULAR, due_at=now - timedelta(minutes=5), why="Was due")
    await services.callbacks.schedule(number=REGULAR, due_at=now + timedelta(days=3), why="Comes later")
    async with seat("bob", "/callbacks?view=all") as page:
        await _choose(page, "Colleague", "Whoever is free")
        await _choose(page, "State", "Scheduled")
        async with _list_anew(page):
            await page.get_by_label("until").press_sequentially(f"{now + timedelta(days=1):%Y-%m-%d}")
        await expect(page.get_by_text("Comes later")).to_have_count(0)
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("j")
        async with _list_anew(page):  # the list is made anew under him
            await page.locator(".filters").get_by_label("State").evaluate(CHOSEN_ANEW)
        await expect(page.locator("[data-rows] a[data-row]").first).to_be_focused()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/callbacks/{due.id}")
        await page.get_by_label("What came of it").fill("Comes on Friday")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("Called back. One promise kept.")).to_be_visible()
        await expect(page.get_by_text("called back.").first).to_be_visible()
    kept = await services.callbacks.get(due.id)
    assert (kept.state, kept.note, kept.done_by) == (CallbackState.DONE, "Comes on Friday", stage.people["bob"].id)


CHOSEN_ANEW = "field => field.dispatchEvent(new Event('change', { bubbles: true }))"


async def _choose(page: Page, label: str, value: str) -> None:
    """Each choice makes the list anew."""
    async with _list_anew(page):
        await page.locator(".filters").get_by_label(label).select_option(label=value)


def _list_anew(page: Page) -> AbstractAsyncContextManager[object]:
    return page.expect_response(lambda response: "/callbacks?" in response.url)
