"""A caller asks where his repair is: it stands beside his call, and is moved on by the keyboard."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.async_api import expect

from crm_core.domain.orders import OrderKind, OrderState
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
REGULAR = "13800138000"


async def test_from_the_call_to_the_repair_and_on_by_the_keyboard(stage: LiveStage, seat: Seat) -> None:
    orders = stage.services.orders
    zhang = (await stage.services.customers.who_is(REGULAR)).candidates[0].customer
    over = await orders.create(kind=OrderKind.SALE, customer=zhang, summary="A lamp long ago")
    await orders.move(over.id, OrderState.CANCELLED)
    repair = await orders.create(
        kind=OrderKind.REPAIR, customer=zhang, summary="Washer leaks", expected_on=date(2099, 1, 9)
    )
    async with seat("bob") as page:
        call = stage.telephony.arrive(REGULAR)
        stage.telephony.offer(call, stage.people["bob"])
        stage.telephony.connect(call)
        matters = page.locator(".panel", has_text="Open with this customer")
        row = matters.locator("li", has_text="Washer leaks")
        for shown in ("Received", repair.number, "9 Jan"):
            await expect(row).to_contain_text(shown)
        await expect(matters).not_to_contain_text("A lamp long ago")
        async with page.expect_popup() as opened:
            await row.get_by_role("link").click()
        its_page = await opened.value
        await expect(its_page.locator("li[aria-current=step]")).to_contain_text("Received")
        await its_page.get_by_label("Note on this step").fill("The seal is torn.")
        await its_page.keyboard.press("Control+Enter")
        await expect(its_page.locator("li[aria-current=step]")).to_contain_text("Fault found")
        await its_page.goto("/orders")
        await its_page.keyboard.press("j")
        await its_page.keyboard.press("Enter")
        await expect(its_page.get_by_role("heading", name="Washer leaks")).to_be_visible()
        await expect(its_page.get_by_text("The seal is torn.")).to_be_visible()
    moved = (await orders.history(repair.id))[-1]
    assert (moved.state, moved.by) == (OrderState.DIAGNOSED, stage.people["bob"].id)
