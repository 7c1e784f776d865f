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

PATIENCE_S = 0.5
"""Without an answer for so long one says it again, and then after twice as long each time."""


@dataclass(frozen=True, slots=True)
class Sip:
    """One SIP message, read just far enough."""

    first: str
    headers: dict[str, str]
    """Lower-case name -> value; of a repeated header (Via, Record-Route) all, joined as they stood."""
    vias: tuple[str, ...]
    body: str = ""

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

    @property
    def transaction(self) -> tuple[str, str]:
        return self.call_id, self.headers["cseq"]

    @property
    def sound(self) -> tuple[str, int] | None:
        """Where its sender wants to hear the sound; None without a description of it."""
        found = re.search(r"^c=IN IP4 (\S+).*?^m=audio (\d+)", self.body, re.M | re.S)
        return (found[1], int(found[2])) if found else None


def parse(data: bytes) -> Sip:
    said, _, body = data.partition(b"\r\n\r\n")
    head = said.decode("utf-8", "replace").split("\r\n")
    headers: dict[str, str] = {}
    vias = []
    for line in head[1:]:
        name, _, value = line.partition(":")
        key = {"i": "call-id", "v": "via", "f": "from", "t": "to", "m": "contact"}.get(name.lower(), name.lower())
        if key == "via":
            vias.append(value.strip())
        headers[key] = value.strip()
    return Sip(first=head[0], headers=headers, vias=tuple(vias), body=body.decode("utf-8", "replace"))


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
    """What we had to say again because nobody answered."""
    hung_up: bool = False
    """By us; else, once it has ended, by the other side."""
    sound: tuple[str, int] | None = None
    """Where the other side wants to hear us."""
    invite: Sip | None = None
    """What the other side called us with."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    """The other side's requests so far."""
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
        self.repeated = 0
        """Messages of the other side that had come before: it had not heard our answer, or not in time."""
        self.sound_port: Callable[[Dialog], int] = lambda dialog: self.port + 1
        self._unanswered: set[tuple[str, str]] = set()
        self._registered: asyncio.Future[None] | None = None
        self._register_call = secrets.token_hex(8)
        self._register_cseq = self._register_first = 0

    async def open(self) -> UserAgent:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self.transport.get_extra_info("sockname")[1]
        return self

    def close(self) -> None:
        self.transport.close()

    # --- what a test asks of it

    async def register(self, *, expires: int = 7200) -> None:
        """Once more before it runs out: Asterisk grants agents' phones five minutes."""
        self._registered = asyncio.get_running_loop().create_future()
        self._register_first = self._register_cseq + 1
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
        self._ask(dialog, "INVITE", invite)
        return dialog

    def hang_up(self, dialog: Dialog) -> None:
        if dialog.ended.is_set():
            return
        dialog.hung_up = True
        if dialog.answered_at == 0.0:
            self._ask(dialog, "CANCEL", self._request("CANCEL", dialog))
            return
        dialog.cseq += 1
        dialog.ended_at = time.perf_counter()
        self._ask(dialog, "BYE", self._request("BYE", dialog))
        self._finish(dialog)

    def press(self, dialog: Dialog, digit: str) -> None:
        """A key, without sound: SIP INFO."""
        dialog.cseq += 1
        body = f"Signal={digit}\r\nDuration=160\r\n"
        self._ask(dialog, "INFO", self._request("INFO", dialog, body=body, kind="application/dtmf-relay"))

    def accept(self, dialog: Dialog) -> None:
        """Takes the call that came in and has not been answered yet."""
        if dialog.invite is None or dialog.ended.is_set() or dialog.answered.is_set():
            return
        dialog.answered_at = time.perf_counter()
        dialog.answered.set()
        self._respond(dialog.invite, 200, "OK", dialog=dialog, sdp=True)

    def refuse(self, dialog: Dialog, status: int, reason: str) -> None:
        if dialog.invite is not None and not dialog.ended.is_set():
            self._respond(dialog.invite, status, reason, dialog=dialog)
            self._finish(dialog)

    # --- the wire

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = time.perf_counter()
        message = parse(data)
        if "call-id" not in message.headers:
            return  # a keep-alive, or a stray packet of sound
        if message.is_request:
            self._on_request(message, now)
            return
        self._unanswered.discard(message.transaction)
        if message.method == "REGISTER":
            self._on_register_answer(message)
        elif message.method == "INVITE" and message.call_id in self.calls:
            self._on_invite_answer(message, self.calls[message.call_id], now)

    def _on_request(self, message: Sip, now: float) -> None:
        dialog = self.calls.get(message.call_id)
        if dialog is not None and self._came_before(message, dialog):
            if message.method == "INVITE" and dialog.answered.is_set():
                self._respond(message, 200, "OK", dialog=dialog, sdp=True)
            elif message.method not in ("INVITE", "ACK"):
                self._respond(message, 200, "OK")
            return
        match message.method:
            case "INVITE" if dialog is None:
                self._incoming(message, now)
            case "INVITE":
                self._respond(message, 200, "OK", dialog=dialog, sdp=True)
            case "BYE":
                self._respond(message, 200, "OK")
                if dialog is not None and not dialog.ended.is_set():
                    dialog.ended_at = now
                    self._finish(dialog)
            case "CANCEL":
                self._cancel(message, dialog)
            case "ACK":
                pass
            case _:
                self._respond(message, 200, "OK")

    def _came_before(self, message: Sip, dialog: Dialog) -> bool:
        """The same request by the same way; each of our answers has an ACK of its own."""
        key = message.headers["cseq"], message.vias[0]
        again = key in dialog.heard and message.method != "ACK"
        dialog.heard.add(key)
        self.repeated += again
        return again

    def _cancel(self, message: Sip, dialog: Dialog | None) -> None:
        self.cancelled += 1
        self._respond(message, 200, "OK")
        if dialog is not None and not dialog.answered.is_set():
            self.refuse(dialog, 487, "Request Terminated")

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
            sound=message.sound,
            invite=message,
        )
        self.calls[message.call_id] = dialog
        dialog.heard.add((message.headers["cseq"], message.vias[0]))
        self.on_invite(dialog)
        self._respond(message, 180, "Ringing", dialog=dialog)
        if self.answer:
            self.accept(dialog)

    def _on_invite_answer(self, message: Sip, dialog: Dialog, now: float) -> None:
        dialog.status = max(dialog.status, message.status)
        dialog.sound = message.sound or dialog.sound
        if message.status < 200:
            return
        dialog.remote = message.headers["to"]
        if message.status == 200:
            if dialog.answered_at == 0.0:
                dialog.answered_at = now
                dialog.target = re.sub(r".*<([^>]+)>.*", r"\1", message.headers["contact"])
                dialog.answered.set()
            else:
                self.repeated += 1
            self._send(self._request("ACK", dialog, cseq=1))
            if dialog.hung_up:  # the answer and our taking back have crossed
                self.hang_up(dialog)
        else:
            self._send(self._request("ACK", dialog, cseq=1))
            self._finish(dialog)

    def _finish(self, dialog: Dialog) -> None:
        if not dialog.ended.is_set():
            dialog.ended_at = dialog.ended_at or time.perf_counter()
            dialog.ended.set()
            self.on_ended(dialog)

    def _ask(self, dialog: Dialog, method: str, text: str) -> None:
        """Sends it, and again after a while until there is any answer."""
        transaction = (dialog.call_id, f"{1 if method == 'CANCEL' else dialog.cseq} {method}")
        self._unanswered.add(transaction)
        self._send(text)
        asyncio.get_running_loop().call_later(PATIENCE_S, self._again, dialog, transaction, text, 2 * PATIENCE_S)

    def _again(self, dialog: Dialog, transaction: tuple[str, str], text: str, pause: float) -> None:
        if transaction not in self._unanswered:
            return
        if pause > 32 * PATIENCE_S:
            self._unanswered.discard(transaction)
            self._finish(dialog)
            return
        dialog.retransmitted += 1
        self._send(text)
        asyncio.get_running_loop().call_later(pause, self._again, dialog, transaction, text, 2 * pause)

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
        elif message.status == 401 and self._register_cseq == self._register_first:
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

    def _request(
        self, method: str, dialog: Dialog, *, cseq: int = 0, extra: str = "", sdp: bool = False, body: str = "",
        kind: str = "application/sdp",
    ) -> str:  # fmt: skip
        if sdp:
            body = _SDP.format(port=self.sound_port(dialog))
        of_invite = method in ("INVITE", "CANCEL") or (method == "ACK" and dialog.status >= 300)
        branch = "z9hG4bK" + (dialog.call_id if of_invite else secrets.token_hex(6))
        return (
            f"{method} {dialog.target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport\r\n"
            f"From: {dialog.local}\r\nTo: {dialog.remote}\r\nCall-ID: {dialog.call_id}\r\n"
            f"CSeq: {1 if of_invite else cseq or dialog.cseq} {method}\r\n"
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>\r\nMax-Forwards: 70\r\n{extra}"
            + (f"Content-Type: {kind}\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _respond(
        self, message: Sip, status: int, reason: str, *, dialog: Dialog | None = None, sdp: bool = False
    ) -> None:
        """With `dialog`, as the side that was called there."""
        body = _SDP.format(port=self.sound_port(dialog)) if sdp and dialog is not None else ""
        to = message.headers["to"]
        tag = dialog.local.rpartition("tag=")[2] if dialog is not None and "tag=" not in to else ""
        self._send(
            f"SIP/2.0 {status} {reason}\r\n"
            + "".join(f"Via: {via}\r\n" for via in message.vias)
            + f"From: {message.headers['from']}\r\nTo: {to}{f';tag={tag}' if tag else ''}\r\n"
            f"Call-ID: {message.call_id}\r\nCSeq: {message.headers['cseq']}\r\n"
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _send(self, text: str) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(text.encode(), self.server)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
