"""Another phone registers in place of an agent's browser: its page says where it rings, and takes the phone back."""

from __future__ import annotations

import re

import pytest

from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product
from tests.support.raw_sip import RawPhone
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def is_registered(product: Product, *, over: str) -> bool:
    """Alice's only phone, by its transport."""
    contacts = re.findall(r"Contact: +1001/(\S+)", await product.asterisk("pjsip show contacts"))
    return [("ws" if "transport=ws" in one.lower() else "udp") for one in contacts] == [over]


async def test_a_browser_that_is_pushed_out_says_so_and_takes_its_phone_back(
    product: Product, browser: Chromium
) -> None:
    [alice] = product.rows('select sip_secret from "user" where login = ?', "alice")
    sip = int(product.card.sip.rpartition(":")[2])
    async with agent_at_desk(product, browser, "alice") as desk, RawPhone.at(sip, "1001", alice["sip_secret"]) as other:
        await desk.become_ready()
        assert await is_registered(product, over="ws")
        assert await other.register() == 200
        await desk.shows("Your phone is in use in another browser or on another device.")
        await desk.phone_is("elsewhere")
        assert await is_registered(product, over="udp")
        await desk.state_is("ready")
        await desk.press("Use it here")
        await desk.phone_is("registered")
        await eventually("the other phone to be out", lambda: is_registered(product, over="ws"))
