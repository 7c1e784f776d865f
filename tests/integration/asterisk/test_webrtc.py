"""A browser's phone registers over the websocket and is offered media it can reach on this machine."""

from __future__ import annotations

import hashlib
import re

import aiohttp
import pytest

from callwright.asterisk import AsteriskPlan
from callwright.demo.phones import PhoneProcess
from tests.integration.asterisk.parts import Ami


class BrowserPhone:
    """The SIP that JsSIP would speak, as far as REGISTER and the first INVITE."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, extension: str, secret: str) -> None:
        self._socket, self._extension, self._secret = socket, extension, secret

    async def register(self) -> str:
        challenge = await self._send_register(1, "")
        told = dict(re.findall(r'(nonce|realm|opaque)="([^"]+)"', challenge))
        first = _md5(f"{self._extension}:{told['realm']}:{self._secret}")
        answer = _md5(f"{first}:{told['nonce']}:00000001:abc:auth:{_md5('REGISTER:sip:127.0.0.1')}")
        return await self._send_register(
            2,
            f'Authorization: Digest username="{self._extension}", realm="{told["realm"]}", nonce="{told["nonce"]}", '
            f'uri="sip:127.0.0.1", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc", '
            f'opaque="{told["opaque"]}"\r\n',
        )

    async def next_invite(self) -> str:
        while True:
            said = await self._socket.receive_str(timeout=20)
            if said.startswith("INVITE"):
                return said

    async def _send_register(self, sequence: int, extra: str) -> str:
        await self._socket.send_str(
            "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{sequence}\r\nMax-Forwards: 70\r\n"
            f"To: <sip:{self._extension}@127.0.0.1>\r\nFrom: <sip:{self._extension}@127.0.0.1>;tag=x\r\n"
            f"Call-ID: one\r\nCSeq: {sequence} REGISTER\r\n"
            f"Contact: <sip:{self._extension}@browser.invalid;transport=ws>;expires=600\r\n{extra}"
            "Content-Length: 0\r\n\r\n"
        )
        return await self._socket.receive_str(timeout=20)


def _open(session: aiohttp.ClientSession, address: str) -> aiohttp.client._WSRequestContextManager:
    return session.ws_connect(address, protocols=("sip",), timeout=aiohttp.ClientWSTimeout(ws_close=0.2))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def address(asterisk: AsteriskPlan) -> str:
    return f"ws://127.0.0.1:{asterisk.ports.http}/ws"


async def test_a_browser_is_rung_with_media_on_loopback(
    asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess, address: str
) -> None:
    await ami.heartbeat()
    async with aiohttp.ClientSession() as session, _open(session, address) as socket:
        browser = BrowserPhone(socket, "1003", "secret-of-1003")
        assert (await browser.register()).startswith("SIP/2.0 200")
        caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
        await caller.dial("4008001", number="02164881234", name="华东仪表")
        queued = await ami.user_event("CwQueued")
        await ami.waits(queued["Channel"])
        await ami.ask("Redirect", Channel=queued["Channel"], Context="cw-offer", Exten="1003-ofr_1", Priority="1")
        invite = await browser.next_invite()
    assert f"X-CW-Call: {queued['Call']}" in invite
    assert '"华东仪表" <sip:02164881234@' in invite
    assert "UDP/TLS/RTP/SAVPF" in invite
    assert {"PCMU/8000", "PCMA/8000", "opus/48000/2"} <= set(re.findall(r"a=rtpmap:\d+ (\S+)", invite))
    candidates = re.findall(r"a=candidate:\S+ \d UDP \d+ (\S+) \d+ typ host", invite, re.IGNORECASE)
    assert candidates
    assert set(candidates) == {"127.0.0.1"}
    # The browser was closed. While a call is on its way to it the device state stays as it is; the contact tells.
    gone = await ami.wait_for(lambda event: event.get("ContactStatus") == "Removed")
    assert gone["EndpointName"] == "1003"
    # So the engine need not wait for the ring time.
    await ami.heartbeat()
    await ami.ask("Redirect", Channel=queued["Channel"], Context="cw-hold", Exten="back-ofr_1", Priority="1")
    await ami.wait_for(lambda event: event.get("Event") == "DialEnd" and event["DialStatus"] in {"ABORT", "CANCEL"})
    await ami.comes_to(queued["Channel"], "cw-hold")


async def test_a_wrong_secret_does_not_register(asterisk: AsteriskPlan, address: str) -> None:
    async with aiohttp.ClientSession() as session, _open(session, address) as socket:
        assert (await BrowserPhone(socket, "1003", "guessed").register()).startswith("SIP/2.0 401")
