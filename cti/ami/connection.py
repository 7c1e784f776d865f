"""The line to one Asterisk: keeps it up, tells in order what happens there, carries out actions.

Whenever the line comes up, the first thing told is a `Snapshot`, then live events; when it breaks, the last is
`LinkLost`. Nothing sent on one connection is ever repeated on the next.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Self

import structlog

from crm_core.kernel.bus import Seat
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ServerId
from cti.ami.parsing import Parser, time_of
from cti.ami.session import Login, Patience, Session
from cti.ami.sessions import sessions_of
from cti.ami.snapshot import Lists, snapshot_of
from cti.ami.vocabulary import AmiEvent, Snapshot
from cti.ami.wire import Response, Value
from cti.errors import LineDown, LineLost, LineTrouble, LoginRefused, NameTaken, NotReady, Refused, TooOld, Unanswered
from cti.events import LinkLost

OLDEST = 18
"""The first Asterisk whose words we understand."""

_log = structlog.get_logger(__name__)


class LinkState(StrEnum):
    CLOSED = "closed"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    """Logged in; looking at what lives there."""
    UP = "up"
    WAITING = "waiting"
    """It failed or broke; the next attempt is due soon."""
    REFUSED = "refused"
    """It does not let us in; tried again slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    state: LinkState
    since: datetime
    why: str = ""
    """The trouble in a sentence, as long as there is one."""


Heard = AmiEvent | LinkLost


class AmiLink:
    """`async with AmiLink(…)`: the line is kept up until the block ends.

    `on_event` is called with one event after the other, straight from the socket: it must be quick; if it raises, that
    is logged and the next event comes. Actions are on the socket when the method returns; awaiting the answer gives it
    or raises an `ActionFailed`. `claim(server)` says whether a systemname is free for this line.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        clock: Clock,
        on_event: Callable[[Heard], None],
        claim: Callable[[ServerId], bool] = lambda _: True,
        patience: Patience | None = None,
        seat: Seat | None = None,
    ) -> None:
        """Without this seat nobody connects. If others could have it, sessions of the same user are ended at each
        log-in, for they are of a process that has it no longer, whatever it believes."""
        self._seat = seat
        self._login = Login(host=host, port=port, user=user, secret=secret)
        self._clock, self._on_event, self._claim = clock, on_event, claim
        self._patience = patience or Patience()
        self._server: ServerId | None = None
        self._started = ""
        self._ahead = timedelta()
        self._heard_at: datetime | None = None
        self._parser = Parser()
        self._status = LinkStatus(state=LinkState.CLOSED, since=clock.now())
        self._is_up = asyncio.Event()
        self._session: Session | None = None
        self._held: list[str] | None = []
        """Events that came before the snapshot; None as soon as they go straight on."""
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep_up(), name=f"ami {self.address}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hangs up and never calls again, whatever state the line is in."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        self._show(LinkState.CLOSED)

    def begin_anew(self) -> None:
        """Hangs up and calls again, for a snapshot that tells what we missed."""
        if self._session is not None:
            self._session.give_up("we begin anew after a fault of ours")

    @property
    def address(self) -> str:
        return self._login.address

    @property
    def server(self) -> ServerId | None:
        """The `systemname` of this Asterisk (the address when it has none), known since the first log-in."""
        return self._server

    @property
    def status(self) -> LinkStatus:
        return self._status

    def asterisk_time(self) -> datetime:
        """What that machine's clock says now, as far as we know; its dialplan compares with this one, not with ours."""
        return self._clock.now() + self._ahead

    @property
    def heard_at(self) -> datetime | None:
        """That machine's time when it answered last: what happened there long before has been heard of by now."""
        return self._heard_at

    async def wait_up(self) -> None:
        """Until the snapshot was told and actions can be sent."""
        await self._is_up.wait()

    # --- actions

    def send(self, action: str, **fields: Value) -> asyncio.Future[Response]:
        """Any action. Without a line nothing is sent, now or later."""
        return self._request(action, fields)

    def _request(
        self, action: str, fields: Mapping[str, Value], patience: float | None = None
    ) -> asyncio.Future[Response]:
        session = self._session
        if session is None or self._status.state is not LinkState.UP:
            answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            answer.set_exception(LineDown(action=action))
            return answer
        return session.wire.request(action, fields, patience)

    def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> asyncio.Future[Response]:
        """Sends the channel to another place of the dialplan. The place must exist, or Asterisk drops the caller."""
        return self.send("Redirect", Channel=channel, Context=context, Exten=exten, Priority=priority)

    def hangup(self, channel: str, cause: int = 16) -> asyncio.Future[Response]:
        return self.send("Hangup", Channel=channel, Cause=cause)

    def setvar(self, variable: str, value: str, channel: str = "") -> asyncio.Future[Response]:
        """A variable of this channel; without one, a global variable."""
        return self.send("Setvar", Channel=channel or None, Variable=variable, Value=value)

    async def getvar(self, variable: str, channel: str = "") -> str:
        """Empty when it is not set."""
        answer = await self.send("Getvar", Channel=channel or None, Variable=variable)
        return answer.headers.get("Value", "")

    def mixmonitor(self, channel: str, file: str, options: str = "") -> asyncio.Future[Response]:
        """Begins to record; `MixMonitorID` of the answer's headers names the recording."""
        return self.send("MixMonitor", Channel=channel, File=file, Options=options)

    def stop_mixmonitor(self, channel: str, mix_id: str = "") -> asyncio.Future[Response]:
        """Ends this recording of the channel; without an id, all of them."""
        return self.send("StopMixMonitor", Channel=channel, MixMonitorID=mix_id or None)

    def mute_mixmonitor(self, channel: str, *, muted: bool) -> asyncio.Future[Response]:
        """Silence of equal length in the recording, or its sound again."""
        return self.send("MixMonitorMute", Channel=channel, Direction="both", State=int(muted))

    def mute_audio(self, channel: str, *, muted: bool) -> asyncio.Future[Response]:
        """What comes from this phone."""
        return self.send("MuteAudio", Channel=channel, Direction="in", State="on" if muted else "off")

    def press(self, channel: str, digit: str) -> asyncio.Future[Response]:
        """As if this key had been pressed on the phone."""
        return self.send("PlayDTMF", Channel=channel, Digit=digit, Receive="true")

    def originate(
        self,
        dial: str,
        *,
        channel_id: str,
        context: str = "",
        exten: str = "",
        application: str = "",
        data: str = "",
        other_channel_id: str = "",
        caller_id: str = "",
        ring_s: float = 30.0,
        variables: Mapping[str, str] | None = None,
    ) -> asyncio.Future[Response]:
        """Calls a phone and leads it to a place of the dialplan or an application.

        Always asynchronous: the answer says that it was begun; DialEnd and Hangup tell the rest. The ids are the
        caller's choice: after a broken line one can ask by them whether the channel came about.
        """
        into_dialplan = not application
        return self.send(
            "Originate",
            Async="true",
            Channel=dial,
            ChannelId=channel_id,
            OtherChannelId=other_channel_id or None,
            Context=context if into_dialplan else None,
            Exten=exten if into_dialplan else None,
            Priority=1 if into_dialplan else None,
            Application=application or None,
            Data=data or None,
            CallerID=caller_id or None,
            Timeout=int(ring_s * 1000),
            Variable=[f"{name}={value}" for name, value in (variables or {}).items()],
        )

    async def command(self, cli: str) -> str:
        """What the command line interface prints."""
        return (await self._request("Command", {"Command": cli}, self._patience.lists)).output

    async def snapshot(self) -> Snapshot:
        """Everything there is now. (Told by the line itself whenever it comes up.)"""
        session = self._session
        if session is None or self._status.state is not LinkState.UP:
            raise LineDown(action="CoreShowChannels")
        return self._understand(await _look(session, self._patience.lists))

    # --- keeping it up

    async def _keep_up(self) -> None:
        pause = self._patience.retry_first
        while True:
            if self._seat is not None:
                await self._seat.taken()
            self._show(LinkState.CONNECTING, self._status.why)
            trouble = await self._one_connection()
            was_up = self._status.state is LinkState.UP
            refused = isinstance(trouble, LoginRefused | TooOld | NameTaken)
            pause = self._patience.retry_first if self._was_sound() else min(pause * 2, self._patience.retry_last)
            self._show(LinkState.REFUSED if refused else LinkState.WAITING, str(trouble))
            if was_up:
                self._tell(LinkLost(server=self._known_server, at=self._clock.now(), why=str(trouble)))
            await asyncio.sleep(self._patience.retry_refused if refused else pause)

    def _was_sound(self) -> bool:
        """Up for some time. A line that comes up only to break at once is no reason to hurry."""
        lasted = (self._clock.now() - self._status.since).total_seconds()
        return self._status.state is LinkState.UP and lasted > self._patience.retry_last

    async def _one_connection(self) -> LineTrouble:
        """From the attempt to the end, and why it ended."""
        self._held = []
        session = self._session = Session(self._login, self._patience, self._take)
        session.on_pong = self._compare_clocks
        try:
            await session.log_in()
            self._show(LinkState.SYNCING)
            snapshot = await self._first_look(session)
            self._require_seat()
            self._open(snapshot)
            session.is_told()
            return await session.over
        except LineTrouble as trouble:
            return trouble
        except Exception as bug:
            _log.exception("the line broke by a fault of ours", action="ami.link", address=self.address)
            return LineLost(address=self.address, why=repr(bug))
        finally:
            self._session = None
            session.close()

    def _require_seat(self) -> None:
        """Connecting may take long, and the seat be lost meanwhile."""
        if self._seat is not None and not self._seat.held:
            raise self._not_ours()

    def _not_ours(self) -> LineLost:
        return LineLost(address=self.address, why="another process may serve meanwhile")

    async def _end_others(self, session: Session) -> None:
        """One that hung, and wakes up, finds its line closed: it can do nothing more over it. One that logged in right
        before us cannot be told from ourselves: we come again when it can."""
        if self._seat is None or not self._seat.shared:
            return
        if not await self._seat.sure():
            raise self._not_ours()
        try:
            shown = await session.wire.request("Command", {"Command": "manager show connected"})
            found = sessions_of(self._login.user, shown.output)
            for descriptor in found.old:
                self._require_seat()
                _log.warning("ending the session of another process", action="ami.link", address=self.address)
                await session.wire.request("Command", {"Command": f"manager kick session {descriptor}"})
        except Refused as refused:
            _log.warning("other sessions cannot be ended", action="ami.link", address=self.address, why=str(refused))
        except (Unanswered, LineDown) as failed:
            raise LineLost(address=self.address, why=str(failed)) from None
        else:
            if not found.ours_alone:
                raise LineLost(address=self.address, why="another process has just logged in as the same user")

    async def _first_look(self, session: Session) -> Snapshot:
        try:
            lists = await _look(session, self._patience.lists)
        except Refused as refused:
            raise NotReady(address=self.address, why=f"{refused} (see write= in its manager.conf)") from None
        except (Unanswered, LineDown) as failed:
            raise LineLost(address=self.address, why=str(failed)) from None
        version = lists.settings.get("AsteriskVersion", "")
        if is_too_old(version):
            raise TooOld(address=self.address, version=version, oldest=OLDEST)
        server = ServerId(lists.settings.get("SystemName", "") or self.address)
        if not self._claim(server):
            raise NameTaken(address=self.address, server=server)
        self._server = server
        await self._end_others(session)
        return self._understand(lists)

    def _understand(self, lists: Lists) -> Snapshot:
        restarted = self._started not in ("", lists.started)
        self._started = lists.started
        snapshot = snapshot_of(lists, server=self._known_server, received=self._clock.now(), restarted=restarted)
        self._heard_at = snapshot.at
        return snapshot

    def _compare_clocks(self, pong: Response) -> None:
        now = self._clock.now()
        self._heard_at = time_of(pong.headers.get("Timestamp", ""), now)
        self._ahead = self._heard_at - now

    @property
    def _known_server(self) -> ServerId:
        return self._server or ServerId(self.address)

    def _show(self, state: LinkState, why: str = "") -> None:
        before, self._status = self._status, LinkStatus(state=state, since=self._clock.now(), why=why)
        if state is LinkState.UP:
            self._is_up.set()
        else:
            self._is_up.clear()
        if (before.state, before.why) != (state, why):
            tell = _log.warning if state in (LinkState.WAITING, LinkState.REFUSED) else _log.info
            tell(f"{before.state} -> {state}", action="ami.link", address=self.address, server=self._server, why=why)

    # --- telling

    def _open(self, snapshot: Snapshot) -> None:
        """The line is up: the snapshot first, then what was held back and is not in it, then everything as it comes."""
        held, self._held = self._held or [], None
        self._show(LinkState.UP)
        self._tell(snapshot)
        for event in map(self._parse, held):
            if event.at >= snapshot.at:
                self._tell(event)

    def _take(self, text: str) -> None:
        if self._held is None:
            self._tell(self._parse(text))
        else:
            self._held.append(text)

    def _parse(self, text: str) -> AmiEvent:
        return self._parser.parse(text, server=self._known_server, now=self._clock.now)

    def _tell(self, event: Heard) -> None:
        try:
            self._on_event(event)
        except Exception:
            _log.exception("an event could not be handled", action="ami.tell", event_=repr(event)[:2000])


def is_too_old(version: str) -> bool:
    """`16.28.0~dfsg`, `certified/13.21-cert6`. What does not begin with a number (`GIT-master-…`) is its own affair."""
    found = re.match(r"(?:certified[/-]|GIT-)?(\d+)", version)
    return found is not None and int(found[1]) < OLDEST


async def _look(session: Session, patience: float) -> Lists:
    """Asks for everything at once; Asterisk answers in the order asked."""
    ping, settings, status, channels, bridges, devices = await asyncio.gather(
        session.ask_time(),
        *(
            session.wire.request(action, {}, patience)
            for action in ("CoreSettings", "CoreStatus", "CoreShowChannels", "BridgeList", "DeviceStateList")
        ),
    )
    return Lists(
        ping=ping.headers,
        settings=settings.headers,
        status=status.headers,
        channels=channels.items,
        bridges=bridges.items,
        devices=devices.items,
    )
