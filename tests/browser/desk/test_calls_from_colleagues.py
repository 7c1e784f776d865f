"""A call that a colleague gave away pops at the second agent's desk, in his language; and calls he makes himself."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from crm_core.kernel.ids import CallId
from cti.events import Direction
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
REGULAR = "13800138000"


def alice_talks(stage: LiveStage) -> CallId:
    call = stage.telephony.arrive(REGULAR)
    stage.telephony.offer(call, stage.people["alice"])
    stage.telephony.connect(call)
    return call


async def writes(page: Page, call: CallId, text: str) -> None:
    await page.locator(f"#note-{call}").fill(text)


async def choose_the_likeliest(page: Page, call: CallId) -> None:
    await page.locator(f"#disposition-{call}").click()
    await page.keyboard.press("Enter")


WORDS = {
    "en": ("Zhang Wei", "Transferred by Alice Li", "Alice Li writes", "Bob Wang", "Save and finish", "Saved."),
    "zh": ("张伟", "由李爱丽转来", "李爱丽的备注", "王博", "保存并完成", "已保存。"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_a_transferred_call_pops_with_all_that_is_known(stage: LiveStage, seat: Seat, language: str) -> None:
    customer, came, writes_it, to, finish, saved = WORDS[language]
    alice, bob = stage.people["alice"], stage.people["bob"]
    async with seat("alice", language=language) as hers, seat("bob", language=language) as his:
        call = alice_talks(stage)
        await writes(hers, call, "no cold air since Monday")
        stage.telephony.give(call, alice, bob)
        await expect(his.get_by_role("heading", name=customer)).to_be_visible()
        await expect(his.locator(".handing")).to_contain_text(came)
        await expect(his.locator(".handing")).to_contain_text(writes_it)
        await expect(his.locator(".handing blockquote")).to_have_text("no cold air since Monday")
        await expect(his.get_by_text("空调不制冷,需要上门检查")).to_be_visible()
        await expect(his.locator(".callbar-came")).to_have_text(came)

        stage.telephony.take_given(call, alice, bob)
        await expect(his.locator(".callbar")).to_contain_class("is-talking")
        await expect(hers.locator(".handing")).to_contain_text(to)
        await choose_the_likeliest(hers, call)
        await hers.get_by_role("button", name=finish).click()
        await expect(hers.get_by_text(saved)).to_be_visible()
        await writes(his, call, "comes on Friday")
        stage.telephony.end(call)
        await choose_the_likeliest(his, call)
        await his.get_by_role("button", name=finish).click()
        await expect(his.get_by_text(saved)).to_be_visible()

        await his.goto(f"/calls/{call}")
        for words in ("no cold air since Monday", "comes on Friday"):
            await expect(his.locator(".quote", has_text=words)).to_be_visible()


async def test_a_call_he_dials_pops_its_customer_and_waits_to_be_written_up(stage: LiveStage, seat: Seat) -> None:
    bob = stage.people["bob"]
    async with seat("bob") as page:
        call = stage.telephony.dial(bob, REGULAR)
        await expect(page.get_by_role("heading", name="Zhang Wei")).to_be_visible()
        await expect(page.locator(".callbar-clock")).to_contain_text("Dialling …")
        await expect(page.get_by_role("button", name="Hang up")).to_be_visible()
        await expect(page.get_by_role("button", name="Answer")).to_have_count(0)
        stage.telephony.rings_outside(call)
        await expect(page.locator(".callbar-clock")).to_contain_text("Ringing over there")
        stage.telephony.answered_outside(call, bob)
        await expect(page.locator(".state-pill")).to_contain_text("Talking")
        stage.telephony.over_outside(call, bob)
        await expect(page.get_by_role("button", name="Save and finish")).to_be_visible()
        box = page.get_by_role("combobox", name="What came of it")
        await box.click()
        await page.keyboard.type("phone solved")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Save and finish").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
    assert (await stage.services.calls.get(call)).disposition == "repair.solved"


async def test_who_asks_on_another_line_shows_whom_he_has_on_hold(stage: LiveStage, seat: Seat) -> None:
    alice = stage.people["alice"]
    async with seat("bob") as page:
        customer = alice_talks(stage)
        call = stage.telephony.dial(alice, "1002", direction=Direction.INTERNAL)
        stage.telephony.ring(call, stage.people["bob"], by=alice)
        await expect(page.locator("section.who")).to_contain_text("A colleague calls you")
        stage.telephony.hold(customer)
        await expect(page.locator("section.who")).to_contain_text("asks for your advice")
        await expect(page.locator(".asked-about")).to_contain_text("Zhang Wei hears music")
        stage.telephony.resume(customer)
        await expect(page.locator(".asked-about")).to_have_count(0)


async def test_a_colleague_who_calls_is_named_and_nobodys_customer(stage: LiveStage, seat: Seat) -> None:
    alice, bob = stage.people["alice"], stage.people["bob"]
    async with seat("bob") as page:
        call = stage.telephony.dial(alice, "1002", direction=Direction.INTERNAL)
        stage.telephony.ring(call, bob)
        await expect(page.get_by_role("heading", name="Alice Li")).to_be_visible()
        await expect(page.get_by_text("A colleague calls you")).to_be_visible()
        await expect(page.get_by_role("button", name="New customer")).to_have_count(0)
