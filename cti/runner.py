"""The one place where things happen one after the other: Asterisk's events, commands, timers and what became of effects
go through the switchboard in order, and what it wants is begun at once.

An event is handled in the very turn of the loop that read it from the socket, down to the write of the Redirect it
leads to. The switchboard never waits: whatever takes time comes back as one more thing that was heard.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Command, CommandResult, Event
from cti import effects as fx
from cti.ami.connection import AmiLink
from cti.ami.vocabulary import Snapshot
from cti.events import Anomaly, CallStepped
from cti.heartbeat import Heart
from cti.performer import (
    Announcement,
    Performer,
    WhoKnowsHim,
    WriteDown,
    nobody_knows,
    nothing_is_kept,
    nothing_is_said,
)
from cti.recorder import Recorder
from cti.switchboard import Heard, LinesNamed, Promise, Switchboard, Trusted
from cti.timers import Timers
from routing.messages import NOTHING_REMEMBERED, Remembered

_log = structlog.get_logger(__name__)


class Runner:
    """`attach` the lines, `restore` what the log knows, then `post` for ever; commands come to `obey`."""

    def __init__(
        self,
        switchboard: Switchboard,
        *,
        bus: Bus,
        clock: Clock,
        recorder: Recorder,
        load_floor: Callable[[], Awaitable[FloorPlan]],
        may_tell: Callable[[], bool] = lambda: True,
        who_knows: WhoKnowsHim = nobody_knows,
        announcement: Announcement = nothing_is_said,
        write_down: WriteDown = nothing_is_kept,
    ) -> None:
        self._switchboard, self._clock, self._may_tell = switchboard, clock, may_tell
        self._performer = Performer(
            bus=bus,
            timers=Timers(clock, lambda token: self.post(fx.Woken(token=token))),
            recorder=recorder,
            load_floor=load_floor,
            post=self.post,
            reply=self._reply,
            may_tell=may_tell,
            who_knows=who_knows,
            announcement=announcement,
            write_down=write_down,
        )
        self.heart = Heart(clock, on_trusted=lambda server: self.post(Trusted(server=server)))
        self._heard: deque[Heard] = deque()
        self._handling = False
        self._promised: dict[str, asyncio.Future[CommandResult]] = {}
        """Answers that whoever gave the command waits for."""

    def attach(self, links: Sequence[AmiLink]) -> None:
        self._performer.attach(links)

    @property
    def links(self) -> Sequence[AmiLink]:
        return self._performer.links

    def restore(self, told: Iterable[Event], lately: Remembered = NOTHING_REMEMBERED) -> None:
        self._performer.carry_out(self._switchboard.restore(told, self._clock.now(), lately))

    def post(self, heard: Heard) -> None:
        """Handled when this returns; or right after what is being handled now, if that is where it comes from."""
        self._heard.append(heard)
        if not self._handling:
            self._handle_all()

    def post_step(self, stepped: CallStepped) -> bool:
        """A step in a menu of this process, heard right after what the loop is doing now: before the menu hears what
        came of its next command, and so before anything that leads the caller out of it. False: the call is not known
        here, or another process tells of it."""
        if not (self._may_tell() and self._switchboard.knows(stepped.call)):
            return False
        asyncio.get_running_loop().call_soon(self.post, stepped)
        return True

    def alive(self, link: AmiLink) -> frozenset[CallId] | None:
        """Every call on this line that is not over; None while nobody can tell."""
        if link.server is None or not self.heart.is_sound(link):
            return None
        return self._switchboard.alive(link.server)

    def obey(self, command: Command) -> CommandResult:
        """For commands that are answered at once. Carried out when this returns; what comes of it is heard after it,
        never in between."""
        answer = self._carry_out(command)
        if isinstance(answer, Promise):
            raise TypeError(f"{command.topic} is answered later: `ask` for it")
        return answer

    async def ask(self, command: Command) -> CommandResult:
        """Carried out at once as far as it is ours; the answer may have to wait for Asterisk's. Of one who woke up and
        finds letters from before, when another may serve, nothing is carried out: what came of it would be untold."""
        if not self._may_tell():
            return CommandResult(ok=False, code="command.timed_out")
        answer = self._carry_out(command)
        result = await self._promised[answer.id] if isinstance(answer, Promise) else answer
        if isinstance(answer, Promise):
            del self._promised[answer.id]
            self._performer.telling.tell_all()  # what came with the answer, before it and after it
            self._log_refused(command, result)
        return result

    def _carry_out(self, command: Command) -> CommandResult | Promise:
        self._handling = True
        try:
            answer, effects = self._switchboard.obey(command, self._clock.now())
            if isinstance(answer, Promise):
                self._promised[answer.id] = asyncio.get_running_loop().create_future()
            self._performer.carry_out(effects)
        except Exception:
            self._stumble(command)  # what it had changed when it failed is anybody's guess
            self.heart.stumbled(*self.links)
            raise
        finally:
            self._handle_all()
            self._performer.telling.tell_all()  # whoever gave the command may look at once
        if isinstance(answer, CommandResult):
            self._log_refused(command, answer)
        return answer

    def _log_refused(self, command: Command, result: CommandResult) -> None:
        if not result.ok:
            _log.info("refused", action=command.topic, code=result.code, params=result.params)

    def _reply(self, reply: fx.Reply) -> None:
        answer = self._promised.get(reply.promise)
        if answer is not None and not answer.done():
            answer.set_result(reply.result)

    async def close(self) -> None:
        """Who still waits for an answer gets the only one there is: it may have happened or not."""
        for answer in self._promised.values():
            if not answer.done():
                answer.set_result(CommandResult(ok=False, code="command.timed_out"))
        await self._performer.close()

    def _handle_all(self) -> None:
        self._handling = True
        try:
            while self._heard:
                self._handle(self._heard.popleft())
        finally:
            self._handling = False

    def _handle(self, heard: Heard) -> None:
        try:
            self._performer.carry_out(self._switchboard.handle(heard, self._clock.now()))
        except Exception:
            self._stumble(heard)
            if isinstance(heard, Snapshot):
                self.heart.stumbled()
                self._after_snapshot(heard, AmiLink.begin_anew)  # nobody is served over a line whose snapshot got lost
            else:
                self.heart.stumbled(*self._lines_of(heard))
        else:
            self._after_snapshot(heard, self._understood)

    def _after_snapshot(self, heard: Heard, what: Callable[[AmiLink], None]) -> None:
        if isinstance(heard, Snapshot) and (link := self._performer.link(heard.server)) is not None:
            what(link)

    def _understood(self, link: AmiLink) -> None:
        self.heart.understood(link)
        servers = [link.server for link in self.links if link.server is not None]
        if len(servers) == len(self.links):
            self.post(LinesNamed(servers=frozenset(servers)))

    def _lines_of(self, heard: Heard) -> Sequence[AmiLink]:
        """Where the story is no longer sure when this was lost, and with it whatever it had led to already."""
        about = heard.effect if isinstance(heard, fx.Done | fx.Failed) else heard
        server = getattr(about, "server", None)
        return [link for link in self.links if server in (None, link.server)]

    def _stumble(self, heard: Heard | Command) -> None:
        """A bug of ours. The event is lost for the story, so it is kept for whoever mends it."""
        _log.exception("could not be handled", action="cti.handle", heard=repr(heard)[:2000])
        self._performer.telling.tell(Anomaly(at=self._clock.now(), what="not_handled", raw=repr(heard)[:2000]))
