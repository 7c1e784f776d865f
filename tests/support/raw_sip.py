"""A SIP phone that says whatever bytes it is told to, over UDP on loopback: for what no decent phone would say.

It knows no sound and no retransmission: what it is to try arrives, or the test fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message from the other side, read just far enough."""

    first: bytes
    headers: dict[bytes, list[bytes]]

    @classmethod
    def read(cls, data: bytes) -> Heard:
        first, *lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        headers: dict[bytes, list[bytes]] = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        return cls(first, headers)

    def __getitem__(self, name: bytes) -> bytes:
        return self.headers[name][0]

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith(b"SIP/2.0") else 0

    @property
    def method(self) -> bytes:
        return self[b"cseq"].split()[1]


@dataclass(slots=True, kw_only=True)
class Dialog:
    call_id: bytes
    local: bytes
    remote: bytes
    target: bytes
    cseq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How it answers a call."""

    ringing: bytes = b""
    """Headers of the 180."""
    answer: bytes = b""
    """Headers of the 200."""
    redirect: bytes = b""
    """302 to this address instead."""
    only_rings: bool = False
    """Until whoever calls gives up."""


class RawPhone(asyncio.DatagramProtocol):
    def __init__(self, port: int, user: bytes, secret: bytes) -> None:
        self.when_called = Reaction()
        self.invites: list[Heard] = []
        self.cancels: list[Heard] = []
        self.heard: list[bytes] = []
        """Everything the other side sent, whole."""
        self.notified: list[bytes] = []
        """What it was told of a transfer it asked for: `SIP/2.0 100 Trying` …"""
        self.dialog: Dialog | None = None
        """The call it is in."""
        self._server = ("127.0.0.1", port)
        self._user, self._secret = user, secret
        self._answers: asyncio.Queue[Heard] = asyncio.Queue()

    @classmethod
    @contextlib.asynccontextmanager
    async def at(cls, port: int, user: str = "raw", secret: str = "") -> AsyncIterator[RawPhone]:
        """A phone of the Asterisk at this UDP port; it hangs up at the end of the block."""
        loop = asyncio.get_running_loop()
        phone = cls(port, user.encode(), secret.encode())
        await loop.create_datagram_endpoint(lambda: phone, local_addr=("127.0.0.1", 0))
        try:
            yield phone
        finally:
            with contextlib.suppress(TimeoutError):
                await phone.hang_up()
            phone._transport.close()

    # --- what a test asks of it

    async def register(self, contact_user: bytes = b"", *, expires: int = 300) -> int:
        """0: it is not there any more."""
        aor = b"<sip:%s@127.0.0.1>" % self._user
        about = Dialog(call_id=_word(), local=aor + b";tag=" + _word(), remote=aor, target=b"sip:127.0.0.1")
        contact = b"Contact: <sip:%s@127.0.0.1:%d>\r\n" % (contact_user or self._user, self._port)
        contact += b"Expires: %d\r\n" % expires
        return (await self._request(b"REGISTER", about, contact)).status

    async def dial(self, number: bytes, *, from_header: bytes = b"", headers: bytes = b"") -> int:
        """The final status. `from_header` and `headers` go out as they are."""
        target = b"sip:%s@127.0.0.1" % number
        caller = from_header or b"<sip:%s@127.0.0.1>" % self._user
        dialog = Dialog(call_id=_word(), local=caller + b";tag=" + _word(), remote=b"<%s>" % target, target=target)
        answer = await self._request(b"INVITE", dialog, headers + self._contact, _SDP)
        dialog.remote = answer[b"to"]
        if answer.status == 200:
            dialog.target = _address(answer[b"contact"])
            self.dialog = dialog
        self._write(b"ACK", dialog)
        return answer.status

    async def in_call(self, method: bytes, headers: bytes, body: bytes = b"") -> int:
        """A request within the call; the final status."""
        assert self.dialog is not None
        answer = await self._request(method, self.dialog, headers + self._contact, body)
        if method == b"INVITE":
            self._write(b"ACK", self.dialog)
        return answer.status

    async def change_media(self, headers: bytes = b"") -> int:
        """A re-INVITE."""
        return await self.in_call(b"INVITE", headers, _SDP)

    async def hang_up(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            await self._request(b"BYE", dialog)

    async def wait_called(self) -> Heard:
        async with asyncio.timeout(20):
            while not self.invites:
                await asyncio.sleep(0.02)
        return self.invites[-1]

    async def is_told(self, words: bytes) -> None:
        async with asyncio.timeout(20):
            while words not in self.notified:
                await asyncio.sleep(0.02)

    # --- requests

    async def _request(self, method: bytes, dialog: Dialog, headers: bytes = b"", body: bytes = b"") -> Heard:
        self._write(method, dialog, headers, body)
        answer = await self._final(method, dialog)
        if answer.status == 401 and self._secret:
            if method == b"INVITE":
                self._write(b"ACK", dialog)
            self._write(method, dialog, self._authorization(method, dialog, answer) + headers, body)
            answer = await self._final(method, dialog)
        return answer

    async def _final(self, method: bytes, dialog: Dialog) -> Heard:
        async with asyncio.timeout(20):
            while True:
                heard = await self._answers.get()
                # not one that is said once more, as whoever said it has not seen our ACK in time
                ours = (heard[b"cseq"], heard[b"call-id"]) == (b"%d %s" % (dialog.cseq, method), dialog.call_id)
                if ours and heard.status >= 200:
                    return heard

    def _write(self, method: bytes, dialog: Dialog, headers: bytes = b"", body: bytes = b"") -> None:
        dialog.cseq += method != b"ACK"
        self._send(
            b"%s %s SIP/2.0\r\n" % (method, dialog.target),
            b"Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK%s\r\n" % (self._port, _word()),
            b"From: %s\r\nTo: %s\r\nCall-ID: %s\r\n" % (dialog.local, dialog.remote, dialog.call_id),
            b"CSeq: %d %s\r\nMax-Forwards: 70\r\n" % (dialog.cseq, method),
            headers,
            body=body,
        )

    def _authorization(self, method: bytes, dialog: Dialog, challenge: Heard) -> bytes:
        said = dict(re.findall(rb'(\w+)="?([^",]+)"?', challenge[b"www-authenticate"]))
        one, two = (
            _md5(b":".join((self._user, said[b"realm"], self._secret))),
            _md5(b":".join((method, dialog.target))),
        )
        response = _md5(b":".join((one, said[b"nonce"], b"00000001", b"abc", b"auth", two)))
        return (
            b'Authorization: Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=MD5, '
            b'cnonce="abc", nc=00000001, qop=auth, opaque="%s"\r\n'
            % (self._user, said[b"realm"], said[b"nonce"], dialog.target, response, said[b"opaque"])
        )

    # --- what comes in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._port: int = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _: object) -> None:
        if len(data) < 8:
            return  # keep-alive
        self.heard.append(data)
        heard = Heard.read(data)
        if heard.status:
            self._answers.put_nowait(heard)
        elif heard.first.startswith(b"INVITE") and b"tag=" in heard[b"to"]:
            self._respond(heard, b"200 OK", self._contact, _SDP)
        elif heard.first.startswith(b"INVITE"):
            self._react(heard)
        elif not heard.first.startswith(b"ACK"):
            if heard.first.startswith(b"NOTIFY"):
                self.notified.append(data.partition(b"\r\n\r\n")[2].strip())
            self._respond(heard, b"200 OK")
            if heard.first.startswith(b"CANCEL"):
                self.cancels.append(heard)
                self._respond(self.invites[-1], b"487 Request Terminated")

    def _react(self, invite: Heard) -> None:
        self.invites.append(invite)
        if self.when_called.redirect:
            self._respond(invite, b"302 Moved", b"Contact: <%s>\r\n" % self.when_called.redirect)
            return
        self._respond(invite, b"180 Ringing", self.when_called.ringing)
        if self.when_called.only_rings:
            return
        self._respond(invite, b"200 OK", self.when_called.answer + self._contact, _SDP)
        self.dialog = Dialog(
            call_id=invite[b"call-id"],
            local=invite[b"to"] + b";tag=raw",
            remote=invite[b"from"],
            target=_address(invite[b"contact"]),
        )

    def _respond(self, request: Heard, status: bytes, headers: bytes = b"", body: bytes = b"") -> None:
        to = request[b"to"] if b"tag=" in request[b"to"] else request[b"to"] + b";tag=raw"
        self._send(
            b"SIP/2.0 %s\r\n" % status,
            *(b"Via: %s\r\n" % via for via in request.headers[b"via"]),
            b"From: %s\r\nTo: %s\r\n" % (request[b"from"], to),
            b"Call-ID: %s\r\nCSeq: %s\r\n" % (request[b"call-id"], request[b"cseq"]),
            headers,
            body=body,
        )

    @property
    def _contact(self) -> bytes:
        return b"Contact: <sip:%s@127.0.0.1:%d>\r\n" % (self._user, self._port)

    def _send(self, *lines: bytes, body: bytes) -> None:
        kind = b"Content-Type: application/sdp\r\n" if body else b""
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        self._transport.sendto(b"".join((*lines, kind, length, body)), self._server)


def _address(header: bytes) -> bytes:
    return header.partition(b"<")[2].partition(b">")[0]


def _word() -> bytes:
    return secrets.token_hex(8).encode()


def _md5(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).hexdigest().encode()
