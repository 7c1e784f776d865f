"""A fault of ours: the line begins anew, for a snapshot that makes good what was lost; no heart beats meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import Clock, ManualClock, SystemClock
from crm_core.kernel.messages import Command, CommandResult
from crm_core.runtime.in_process_bus import InProcessBus
from cti import effects as fx
from cti.ami.connection import AmiLink, LinkState
from cti.ami.vocabulary import DeviceStateChange, Snapshot
from cti.commands import Floor, GetFloor, SetReady
from cti.events import LinkLost
from cti.heartbeat import SICK_AFTER, SICK_FOR_S
from cti.recorder import Recorder
from cti.runner import Runner
from cti.switchboard import Heard, Switchboard
from cti.switchboard.messages import LinesNamed
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, small_floor
from tests.integration.ami.line import link_to
from tests.support.fake_asterisk import FakeAsterisk
from tests.support.waiting import eventually

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Stumbling(Switchboard):
    """Chokes on its first two snapshots."""

    def __init__(self, plan: FloorPlan, now: datetime) -> None:
        super().__init__(plan, now)
        self.heard: list[Heard] = []

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        self.heard.append(heard)
        if len(self.snapshots) in (1, 2) and isinstance(heard, Snapshot):
            raise ZeroDivisionError
        return super().handle(heard, now)

    @property
    def snapshots(self) -> list[Snapshot]:
        return [heard for heard in self.heard if isinstance(heard, Snapshot)]


async def _load() -> FloorPlan:
    return small_floor()


class Forgetful(Switchboard):
    """Decides about an offer, and the first time forgets what it decided."""

    forgot = False

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        return self._forget(super().handle(heard, now))

    def obey(self, command: Command, now: datetime) -> tuple[CommandResult, list[fx.Effect]]:
        result, effects = super().obey(command, now)
        return result, self._forget(effects)

    def _forget(self, effects: list[fx.Effect]) -> list[fx.Effect]:
        if not self.forgot and any(isinstance(effect, fx.OfferCall) for effect in effects):
            self.forgot = True
            raise ZeroDivisionError
        return effects


class Allergic(Switchboard):
    """Cannot bear the device PJSIP/13."""

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        if isinstance(heard, DeviceStateChange) and heard.device == "PJSIP/13":
            raise ZeroDivisionError
        return super().handle(heard, now)


@asynccontextmanager
async def running(switchboard: Switchboard, clock: Clock | None = None) -> AsyncIterator[tuple[FakeAsterisk, Runner]]:
    bus = InProcessBus()
    runner = Runner(
        switchboard, bus=bus, clock=clock or SystemClock(), recorder=Recorder(Path("/rec")), load_floor=_load
    )
    with capture_logs():
        async with FakeAsterisk() as asterisk:
            asterisk.device("PJSIP/1001", "NOT_INUSE")
            async with link_to(asterisk, runner.post) as link:
                runner.attach([link])
                yield asterisk, runner
    await runner.close()
    await bus.close()


async def test_a_snapshot_we_stumbled_over_is_asked_for_again() -> None:
    switchboard = Stumbling(small_floor(), START)
    async with running(switchboard) as (asterisk, _):
        await eventually("a third snapshot", lambda: len(switchboard.snapshots) == 3)
        await eventually("a heartbeat", lambda: asterisk.sent("Setvar"))
        stumbled = [Snapshot, LinkLost, Snapshot, LinkLost]
        assert [type(heard) for heard in switchboard.heard] == [*stumbled, Snapshot, LinesNamed]
        asked = [action["Action"] for action in asterisk.actions]
        assert asked[: asked.index("Setvar")].count("CoreShowChannels") == 3


@pytest.mark.parametrize("over", ["an event", "a command"])
async def test_a_decision_that_got_lost_is_made_again(over: str) -> None:
    async with running(Forgetful(small_floor(), START)) as (asterisk, runner):
        await eventually("a heartbeat", lambda: asterisk.sent("Setvar"))
        if over == "an event":
            assert runner.obey(SetReady(agent=ALICE)).ok
            asterisk.caller_waits("PJSIP/trunk-00000001", "fake-17-0")
        else:
            asterisk.caller_waits("PJSIP/trunk-00000001", "fake-17-0")
            await eventually("the caller", lambda: _floor(runner).waiting)
            with pytest.raises(ZeroDivisionError):
                runner.obey(SetReady(agent=ALICE))
        await eventually("the offer", lambda: asterisk.sent("Redirect"))
        assert asterisk.connections == 2
        assert [row.state for row in _floor(runner).agents if row.agent == ALICE] == [AgentState.RESERVED]


def _floor(runner: Runner) -> Floor:
    found = runner.obey(GetFloor())
    assert isinstance(found, Floor)
    return found


async def test_an_event_that_always_fails_does_not_keep_us_calling() -> None:
    clock = ManualClock()
    async with running(Allergic(small_floor(), START), clock) as (asterisk, runner):
        for times in range(1, SICK_AFTER):
            await eventually("a heartbeat", lambda: len(asterisk.sent("Setvar")) == times)  # noqa: B023
            asterisk.say("DeviceStateChange", Device="PJSIP/13", State="INUSE")
            await eventually("another call", lambda: asterisk.connections == times + 1)  # noqa: B023
        await eventually("a heartbeat", lambda: len(asterisk.sent("Setvar")) == SICK_AFTER)
        asterisk.say("DeviceStateChange", Device="PJSIP/13", State="INUSE")
        await eventually("enough of it", lambda: runner.heart.sick)
        [link] = runner.links
        runner.heart.beat(link)
        assert link.status.state is LinkState.UP
        clock.advance(SICK_FOR_S)
        runner.heart.beat(link)
        await eventually("a fresh beginning after a while", lambda: asterisk.connections == SICK_AFTER + 1)


async def test_who_is_cancelled_while_closing_a_line_stays_cancelled() -> None:
    async with FakeAsterisk() as asterisk:
        link: AmiLink = await link_to(asterisk, lambda _: None).__aenter__()
        await link.wait_up()
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
