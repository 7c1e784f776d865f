"""SIP phones for the demo and for tests, used from asyncio: each one real, in a child process (`phone_process`).

    async with PhoneProcess() as process:
        caller = await process.add("caller", server="127.0.0.1:5060")
        await caller.dial("4008000", number="13800138000", name="张伟")
        await caller.wait_for(PhoneState.TALKING)

A wait that is not fulfilled says what it waited for and everything the phone has been through.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar

from crm_core.kernel.errors import CallwrightError

CALLS_A_PROCESS = 4
_START_LIMIT_S = 30.0
_ANSWER_LIMIT_S = 10.0
_FAREWELL_LIMIT_S = 8.0


class PhoneRefused(CallwrightError):
    """The phone {phone} could not {do}: {why}"""

    code = "phone.refused"


class PhoneTimeout(CallwrightError):
    """The phone {phone} did not reach {wanted} within {limit} s. It is {state}; so far: {history}"""

    code = "phone.timeout"


class NoPhoneFree(CallwrightError):
    """All {limit} phones are in use. Wait until a call is over."""

    code = "phone.none_free"


class PhoneProcessGone(CallwrightError):
    """The process of the SIP phones has ended: {why}"""

    code = "phone.process_gone"


class PhoneState(StrEnum):
    IDLE = "idle"
    DIALLING = "dialling"
    FAR_RINGING = "far_ringing"
    """We called; it rings over there (or early media plays)."""
    RINGING = "ringing"
    """We are called."""
    TALKING = "talking"
    HELD = "held"
    """We put the other side on hold."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something that happened to a phone, when the phone saw it (seconds since the epoch)."""

    at: float
    what: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        details = "".join(f" {key}={value}" for key, value in self.details.items() if value)
        clock = f"{time.strftime('%H:%M:%S', time.localtime(self.at))}.{int(self.at * 1000) % 1000:03}"
        return f"{clock} {self.what}{details}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """When called: ring, and wait for `answer()` or `hang_up()`."""

    def as_json(self) -> dict[str, Any]:
        return {"do": "ring"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """When called: pick up after so many seconds; hang up when so much was said (0: never)."""

    after_s: float = 0.0
    talk_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"do": "answer", "after": self.after_s, "talk": self.talk_s}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """When called: refuse with a SIP code after so many seconds."""

    code: int = 486
    after_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"do": "reject", "code": self.code, "after": self.after_s}


@dataclass(frozen=True, slots=True, kw_only=True)
class AsDialled:
    """One phone for many people, each by the last digit of the number called; it takes several calls at once."""

    by_last_digit: Mapping[str, Ring | Answer | Reject]
    otherwise: Ring | Answer | Reject

    def as_json(self) -> dict[str, Any]:
        by_digit = {digit: reaction.as_json() for digit, reaction in self.by_last_digit.items()}
        return {"do": "as_dialled", "by_last_digit": by_digit, "otherwise": self.otherwise.as_json()}


WhenCalled = Ring | Answer | Reject | AsDialled

_STATES = {
    "dialling": PhoneState.DIALLING,
    "far_ringing": PhoneState.FAR_RINGING,
    "ringing": PhoneState.RINGING,
    "talking": PhoneState.TALKING,
    "held": PhoneState.HELD,
    "resumed": PhoneState.TALKING,
    "ended": PhoneState.ENDED,
}


class SipPhone:
    """One phone. Made by `PhoneProcess.add`; one call at a time."""

    def __init__(self, process: PhoneProcess, name: str, server: str) -> None:
        self.name = name
        self.state = PhoneState.IDLE
        self.registered = False
        self.last_code = 0
        """The SIP status that ended or refused the last call."""
        self.transfer_code = 0
        """The SIP status of the last transfer; 0 before there is one."""
        self.digits = ""
        """What the other side has pressed in this call."""
        self.caller = ""
        """Who rang us last, as the From header said."""
        self.headers: dict[str, str] = {}
        """The X- headers of the call that rang us last."""
        self.has_sound = False
        self.history: deque[Report] = deque(maxlen=200)
        self._process = process
        self._server = server
        self._changed = asyncio.Event()
        self._looks: list[Callable[[], None]] = []

    async def dial(self, to: str, *, number: str | None = None, name: str = "", privacy: bool = False) -> None:
        """Call `to` as this number and display name; without a number the caller is withheld.

        `privacy` sends the number with a wish to withhold it (RFC 3323), as a real network would.
        """
        await self._ask(
            "dial",
            to=to,
            headers={"Privacy": "id"} if privacy or number is None else {},
            **{"from": from_header(number, name, self._server)},
        )

    async def when_called(self, reaction: WhenCalled) -> None:
        await self._ask("when_called", reaction=reaction.as_json())

    async def answer(self) -> None:
        await self._ask("answer")

    async def reject(self, code: int = 486) -> None:
        await self._ask("hang_up", code=code)

    async def hang_up(self) -> None:
        """End the call if there is one."""
        if self.state not in (PhoneState.IDLE, PhoneState.ENDED):
            with contextlib.suppress(PhoneRefused):  # it ended in this very moment
                await self._ask("hang_up")

    async def send_digits(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        await self._ask("digits", digits=digits)

    async def play(self, wav: Path | None, *, loop: bool = True) -> None:
        """Speak this file from now on, in this call and later ones; None for silence."""
        await self._ask("play", wav=None if wav is None else str(wav), loop=loop)

    async def hold(self) -> None:
        await self._ask("hold")

    async def resume(self) -> None:
        await self._ask("resume")

    async def transfer(self, to: str) -> None:
        """Give the other side to `to` without a word (REFER); our call is over as soon as it rings there."""
        await self._ask("transfer", to=to)

    async def connect(self, other: SipPhone) -> None:
        """Bring our other side together with that of `other`, a second line of this phone (REFER with Replaces)."""
        await self._ask("connect", other=other.name)

    @contextlib.asynccontextmanager
    async def recording(self, wav: Path) -> AsyncIterator[Path]:
        """What is heard during the block goes to `wav`, complete when the block is left."""
        await self._ask("record", wav=str(wav))
        try:
            yield wav
        finally:
            await self._ask("record", wav=None)
            await _completed(wav)

    async def wait_for(self, *states: PhoneState, limit_s: float = 20.0) -> None:
        """Until the phone is in one of these states."""
        await self.wait_until(lambda: self.state in states, " or ".join(states), limit_s=limit_s)

    async def wait_registered(self, *, limit_s: float = 20.0) -> None:
        await self.wait_until(lambda: self.registered, "registered", limit_s=limit_s)

    async def wait_until(self, condition: Callable[[], bool], wanted: str, *, limit_s: float = 20.0) -> None:
        """Until the condition holds; looked at upon every report of this phone, however many come at once."""
        holds = condition()

        def look() -> None:
            nonlocal holds
            holds = holds or condition()

        self._looks.append(look)
        try:
            async with asyncio.timeout(limit_s):
                while not holds:
                    self._process.check_alive()
                    await self._changed.wait()
        except TimeoutError:
            story = "; ".join(str(report) for report in self.history) or "nothing"
            raise PhoneTimeout(
                phone=self.name, wanted=wanted, limit=f"{limit_s:g}", state=self.state, history=story
            ) from None
        finally:
            self._looks.remove(look)

    async def remove(self) -> None:
        """Hang up and forget this phone; its place in the process is free again."""
        await self._process.remove(self)

    def hear(self, report: Report) -> None:
        """For PhoneProcess: something happened to this phone."""
        self.history.append(report)
        self._note(report)
        self.wake()

    def wake(self) -> None:
        for look in self._looks:
            look()
        self._changed.set()
        self._changed = asyncio.Event()

    def _note(self, report: Report) -> None:
        self.state = _STATES.get(report.what, self.state)
        match report.what:
            case "dialling" | "ringing":
                self.digits, self.has_sound, self.transfer_code = "", False, 0
                self.caller = report.details.get("caller", "")
                self.headers = report.details.get("headers", {})
            case "registered" | "not_registered":
                self.registered = report.what == "registered"
            case "sound":
                self.has_sound = True
            case "digit":
                self.digits += report.details["digit"]
            case "transferred":
                self.transfer_code = report.details["code"]
            case "ended":
                self.last_code = report.details["code"]
            case _:
                pass

    async def _ask(self, do: str, **details: Any) -> None:
        await self._process.ask(do, phone=self.name, **details)


async def _completed(wav: Path) -> None:
    """PJSIP writes the sizes into the header a moment after it was told to stop."""
    for _ in range(200):
        if _has_its_size(wav):
            return
        await asyncio.sleep(0.01)


def _has_its_size(wav: Path) -> bool:
    if not wav.exists():
        return True  # there was no call to record
    with wav.open("rb") as file:
        header = file.read(8)
    return int.from_bytes(header[4:8], "little") > 0


def from_header(number: str | None, name: str, server: str) -> str:
    """The From of a call; RFC 3323's anonymous when the number is withheld."""
    printable = "".join(character for character in name if character.isprintable())
    quoted = printable.replace("\\", "\\\\").replace('"', '\\"')
    if number is None:
        return f'"{quoted or "Anonymous"}" <sip:anonymous@anonymous.invalid>'
    uri = f"<sip:{number.replace('#', '%23')}@{server.partition(':')[0]}>"
    return f'"{quoted}" {uri}' if quoted else uri


_T = TypeVar("_T")


def _there(part: _T | None) -> _T:
    """A part of the child process that is there as soon as it was started."""
    if part is None:
        raise PhoneProcessGone(why="it was never started")
    return part


class PhoneProcess:
    """A child process with up to 8 phones and 4 calls. Enter it to start it; leaving hangs everything up."""

    def __init__(self, *, life_s: float = 3600.0, port: int = 0) -> None:
        """`port`: where the phones can be called without being registered anywhere; any free one by default."""
        self._life_s = life_s
        self._port = port
        self._child: asyncio.subprocess.Process | None = None
        self._phones: dict[str, SipPhone] = {}
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._questions = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._complaints: deque[str] = deque(maxlen=20)
        self._opened = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "callwright.demo.phone_process",
            "--life",
            str(self._life_s),
            "--port",
            str(self._port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._tasks = [
            asyncio.create_task(self._listen(self._child)),
            asyncio.create_task(self._collect(_there(self._child.stderr))),
        ]
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await self._opened.wait()
            self.check_alive()
        except (TimeoutError, PhoneProcessGone):
            await self.close()
            raise PhoneProcessGone(why=self._why_gone()) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ask it to end by closing its input; one that hangs is killed."""
        child = self._child
        if child is None:
            return
        _there(child.stdin).close()
        try:
            async with asyncio.timeout(_FAREWELL_LIMIT_S):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def free_places(self) -> int:
        """How many more phones with a call each fit in here."""
        return CALLS_A_PROCESS - len(self._phones)

    @property
    def pid(self) -> int:
        return _there(self._child).pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.returncode is None

    def check_alive(self) -> None:
        if not self.alive:
            raise PhoneProcessGone(why=self._why_gone())

    async def watch(self) -> None:
        """Return never; raise PhoneProcessGone when the process ends."""
        await _there(self._child).wait()
        self.check_alive()

    async def add(
        self,
        name: str,
        *,
        server: str,
        number: str = "demo",
        secret: str | None = None,
        registers: bool = True,
        when_called: WhenCalled | None = None,
    ) -> SipPhone:
        """A phone that sends its calls to `server` (host:port); with a secret it registers there as `number`.

        One that does not register is the second line of a phone of this process that does.
        """
        phone = self._phones[name] = SipPhone(self, name, server)
        reaction = (when_called or Ring()).as_json()
        try:
            await self.ask(
                "add",
                phone=name,
                server=server,
                number=number,
                secret=secret,
                registers=registers,
                when_called=reaction,
            )
        except CallwrightError:
            del self._phones[name]
            raise
        return phone

    async def remove(self, phone: SipPhone) -> None:
        if self._phones.pop(phone.name, None) is not None:
            with contextlib.suppress(PhoneProcessGone):
                await self.ask("remove", phone=phone.name)

    async def ask(self, do: str, *, phone: str, **details: Any) -> None:
        """Send one wish and wait for its answer (not for its effect)."""
        self.check_alive()
        self._questions += 1
        number = self._questions
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        wish = {"id": number, "do": do, "phone": phone, **details}
        _there(_there(self._child).stdin).write(json.dumps(wish, ensure_ascii=False).encode() + b"\n")
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                found = await answer
        except TimeoutError:
            raise PhoneRefused(phone=phone, do=do, why="its process does not answer") from None
        finally:
            del self._asked[number]
        if not found["ok"]:
            raise PhoneRefused(phone=phone, do=do, why=found["why"])

    async def _listen(self, child: asyncio.subprocess.Process) -> None:
        async for line in _there(child.stdout):
            self._take(json.loads(line))
        await child.wait()
        self._opened.set()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(PhoneProcessGone(why=self._why_gone()))
        for phone in self._phones.values():
            phone.wake()

    async def _collect(self, complaints: asyncio.StreamReader) -> None:
        async for line in complaints:
            self._complaints.append(line.decode("utf-8", "replace").rstrip())

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            answer = self._asked.get(message["id"])
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif message["what"] == "open":
            self._opened.set()
        elif (phone := self._phones.get(message.pop("phone", ""))) is not None:
            phone.hear(Report(at=message.pop("at"), what=message.pop("what"), details=message))

    def _why_gone(self) -> str:
        code = None if self._child is None else self._child.returncode
        return " | ".join([f"exit code {code}", *self._complaints])


class PhonePool:
    """Phones on demand: starts a process when the others are full, up to a limit, and replaces one that died."""

    def __init__(self, *, max_processes: int = 4, life_s: float = 12 * 3600.0) -> None:
        self._max_processes = max_processes
        self._life_s = life_s
        self._processes: list[PhoneProcess] = []
        self._lock = asyncio.Lock()
        self._made = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(process.close() for process in self._processes))

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    @contextlib.asynccontextmanager
    async def phone(self, *, server: str) -> AsyncIterator[SipPhone]:
        """A phone for the length of the block. Raises NoPhoneFree."""
        async with self._lock:
            process = await self._process_with_room()
            self._made += 1
            phone = await process.add(f"phone-{self._made}", server=server)
        try:
            yield phone
        finally:
            await phone.remove()

    async def _process_with_room(self) -> PhoneProcess:
        self._processes = [process for process in self._processes if process.alive]
        for process in self._processes:
            if process.free_places > 0:
                return process
        if len(self._processes) >= self._max_processes:
            raise NoPhoneFree(limit=self._max_processes * CALLS_A_PROCESS)
        process = await PhoneProcess(life_s=self._life_s).__aenter__()
        self._processes.append(process)
        return process
