"""Bytes <-> messages on one connection to Asterisk: our own codec, handed to panoramisk as its protocol.

Unwanted events are dropped before anything is decoded. Every action has a time-out and, whatever happens to the line,
an answer or an error; none is ever sent twice.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import structlog

from cti.ami.kinds import WANTED
from cti.ami.parsing import parse_headers
from cti.ami.vocabulary import Headers
from cti.errors import LineDown, NoSuchChannel, NotAsterisk, Refused, Unanswered, UnsafeValue

Value = str | int | Sequence[str] | None
"""What a header of an action may hold; a sequence becomes one header each, None leaves it out."""

BANNER = b"Asterisk Call Manager/"
LONGEST_MESSAGE = 64 * 1024 * 1024

_log = structlog.get_logger(__name__)
_END = b"\r\n\r\n"
_NEWS = b"Event: "
_wanted = frozenset(_NEWS + name.encode() for name in WANTED)
"""First lines of messages."""
_AT_ONCE = struct.pack("ii", 1, 0)
"""Linger, for no time at all."""
_BREAKS = ("\r", "\n", "\0")


class TooLong(ValueError):
    """A single message grew beyond all measure."""


class Framer:
    """Cuts a stream of bytes into messages, wherever the reads fall. Linear in the length of the stream."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0
        self._seam = b""
        """The last three bytes of the pieces: an end may begin there."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by these bytes."""
        if not self._length and data.endswith(_END):
            *messages, tail = data.split(_END)  # as Asterisk writes when it is not in a hurry
            if tail:  # of an end after an end
                self._keep(tail, tail)
            return messages
        seam = self._seam + data
        if _END not in seam:
            self._keep(data, seam)
            return []
        if self._pieces:
            data = b"".join((*self._pieces, data))
        *messages, tail = data.split(_END)
        self._pieces, self._length = [], 0
        self._keep(tail, tail)
        return messages

    def _keep(self, data: bytes, seam: bytes) -> None:
        self._pieces.append(data)
        self._seam = seam[-3:]
        self._length += len(data)
        if self._length > LONGEST_MESSAGE:
            raise TooLong(f"more than {LONGEST_MESSAGE} bytes without an end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Asterisk's answer to one action."""

    headers: Headers
    items: tuple[Headers, ...] = ()
    """What a list action listed, without its beginning and end."""

    @property
    def success(self) -> bool:
        return self.headers.get("Response") in ("Success", "Follows", "Goodbye")

    @property
    def message(self) -> str:
        return self.headers.get("Message", "")

    @property
    def output(self) -> str:
        """What a CLI command printed."""
        return self.headers.get("Output", "")


def encode(action: str, action_id: str, fields: Mapping[str, Value]) -> bytes:
    """One action as bytes. UnsafeValue when anything in it would be read as a line of its own."""
    lines = [f"Action: {action}", f"ActionID: {action_id}"]
    lines += [f"{header}: {value}" for header, value in _flat(fields)]
    for line in lines:
        if any(sign in line for sign in _BREAKS):
            raise UnsafeValue(action=action, header=line.partition(":")[0].strip())
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _flat(fields: Mapping[str, Value]) -> Iterable[tuple[str, str | int]]:
    for header, value in fields.items():
        if isinstance(value, str | int):
            yield header, value
        elif value is not None:
            for one in value:
                yield header, one


@dataclass(slots=True)
class _Pending:
    action: str
    answer: asyncio.Future[Response]
    timer: asyncio.TimerHandle | None = None
    headers: Headers = field(default_factory=dict)
    items: list[Headers] = field(default_factory=list)


class AmiWire(asyncio.Protocol):
    """One connection, from the banner to the end.

    The attributes in the first block are set by panoramisk's Manager as it would on its own protocol.
    """

    def __init__(
        self,
        *,
        address: str,
        on_event: Callable[[str], None],
        on_end: Callable[[Exception | None], None],
        on_silence: Callable[[float], None],
        id_prefix: str,
        patience: float,
    ) -> None:
        self.on_event = on_event
        """Called with the text of each event that is wanted; whoever takes over puts himself here."""
        self.queue: object = None
        self.responses: object = None
        self.factory: object = None
        self.log: object = None
        self.config: object = None
        self.encoding = "utf-8"

        self._heard_at = 0.0
        """The loop's time when the last bytes came."""
        self._address = address
        self._on_end, self._on_silence = on_end, on_silence
        self._bearable = 0.0
        self._watch: asyncio.TimerHandle | None = None
        """Over the silence, since `watch_silence`."""
        self._id_prefix, self._patience = id_prefix, patience
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._framer = Framer()
        self._greeting: bytes | None = b""
        self._sent = 0
        self._pending: dict[str, _Pending] = {}
        self._lists: dict[bytes, _Pending] = {}
        """Lists being listed, abandoned ones too: their items are events' twins and must not be taken for events."""

    # --- out

    def send(self, data: Mapping[str, Value], as_list: object = None) -> asyncio.Future[Response]:
        """For panoramisk, which gives the action's name as one of the headers."""
        fields = {header: value for header, value in data.items() if header != "Action"}
        return self.request(str(data["Action"]), fields)

    def request(
        self, action: str, fields: Mapping[str, Value], patience: float | None = None
    ) -> asyncio.Future[Response]:
        """Writes the action before it returns. The answer comes by the future, or an ActionFailed."""
        answer: asyncio.Future[Response] = self._loop.create_future()
        self._sent += 1
        action_id = f"{self._id_prefix}{self._sent}"
        try:
            data = encode(action, action_id, fields)
        except UnsafeValue as error:
            answer.set_exception(error)
            return answer
        if self._transport is None or self._transport.is_closing():
            answer.set_exception(LineDown(action=action))
            return answer
        pending = _Pending(action, answer)
        self._pending[action_id] = pending
        self._transport.write(data)
        pending.timer = self._loop.call_later(patience or self._patience, self._expire, action_id)
        return answer

    def _expire(self, action_id: str) -> None:
        pending = self._pending.pop(action_id, None) or self._lists.get(action_id.encode())
        if pending is not None:
            pending.items.clear()
            _fail(pending, Unanswered(action=pending.action, why="no answer in time"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection without waiting for the other side to take what we wrote."""
        if self._transport is not None:
            self._transport.abort()

    def throw_away(self) -> None:
        """Ends it so that what we wrote and the other side has not taken never arrives: no system sends it later."""
        raw = self._transport.get_extra_info("socket") if self._transport is not None else None
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.abort()

    # --- in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports are Transports in all but name.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        pending = [*self._pending.values(), *self._lists.values()]
        self._pending.clear()
        self._lists.clear()
        for one in pending:
            _fail(one, Unanswered(action=one.action, why="the line broke"))
        self._on_end(exc)

    def watch_silence(self, bearable_s: float) -> None:
        """From now on `on_silence` is called when nothing comes for longer, whoever's fault that is; what comes after
        that is never passed on."""
        if self._watch is not None:
            self._watch.cancel()
        self._bearable, self._heard_at = bearable_s, self._loop.time()
        self._watch = self._loop.call_later(bearable_s, self._listen)

    def _listen(self) -> None:
        silence = self._loop.time() - self._heard_at
        if silence >= self._bearable:
            self._on_silence(silence)
        else:
            self._watch = self._loop.call_later(self._bearable - silence, self._listen)

    def data_received(self, data: bytes) -> None:
        now = self._loop.time()
        if self._watch is not None and now - self._heard_at > self._bearable:
            self._on_silence(now - self._heard_at)
            return
        self._heard_at = now
        if self._greeting is not None:
            data = self._greet(data)
        try:
            messages = self._framer.feed(data)
        except TooLong as error:
            _log.error("a message without an end", action="ami.read", error=str(error))
            self.abort()
            return
        for message in messages:
            self._take(message)

    def _greet(self, data: bytes) -> bytes:
        """Takes the banner off the first line; what follows it is returned."""
        assert self._greeting is not None  # noqa: S101 - for the type checker
        self._greeting += data
        line, end, rest = self._greeting.partition(b"\r\n")
        if not line.startswith(BANNER[: len(line)]) or (end and not line.startswith(BANNER)):
            self._refuse_stranger(line)
            return b""
        if not end:
            return b""
        self._greeting = None
        return rest

    def _refuse_stranger(self, line: bytes) -> None:
        said = repr(line[:60].decode("utf-8", "replace"))
        self._greeting = b""
        for pending in self._pending.values():
            _fail(pending, NotAsterisk(address=self._address, said=said))
        self.abort()

    def _take(self, message: bytes) -> None:
        """One message of Asterisk. Nothing that it holds may close the line."""
        try:
            if self._lists and message.startswith(_NEWS) and self._take_item(message):
                return
            if message[: message.find(b"\r\n")] in _wanted:
                self.on_event(message.decode("utf-8", "replace"))
            elif message.startswith(_NEWS):
                return
            elif message.startswith(b"Response: "):
                self._take_response(parse_headers(message.decode("utf-8", "replace")))
            elif message.strip():
                # What is left of an event somebody wrote an end into: told as an anomaly.
                _log.warning("Asterisk said something strange", action="ami.read", raw=repr(message[:200]))
                self.on_event(message.decode("utf-8", "replace"))
        except Exception:
            _log.exception("a message could not be handled", action="ami.read", raw=repr(message[:2000]))

    def _take_response(self, headers: Headers) -> None:
        action_id = headers.get("ActionID", "")
        pending = self._pending.pop(action_id, None)
        if pending is None:
            return  # answered too late: whoever asked was told so
        if headers.get("EventList", "").lower() == "start":
            pending.headers = headers
            self._lists[action_id.encode()] = pending
            return
        _finish(pending, Response(headers=headers))

    def _take_item(self, message: bytes) -> bool:
        """Whether this event is a line of a list somebody asked for, not news."""
        begin = message.find(b"\r\nActionID: ")
        if begin < 0:
            return False
        end = message.find(b"\r\n", begin + 12)
        action_id = message[begin + 12 : end if end >= 0 else None]
        pending = self._lists.get(action_id)
        if pending is None:
            return False
        headers = parse_headers(message.decode("utf-8", "replace"))
        if "EventList" in headers:
            del self._lists[action_id]
            _finish(pending, Response(headers=pending.headers, items=tuple(pending.items)))
        elif not pending.answer.done():
            pending.items.append(headers)
        return True


def _finish(pending: _Pending, response: Response) -> None:
    if response.success:
        _settle(pending, lambda answer: answer.set_result(response))
        return
    kind = NoSuchChannel if _is_about_a_missing_channel(response.message) else Refused
    _fail(pending, kind(action=pending.action, why=response.message))


def _fail(pending: _Pending, error: Exception) -> None:
    _settle(pending, lambda answer: answer.set_exception(error))


def _settle(pending: _Pending, how: Callable[[asyncio.Future[Response]], Any]) -> None:
    if pending.timer is not None:
        pending.timer.cancel()
    if not pending.answer.done():
        how(pending.answer)


def _is_about_a_missing_channel(message: str) -> bool:
    return message.startswith(("No such channel", "Channel does not exist", "Channel not existent"))
