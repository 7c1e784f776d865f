"""The desk as an agent uses it: by keyboard, while the telephone rings in between."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from crm_core.domain.floor import Paperwork
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from cti.events import AgentStateChanged
from routing.states import AgentState
from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.support.live_stage import LiveStage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]
REGULAR, COMPANY, SHARED, STRANGER = "13800138000", "02164881234", "13912340000", "13777770000"


def rings(stage: LiveStage, ani: str = REGULAR, login: str = "bob", name: str = "") -> CallId:
    call = stage.telephony.arrive(ani, name=name)
    stage.telephony.offer(call, stage.people[login])
    return call


async def said(page: Page, text: str) -> None:
    await expect(page.get_by_text(text).first).to_be_visible()


def note(page: Page, call: str) -> str:
    return f"#note-{call}"


async def came_of_it(page: Page, words: str) -> None:
    await page.get_by_role("combobox", name="What came of it").click()
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")


async def test_a_call_by_keyboard_alone(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await said(page, "Connected to Callwright")
        await page.keyboard.press("r")
        await expect(page.locator("[data-state]").first).to_have_attribute("data-state", "ready")
        call = rings(stage)
        await expect(page.get_by_role("heading", name="Zhang Wei")).to_be_visible()
        await expect(page.locator(".who-way")).to_contain_text("2 Repair")
        stage.telephony.connect(call)
        await page.keyboard.press("n")
        await page.keyboard.type("No cold air since Monday")
        await page.keyboard.press("Tab")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("t")
        ticket = page.get_by_role("form", name="Ticket", exact=True)
        await expect(ticket.get_by_label("Subject")).to_have_value("No cold air since Monday")
        await expect(ticket.get_by_label("Subject")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(ticket).to_be_hidden()
        stage.telephony.end(call)
        await expect(page.get_by_role("button", name="Save and finish")).to_be_visible()
        await page.keyboard.press("d")
        await page.keyboard.press("Enter")  # opens the list, which begins with what the call is about
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+Enter")
        await said(page, "Saved.")
    record = await stage.services.calls.get(call)
    assert (record.note, record.disposition) == ("No cold air since Monday", "repair.booked")
    (made,) = await stage.services.tickets.of_call(call)
    assert made.subject == "No cold air since Monday"


async def test_a_second_call_takes_nothing_from_under_the_hands(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        first = rings(stage)
        stage.telephony.connect(first)
        await page.locator(note(page, first)).click()
        await page.keyboard.type("half a sen")
        stage.telephony.end(first)
        second = rings(stage, STRANGER)
        await expect(page.get_by_role("tab")).to_have_count(2)
        await page.keyboard.type("tence")
        await expect(page.locator(note(page, first))).to_have_value("half a sentence")
        await expect(page.locator(note(page, first))).to_be_focused()
        await expect(page.locator(".callbar-who")).to_contain_text("137 7777 0000")
        await page.get_by_role("tab", name="137 7777 0000").click()
        await expect(page.locator(note(page, second))).to_be_visible()


async def test_being_set_free_loses_nothing_that_was_written(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page, seat("sam", "/board") as board:
        call = rings(stage)
        stage.telephony.connect(call)
        await page.locator(note(page, call)).fill("wants a new filter")
        stage.telephony.end(call)
        await expect(page.get_by_role("button", name="Save and finish")).to_be_visible()
        await board.locator(f"[data-agent='{stage.people['bob'].id}']").focus()
        await board.keyboard.press("r")
        await said(page, "Not saved yet")
        await expect(page.locator(note(page, call))).to_have_value("wants a new filter")
        await came_of_it(page, "Visit booked")
        await page.get_by_role("button", name="Save and finish").click()
        await said(page, "Saved.")
    assert (await stage.services.calls.get(call)).note == "wants a new filter"


async def test_single_keys_stay_letters_in_text_fields(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage)
        await page.locator(note(page, call)).click()
        await page.keyboard.type("rpthmk?")
        await expect(page.locator(note(page, call))).to_have_value("rpthmk?")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_what_was_typed_survives_a_reload_and_another_browser(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        await page.locator(note(page, call)).fill("promised a visit")
        await page.reload()
        await expect(page.locator(note(page, call))).to_have_value("promised a visit")
        async with seat("bob") as other:
            await expect(other.locator(note(other, call))).to_have_value("promised a visit")


async def test_the_pill_says_hold_and_the_bar_a_name_in_the_readers_language(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage, "+442079460123", name="惠特莫尔")
        stage.telephony.connect(call)
        pill = page.locator(".state-pill")
        await expect(pill).to_contain_text("Talking")
        await expect(page.locator(".callbar-who")).to_have_text("James Whitmore ?")
        stage.telephony.hold(call)
        await expect(pill).to_contain_text("On hold")
        await expect(pill).to_contain_class("state-held")
        stage.telephony.resume(call)
        await expect(pill).to_contain_text("Talking")


async def test_one_key_says_which_of_several_it_is(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage, SHARED)
        await expect(page.locator("[data-certainty=several]").first).to_be_visible()
        await expect(page.get_by_text("Chen Xiaoyu")).to_be_visible()
        await page.keyboard.press("2")
        await expect(page.locator("section.who[data-certainty=known]")).to_be_visible()
    assert (await stage.services.calls.get(call)).customer_by == stage.people["bob"].id


async def test_a_stranger_becomes_a_customer(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        rings(stage, STRANGER)
        await expect(page.locator("section.who[data-certainty=new]")).to_be_visible()
        await page.keyboard.press("c")
        await page.keyboard.type("New Neighbour")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="New Neighbour")).to_be_visible()
    assert (await stage.services.customers.who_is(STRANGER)).certainty.value == "known"


async def test_finding_another_customer_by_keyboard(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        rings(stage, STRANGER)
        await expect(page.locator("section.who[data-certainty=new]")).to_be_visible()
        await page.keyboard.press("a")
        await page.keyboard.type("秀英")
        await expect(page.get_by_role("option", name="Wang Xiuying")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Wang Xiuying")).to_be_visible()


async def test_a_disposition_is_found_by_typing(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        stage.telephony.end(call)
        box = page.get_by_role("combobox", name="What came of it")
        await box.click()
        await expect(page.get_by_role("option").first).to_have_text("Repair › Visit booked")
        await page.keyboard.type("phone solved")
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("Repair › Solved on the phone")
        await page.get_by_role("button", name="Save and finish").click()
        await said(page, "Saved.")
    assert (await stage.services.calls.get(call)).disposition == "repair.solved"


async def draw(stage: LiveStage, queue: str, wrap_up: Paperwork) -> None:
    now = (await stage.services.floor_plans.queue(QueueKey(queue))).queue
    await stage.services.floor_plans.put_queue(replace(now, wrap_up=wrap_up))


async def test_a_queue_may_leave_it_to_the_agent_whether_he_says_what_came_of_it(stage: LiveStage, seat: Seat) -> None:
    await draw(stage, "repair", Paperwork.OPTIONAL)
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        stage.telephony.end(call)
        await page.get_by_role("button", name="Save and finish").click()
        await said(page, "Saved.")
    assert (await stage.services.calls.get(call)).disposition is None


async def test_paperwork_with_a_limit_counts_down(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call, bob = rings(stage), AgentId(stage.people["bob"].id)
        stage.telephony.connect(call)
        stage.telephony.end(call)
        await expect(page.get_by_role("button", name="Save and finish")).to_be_visible()
        now = stage.clock.now()
        limited = AgentStateChanged(
            at=now, agent=bob, state=AgentState.WRAP_UP, call=call, wrap_up_until=now + timedelta(minutes=9)
        )
        stage.bus.publish(limited)
        await expect(page.get_by_role("region", name="Wrap-up")).to_contain_text(
            re.compile(r"[89]:\d\d\s+until you are free")
        )


@pytest.mark.parametrize("queue", ["vip", "repair"])
async def test_what_came_of_it_is_never_guessed(stage: LiveStage, seat: Seat, queue: str) -> None:
    await draw(stage, queue, Paperwork.MANDATORY)
    async with seat("bob") as page:
        call = stage.telephony.arrive(REGULAR, queue=queue)
        stage.telephony.offer(call, stage.people["bob"])
        box = page.get_by_role("combobox", name="What came of it")
        await expect(page.get_by_label("Note")).to_be_visible()
        await expect(box).to_have_count(0)  # it still rings
        stage.telephony.connect(call)
        stage.telephony.end(call)
        await expect(page.get_by_role("button", name="Save and finish")).to_be_visible()
        await expect(box).to_have_value("")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert")).to_have_text("Choose what came of it before you save.")
        await expect(box).to_be_focused()
        await page.keyboard.type("visit")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+Enter")
        await said(page, "Saved.")
    assert (await stage.services.calls.get(call)).disposition == "repair.booked"


async def test_what_is_missing_is_said_beside_the_field(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        await page.get_by_role("button", name="Schedule callback").click()
        form = page.get_by_role("form", name="Callback", exact=True)
        await form.get_by_label("Number").fill("")
        await form.get_by_role("button", name="Save callback").click()
        for field, sentence in (
            ("Why", "Say in a few words why, for whoever makes the call."),
            ("Number", "Which number should be called?"),
        ):
            await expect(form.get_by_label(field, exact=True)).to_have_accessible_description(sentence)
        await expect(form.get_by_role("alert")).to_have_count(2)
        await expect(form.get_by_label("Why")).to_be_focused()
        await form.get_by_label("Why").fill("price of a new filter")
        await form.get_by_label("Number").fill(REGULAR)
        await form.get_by_role("button", name="Save callback").click()
        await expect(form).to_be_hidden()
        await expect(page.locator(".desk-work")).to_contain_text("price of a new filter")


async def test_a_customer_without_a_name_is_asked_for_it_in_the_users_language(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob", language="zh") as page:
        stage.telephony.connect(rings(stage, STRANGER))
        await expect(page.locator("section.who[data-certainty=new]")).to_be_visible()
        await page.keyboard.press("c")
        name = page.get_by_label("姓名或名称")
        await name.fill("")
        await page.keyboard.press("Enter")
        await expect(name).to_have_accessible_description("请填写姓名或名称。")
        await expect(name).to_be_focused()


async def test_a_time_is_typed_alike_in_every_browser(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob", language="zh") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        await page.get_by_role("button", name="预约回电").click()
        form = page.locator(".case-form")
        due = form.locator(f"#callback-due-{call}")
        await expect(due).to_have_value(re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d"))
        await due.fill("Tomorrow")
        await expect(due).to_have_value("Tomorrow")
        await form.locator("[name=why]").fill("报价")
        await page.keyboard.press("Enter")
        await expect(due).to_have_accessible_description("请选择回电时间。")
        await due.fill("2090/1/5 9:30")
        await page.keyboard.press("Enter")
        await expect(form).to_be_hidden()
    (made,) = (await stage.services.callbacks.search()).items
    assert f"{made.due_at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}" == "2090-01-05 09:30"


async def test_saving_leads_to_what_is_missing(stage: LiveStage, seat: Seat) -> None:
    await draw(stage, "repair", Paperwork.MANDATORY)
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        await page.get_by_role("button", name="Schedule callback").click()
        form = page.get_by_role("form", name="Callback", exact=True)
        await form.get_by_label("Why").fill("price of a new filter")
        await form.get_by_label("Number").fill("")
        stage.telephony.end(call)
        await page.get_by_role("button", name="Save and finish").click()
        await expect(page.get_by_role("combobox", name="What came of it")).to_be_focused()
        await expect(form.get_by_role("alert")).to_have_text("Which number should be called?")
        await came_of_it(page, "Visit booked")
        await page.get_by_role("button", name="Save and finish").click()
        await said(page, "Something is still missing above.")
        number = form.locator("[name=number]")
        await expect(number).to_be_focused()
        await expect(form.get_by_role("alert")).to_have_text("Which number should be called?")
        await number.fill("the usual one")
        await form.get_by_role("button", name="Save callback").click()
        beside = form.locator(".field", has=page.locator("[name=number]")).get_by_role("alert")
        await expect(beside).to_contain_text("the usual one")


async def test_a_call_that_is_over_is_hung_up_without_a_word(stage: LiveStage, seat: Seat) -> None:
    """The second click of a double click, and its answer, may come when there is nothing left to hang up."""
    async with seat("bob") as page:
        call = rings(stage)
        stage.telephony.connect(call)
        stage.telephony.calls.pop(call)
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_role("button", name="Hang up")).to_be_enabled()
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_missed_call_says_why(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await said(page, "Connected to Callwright")
        stage.telephony.miss(rings(stage))
        await said(page, "You did not answer in time.")
        await expect(page.locator("[data-state]").first).to_have_attribute("data-state", "paused")
        bar = page.locator(".callbar-call")
        await expect(bar).to_have_text("You missed a call. You are on pause until you choose Ready.")
        await page.locator("#desk").get_by_role("button", name="Ready", exact=True).click()
        await expect(bar).to_have_text("Waiting for the next call")


async def test_a_withheld_number_is_said_once_in_the_bar(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        rings(stage, "")
        await said(page, "Unknown caller")
        assert (await page.locator(".callbar-call").inner_text()).count("Number withheld") == 1


@pytest.mark.parametrize("width", [1280, 900, 390])
async def test_what_can_be_done_with_a_call_fits_the_window(stage: LiveStage, seat: Seat, width: int) -> None:
    async with seat("bob") as page:
        await page.set_viewport_size({"width": width, "height": 800})
        stage.telephony.connect(rings(stage))
        for name in ("Mute", "Keypad", "Transfer", "Consult", "Park", "Pause recording", "Hang up"):
            box = await page.get_by_role("button", name=name, exact=True).bounding_box()
            assert box is not None
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= width, name


async def test_who_logs_out_in_the_middle_of_a_call_is_asked_first(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        stage.telephony.connect(rings(stage))
        await expect(page.get_by_role("button", name="Hang up")).to_be_visible()
        menu, out = page.get_by_label("Your menu"), page.get_by_role("menuitem", name="Log out")
        await menu.click()
        await out.click()
        asked = page.get_by_role("alertdialog", name="You are in a call with Zhang Wei")
        await expect(asked).to_contain_text("The call goes on at your phone")
        await asked.get_by_role("button", name="Stay in the call").click()
        await expect(asked).to_be_hidden()
        await menu.click()
        await out.click()
        await asked.get_by_role("button", name="Log out anyway").click()
        await page.wait_for_url("**/login*")


async def test_a_callers_name_is_never_markup(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        rings(stage, STRANGER, name="<img src=x onerror=document.title='owned'><b>Bobby</b>")
        await said(page, "<b>Bobby</b>")
        assert await page.title() != "owned"
        assert await page.locator("#desk img, #callbar img").count() == 0


async def test_a_name_of_sixty_characters_keeps_every_button(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        call = rings(stage, STRANGER, name="Donaudampfschifffahrtsgesellschaftskapitän Friedrich-Wilhelm von und zu")
        stage.telephony.connect(call)
        button = page.get_by_role("button", name="Hang up")
        await expect(button).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_double_click_presses_nothing_that_came_under_it(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await page.evaluate(
            """() => {
                window.pressed = [];
                const place = document.body.appendChild(document.createElement("div"));
                place.style = "position: fixed; inset: 100px auto auto 100px; z-index: 9999";
                const key = (words, next) => {
                    const one = document.createElement("button");
                    one.textContent = words;
                    one.onclick = () => { window.pressed.push(words); if (next) place.replaceChildren(next); };
                    return one;
                };
                place.append(key("first", key("later")));
            }"""
        )
        await page.mouse.dblclick(110, 110)
        assert await page.evaluate("window.pressed") == ["first"]
        await page.get_by_role("button", name="later").dblclick()
        assert await page.evaluate("window.pressed") == ["first", "later", "later"]


async def test_a_line_that_is_down_and_comes_back(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await expect(page.get_by_text("The line to the telephone system is up")).to_be_visible()
        stage.telephony.cut_line()
        await expect(page.get_by_role("alert")).to_contain_text("The line to the telephone system is down")
        stage.telephony.mend_line()
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_is_added_after_a_lost_answer_is_saved(stage: LiveStage, seat: Seat) -> None:
    """The ticket was made, its answer got lost, more was written: saved again, it is one ticket with all of it."""
    async with seat("bob", "/customers") as page:
        lines: list[WebSocketRoute] = []

        async def through(line: WebSocketRoute) -> None:
            lines.append(line)
            server = line.connect_to_server()
            if len(lines) == 1:
                server.on_message(lambda said: None if '"t":"answer"' in str(said) else line.send(said))

        await page.route_web_socket("**/live*", through)
        await page.goto("/desk")
        call = rings(stage)
        stage.telephony.connect(call)
        await page.get_by_role("button", name="New ticket").click()
        form = page.get_by_role("form", name="Ticket", exact=True)
        await form.get_by_label("Subject").fill("Leaks")
        await form.get_by_role("button", name="Create ticket").click()
        await eventually("the ticket", lambda: stage.services.tickets.of_call(call))
        await lines[0].close(code=1001)
        await expect(form.get_by_role("alert")).to_contain_text("The connection to the server is interrupted.")
        await form.get_by_label("Description").fill("since Monday")
        await expect(page.locator(".troubles")).to_have_count(0)  # the line is mended
        await form.get_by_role("button", name="Create ticket").click()
        await expect(form).to_be_hidden()
    (ticket,) = await stage.services.tickets.of_call(call)
    assert (ticket.subject, ticket.description) == ("Leaks", "since Monday")


async def test_seconds_are_not_read_aloud(stage: LiveStage, seat: Seat) -> None:
    """Every clock of the screen is quiet where changes are announced; what is announced are words."""
    loud = """() => {
        const quiet = (one) => one.ariaLive === "off" && one.closest("[aria-live], [role=status], output") === one;
        return [...document.querySelectorAll("cw-timer")].filter((one) => !quiet(one)).length;
    }"""
    async with seat("bob") as page, seat("sam", "/board") as board:
        call = rings(stage)
        for word, goes_on in (
            ("Ringing", stage.telephony.connect),
            ("Talking", stage.telephony.hold),
            ("On hold", stage.telephony.end),
            ("Wrap-up", None),
        ):
            await expect(page.locator(".state-pill").get_by_role("status")).to_have_text(word)
            await expect(page.locator(".callbar-clock cw-timer[role=timer]")).to_be_visible()
            assert await page.evaluate(loud) == 0
            assert await board.evaluate(loud) == 0
            if goes_on:
                goes_on(call)


async def test_a_lost_connection_is_said_and_mended(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob", "/customers") as page:
        lines: list[WebSocketRoute] = []
        seen = asyncio.Event()

        async def through(line: WebSocketRoute) -> None:
            lines.append(line)
            if len(lines) > 1:
                await seen.wait()  # it is mended in a moment, which nobody may have looked at
            line.connect_to_server()

        await page.route_web_socket("**/live*", through)
        await page.goto("/desk")
        await expect(page.get_by_text("Connected to Callwright")).to_be_visible()
        await lines[0].close(code=1001)
        await expect(page.get_by_role("alert").first).to_contain_text("The connection to the server is lost")
        seen.set()
        await expect(page.get_by_role("alert")).to_have_count(0)
        assert len(lines) == 2


async def test_without_a_microphone_the_desk_says_so(stage: LiveStage, seat: Seat) -> None:
    async with seat("alice", microphone=False) as page:
        await expect(page.locator("[data-phone=no_microphone]")).to_be_visible()
        await expect(page.get_by_role("alert")).to_contain_text("No microphone was found. Plug in your headset")


async def test_the_desk_in_chinese(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob", language="zh") as page:
        rings(stage)
        await expect(page.get_by_role("heading", name="张伟")).to_be_visible()
        await expect(page.get_by_role("button", name="新建工单")).to_be_visible()


async def test_every_key_is_listed(stage: LiveStage, seat: Seat) -> None:
    async with seat("bob") as page:
        await expect(page.get_by_text("Connected to Callwright")).to_be_visible()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Save and finish")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
