"""Strangers, withheld numbers, and everything a line may put into a caller's name: always a call, never harm."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.support.agent import Agent, agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product
from tests.support.sipp import odd_call
from tests.support.story import REPAIR, call_of, ended, latest_call, somebody_calls

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]

HARM = "<img src=x onerror='window.harmed=1'>'; DROP TABLE call;--"


async def _serve(alice: Agent) -> None:
    await alice.answer()
    await alice.press("Hang up")
    await alice.finish()
    await alice.state_is("ready")


async def test_a_stranger_and_a_withheld_number(product: Product, browser: Chromium, phones: PhoneProcess) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        stranger = await somebody_calls(phones, product, number="13977776666", name="")
        await alice.certainty_is("new")
        await _serve(alice)
        await stranger.wait_for(PhoneState.ENDED)
        row = await ended(product, await call_of(product, "13977776666"))
        assert (row["certainty"], row["customer_id"]) == ("new", None)
        hidden = await somebody_calls(phones, product, number=None)
        await alice.certainty_is("anonymous")
        await _serve(alice)
        await hidden.wait_for(PhoneState.ENDED)
        row = await ended(product, await latest_call(product))
        assert (row["certainty"], row["customer_id"], row["number_key"]) == ("anonymous", None, "")


async def test_sql_and_html_in_the_callers_name(product: Product, browser: Chromium, phones: PhoneProcess) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13977770001", name=HARM)
        await alice.shows("DROP TABLE call")
        await _serve(alice)
        await caller.wait_for(PhoneState.ENDED)
        call = await call_of(product, "13977770001")
        for page in (f"/calls/{call}", "/calls", f"/customers/new?call={call}&name={quote(HARM)}"):
            await alice.desk.page.goto(page)
            assert await alice.desk.page.evaluate("window.harmed") is None
            # Our policy lets nothing inline run anyway: whether it became a part of the page, the picture tells.
            assert await alice.desk.page.locator("img[src=x]").count() == 0
        assert (await ended(product, call))["ani_name"] == HARM
        await alice.desk.page.goto("/desk")
        await alice.state_is("ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    header: bytes
    ani: str
    name: str


ODD = {
    "not UTF-8": Odd(header=b'"\xc4\xe3\xba\xc3 caf\xe9" <sip:13977770002@127.0.0.1>', ani="13977770002", name="caf"),
    "300 digits": Odd(header=b"<sip:" + b"7" * 300 + b"@127.0.0.1>", ani="7777777777", name=""),
    "emoji": Odd(header='"😀 张伟 👍" <sip:13977770004@127.0.0.1>'.encode(), ani="13977770004", name="张伟"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_an_odd_from_header_is_a_call_like_any_other(product: Product, browser: Chromium, odd: Odd) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        async with odd_call(product.card.sip, REPAIR, odd.header):
            await alice.answer()
            await alice.press("Hang up")
            await alice.finish()
            await alice.state_is("ready")
        row = await ended(product, await latest_call(product))
        assert row["outcome"] == "answered"
        assert row["ani"].startswith(odd.ani)
        assert odd.name in row["ani_name"]
        found = await product.api("GET", f"/calls/{row['id']}")
        assert found["call"]["id"] == row["id"]
    await product.wait_until_ready()


async def test_a_browser_without_microphone_says_so_and_gets_no_calls(product: Product, browser: Chromium) -> None:
    async with agent_at_desk(product, browser, "alice", microphone=False) as alice:
        await alice.phone_is("no_microphone")
        await alice.shows("microphone")
        await alice.state_is("offline")
