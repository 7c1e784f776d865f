"""A customer is given to a colleague by a desk phone (REFER): the colleague's screen has popped before she answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from callwright.demo.phones import Answer, PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE
from tests.support.agent import LIMIT_MS, agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.story import call_of, calls_of, ended, events, legs, somebody_calls
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]
REGULAR, DESK_PHONE, ALICE = "13800138000", "1011", "1001"


async def test_the_customer_pops_at_the_second_agents_desk_and_both_write_it_up(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    (first,) = product.rows('select id, name_en, sip_secret from "user" where extension = ?', DESK_PHONE)
    phone = await phones.add(DESK_PHONE, server=product.card.sip, number=DESK_PHONE, secret=first["sip_secret"])
    await phone.when_called(Answer())
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        await alice.press("Pause")
        await alice.state_is("paused")

        async def ready() -> bool:
            await product.api("POST", f"/agents/{first['id']}/state", {"state": "ready"})
            return True

        await eventually("the colleague to be ready", ready)
        before = calls_of(product, REGULAR)
        caller = await somebody_calls(phones, product, number=REGULAR, voice=callers_voice)
        call = await call_of(product, REGULAR, but=before)
        await eventually("the colleague to talk", lambda: bool(events(product, call, "call.connected")))
        await phone.wait_for(PhoneState.TALKING)  # his phone knows it a moment later

        await phone.transfer(ALICE)
        page = alice.desk.page
        await expect(page.locator(".handing")).to_contain_text(f"Transferred by {first['name_en']}", timeout=LIMIT_MS)
        await expect(page.get_by_role("heading", name="Wei Zhang")).to_be_visible()
        await expect(page.locator(".callbar")).to_contain_class("is-ringing")
        await alice.answer()
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.write_up(note="was given to me")
        await alice.press("Hang up")
        await alice.finish()
        await alice.state_is("paused")
        await caller.wait_for(PhoneState.ENDED)
        assert alice.desk.complaints == []
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"], row["note"]) == ("answered", "agent", "was given to me")

    await eventually("the transfer in the call log", lambda: events(product, call, "call.transferred"))
    (transfer,) = (await product.api("GET", f"/calls/{call}"))["call"]["transfers"]
    assert (transfer["kind"], transfer["by_agent"], transfer["outcome"]) == ("blind", first["id"], "completed")
    assert (transfer["by"], transfer["to"]) == (DESK_PHONE, ALICE)
    parts = [(leg["party"], leg["connected_at"] is not None) for leg in legs(product, call)]
    assert parts == [(DESK_PHONE, True), (ALICE, True)]
    (ringing,) = [said for said in events(product, call, "call.ringing") if said["offer"] is None]
    assert (ringing["party"], ringing["ring_for"], ringing["by"]) == (ALICE, "transfer", DESK_PHONE)
