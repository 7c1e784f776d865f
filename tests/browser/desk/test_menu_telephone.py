"""The designer's telephone: by keys and by mouse a menu is talked through to its end, and the drawing shows where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.desk.conftest import ON_ONE_LOOP, Seat
from tests.browser.desk.drawn import DESIGNER, node
from tests.support.live_stage import LiveStage

pytestmark = [pytest.mark.browser, ON_ONE_LOOP]

MENU: dict[str, Any] = {
    "start": "hello",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "hello": {"kind": "play", "prompts": ["zh:welcome", "en:welcome"], "next": "ask"},
        "ask": {
            "kind": "menu",
            "prompts": ["zh:choose_language", "en:choose_language"],
            "choices": {"1": "person", "2": "english"},
            "exhausted": "person",
        },
        "english": {"kind": "language", "language": "en", "next": "ticket"},
        "ticket": {"kind": "open_ticket", "type": "repair", "subject": "Boiler", "opened": "thanks"},
        "thanks": {"kind": "play", "prompts": ["connecting"], "next": "person"},
        "person": {"kind": "queue", "intent": "repair"},
    },
}


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def test_a_key_is_pressed_and_what_follows_is_heard_to_the_queue(stage: LiveStage, seat: Seat) -> None:
    await stage.services.flows.save_draft("small", json.dumps(MENU), revision=0)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await page.get_by_role("button", name="Try it").click()
        await expect(log(page)).to_contain_text("For English, please press 2.")
        await expect(node(page, "ask")).to_have_attribute("aria-current", "step")
        await page.keyboard.press("2")
        await expect(log(page)).to_contain_text("A ticket would be opened: “Boiler”.")
        await expect(node(page, "ticket")).to_have_attribute("aria-current", "step")
        await page.get_by_role("button", name="The ticket is opened").click()
        await expect(log(page)).to_contain_text("The caller waits for a person in the usual queue.")
        await expect(node(page, "person")).to_have_attribute("aria-current", "step")
        await expect(page.get_by_role("group", name="Keypad").get_by_role("button", name="2")).to_be_disabled()
        await page.get_by_role("button", name="Begin anew").click()
        await expect(node(page, "ask")).to_have_attribute("aria-current", "step")
        await page.get_by_role("group", name="Keypad").get_by_role("button", name="1").click()
        await expect(log(page)).to_contain_text("Key 1")
        await expect(node(page, "person")).to_have_attribute("aria-current", "step")
    assert "Boiler" not in {one.subject for one in (await stage.services.tickets.search()).items}


async def test_what_is_wrong_is_said_with_the_way_to_its_node(stage: LiveStage, seat: Seat) -> None:
    nodes = MENU["nodes"] | {"thanks": {"kind": "play", "prompts": ["nobody_spoke_it"], "next": "person"}}
    await stage.services.flows.save_draft("small", json.dumps(MENU | {"nodes": nodes}), revision=0)
    async with seat("sam", DESIGNER, microphone=False) as page:
        await page.get_by_role("button", name="Try it").click()
        panel = page.locator(".telephone .findings")
        await expect(panel.first).to_contain_text("there is no prompt “nobody_spoke_it”")
        await panel.get_by_role("button", name="thanks").first.click()
        await expect(node(page, "thanks")).to_have_attribute("aria-pressed", "true")


async def test_a_published_version_is_drawn_and_tried_and_cannot_be_changed(stage: LiveStage, seat: Seat) -> None:
    await stage.services.flows.furnish("small", json.dumps(MENU))
    await stage.services.flows.save_draft(
        "small", json.dumps(MENU | {"nodes": {"other": {"kind": "queue"}}}), revision=0
    )
    async with seat("sam", "/menus/small", microphone=False) as page:
        await page.get_by_role("link", name="Try it").click()
        await expect(log(page)).to_contain_text("For English, please press 2.")
        await expect(node(page, "ask")).to_have_attribute("aria-current", "step")
        await node(page, "hello").focus()
        await page.keyboard.press("Delete")
        await expect(node(page, "hello")).to_be_visible()
        await page.get_by_role("button", name="Back to the forms").click()
        await expect(node(page, "other")).to_be_visible()
        await expect(node(page, "hello")).to_be_hidden()
    draft = await stage.services.flows.draft("small")
    assert draft is not None
    assert draft.revision == 1
