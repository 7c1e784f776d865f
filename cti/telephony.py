"""Everything of `cti` wired together, for the composition root: lines, switchboard, runner, commands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus, Seat
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import ServerId
from crm_core.kernel.messages import Command, CommandResult, Event
from cti import commands as c
from cti.ami.connection import AmiLink, LinkState
from cti.ami.session import Patience
from cti.dialling import DialRules
from cti.events import CallStepped
from cti.lately import nothing_of_it
from cti.performer import (
    Announcement,
    WhoKnowsHim,
    WriteDown,
    nobody_knows,
    nothing_is_kept,
    nothing_is_said,
)
from cti.reconcile import Site
from cti.recorder import Recorder
from cti.runner import Runner
from cti.switchboard import Switchboard
from routing.messages import Remembered

COMMANDS: tuple[type[Command], ...] = (
    c.SetReady,
    c.SetPaused,
    c.SignOff,
    c.FinishWrapUp,
    c.HangUp,
    c.RejectOffer,
    c.PlaceCall,
    c.CallForPrompt,
    c.EndPromptCall,
    c.Transfer,
    c.Consult,
    c.CompleteTransfer,
    c.CancelTransfer,
    c.Conference,
    c.Park,
    c.Retrieve,
    c.PauseRecording,
    c.ResumeRecording,
    c.Mute,
    c.SendDigits,
    c.AnswerCall,
    c.HoldCall,
    c.Monitor,
    c.StopMonitoring,
    c.TakeOver,
    c.ForceAgentState,
    c.ReloadFloor,
    c.PutTickets,
    c.GetFloor,
    c.PromiseCallback,
    c.ExplainWait,
    c.ExplainIdle,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiEndpoint:
    """Where one Asterisk's manager listens, and who we are there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


async def _nothing() -> Sequence[Event]:
    return ()


class Telephony:
    """`async with Telephony(…) as telephony:` — works until the block ends. Calls in progress outlive it.

    `recall` gives what the event log knows, for `Switchboard.restore`: see `cti.recall`; `recall_lately` how work went
    before: `cti.lately`.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        links: Sequence[AmiEndpoint],
        load_floor: Callable[[], Awaitable[FloorPlan]],
        recordings_dir: Path,
        recall: Callable[[], Awaitable[Sequence[Event]]] = _nothing,
        recall_lately: Callable[[Iterable[Event]], Awaitable[Remembered]] = nothing_of_it,
        patience: Patience | None = None,
        dial_rules: DialRules | None = None,
        seat: Seat | None = None,
        who_knows: WhoKnowsHim = nobody_knows,
        announcement: Announcement = nothing_is_said,
        write_down: WriteDown = nothing_is_kept,
    ) -> None:
        """`seat`: of telephony, where several processes could have it. `write_down`: returns when an event is where
        `recall` of whoever comes after us finds it; it is published as well."""
        self._write_down, self._recall_lately = write_down, recall_lately
        self._who_knows, self._announcement = who_knows, announcement
        self._seat = seat
        self._bus, self._clock, self._load_floor, self._recall = bus, clock, load_floor, recall
        self._endpoints, self._patience, self._dial_rules = links, patience, dial_rules
        self._recorder = Recorder(recordings_dir)
        self._links: tuple[AmiLink, ...] = ()
        self._runner: Runner | None = None
        self._parts = contextlib.AsyncExitStack()
        self._serves = False

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as parts:
            self._runner = runner = await self._make_runner()
            parts.push_async_callback(runner.close)
            self._links = tuple(self._line(endpoint, runner) for endpoint in self._endpoints)
            runner.attach(self._links)
            told = await self._recall()
            runner.restore(told, await self._recall_lately(told))
            await parts.enter_async_context(self._bus.serve(self._obey, *COMMANDS))
            for link in self._links:
                await parts.enter_async_context(link)
            beating = asyncio.create_task(runner.heart.run(self._links), name="heartbeat")
            parts.push_async_callback(_stop, beating)
            self._parts = parts.pop_all()
            self._serves = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._serves = False
        await self._parts.aclose()

    def ready(self) -> str | None:
        """None when every line is up and calls are served, else the reason in a sentence."""
        troubles = [_trouble(link) for link in self._links if link.status.state is not LinkState.UP]
        if self._runner is not None and (trouble := self._runner.heart.trouble()) is not None:
            troubles.append(trouble)
        return " ".join(troubles or self._unfelt()) or None

    def _unfelt(self) -> list[str]:
        """Of lines that are up."""
        heart = self._runner.heart if self._runner is not None else None
        return [
            f"Asterisk at {link.address} has not felt our heartbeat yet."
            for link in self._links
            if heart is not None and not heart.is_felt(link)
        ]

    async def healthy(self) -> str | None:
        """The same, for who asks every part in the same way."""
        return self.ready()

    def look(self) -> c.Floor:
        """Everything live, right now: what `GetFloor` is answered, for figures in the same process."""
        assert self._runner is not None  # noqa: S101 - asked only while it is there
        found = self._runner.obey(c.GetFloor())
        return self._with_lines(found) if isinstance(found, c.Floor) else c.Floor(ok=True)

    def hear_step(self, stepped: CallStepped) -> bool:
        """A step that a caller took in a menu of this process, without the way round by Asterisk's manager. False: it
        was not heard, and has to come that way (the call is not known here yet, or no more)."""
        return self._serves and self._runner is not None and self._runner.post_step(stepped)

    def site(self, server: ServerId) -> Site | None:
        """What lives at this Asterisk, as of when it was heard last; None while nobody can tell."""
        link = next((one for one in self._links if one.server == server), None)
        if link is None or link.heard_at is None or self._runner is None:
            return None
        alive = self._runner.alive(link)
        return Site(now=link.heard_at.timestamp(), alive=alive) if alive is not None else None

    def servers(self) -> frozenset[ServerId] | None:
        """Those that we serve; None as long as we do not know them all by name."""
        names = [link.server for link in self._links if link.server is not None]
        return frozenset(names) if len(names) == len(self._links) else None

    async def _make_runner(self) -> Runner:
        return Runner(
            Switchboard(await self._load_floor(), self._clock.now(), self._dial_rules),
            bus=self._bus,
            clock=self._clock,
            recorder=self._recorder,
            load_floor=self._load_floor,
            may_tell=self._may_tell,
            who_knows=self._who_knows,
            announcement=self._announcement,
            write_down=self._write_down,
        )

    def _may_tell(self) -> bool:
        return self._seat is None or self._seat.may_tell

    def _line(self, endpoint: AmiEndpoint, runner: Runner) -> AmiLink:
        def claim(server: ServerId) -> bool:
            return all(other is link or other.server != server for other in self._links)

        link = AmiLink(
            host=endpoint.host,
            port=endpoint.port,
            user=endpoint.user,
            secret=endpoint.secret,
            clock=self._clock,
            on_event=runner.post,
            claim=claim,
            patience=self._patience,
            seat=self._seat,
        )
        return link

    async def _obey(self, command: Command) -> CommandResult:
        assert self._runner is not None  # noqa: S101 - served only while it is there
        result = await self._runner.ask(command)
        return self._with_lines(result) if isinstance(result, c.Floor) else result

    def _with_lines(self, floor: c.Floor) -> c.Floor:
        never_seen = {link.address: False for link in self._links if link.server is None}
        return replace(floor, links={**never_seen, **(floor.links or {})})


def _trouble(link: AmiLink) -> str:
    return link.status.why or f"The line to Asterisk at {link.address} is {link.status.state}."


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
