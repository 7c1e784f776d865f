"""A small menu in the designer: its draft, as it is kept, and its nodes, as they are drawn."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Locator, Page

from tests.support.live_stage import LiveStage

SMALL: dict[str, Any] = {
    "start": "hello",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "hello": {"kind": "play", "prompts": ["welcome"], "next": "person"},
        "person": {"kind": "queue"},
    },
}
DESIGNER = "/menus/small/draft"


async def begin(stage: LiveStage) -> None:
    await stage.services.flows.save_draft("small", json.dumps(SMALL), revision=0)


async def kept(stage: LiveStage) -> dict[str, Any]:
    draft = await stage.services.flows.draft("small")
    assert draft is not None
    found: dict[str, Any] = json.loads(draft.document)
    return found


def node(page: Page, name: str) -> Locator:
    return page.locator(f".flow-node[data-node={name}]")
