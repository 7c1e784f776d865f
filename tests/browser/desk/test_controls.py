"""Call control at the desk and on the board: by keyboard, with its result on the spot."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from crm_core.domain.floor import Department
from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from cti.events import MonitorMode
from routing.states import AgentState
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.browser.desk.test_desk_page import REGULAR, rings, said
from tests.support.live_stage import LiveStage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


async def _talking(stage: LiveStage, page: Page) -> CallId:
    await said(page, "Connected to Callwright")
    call = rings(stage)
    stage.telephony.connect(call)
    await expect(page.get_by_role("button", name="Transfer", exact=True)).to_be_visible()
    return call


def _asked(stage: LiveStage) -> list[object]:
    return list(stage.telephony.control.asked)


async def test_a_call_is_handed_on_by_keyboard(stage: LiveStage, seat: Seat) -> None:
    bob, carol = (AgentId(stage.people[login].id) for login in ("bob", "carol"))
    await stage.bus.request(c.SetReady(agent=carol))
    async with seat("bob") as page:
        call = await _talking(stage, page)
        await page.keyboard.press("f")
        search = page.get_by_role("combobox", name="Colleague, queue or number")
        await expect(search).to_be_focused()
        await expect(page.get_by_role("option", selected=True)).to_contain_text("Carol Chen")
        await search.fill("alice")
        await page.keyboard.press("Enter")
        await said(page, "Alice Li cannot be chosen: signed off.")
        await search.fill("carol")
        await expect(page.get_by_role("option", selected=True)).to_contain_text("Carol Chen")
        await page.keyboard.press("Enter")
        await expect(search).to_be_hidden()
    assert _asked(stage) == [c.Transfer(agent=bob, call=call, to=c.Target(kind=c.TargetKind.AGENT, value=carol))]


async def test_a_consultation_from_the_first_word_to_the_last(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = await _talking(stage, page)
        await page.keyboard.press("f")
        await page.get_by_role("option").filter(has_text="Repair").click()
        await page.keyboard.press("Shift+Enter")
        bar = page.get_by_role("group", name="Consultation", exact=True)
        await expect(bar).to_contain_text("Zhang Wei")
        await expect(bar).to_contain_text("hears music")
        await expect(bar).to_contain_text("Repair")
        await expect(bar).to_contain_text("is being asked")
        await expect(page.get_by_role("button", name="Transfer", exact=True)).to_have_count(0)
        for name in ("Complete transfer", "Conference"):  # they say what they wait for
            await expect(bar.get_by_role("button", name=name)).to_be_disabled()
            await expect(bar.get_by_role("button", name=name)).to_have_attribute("title", re.compile("picked up"))
        await page.reload()
        await expect(bar).to_contain_text("Repair")
        stage.telephony.control.answered(call)
        await expect(bar).to_contain_text("talks with you")
        stage.telephony.control.refuse[c.CompleteTransfer] = "consult.not_answered"  # he hangs up this very moment
        await bar.get_by_role("button", name="Complete transfer").click()
        await said(page, "The other side has not picked up yet.")
        await bar.get_by_role("button", name="Conference").click()
        await said(page, "Three in the call.")
        await expect(bar).to_have_count(0)
    assert [type(one) for one in _asked(stage)] == [c.Consult, c.CompleteTransfer, c.Conference]
    assert all(getattr(one, "call", None) == call for one in _asked(stage))


async def test_a_typed_number_is_shown_as_people_write_it(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await _talking(stage, page)
        await page.get_by_role("button", name="Consult", exact=True).click()
        search = page.get_by_role("combobox", name="Colleague, queue or number")
        await search.fill("021648812")
        await expect(page.get_by_role("option")).to_contain_text("not a number that can be called")
        await search.fill("02164881234")
        await expect(page.get_by_role("option", selected=True)).to_contain_text("+86 21 6488 1234")
        await page.keyboard.press("Escape")
        await expect(search).to_be_hidden()
        await expect(page.get_by_role("button", name="Consult", exact=True)).to_be_focused()


async def test_who_talks_at_a_phone_on_the_desk_is_muted_and_presses_keys_on_the_screen(
    stage: LiveStage, seat: Seat
) -> None:
    bob = AgentId(stage.people["bob"].id)
    async with seat("bob") as page:
        call = await _talking(stage, page)
        mute = page.get_by_role("button", name="Mute", exact=True)
        await page.keyboard.press("m")
        await expect(mute).to_have_attribute("aria-pressed", "true")
        await mute.click()
        await expect(mute).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("k")
        for key in "r1p2#":  # letters are no shortcuts meanwhile
            await page.keyboard.press(key)
        await expect(page.locator(".keypad-shown")).to_have_text("12#")
        await eventually("the keys are pressed", lambda: len(_asked(stage)) == 5)
        stage.telephony.end(call)
        await expect(page.locator("#keypad")).to_have_count(0)
    assert _asked(stage) == [
        c.Mute(agent=bob, call=call, muted=True),
        c.Mute(agent=bob, call=call, muted=False),
        *(c.SendDigits(agent=bob, call=call, digits=digit) for digit in "12#"),
    ]


async def test_a_recording_is_paused_and_counts_down(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await _talking(stage, page)
        await page.get_by_role("button", name="Pause recording").click()
        strip = page.get_by_role("status").filter(has_text="Recording paused")
        await expect(strip.get_by_role("timer")).to_have_text(re.compile("0:5|1:00"))
        await strip.get_by_role("button", name="Resume recording").click()
        await expect(strip).to_have_count(0)


async def test_a_customer_is_parked_and_fetched_by_a_colleague(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page, seat("carol") as other:
        await said(other, "Connected to Callwright")
        call = await _talking(stage, page)
        await page.get_by_role("button", name="Park", exact=True).click()
        parked = other.get_by_role("region", name="Parked")
        await expect(parked).to_contain_text("701 · parked by Bob Wang")
        stage.telephony.control.refuse[c.Retrieve] = "call.not_parked"
        await parked.get_by_role("button", name="Retrieve Zhang Wei").click()
        await said(other, "Nobody is parked there any more")
        del stage.telephony.control.refuse[c.Retrieve]
        await parked.get_by_role("button", name="Retrieve Zhang Wei").click()
        await expect(parked).to_have_count(0)
    assert _asked(stage)[-1] == c.Retrieve(agent=AgentId(stage.people["carol"].id), call=call)


async def test_a_number_is_called_from_the_bar_and_refused_on_the_spot(stage: LiveStage, seat: Seat) -> None:
    bob = AgentId(stage.people["bob"].id)
    async with seat("bob") as page:
        await said(page, "Connected to Callwright")
        await page.keyboard.press("l")
        field = page.get_by_role("textbox", name="Call a number")
        await expect(field).to_be_focused()
        stage.telephony.control.refuse[c.PlaceCall] = "number.invalid"
        await page.keyboard.type("12 34")
        await page.keyboard.press("Enter")
        await said(page, "This is not a number that can be called.")
        stage.telephony.control.refuse.clear()
        await field.fill("138 0013 8000")
        await page.keyboard.press("Enter")
        await expect(field).to_have_value("")
    assert _asked(stage)[-1] == c.PlaceCall(agent=bob, number="138 0013 8000")


async def test_a_number_on_a_page_is_called_by_a_click(stage: LiveStage, seat: Seat) -> None:
    match = await stage.services.customers.who_is(REGULAR)
    assert match.customer is not None
    async with seat("bob", f"/customers/{match.customer}") as page:
        await page.get_by_role("button", name="138 0013 8000").click()
        await said(page, "Your phone is picking up; then +86 138 0013 8000 rings.")
        stage.telephony.control.refuse[c.PlaceCall] = "agent.has_call"
        await page.get_by_role("button", name="138 0013 8000").click()
        await said(page, "There is still a call in hand. Finish it first.")
    asked = _asked(stage)[0]
    assert isinstance(asked, c.PlaceCall)
    assert (asked.number, asked.customer) == ("+8613800138000", match.customer)


async def test_a_supervisor_listens_whispers_barges_stops_and_takes_over_by_keyboard(
    stage: LiveStage, seat: Seat
) -> None:
    await stage.services.users.update(stage.people["sam"].id, extension="1009")
    sam, bob = (AgentId(stage.people[login].id) for login in ("sam", "bob"))
    async with seat("sam", "/board") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        card = page.locator(f"[data-agent='{bob}']")
        await expect(card).to_have_attribute("data-state", "talking")
        await card.focus()
        await page.keyboard.press("l")
        await expect(card).to_contain_text("You are listening")
        await page.keyboard.press("w")
        await expect(card).to_contain_text("You whisper to the agent")
        await page.keyboard.press("b")
        await expect(card).to_contain_text("You are in the call")
        stage.telephony.control.refuse[c.TakeOver] = "phone.unreachable"
        await page.keyboard.press("t")
        await expect(card.get_by_role("alert")).to_contain_text("Your phone is not connected")
        await page.keyboard.press("s")
        await expect(card.get_by_text("You are in the call")).to_have_count(0)
        await expect(card.get_by_role("alert")).to_have_count(0)
        del stage.telephony.control.refuse[c.TakeOver]
        await page.keyboard.press("l")
        await expect(card).to_contain_text("You are listening")
        await page.keyboard.press("t")
        await expect(card.get_by_text("You are listening")).to_have_count(0)
        await expect(card.get_by_role("alert")).to_have_count(0)
    assert _asked(stage) == [
        c.Monitor(agent=sam, of=bob, mode=MonitorMode.LISTEN),
        c.Monitor(agent=sam, of=bob, mode=MonitorMode.WHISPER),
        c.Monitor(agent=sam, of=bob, mode=MonitorMode.BARGE),
        c.TakeOver(agent=sam, of=bob),
        c.StopMonitoring(agent=sam),
        c.Monitor(agent=sam, of=bob, mode=MonitorMode.LISTEN),
        c.TakeOver(agent=sam, of=bob),
    ]


async def test_a_supervisor_of_another_department_only_looks_on_and_is_told_why(stage: LiveStage, seat: Seat) -> None:
    sales = Department(key="sales", names={"zh": "销售部", "en": "Sales"})
    await stage.services.floor_plans.put_department(sales)
    await stage.services.users.update(stage.people["sam"].id, extension="1009", department="sales")
    await stage.services.users.update(stage.people["carol"].id, department="sales")
    bob, carol = (AgentId(stage.people[login].id) for login in ("bob", "carol"))
    async with seat("sam", "/board") as page:
        stage.telephony.connect(rings(stage))
        card, own = (page.locator(f"[data-agent='{agent}']") for agent in (bob, carol))
        await expect(card).to_have_attribute("data-state", "talking")
        await card.focus()
        for key in "rlbt":
            await page.keyboard.press(key)
        await card.get_by_role("button", name="More").click()
        await expect(card).to_contain_text("Another department looks after this agent.")
        await expect(card.get_by_role("button", name="Why no calls?")).to_be_visible()
        for name in ("Pause", "Listen", "Take over"):
            await expect(card.get_by_role("button", name=name)).to_have_count(0)
        await own.focus()
        await page.keyboard.press("r")
        await expect(own).to_have_attribute("data-state", "ready")
    assert _asked(stage) == []
    assert stage.telephony.agents[bob].state is AgentState.TALKING


async def test_who_has_no_phone_is_told_why_he_cannot_listen(stage: LiveStage, seat: Seat) -> None:
    async with seat("sam", "/board") as page:
        stage.telephony.connect(rings(stage))
        card = page.locator(f"[data-agent='{stage.people['bob'].id}']")
        await expect(card).to_have_attribute("data-state", "talking")
        await card.hover()
        await card.get_by_role("button", name="Set state").click()
        await expect(card).to_contain_text("You have no phone to listen with.")
        await expect(card.get_by_role("button", name="Listen")).to_be_disabled()


async def test_the_words_of_call_control_in_chinese(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob", language="zh") as page:
        stage.telephony.connect(rings(stage))
        for word in ("转接", "咨询", "驻留", "暂停录音"):
            await expect(page.get_by_role("button", name=word, exact=True)).to_be_visible()
        await page.keyboard.press("s")
        await expect(page.get_by_role("dialog", name="先咨询再转接")).to_be_visible()
