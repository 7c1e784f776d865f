"""The designer of voice menus, by mouse and by keyboard alone: what is drawn is the draft, which says what is wrong."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.browser.desk.drawn import DESIGNER, SMALL, begin, kept, node
from tests.support.browser import Chromium, log_in
from tests.support.hotline import furnish_hotline
from tests.support.live_stage import PASSWORD, LiveStage
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]


async def test_everything_of_the_hotline_is_drawn_and_nothing_is_wrong(stage: LiveStage, seat: Seat) -> None:
    document = await furnish_hotline(stage.services)
    async with seat("sam", "/menus/main/draft", microphone=False) as page:
        await expect(page.locator(".flow-node")).to_have_count(len(json.loads(document)["nodes"]))
        await expect(page.get_by_role("status")).to_have_text("Nothing is wrong with it.")
        await node(page, "language").click(position={"x": 20, "y": 20})
        await expect(page.get_by_label("Prompts, row 1", exact=True)).to_have_value("choose_language")
        await expect(page.get_by_label("Language of “choose_language”").nth(1)).to_have_value("en")
    assert await stage.services.flows.draft("main") is None


async def test_by_mouse_a_node_is_added_led_to_and_moved(stage: LiveStage, seat: Seat) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await expect(node(page, "hello")).to_be_visible()
        await page.get_by_text("Add a node").click()
        await page.get_by_role("menuitem", name="Hang up").click()
        await expect(page.get_by_role("status")).to_contain_text("Findings: 1")
        await expect(node(page, "hangup")).to_have_attribute("aria-label", "hangup, Hang up, 1 finding")
        await expect(page.locator(".designer-panel .findings")).to_contain_text("no way leads here")
        await node(page, "hello").locator(".flow-dot").first.hover()
        await page.mouse.down()
        target = await node(page, "hangup").locator(".flow-name").bounding_box()
        assert target is not None
        await page.mouse.move(target["x"] + 30, target["y"] + 5, steps=8)
        await page.mouse.up()
        await eventually("the way to be kept", lambda: _led(stage, "hangup"))
        name = node(page, "hangup").locator(".flow-name")
        await name.hover()
        before = await name.bounding_box()
        assert before is not None
        await page.mouse.down()
        await page.mouse.move(before["x"] + 160, before["y"] + 90, steps=8)
        await page.mouse.up()
        await eventually("its place to be kept", lambda: _stands(stage, "hangup"))
        await page.get_by_role("button", name="Undo").click()
        await page.get_by_role("button", name="Undo").click()
        await eventually("the way to be as before", lambda: _led(stage, "person"))


async def _led(stage: LiveStage, to: str) -> bool:
    return bool((await kept(stage))["nodes"]["hello"]["next"] == to)


async def _stands(stage: LiveStage, name: str) -> bool:
    x, y = (await kept(stage))["layout"][name]
    return bool(x > 100 and y > 150)


async def test_by_keyboard_alone_a_menu_is_changed_and_published(stage: LiveStage, seat: Seat) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await node(page, "hello").focus()
        await page.keyboard.press("ArrowRight")
        await expect(node(page, "person")).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        await expect(node(page, "hello")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Name of the node")).to_be_focused()
        await page.keyboard.press("Control+a")
        await page.keyboard.type("greeting")
        await page.keyboard.press("Tab")
        await expect(node(page, "greeting")).to_be_visible()
        said = page.get_by_label("Prompts, row 1", exact=True)
        await said.focus()
        await page.keyboard.press("Home")
        await expect(said).to_have_value("")
        await page.keyboard.press("Control+s")
        await expect(page.locator(".designer-panel .findings").first).to_contain_text("is missing")
        await expect(page.get_by_role("group", name="Prompts").locator(".fault")).to_contain_text("is missing")
        await said.focus()
        await page.keyboard.type("welcome")
        await expect(said).to_have_value("welcome")
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("status")).to_have_text("Saved. Nothing is wrong with it.")
        found = await kept(stage)
        assert (found["start"], found["nodes"]["greeting"]["prompts"]) == ("greeting", ["welcome"])
        await page.get_by_role("link", name="Look through and publish").press("Enter")
        await page.get_by_label("What is new, and why").fill("a better greeting")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Version 1 is what the next caller hears.")).to_be_visible()
    assert "greeting" in (await stage.services.flows.published())["small"]


async def test_by_keyboard_alone_a_node_is_added_and_what_is_wrong_is_gone_through(
    stage: LiveStage, seat: Seat
) -> None:
    await begin(stage)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await page.locator("summary", has_text="Add a node").focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("menuitem", name="Answer", exact=True)).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_role("menuitem", name="Hang up", exact=True)).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(node(page, "hangup")).to_be_focused()
        await node(page, "hello").focus()
        await page.keyboard.press("Delete")
        await expect(page.get_by_role("status")).to_contain_text("Findings: 1")
        await page.get_by_role("button", name="Next finding").press("Enter")
        await expect(page.get_by_label("Begins at *")).to_be_focused()
        await page.get_by_label("Begins at *").select_option("person")
        await expect(page.get_by_role("status")).to_contain_text("Findings: 1")
        await page.get_by_role("button", name="Next finding").press("Enter")
        await expect(node(page, "hangup")).to_be_focused()


async def test_a_finding_leads_to_its_field_and_nodes_are_arranged(stage: LiveStage, seat: Seat) -> None:
    nodes = SMALL["nodes"] | {"hello": {"kind": "play", "prompts": ["gone"], "next": "person"}}
    lost = SMALL | {"nodes": nodes, "layout": {"hello": [900, 700], "person": [40, 300]}}
    await stage.services.flows.save_draft("small", json.dumps(lost), revision=0)
    async with seat("sam", "/menus/small", microphone=False) as page:
        await page.get_by_role("link", name="there is no prompt “gone” in “zh”").click()
        await expect(page.get_by_label("Name of the node")).to_have_value("hello")
        await expect(page.locator("#field-prompts:focus, #field-prompts :focus")).to_have_count(1)
        await page.get_by_role("button", name="Arrange").press("Enter")
        await eventually("them to stand from left to right", lambda: _stand(stage, {"hello": 24, "person": 334}))
        await page.get_by_role("button", name="Undo").press("Enter")
        await eventually("them to stand as before", lambda: _stand(stage, {"hello": 900, "person": 40}))
        await page.get_by_role("button", name="Fit", exact=True).press("Enter")
        paper = page.locator(".designer-paper")
        assert await paper.evaluate("one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")


async def _stand(stage: LiveStage, across: dict[str, int]) -> bool:
    layout = (await kept(stage))["layout"]
    return {name: layout[name][0] for name in across} == across


async def test_of_two_who_draw_the_second_is_told(stage: LiveStage, browser: Chromium) -> None:
    await begin(stage)
    async with browser.desk(stage.url, language="zh", microphone=False) as desk:
        page = desk.page  # its console will tell of the refusal
        await log_in(desk, "sam", PASSWORD)
        await page.goto(DESIGNER)
        await expect(node(page, "hello")).to_be_visible()
        await stage.services.flows.save_draft("small", json.dumps(SMALL | {"about": "newer"}), revision=1)
        await node(page, "hello").focus()
        await page.keyboard.press("Delete")
        await expect(page.get_by_role("alert")).to_contain_text("其他人刚刚保存了这份草稿")
    assert (await kept(stage))["about"] == "newer"
