"""What a broken-off story leaves behind does not fail the next: the house is as it was."""

from __future__ import annotations

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product
from tests.support.quiet import lock_out, quieten
from tests.support.story import a_colleague, call_of, somebody_calls, user_id

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def test_after_a_story_that_broke_off_everybody_is_let_in_and_nobody_is_there(
    product: Product, browser: Chromium, phones: PhoneProcess
) -> None:
    await lock_out(product, user_id(product, "alice"))
    assert [row["login"] for row in product.rows('select login from "user" where disabled')] == ["alice"]
    async with PhoneProcess(life_s=600) as others:
        fang = await a_colleague(others, product, "1011")
        await product.api("POST", f"/agents/{user_id(product, 'fang')}/state", {"state": "ready"})
        caller = await somebody_calls(phones, product, number="13911190001")
        await fang.wait_for(PhoneState.TALKING)
    await quieten(product)
    await caller.wait_for(PhoneState.ENDED)
    assert await call_of(product, "13911190001")
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
