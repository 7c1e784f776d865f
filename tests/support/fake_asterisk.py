"""An Asterisk that is only its manager interface: keeps channels, bridges, devices and variables, says the events a
real one says of them, and fails on demand in ways a real one cannot be made to. Written against 22.10.1.

    async with FakeAsterisk() as asterisk:
        asterisk.new_channel("PJSIP/trunk-00000001", context="cw-hold", variables={"CW_CALL": "c1"})
        asterisk.deaf = True                      # from now on nothing is answered
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support.ports import free_tcp_port

USER, SECRET = "cti", "s3cret"
BANNER = "Asterisk Call Manager/11.0.0\r\n"
Headers = Mapping[str, str | int]
Action = dict[str, str]
"""An action as received. A header that came several times has its values joined by a newline."""


@dataclass(slots=True)
class FakeChannel:
    name: str
    uniqueid: str
    linkedid: str
    state: str = "Up"
    caller: str = "13800138000"
    connected: str = "<unknown>"
    context: str = "from-trunk"
    exten: str = "s"
    variables: dict[str, str] = field(default_factory=dict)
    bridge: str = ""
    application: str = ""
    recording: list[str] = field(default_factory=list)
    """What MixMonitor was asked to write, in order."""

    def headers(self, prefix: str = "") -> dict[str, str | int]:
        said: dict[str, str | int] = {
            "Channel": self.name,
            "ChannelState": 6,
            "ChannelStateDesc": self.state,
            "CallerIDNum": self.caller,
            "CallerIDName": "<unknown>",
            "ConnectedLineNum": self.connected,
            "ConnectedLineName": "<unknown>",
            "Language": "en",
            "AccountCode": "",
            "Context": self.context,
            "Exten": self.exten,
            "Priority": 1,
            "Uniqueid": self.uniqueid,
            "Linkedid": self.linkedid,
            "ChanVariable": f"CW_CALL={self.variables.get('CW_CALL', '')}",
        }
        return {prefix + key: value for key, value in said.items()}


class FakeAsterisk:
    """Listens from `async with` on; `port` says where. Everything of it may be changed while it runs."""

    def __init__(self, *, name: str = "fake") -> None:
        self.name, self.user, self.secret = name, USER, SECRET
        self.port = 0
        self.version = "22.10.1-fake"
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: set[str] = set()
        self.devices: dict[str, str] = {}
        self.globals: dict[str, str] = {}
        self.actions: list[Action] = []
        """Every action received since the beginning, over all connections."""
        self.connections = 0
        """How many were ever accepted."""

        self.banner = BANNER
        self.booted = True
        """False: log-ins are let in, FullyBooted is not said."""
        self.deaf = False
        """True: reads everything, says nothing at all: a hung process, or a network that swallows."""
        self.unanswered: set[str] = set()
        """Actions that are carried out and never answered."""
        self.refusals: dict[str, str] = {}
        """Action -> the message it is refused with."""
        self.before_answer: dict[str, Callable[[Action], None]] = {}
        """Action -> what happens between its coming and its answer."""
        self.cut_on: set[str] = set()
        """Actions at which the connection is cut instead of an answer."""
        self.clock_ahead_s = 0.0
        """How much its machine's clock is ahead of ours."""

        self._started = time.time()
        self._ids = itertools.count()
        self._server: asyncio.Server | None = None
        self._sessions: set[_ManagerSession] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- the process

    async def start(self) -> None:
        """On the same port as before, if there was one."""
        self.port = self.port or free_tcp_port()  # none of those that somebody may be given while it is stopped
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self._server = None

    async def restart(self) -> None:
        """Comes back as a new process: no channels, no variables."""
        await self.stop()
        self.channels.clear()
        self.bridges.clear()
        self.globals.clear()
        self._started += 3600
        await self.start()

    def cut(self) -> None:
        """Every connection breaks, as when a cable is pulled and the other side resets."""
        for session in list(self._sessions):
            session.cut()

    def sent(self, action: str) -> list[Action]:
        return [one for one in self.actions if one["Action"] == action]

    # --- the calls

    def new_channel(
        self, name: str, *, state: str = "Up", context: str = "from-trunk", exten: str = "s",
        caller: str = "13800138000", variables: Mapping[str, str] | None = None, application: str = "",
    ) -> FakeChannel:  # fmt: skip
        number = next(self._ids)
        uniqueid = f"{self.name}-{int(self._started)}.{number}"
        channel = FakeChannel(
            name=name, uniqueid=uniqueid, linkedid=uniqueid, state=state, context=context, exten=exten, caller=caller,
            variables=dict(variables or {}), application=application,
        )  # fmt: skip
        self.channels[name] = channel
        self.say("Newchannel", **channel.headers())
        return channel

    def hang_up(self, channel: FakeChannel, cause: int = 16) -> None:
        self.leave(channel)
        self.channels.pop(channel.name, None)
        self.say("Hangup", **channel.headers(), Cause=cause, **{"Cause-txt": "Normal Clearing"})

    def dial(self, source: FakeChannel, name: str) -> FakeChannel:
        """The phone `name` rings on behalf of `source`, whose extension its leg is given until it answers."""
        dest = self.new_channel(name, state="Down", context="cw-agents", exten=source.exten, variables=source.variables)
        self.say("DialBegin", **source.headers(), **dest.headers("Dest"), DialString=name)
        dest.state = "Ringing"
        self.say("Newstate", **dest.headers())
        return dest

    def answer(self, source: FakeChannel, dest: FakeChannel) -> None:
        """The ringing phone is picked up: both talk."""
        dest.state = "Up"
        self.say("Newstate", **dest.headers())
        self.say("DialEnd", **source.headers(), **dest.headers("Dest"), DialStatus="ANSWER")
        bridge = f"bridge-{next(self._ids)}"
        self.bridges.add(bridge)
        self.say("BridgeCreate", **self._bridge_headers(bridge))
        self.enter(dest, bridge)
        self.enter(source, bridge)

    def enter(self, channel: FakeChannel, bridge: str) -> None:
        channel.bridge = bridge
        self.bridges.add(bridge)
        self.say("BridgeEnter", **self._bridge_headers(bridge), **channel.headers())

    def leave(self, channel: FakeChannel) -> None:
        if channel.bridge:
            bridge, channel.bridge = channel.bridge, ""
            self.say("BridgeLeave", **self._bridge_headers(bridge), **channel.headers())

    def user_event(self, channel: FakeChannel, name: str, **fields: str) -> None:
        """As the real one: the dialplan's words stand below the leg's headers, some under the same names."""
        self._say("UserEvent", channel.headers(), {"UserEvent": name, **fields})

    def caller_waits(self, name: str, call: str, *, queue: str = "service") -> FakeChannel:
        """Somebody came in over the trunk and was led into the queue."""
        channel = self.new_channel(name, variables={"CW_CALL": call})
        self.user_event(channel, "CwArrived", Call=call, Dnis="4008001", Direction="inbound")
        since = self._stamp()[:-3]
        channel.variables["CW_WAIT"] = f"queue={queue};skills=;priority=0;lang=zh;intent=;since={since}"
        channel.context = "cw-hold"
        fields = {"Queue": queue, "Skills": "", "Priority": "0", "Lang": "zh", "Intent": "", "Since": since}
        self.user_event(channel, "CwQueued", Call=call, **fields)
        return channel

    def device(self, device: str, state: str) -> None:
        self.devices[device] = state
        self.say("DeviceStateChange", Device=device, State=state)

    def _bridge_headers(self, bridge: str) -> dict[str, str | int]:
        return {
            "BridgeUniqueid": bridge,
            "BridgeType": "basic",
            "BridgeTechnology": "simple_bridge",
            "BridgeCreator": "<unknown>",
            "BridgeName": "<unknown>",
            "BridgeNumChannels": sum(channel.bridge == bridge for channel in self.channels.values()),
            "BridgeVideoSourceMode": "none",
        }

    # --- the wire

    def say(self, event: str, **headers: str | int) -> None:
        """An event to everybody who listens, stamped now unless it brings a Timestamp."""
        self._say(event, headers)

    def _say(self, event: str, *parts: Headers) -> None:
        first, *others = parts
        beginning = {"Event": event, "Privilege": "call,all", "Timestamp": self._stamp(), "SystemName": self.name}
        self.say_raw(b"\r\n".join(_lines(part) for part in ({**beginning, **first}, *others)) + b"\r\n\r\n")

    def _stamp(self) -> str:
        return f"{time.time() + self.clock_ahead_s:.6f}"

    def say_raw(self, data: bytes) -> None:
        for session in self._sessions:
            if session.logged_in:
                session.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        session = _ManagerSession(self, reader, writer)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)
            session.cut()

    def perform(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        """The answer, and the list that follows it (its last item says that it is complete)."""
        name = action["Action"]
        if name in self.refusals:
            return _error(self.refusals[name]), ()
        handler = getattr(self, f"_do_{name.lower()}", None)
        if handler is None:
            return _error(f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."), ()
        answer: tuple[Headers, Sequence[Headers]] = handler(action)
        return answer

    # --- actions

    def _do_ping(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        return {"Response": "Success", "Ping": "Pong", "Timestamp": self._stamp()}, ()

    def _do_coresettings(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        return {"Response": "Success", "AsteriskVersion": self.version, "SystemName": self.name}, ()

    def _do_corestatus(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        started = time.gmtime(self._started)
        return {
            "Response": "Success",
            "CoreStartupDate": time.strftime("%Y-%m-%d", started),
            "CoreStartupTime": time.strftime("%H:%M:%S", started),
            "CoreCurrentCalls": len(self.channels),
        }, ()

    def _do_coreshowchannels(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        items = [
            {
                "Event": "CoreShowChannel",
                **channel.headers(),
                "Application": channel.application,
                "ApplicationData": "",
                "Duration": "00:01:05",
                "BridgeId": channel.bridge,
            }
            for channel in self.channels.values()
        ]
        return _list("Channels will follow", items, "CoreShowChannelsComplete")

    def _do_bridgelist(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        items = [{"Event": "BridgeListItem", **self._bridge_headers(bridge)} for bridge in sorted(self.bridges)]
        return _list("Bridge listing will follow", items, "BridgeListComplete")

    def _do_devicestatelist(self, _: Action) -> tuple[Headers, Sequence[Headers]]:
        items = [
            {"Event": "DeviceStateChange", "Device": device, "State": state} for device, state in self.devices.items()
        ]
        return _list("Device State Changes will follow", items, "DeviceStateListComplete")

    def _do_redirect(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        channel = self.channels.get(action.get("Channel", ""))
        if channel is None:
            return _error(f"Channel does not exist: {action.get('Channel')}"), ()
        self.leave(channel)
        channel.context, channel.exten = action["Context"], action["Exten"]
        return _success("Redirect successful"), ()

    def _do_hangup(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        channel = self.channels.get(action.get("Channel", ""))
        if channel is None:
            return _error("No such channel"), ()
        self.hang_up(channel, int(action.get("Cause", "16")))
        return _success("Channel Hungup"), ()

    def _do_setvar(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        variables = self._variables(action)
        if variables is None:
            return _error("No such channel"), ()
        variables[action["Variable"]] = action.get("Value", "")
        return _success("Variable Set"), ()

    def _do_getvar(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        variables = self._variables(action)
        if variables is None:
            return _error("No such channel"), ()
        name = action["Variable"]
        return {"Response": "Success", "Variable": name, "Value": variables.get(name, "")}, ()

    def _variables(self, action: Action) -> dict[str, str] | None:
        if not action.get("Channel"):
            return self.globals
        channel = self.channels.get(action["Channel"])
        return channel.variables if channel else None

    def _do_mixmonitor(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        channel = self.channels.get(action.get("Channel", ""))
        if channel is None:
            return _error("No such channel"), ()
        channel.recording.append(action["File"])
        self.say("MixMonitorStart", **channel.headers())
        return {"Response": "Success", "MixMonitorID": f"0x7f{next(self._ids):04x}"}, ()

    def _do_stopmixmonitor(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        channel = self.channels.get(action.get("Channel", ""))
        if channel is None:
            return _error("No such channel"), ()
        self.say("MixMonitorStop", **channel.headers())
        return {"Response": "Success"}, ()

    def _do_originate(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        return _success("Originate successfully queued"), ()

    def _do_command(self, action: Action) -> tuple[Headers, Sequence[Headers]]:
        return {"Response": "Success", "Message": "Command output follows", "Output": f"ran {action['Command']}"}, ()


class _ManagerSession:
    def __init__(self, asterisk: FakeAsterisk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._asterisk, self._reader, self._writer = asterisk, reader, writer
        self.logged_in = False

    def write(self, data: bytes) -> None:
        if not self._asterisk.deaf:
            self._writer.write(data)

    def cut(self) -> None:
        self._writer.transport.abort()

    async def run(self) -> None:
        self.write(self._asterisk.banner.encode())
        async for action in self._received():
            if not await self._handle(action):
                return

    async def _received(self) -> AsyncIterator[Action]:
        while True:
            try:
                message = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            action: Action = {}
            for line in message.decode().removesuffix("\r\n\r\n").split("\r\n"):
                key, _, value = line.partition(": ")
                action[key] = f"{action[key]}\n{value}" if key in action else value
            yield action

    async def _handle(self, action: Action) -> bool:
        """Whether the connection goes on."""
        asterisk, name = self._asterisk, action["Action"]
        asterisk.actions.append(action)
        if name == "Login":
            return self._log_in(action)
        if not self.logged_in:
            self._answer(action, _error("Permission denied"))
            return True
        if name in asterisk.before_answer:
            asterisk.before_answer[name](action)
        answer, items = asterisk.perform(action)
        if name in asterisk.cut_on:
            self.cut()
            return False
        if name not in asterisk.unanswered:
            self._answer(action, answer)
            for item in items:
                self._answer(action, item)
        return True

    def _log_in(self, action: Action) -> bool:
        if (action.get("Username"), action.get("Secret")) != (self._asterisk.user, self._asterisk.secret):
            self._answer(action, _error("Authentication failed"))
            self._writer.close()
            return False
        self._answer(action, _success("Authentication accepted"))
        self.logged_in = True
        if self._asterisk.booted:
            self.write(_text({"Event": "FullyBooted", "Privilege": "system,all", "Status": "Fully Booted"}))
        return True

    def _answer(self, action: Action, headers: Headers) -> None:
        (first, value), *rest = headers.items()
        self.write(_text({first: value, "ActionID": action.get("ActionID", ""), **dict(rest)}))


def _lines(headers: Headers) -> bytes:
    return "\r\n".join(f"{key}: {value}" for key, value in headers.items()).encode()


def _text(headers: Headers) -> bytes:
    return _lines(headers) + b"\r\n\r\n"


def _success(message: str) -> Headers:
    return {"Response": "Success", "Message": message}


def _error(message: str) -> Headers:
    return {"Response": "Error", "Message": message}


def _list(message: str, items: Sequence[Headers], complete: str) -> tuple[Headers, Sequence[Headers]]:
    begin = {"Response": "Success", "EventList": "start", "Message": message}
    return begin, [*items, {"Event": complete, "EventList": "Complete", "ListItems": len(items)}]


@asynccontextmanager
async def fake_asterisks(*names: str) -> AsyncIterator[tuple[FakeAsterisk, ...]]:
    """Several beside each other."""
    asterisks = tuple(FakeAsterisk(name=name) for name in names)
    for asterisk in asterisks:
        await asterisk.start()
    try:
        yield asterisks
    finally:
        for asterisk in asterisks:
            await asterisk.stop()
