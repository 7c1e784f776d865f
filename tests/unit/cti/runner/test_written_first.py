"""Whoever was promised a callback is dialled when it is written down that his agent has picked up, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Event
from crm_core.runtime.in_process_bus import InProcessBus
from cti import effects as fx
from cti.ami.connection import AmiLink
from cti.ami.wire import Response
from cti.events import CallbackAccepted
from cti.performer import Performer
from cti.recorder import Recorder
from cti.switchboard import Heard
from cti.timers import Timers
from tests.unit.cti.calls.scenes import SERVER
from tests.unit.cti.switchboard.playbook import floor_plan

pytestmark = pytest.mark.asyncio(loop_scope="function")


@dataclass
class Line:
    """Our end of a line: keeps what is asked for."""

    steps: list[str]
    server: str = SERVER

    async def _answer(self) -> Response:
        return Response(headers={"Response": "Success"})

    def redirect(self, channel: str, context: str, exten: str) -> asyncio.Future[Response]:
        self.steps.append(f"{context},{exten}")
        return asyncio.ensure_future(self._answer())


@dataclass
class Stage:
    performer: Performer
    steps: list[str]
    heard: list[Heard] = field(default_factory=list)

    async def calls(self) -> None:
        """Until it is known what came of it."""
        accepted = CallbackAccepted(
            call=CallId("x-cb-1"), at=ManualClock().now(), of=CallId("x"), agent=AgentId("alice")
        )
        effect = fx.CallPromised(
            server=SERVER, channel="PJSIP/1001-1", call=accepted.call, number="13800138000", taken=accepted
        )
        self.performer.carry_out([fx.Publish(event=accepted), effect])
        async with asyncio.timeout(10):
            while not self.heard:
                await asyncio.sleep(0)


@asynccontextmanager
async def stage(
    write_down: Callable[[list[str]], Awaitable[object]], may_tell: Callable[[], bool] = lambda: True
) -> AsyncIterator[Stage]:
    steps, heard, bus, clock = list[str](), list[Heard](), InProcessBus(), ManualClock()

    async def load() -> FloorPlan:
        return floor_plan()

    async def written(_event: Event) -> object:
        return await write_down(steps)

    async def keep(event: Event) -> None:
        steps.append(event.topic)

    performer = Performer(
        bus=bus,
        timers=Timers(clock, lambda _token: None),
        recorder=Recorder(Path("/rec")),
        load_floor=load,
        post=heard.append,
        reply=lambda _reply: None,
        may_tell=may_tell,
        write_down=written,
    )
    performer.attach([cast("AmiLink", Line(steps))])
    with capture_logs():
        async with bus.consume("test", keep):
            yield Stage(performer, steps, heard)
            await performer.close()
            await bus.close()


async def test_it_is_told_and_written_down_and_then_he_is_dialled() -> None:
    async def write_down(steps: list[str]) -> None:
        await asyncio.sleep(0)
        steps.append("written")

    async with stage(write_down) as ours:
        await ours.calls()
        assert ours.steps.index("written") < ours.steps.index("cw-outbound,13800138000")
        assert isinstance(ours.heard[0], fx.Done)
    assert "call.callback_accepted" in ours.steps


async def test_a_log_that_is_away_keeps_nobody_waiting_for_ever() -> None:
    """It is on this machine's disk all the same (`crm_core/runtime/spooled_bus.py`)."""

    async def write_down(_steps: list[str]) -> None:
        raise ConnectionError

    async with stage(write_down) as ours:
        await ours.calls()
        assert "cw-outbound,13800138000" in ours.steps


async def test_nor_does_one_that_hangs_even_when_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.performer.WRITE_S", 0.01)
    stops = asyncio.Event()

    async def write_down(steps: list[str]) -> None:
        try:
            await stops.wait()
        except asyncio.CancelledError:
            steps.append("told to stop")
            await stops.wait()
            raise

    async with stage(write_down) as ours:
        await ours.calls()
        assert "cw-outbound,13800138000" in ours.steps
        assert "told to stop" in ours.steps
        stops.set()


async def test_who_leads_no_more_dials_nobody() -> None:
    """While it is being written another process takes over: that one will find the phone waiting."""
    leads = True

    async def write_down(_steps: list[str]) -> None:
        nonlocal leads
        leads = False

    async with stage(write_down, lambda: leads) as ours:
        await ours.calls()
        [failed] = ours.heard
        assert isinstance(failed, fx.Failed)
        assert failed.why is fx.Failure.LINE_DOWN
        assert "cw-outbound,13800138000" not in ours.steps
