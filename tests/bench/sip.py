"""A very small SIP user agent for measuring: callers and agents in one process, on one clock, over UDP on loopback.

It sends no sound and forgives nothing it does not need; what it does do, it stamps with `time.perf_counter()` at the
moment the datagram leaves or arrives. SIPp would stamp each side in a process of its own, with a 1 ms tick.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)


@dataclass(frozen=True, slots=True)
class Sip:
    """One SIP message, read just far enough."""

    first: str
    headers: dict[str, str]
    """Lower-case name -> value; of a repeated header (Via, Record-Route) all, joined as they stood."""
    vias: tuple[str, ...]

    @property
    def is_request(self) -> bool:
        return not self.first.startswith("SIP/2.0")

    @property
    def method(self) -> str:
        return self.first.split(" ", 1)[0] if self.is_request else self.headers["cseq"].split()[1]

    @property
    def status(self) -> int:
        return 0 if self.is_request else int(self.first.split()[1])

    @property
    def call_id(self) -> str:
        return self.headers["call-id"]


def parse(data: bytes) -> Sip:
    head = data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").split("\r\n")
    headers: dict[str, str] = {}
    vias = []
    for line in head[1:]:
        name, _, value = line.partition(":")
        key = {"i": "call-id", "v": "via", "f": "from", "t": "to", "m": "contact"}.get(name.lower(), name.lower())
        if key == "via":
            vias.append(value.strip())
        headers[key] = value.strip()
    return Sip(first=head[0], headers=headers, vias=tuple(vias))


@dataclass(slots=True)
class Dialog:
    """One call as one side sees it; times are `perf_counter` seconds, 0.0 when it has not happened."""

    number: str
    """The caller's number: what ties the caller's side to the agent's."""
    call_id: str
    local: str
    remote: str
    target: str
    cseq: int = 1
    invited_at: float = 0.0
    answered_at: float = 0.0
    ended_at: float = 0.0
    status: int = 0
    retransmitted: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class UserAgent(asyncio.DatagramProtocol):
    """One UDP port. `on_invite(dialog)` is told of each incoming call at the moment its INVITE arrives."""

    def __init__(self, *, user: str, secret: str = "", server: tuple[str, int], answer: bool = True) -> None:
        self.user, self.secret, self.server, self.answer = user, secret, server, answer
        self.calls: dict[str, Dialog] = {}
        self.on_invite: Callable[[Dialog], None] = lambda dialog: None
        self.on_ended: Callable[[Dialog], None] = lambda dialog: None
        self.port = 0
        self.cancelled = 0
        self._registered: asyncio.Future[None] | None = None
        self._register_call = secrets.token_hex(8)
        self._register_cseq = 0

    async def open(self) -> UserAgent:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self.transport.get_extra_info("sockname")[1]
        return self

    def close(self) -> None:
        self.transport.close()

    # --- what a test asks of it

    async def register(self, *, expires: int = 7200) -> None:
        self._registered = asyncio.get_running_loop().create_future()
        self._send_register(expires, "")
        await asyncio.wait_for(self._registered, 5)

    def call(self, number: str, dialled: str, *, headers: str = "") -> Dialog:
        call_id = secrets.token_hex(10)
        local = f"<sip:{number}@127.0.0.1:{self.port}>;tag={secrets.token_hex(4)}"
        dialog = Dialog(
            number=number,
            call_id=call_id,
            local=local,
            remote=f"<sip:{dialled}@{self.server[0]}:{self.server[1]}>",
            target=f"sip:{dialled}@{self.server[0]}:{self.server[1]}",
        )
        self.calls[call_id] = dialog
        invite = self._request("INVITE", dialog, extra=headers, sdp=True)
        dialog.invited_at = time.perf_counter()
        self._send(invite)
        asyncio.get_running_loop().call_later(0.5, self._again, dialog, invite)
        return dialog

    def hang_up(self, dialog: Dialog) -> None:
        if dialog.ended.is_set():
            return
        if dialog.answered_at == 0.0:
            self._send(self._request("CANCEL", dialog))
            return
        dialog.cseq += 1
        dialog.ended_at = time.perf_counter()
        self._send(self._request("BYE", dialog))
        self._finish(dialog)

    # --- the wire

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = time.perf_counter()
        if len(data) < 8:
            return  # keep-alive
        message = parse(data)
        if message.is_request:
            self._on_request(message, now)
        elif message.method == "REGISTER":
            self._on_register_answer(message)
        elif message.method == "INVITE" and message.call_id in self.calls:
            self._on_invite_answer(message, self.calls[message.call_id], now)

    def _on_request(self, message: Sip, now: float) -> None:
        dialog = self.calls.get(message.call_id)
        match message.method:
            case "INVITE" if dialog is None:
                self._incoming(message, now)
            case "INVITE" if dialog is not None:
                self._respond(message, 200, "OK", tag=dialog.local.rpartition("tag=")[2], sdp=True)
            case "BYE":
                self._respond(message, 200, "OK")
                if dialog is not None:
                    dialog.ended_at = now
                    self._finish(dialog)
            case "CANCEL":
                self.cancelled += 1
                self._respond(message, 200, "OK")
                if dialog is not None:
                    self._finish(dialog)
            case "ACK":
                pass
            case _:
                self._respond(message, 200, "OK")

    def _incoming(self, message: Sip, now: float) -> None:
        tag = secrets.token_hex(4)
        found = re.search(r"sip:([^@;>]*)@", message.headers["from"])
        dialog = Dialog(
            number=found.group(1) if found else "",
            call_id=message.call_id,
            local=f"{message.headers['to']};tag={tag}",
            remote=message.headers["from"],
            target=re.sub(r".*<([^>]+)>.*", r"\1", message.headers["contact"]),
            invited_at=now,
        )
        self.calls[message.call_id] = dialog
        self.on_invite(dialog)
        self._respond(message, 180, "Ringing", tag=tag)
        if self.answer:
            dialog.answered_at = time.perf_counter()
            dialog.answered.set()
            self._respond(message, 200, "OK", tag=tag, sdp=True)

    def _on_invite_answer(self, message: Sip, dialog: Dialog, now: float) -> None:
        dialog.status = max(dialog.status, message.status)
        if message.status < 200:
            return
        dialog.remote = message.headers["to"]
        if message.status == 200:
            if dialog.answered_at == 0.0:
                dialog.answered_at = now
                dialog.target = re.sub(r".*<([^>]+)>.*", r"\1", message.headers["contact"])
                dialog.answered.set()
            self._send(self._request("ACK", dialog))
        else:
            self._send(self._request("ACK", dialog))
            self._finish(dialog)

    def _finish(self, dialog: Dialog) -> None:
        if not dialog.ended.is_set():
            dialog.ended.set()
            self.on_ended(dialog)

    def _again(self, dialog: Dialog, invite: str) -> None:
        if dialog.status == 0 and not dialog.ended.is_set():
            dialog.retransmitted += 1
            self._send(invite)

    # --- registration

    def _send_register(self, expires: int, authorization: str) -> None:
        self._register_cseq += 1
        aor = f"<sip:{self.user}@{self.server[0]}:{self.server[1]}>"
        self._send(
            f"REGISTER sip:{self.server[0]}:{self.server[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport\r\n"
            f"From: {aor};tag=r1\r\nTo: {aor}\r\nCall-ID: {self._register_call}\r\n"
            f"CSeq: {self._register_cseq} REGISTER\r\nContact: <sip:{self.user}@127.0.0.1:{self.port}>\r\n"
            f"Expires: {expires}\r\nMax-Forwards: 70\r\n{authorization}Content-Length: 0\r\n\r\n"
        )

    def _on_register_answer(self, message: Sip) -> None:
        if self._registered is None or self._registered.done():
            return
        if message.status == 200:
            self._registered.set_result(None)
        elif message.status == 401 and self._register_cseq < 3:
            self._send_register(600, self._authorization(message.headers["www-authenticate"]))
        elif message.status >= 300:
            self._registered.set_exception(ConnectionError(f"REGISTER {self.user}: {message.first}"))

    def _authorization(self, challenge: str) -> str:
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        uri, cnonce = f"sip:{self.server[0]}:{self.server[1]}", secrets.token_hex(4)
        one = _md5(f"{self.user}:{said['realm']}:{self.secret}")
        response = _md5(f"{one}:{said['nonce']}:00000001:{cnonce}:auth:{_md5(f'REGISTER:{uri}')}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, cnonce="{cnonce}", nc=00000001, qop=auth'
            + (f', opaque="{said["opaque"]}"' if "opaque" in said else "")
            + "\r\n"
        )

    # --- texts

    def _request(self, method: str, dialog: Dialog, *, extra: str = "", sdp: bool = False) -> str:
        body = _SDP.format(port=self.port + 1) if sdp else ""
        branch = "z9hG4bK" + dialog.call_id if method in ("INVITE", "CANCEL") else "z9hG4bK" + secrets.token_hex(6)
        return (
            f"{method} {dialog.target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport\r\n"
            f"From: {dialog.local}\r\nTo: {dialog.remote}\r\nCall-ID: {dialog.call_id}\r\n"
            f"CSeq: {dialog.cseq} {method}\r\nContact: <sip:{self.user}@127.0.0.1:{self.port}>\r\nMax-Forwards: 70\r\n"
            f"{extra}"
            + ("Content-Type: application/sdp\r\n" if sdp else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _respond(self, message: Sip, status: int, reason: str, *, tag: str = "", sdp: bool = False) -> None:
        body = _SDP.format(port=self.port + 1) if sdp else ""
        to = message.headers["to"]
        self._send(
            f"SIP/2.0 {status} {reason}\r\n"
            + "".join(f"Via: {via}\r\n" for via in message.vias)
            + f"From: {message.headers['from']}\r\nTo: {to}{f';tag={tag}' if tag and 'tag=' not in to else ''}\r\n"
            f"Call-ID: {message.call_id}\r\nCSeq: {message.headers['cseq']}\r\n"
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>\r\n"
            + ("Content-Type: application/sdp\r\n" if sdp else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(text.encode(), self.server)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
