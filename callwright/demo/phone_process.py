"""Real SIP phones in a process of their own: `python -m callwright.demo.phone_process`, told what to do line by line.

Each line on standard input is a JSON object `{"id": 7, "do": "dial", "phone": "caller", …}`; each line on standard
output is either its answer (`{"id": 7, "ok": true}`) or something that happened to a phone (`{"phone": "caller",
"what": "talking", "at": …}`). `callwright.demo.phones` is the other end. PJSIP allows 4 calls and 8 phones a process;
it may crash or hang without taking anybody along. The process ends when its input closes or its life time is over.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import pjsua2 as pj

TICK_MS = 10
FAREWELL_S = 1.5
GOODBYE_LIMIT_S = 4.0
"""For the far ends to hear that we are gone: a phone that leaves without that stays registered for two minutes."""
_CALL_STATES = {
    pj.PJSIP_INV_STATE_CALLING: "dialling",
    pj.PJSIP_INV_STATE_EARLY: "far_ringing",
    pj.PJSIP_INV_STATE_CONFIRMED: "talking",
    pj.PJSIP_INV_STATE_DISCONNECTED: "ended",
}
_SOUND_FLOWS = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)


class CannotDo(Exception):
    """What the other end asked for is not possible now; the text is the answer."""


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """An exception must not travel through PJSIP's C code: it becomes a report."""

    @wraps(callback)
    def guarded(self: Any, prm: Any) -> None:
        try:
            callback(self, prm)
        except Exception as problem:
            self.tell("trouble", where=callback.__name__, why=_sentence(problem))

    return guarded


def _sentence(problem: Exception) -> str:
    return str(problem.info()) if isinstance(problem, pj.Error) else f"{type(problem).__name__}: {problem}"


class Line(pj.Call):  # type: ignore[misc]
    """One call of one phone, with what it plays and what it records."""

    def __init__(self, phone: Phone, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone, call_id)
        self._phone = phone
        self._audio: Any = None
        self._player: Any = None
        self._recorder: Any = None
        self._incoming = call_id != pj.PJSUA_INVALID_ID
        self._held = False
        self._gives_away = False

    def tell(self, what: str, **details: Any) -> None:
        self._phone.tell(what, **details)

    @_guarded
    def onCallState(self, prm: Any) -> None:
        info = self.getInfo()
        state = _CALL_STATES.get(info.state)
        if state is None or (state == "far_ringing" and self._incoming):
            return
        if state == "ended":
            self._silence()
            self._phone.line_ended(self)
        self.tell(state, code=info.lastStatusCode, reason=info.lastReason)

    @_guarded
    def onCallMediaState(self, prm: Any) -> None:
        info = self.getInfo()  # its media live only as long as it does
        for index, media in enumerate(info.media):
            if media.type != pj.PJMEDIA_TYPE_AUDIO:
                continue
            held = media.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD
            if media.status in _SOUND_FLOWS:
                self._audio = self.getAudioMedia(index)
                self._connect()
                self.tell("sound")
            if held != self._held:
                self._held = held
                self.tell("held" if held else "resumed")

    @_guarded
    def onCallTransferStatus(self, prm: Any) -> None:
        """How a transfer goes on. Like a desk phone we are out of it as soon as it rings over there.

        PJSIP gives numbers again: a late word of a former call's transfer may come to the one that has its number."""
        if not self._gives_away:
            return
        if prm.finalNotify:
            self.tell("transferred", code=prm.statusCode, reason=prm.reason)
        if pj.PJSIP_SC_RINGING <= prm.statusCode < pj.PJSIP_SC_MULTIPLE_CHOICES:
            self.hangup(_with_code(0))

    @_guarded
    def onDtmfDigit(self, prm: Any) -> None:
        self.tell("digit", digit=prm.digit)

    def give_away(self, address: str) -> None:
        self._gives_away = True
        self.xfer(address, pj.CallOpParam(True))

    def bring_together(self, other: Line) -> None:
        self._gives_away = True
        self.xferReplaces(other, pj.CallOpParam(True))

    def play(self, wav: str | None, *, loop: bool) -> None:
        self._player = None
        if wav is not None:
            self._player = pj.AudioMediaPlayer()
            self._player.createPlayer(wav, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
            self._connect()

    def record(self, wav: str | None) -> None:
        # PJSIP completes the file when the recorder goes.
        self._recorder = None
        if wav is not None:
            self._recorder = pj.AudioMediaRecorder()
            self._recorder.createRecorder(wav)
            self._connect()

    def _connect(self) -> None:
        if self._audio is None:
            return
        if self._player is not None:
            self._player.startTransmit(self._audio)
        if self._recorder is not None:
            self._audio.startTransmit(self._recorder)

    def _silence(self) -> None:
        self._audio = self._player = self._recorder = None


class Phone(pj.Account):  # type: ignore[misc]
    """One account: an agent's desk phone (registered) or a caller somewhere outside (not registered)."""

    def __init__(self, host: PhoneHost, name: str, wish: dict[str, Any]) -> None:
        super().__init__()
        self.name = name
        self.when_called: dict[str, Any] = wish.get("when_called", {"do": "ring"})
        self.to_play: tuple[str, bool] | None = None
        self.to_record: str | None = None
        self._host = host
        self._server: str = wish["server"]
        self._line: Line | None = None
        self._more: list[Line] = []
        """Further calls of one who is many people."""
        self.registered = False
        self.create(self._config(wish))

    def _config(self, wish: dict[str, Any]) -> Any:
        config = pj.AccountConfig()
        config.idUri = f"sip:{wish['number']}@{self._server}"
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.transportConfig.port = 0
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        secret = wish.get("secret")
        if secret is not None:
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", wish["number"], 0, secret))
        if secret is not None and wish.get("registers", True):
            config.regConfig.registrarUri = f"sip:{self._server}"
            config.regConfig.timeoutSec = 120
            config.regConfig.retryIntervalSec = config.regConfig.firstRetryIntervalSec = 2
        return config

    def tell(self, what: str, **details: Any) -> None:
        self._host.say({"phone": self.name, "what": what, "at": time.time(), **details})

    @_guarded
    def onRegState(self, prm: Any) -> None:
        registered = prm.code // 100 == 2 and self.getInfo().regIsActive
        if registered != self.registered or not registered:
            self.tell("registered" if registered else "not_registered", code=prm.code, reason=prm.reason)
        self.registered = registered

    @_guarded
    def onIncomingCall(self, prm: Any) -> None:
        line = Line(self, prm.callId)
        if self._line is None:
            self._line = line
        elif self.when_called["do"] == "as_dialled":
            self._more.append(line)
        else:
            self._host.bury(line)
            line.hangup(_with_code(pj.PJSIP_SC_BUSY_HERE))
            return
        self._apply_sound(line)
        line.answer(_with_code(pj.PJSIP_SC_RINGING))
        self.tell("ringing", caller=line.getInfo().remoteUri, headers=_own_headers(prm.rdata.wholeMsg))
        self._react(line)

    def _react(self, line: Line) -> None:
        wish = self._wish_for(line)
        code = {"answer": pj.PJSIP_SC_OK, "reject": wish.get("code", pj.PJSIP_SC_BUSY_HERE)}.get(wish["do"])
        if code is None:
            return
        after, talk = wish.get("after", 0.0), wish.get("talk", 0.0)
        self._host.later(after, lambda: self._lives(line) and line.answer(_with_code(code)))
        if talk:
            self._host.later(after + talk, lambda: self._lives(line) and line.hangup(_with_code(0)))

    def _wish_for(self, line: Line) -> dict[str, Any]:
        wish = self.when_called
        if wish["do"] != "as_dialled":
            return wish
        number = line.getInfo().localUri.partition("sip:")[2].partition("@")[0]
        found: dict[str, Any] = wish["by_last_digit"].get(number[-1:], wish["otherwise"])
        return found

    def lines(self) -> list[Line]:
        return [*self._more, *([self._line] if self._line is not None else [])]

    def _lives(self, line: Line) -> bool:
        return line is self._line or line in self._more

    def _apply_sound(self, line: Line) -> None:
        if self.to_play is not None:
            line.play(self.to_play[0], loop=self.to_play[1])
        line.record(self.to_record)

    def line_ended(self, line: Line) -> None:
        self._host.bury(line)
        if line in self._more:
            self._more.remove(line)
        if line is self._line:
            self._line = None

    def dial(self, number: str, *, local_uri: str, headers: dict[str, str]) -> None:
        if self._line is not None:
            raise CannotDo("it has a call already")
        param = pj.CallOpParam(True)
        param.txOption.localUri = local_uri
        for name, value in headers.items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            param.txOption.headers.append(header)
        line = self._line = Line(self)
        self._apply_sound(line)
        try:
            line.makeCall(self.address(number), param)
        except pj.Error:
            self._line = None
            raise

    def address(self, number: str) -> str:
        return f"sip:{number}@{self._server}"

    @property
    def line(self) -> Line:
        if self._line is None:
            raise CannotDo("it has no call")
        return self._line

    def has_call(self) -> bool:
        return self._line is not None


def _with_code(code: int) -> Any:
    param = pj.CallOpParam(True)
    param.statusCode = code
    return param


def _own_headers(message: str) -> dict[str, str]:
    lines = message.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs if name.upper().startswith("X-")}


class PhoneHost:
    """The PJSIP endpoint and the loop. Everything runs on the one main thread: PJSIP asks for it."""

    def __init__(self, *, life_s: float, out: int, port: int = 0) -> None:
        self._deadline = time.monotonic() + life_s
        self._out = out
        self._phones: dict[str, Phone] = {}
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._timers_set = 0
        self._buried: list[Line] = []
        self._unread = b""
        self._ending = False
        self._endpoint = pj.Endpoint()
        self._open_endpoint(port)

    def _open_endpoint(self, port: int) -> None:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "Callwright demo phone"
        config.logConfig.level = config.logConfig.consoleLevel = 0
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
        # Else a call that begins right after another, and plays nothing, loses its clock: no packet, no key leaves it.
        config.medConfig.sndAutoCloseTime = -1
        self._endpoint.libCreate()
        self._endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.boundAddress = "127.0.0.1"
        transport.port = port
        self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self._endpoint.libStart()
        self._endpoint.audDevManager().setNullDev()
        for codec in self._endpoint.codecEnum2():
            preference = {"PCMU": 255, "PCMA": 254}.get(codec.codecId.partition("/")[0], 0)
            self._endpoint.codecSetPriority(codec.codecId, preference)

    def say(self, message: dict[str, Any]) -> None:
        left = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except BrokenPipeError:
            self.end()

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        self._timers_set += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._timers_set, action))

    def bury(self, line: Line) -> None:
        """Keep a finished call until PJSIP has returned from its callback: freeing it earlier crashes."""
        self._buried.append(line)
        self.later(0.5, lambda: self._free(line))

    def _free(self, line: Line) -> None:
        """Not while another call has its number: PJSIP would hang that one up with it."""
        number = line.getId()
        if any(other.getId() == number for phone in self._phones.values() for other in phone.lines()):
            self.later(0.5, lambda: self._free(line))
        else:
            self._buried.remove(line)

    def end(self) -> None:
        self._ending = True

    def run(self) -> None:
        self.say({"what": "open", "at": time.time(), "pid": os.getpid()})
        while not self._ending and time.monotonic() < self._deadline:
            self._turn()
        self._farewell()

    def _turn(self) -> None:
        self._endpoint.libHandleEvents(TICK_MS)
        self._read_wishes()
        self._run_due()

    def _run_due(self) -> None:
        while self._timers and self._timers[0][0] <= time.monotonic():
            _, _, action = heapq.heappop(self._timers)
            try:
                action()
            except pj.Error as problem:
                self.say({"what": "trouble", "at": time.time(), "why": _sentence(problem)})

    def _read_wishes(self) -> None:
        if self._ending or not select.select([0], [], [], 0)[0]:
            return
        chunk = os.read(0, 65536)
        if not chunk:
            self.end()
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            self._fulfil(json.loads(line))

    def _fulfil(self, wish: dict[str, Any]) -> None:
        try:
            self._deed(wish["do"])(wish)
        except (CannotDo, pj.Error, KeyError) as problem:
            why = str(problem) if isinstance(problem, CannotDo) else _sentence(problem)
            self.say({"id": wish.get("id"), "ok": False, "why": why})
        else:
            self.say({"id": wish.get("id"), "ok": True})

    def _deed(self, do: str) -> Callable[[dict[str, Any]], None]:
        deed: Callable[[dict[str, Any]], None] | None = getattr(self, f"_do_{do}", None)
        if deed is None:
            raise CannotDo("no phone can do that")
        return deed

    def _phone(self, wish: dict[str, Any]) -> Phone:
        try:
            return self._phones[wish["phone"]]
        except KeyError:
            raise CannotDo("there is no such phone") from None

    def _do_add(self, wish: dict[str, Any]) -> None:
        if wish["phone"] in self._phones:
            raise CannotDo("there is a phone of that name already")
        self._phones[wish["phone"]] = Phone(self, wish["phone"], wish)

    def _do_remove(self, wish: dict[str, Any]) -> None:
        phone = self._phone(wish)
        del self._phones[phone.name]
        if phone.has_call():
            phone.line.hangup(_with_code(0))
        # Like calls, accounts may only be freed outside of their callbacks, and after their last call.
        self.later(FAREWELL_S, phone.shutdown)

    def _do_dial(self, wish: dict[str, Any]) -> None:
        self._phone(wish).dial(wish["to"], local_uri=wish["from"], headers=wish.get("headers", {}))

    def _do_when_called(self, wish: dict[str, Any]) -> None:
        self._phone(wish).when_called = wish["reaction"]

    def _do_answer(self, wish: dict[str, Any]) -> None:
        self._phone(wish).line.answer(_with_code(wish.get("code", pj.PJSIP_SC_OK)))

    def _do_hang_up(self, wish: dict[str, Any]) -> None:
        self._phone(wish).line.hangup(_with_code(wish.get("code", 0)))

    def _do_digits(self, wish: dict[str, Any]) -> None:
        self._phone(wish).line.dialDtmf(wish["digits"])

    def _do_hold(self, wish: dict[str, Any]) -> None:
        self._phone(wish).line.setHold(pj.CallOpParam(True))

    def _do_resume(self, wish: dict[str, Any]) -> None:
        param = pj.CallOpParam(True)
        param.opt.flag = pj.PJSUA_CALL_UNHOLD
        self._phone(wish).line.reinvite(param)

    def _do_transfer(self, wish: dict[str, Any]) -> None:
        phone = self._phone(wish)
        phone.line.give_away(phone.address(wish["to"]))

    def _do_connect(self, wish: dict[str, Any]) -> None:
        other = self._phone({"phone": wish["other"]})
        self._phone(wish).line.bring_together(other.line)

    def _do_play(self, wish: dict[str, Any]) -> None:
        phone, wav, loop = self._phone(wish), wish["wav"], wish.get("loop", True)
        if phone.has_call():
            phone.line.play(wav, loop=loop)
        phone.to_play = None if wav is None else (wav, loop)

    def _do_record(self, wish: dict[str, Any]) -> None:
        phone, wav = self._phone(wish), wish["wav"]
        if phone.has_call():
            phone.line.record(wav)
        phone.to_record = wav

    def _farewell(self) -> None:
        self._ending = True
        if any(phone.has_call() for phone in self._phones.values()):
            self._endpoint.hangupAllCalls()
        for phone in self._phones.values():
            if phone.registered:
                phone.setRegistration(False)
        end = time.monotonic() + GOODBYE_LIMIT_S
        while time.monotonic() < end and self._busy():
            self._turn()
        # Everybody knows that we are gone; libDestroy would only wait another second for nothing.

    def _busy(self) -> bool:
        return any(phone.has_call() or phone.registered for phone in self._phones.values())


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description="SIP phones told what to do by JSON lines on standard input")
    parser.add_argument("--life", type=float, default=3600.0, help="end after this many seconds, whatever happens")
    parser.add_argument("--port", type=int, default=0, help="where calls without a registration come to (UDP)")
    options = parser.parse_args()
    # PJSIP writes to standard output as it likes: the reports get a descriptor of their own.
    out = os.dup(1)
    os.dup2(2, 1)
    host = PhoneHost(life_s=options.life, out=out, port=options.port)
    # Ctrl-C reaches the whole group; whoever started us ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: host.end())
    host.run()
    sys.stderr.flush()
    os._exit(0)  # PJSIP's destructors must not run in the interpreter's own farewell


if __name__ == "__main__":
    main()
