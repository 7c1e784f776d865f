"""The websocket of the browsers' phones is open to the world through a proxy, whose address says nothing of who comes.

Nobody who is no agent gets anywhere by it, also when calls from outside are taken from that very address.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from callwright.asterisk import AsteriskInstall, AsteriskPlan, Level, render, start
from tests.integration.asterisk.parts import Ami
from tests.support.asterisk import end_at_once
from tests.support.raw_sip import RawPhone
from tests.support.waiting import eventually

PROXY = "127.0.0.1"
PROXY_OF_ITS_OWN_ADDRESS = "127.0.0.2"
"""nginx's `proxy_bind`, as docs/install.md has it."""


@contextlib.asynccontextmanager
async def websocket(plan: AsteriskPlan, come_from: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    connector = aiohttp.TCPConnector(local_addr=(come_from, 0))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(
            f"ws://127.0.0.1:{plan.ports.http}/ws",
            protocols=("sip",),
            timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
        ) as socket,
    ):
        yield socket


async def invite(socket: aiohttp.ClientWebSocketResponse, user: str, contact: str) -> int:
    """A plain telephone's call to the hotline, by who says he is `user`; the final status."""
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
    await socket.send_str(
        "INVITE sip:4008001@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKstranger\r\nMax-Forwards: 70\r\n"
        f"From: <sip:{user}@127.0.0.1>;tag=x\r\nTo: <sip:4008001@127.0.0.1>\r\n"
        f"Call-ID: stranger\r\nCSeq: 1 INVITE\r\nContact: {contact}\r\n"
        "P-Asserted-Identity: <sip:13800138000@127.0.0.1>\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
    )
    while True:
        said = await socket.receive_str(timeout=20)
        status = int(said.split()[1]) if said.startswith("SIP/2.0 ") else 0
        if status >= 200:
            return status


STRANGERS = pytest.mark.parametrize(
    ("user", "contact"),
    [
        ("stranger", "<sip:stranger@browser.invalid;transport=ws>"),
        ("trunk", "<sip:trunk@127.0.0.1:5060>"),
        ("1001", "<sip:1001@127.0.0.1:5060>"),
    ],
)


@STRANGERS
async def test_who_comes_by_a_proxy_of_its_own_address_is_nobody(
    asterisk: AsteriskPlan, ami: Ami, user: str, contact: str
) -> None:
    async with websocket(asterisk, PROXY_OF_ITS_OWN_ADDRESS) as socket:
        assert await invite(socket, user, contact) == 401
    await only_the_line_is_told_of(asterisk, ami)


@STRANGERS
async def test_a_proxy_at_the_address_of_a_line_is_no_line(
    asterisk: AsteriskPlan, ami: Ami, user: str, contact: str
) -> None:
    async with websocket(asterisk, PROXY) as socket:
        assert await invite(socket, user, contact) == (401 if user == "1001" else 403)
    await only_the_line_is_told_of(asterisk, ami)


async def only_the_line_is_told_of(plan: AsteriskPlan, ami: Ami) -> None:
    """Who calls by it after the stranger is the first the dialplan and Asterisk's own account know of."""
    await ami.heartbeat()
    async with RawPhone.at(plan.ports.sip) as caller:
        assert await caller.dial(b"4008001", from_header=b"<sip:1390@h>") == 200
        await caller.hang_up()
    arrived = await ami.user_event("CwArrived")
    assert arrived["CallerIDNum"] == "1390"
    account = plan.directories.cdr / "calls.csv"
    await eventually("the call in Asterisk's own account", lambda: account.exists() and account.read_text())
    assert [arrived["Call"] in row for row in account.read_text().splitlines()] == [True]


@STRANGERS
async def test_where_no_calls_come_from_this_machine_nobody_on_it_is_a_line(
    installed: AsteriskInstall, plan: AsteriskPlan, user: str, contact: str
) -> None:
    without = replace(plan, trunk_addresses=())
    render(without)
    findings = (await start(installed, without)).findings
    try:
        assert [finding for finding in findings if finding.level is not Level.OK] == []
        async with Ami.logged_in(without) as ami, RawPhone.at(plan.ports.sip, user) as local:
            async with websocket(without, PROXY) as socket:
                assert await invite(socket, user, contact) == 401
            assert await local.dial(b"4008001") == 401
            await ami.ask("Ping")
            assert not [event for event in ami.events if event.get("Event") == "Newchannel"]
    finally:
        await end_at_once(plan.directories)


async def test_a_line_that_is_taken_away_is_none_at_once(installed: AsteriskInstall, asterisk: AsteriskPlan) -> None:
    async with RawPhone.at(asterisk.ports.sip) as local:
        without = replace(asterisk, trunk_addresses=())
        render(without)
        assert (await start(installed, without)).adopted
        assert await local.dial(b"4008001") == 401
