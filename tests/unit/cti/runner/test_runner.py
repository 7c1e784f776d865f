"""The runner without a line: order, commands, our own failures, and effects that nobody is there for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import FloorPlan, Sticky
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Command, CommandResult, Event
from crm_core.runtime.in_process_bus import InProcessBus
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import DeviceState, DeviceStateChange
from cti.heartbeat import SICK_AFTER, SICK_FOR_S
from cti.recorder import Recorder
from cti.runner import Runner
from cti.switchboard import FloorLoaded, Heard, Promise, Switchboard, WhoKnows
from routing.states import AgentState
from tests.unit.cti.calls.scenes import SERVER, Asterisk
from tests.unit.cti.switchboard.playbook import ALICE, BOB, floor_plan


class Stumbling(Switchboard):
    """A switchboard with bugs: it cannot bear the device PJSIP/13, nor the reason «13». Remembers what it was told."""

    def __init__(self, plan: FloorPlan, now: datetime) -> None:
        super().__init__(plan, now)
        self.heard: list[Heard] = []

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        self.heard.append(heard)
        if isinstance(heard, DeviceStateChange) and heard.device == "PJSIP/13":
            raise ZeroDivisionError
        return super().handle(heard, now)

    def obey(self, command: Command, now: datetime) -> tuple[CommandResult | Promise, list[fx.Effect]]:
        if isinstance(command, c.SetPaused) and command.reason == "13":
            raise ZeroDivisionError
        return super().obey(command, now)


@dataclass(slots=True)
class House:
    runner: Runner
    switchboard: Stumbling
    clock: ManualClock
    told: list[Event]
    loads: list[FloorPlan]
    bus: InProcessBus


@asynccontextmanager
async def house(*loads: FloorPlan, may_tell: bool = True) -> AsyncIterator[House]:
    clock, bus, told, plans = ManualClock(), InProcessBus(), list[Event](), list(loads)
    switchboard = Stumbling(floor_plan(), clock.now())

    async def load() -> FloorPlan:
        return plans.pop(0)

    async def keep(event: Event) -> None:
        told.append(event)

    async def who_knows(number: str, _call: CallId) -> Acquaintance:
        """A CRM that stumbles over one number."""
        if number == "13":
            raise ZeroDivisionError
        return Acquaintance(last=ALICE)

    recorder = Recorder(Path("/rec"))
    runner = Runner(
        switchboard,
        bus=bus,
        clock=clock,
        recorder=recorder,
        load_floor=load,
        may_tell=lambda: may_tell,
        who_knows=who_knows,
    )
    with capture_logs():  # painting a traceback takes longer than all the rest
        async with bus.consume("test", keep):
            yield House(runner, switchboard, clock, told, plans, bus)
            await runner.close()
            await bus.close()


def device(name: str, at: datetime, state: DeviceState = DeviceState.NOT_IN_USE) -> DeviceStateChange:
    return DeviceStateChange(server=SERVER, at=at, device=name, state=state)


async def test_what_comes_of_an_effect_is_heard_after_what_it_came_from() -> None:
    """No line is there: the failure of each effect is known while the event is still being handled."""
    asterisk = Asterisk()
    async with house() as ours:
        ours.runner.post(asterisk.snapshot())
        ours.runner.post(device("PJSIP/1001", asterisk.now))
        assert ours.runner.obey(c.SetReady(agent=ALICE)).ok
        for event in (*asterisk.arrives(), *asterisk.queues(asterisk.last)):
            ours.runner.post(event)
        kinds = [type(heard) for heard in ours.switchboard.heard]
        failed = next(heard for heard in ours.switchboard.heard if isinstance(heard, fx.Failed))
        assert isinstance(failed.effect, fx.OfferCall)
        assert failed.why is fx.Failure.LINE_DOWN
        assert kinds.index(fx.Failed) == len(kinds) - 1
    assert [event.topic for event in ours.told if isinstance(event, e.CallEvent)] == [
        "call.arrived", "call.queued", "call.offered", "call.offer_failed",
    ]  # fmt: skip


async def test_what_comes_of_a_command_is_heard_after_all_that_it_wanted() -> None:
    """The offer that a command leads to fails at once; its end must not be told before its beginning is done."""
    asterisk = Asterisk()
    async with house() as ours:
        ours.runner.post(asterisk.snapshot())
        ours.runner.post(device("PJSIP/1001", asterisk.now))
        for event in (*asterisk.arrives(), *asterisk.queues(asterisk.last)):
            ours.runner.post(event)
        order: list[str] = []
        carry_out = ours.runner._performer.carry_out

        def watched(effects: Iterable[fx.Effect]) -> None:
            order.append("begin")
            carry_out(effects)
            order.append("end")

        ours.runner._performer.carry_out = watched  # type: ignore[method-assign]
        assert ours.runner.obey(c.SetReady(agent=ALICE)).ok
    assert order[:4] == ["begin", "end", "begin", "end"]
    assert any(isinstance(heard, fx.Failed) for heard in ours.switchboard.heard)


async def test_a_bug_over_a_command_counts_as_well_and_blocks_nothing() -> None:
    async with house() as ours:
        for _ in range(SICK_AFTER):
            with pytest.raises(ZeroDivisionError):
                ours.runner.obey(c.SetPaused(agent=BOB, reason="13"))
        assert ours.runner.heart.sick
        ours.runner.post(device("PJSIP/1001", ours.clock.now()))
        assert len(ours.switchboard.heard) == 1


async def test_a_refused_command_answers_with_its_code() -> None:
    async with house() as ours:
        result = ours.runner.obey(c.SetPaused(agent=BOB, reason=" "))
        assert (result.ok, result.code) == (False, "reason.missing")


async def test_a_bug_loses_one_event_and_is_told() -> None:
    async with house() as ours:
        ours.runner.post(device("PJSIP/13", ours.clock.now()))
        ours.runner.post(device("PJSIP/1001", ours.clock.now()))
        assert len(ours.switchboard.heard) == 2
        assert not ours.runner.heart.sick
    [anomaly] = [event for event in ours.told if isinstance(event, e.Anomaly)]
    assert anomaly.what == "not_handled"
    assert "PJSIP/13" in anomaly.raw


async def test_too_many_bugs_stop_the_heart_until_it_was_calm_for_a_while() -> None:
    async with house() as ours:
        for _ in range(SICK_AFTER):
            assert not ours.runner.heart.sick
            ours.runner.post(device("PJSIP/13", ours.clock.now()))
            ours.clock.advance(1)
        assert ours.runner.heart.sick
        ours.clock.advance(SICK_FOR_S)
        assert not ours.runner.heart.sick


async def test_the_floor_is_loaded_on_command_and_heard_of() -> None:
    async with house(floor_plan(without=[BOB])) as ours:
        assert ours.runner.obey(c.ReloadFloor()).ok
        async with asyncio.timeout(5):
            while not any(isinstance(heard, FloorLoaded) for heard in ours.switchboard.heard):
                await asyncio.sleep(0)
        assert ours.runner.obey(c.SetReady(agent=BOB)).code == "agent.unknown"


async def test_who_knows_a_caller_is_asked_of_the_crm_and_a_crm_that_fails_is_not_heard_of() -> None:
    service, *others = floor_plan().queues
    plan = replace(floor_plan(), queues=(replace(service, sticky=Sticky.LAST_AGENT), *others))
    asterisk = Asterisk()
    async with house() as ours:
        ours.runner.post(FloorLoaded(plan=plan))
        ours.runner.post(asterisk.snapshot())
        for number in ("13", "13800138000"):
            for event in (*asterisk.arrives(number), *asterisk.queues(asterisk.last)):
                ours.runner.post(event)
        async with asyncio.timeout(5):
            while not any(isinstance(heard, WhoKnows) for heard in ours.switchboard.heard):
                await asyncio.sleep(0)
        [knows] = [heard for heard in ours.switchboard.heard if isinstance(heard, WhoKnows)]
        assert (knows.call, knows.found) == (asterisk.channels[asterisk.last].call, Acquaintance(last=ALICE))


async def test_timers_come_back_as_something_heard() -> None:
    async with house() as ours:
        ours.runner._performer.carry_out([fx.WakeMeAt(when=ours.clock.now() - timedelta(seconds=1), token="x:y")])
        async with asyncio.timeout(5):
            while ours.switchboard.heard != [fx.Woken(token="x:y")]:
                await asyncio.sleep(0)


async def test_what_the_log_knows_is_restored_without_being_told_again() -> None:
    async with house() as ours:
        at = ours.clock.now()
        known = e.AgentStateChanged(at=at, agent=ALICE, state=AgentState.PAUSED, reason="lunch")
        ours.runner.restore([known])
        floor = ours.runner.obey(c.GetFloor())
        assert isinstance(floor, c.Floor)
        assert [(row.state, row.reason) for row in floor.agents if row.agent == ALICE] == [("paused", "lunch")]
    assert ours.told == []


async def test_a_promised_answer_is_waited_for_and_given_at_the_latest_when_we_end() -> None:
    class Promising(Stumbling):
        def obey(self, command: Command, now: datetime) -> tuple[CommandResult | Promise, list[fx.Effect]]:
            return Promise(id="one"), []

        def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
            return [fx.Reply(promise="one", result=CommandResult(ok=True))]

    async with house() as ours:
        ours.runner._switchboard = Promising(floor_plan(), ours.clock.now())
        asked = asyncio.create_task(ours.runner.ask(c.ReloadFloor()))
        await asyncio.sleep(0)
        assert not asked.done()
        ours.runner.post(fx.Woken(token="x:y"))
        assert (await asked).ok
        asked = asyncio.create_task(ours.runner.ask(c.ReloadFloor()))
        await asyncio.sleep(0)
        await ours.runner.close()
        assert (await asked).code == "command.timed_out"


async def test_whoever_waited_for_an_answer_finds_all_told_that_came_with_it() -> None:
    told = [e.Anomaly(at=datetime(2026, 1, 1, tzinfo=UTC), what=what, raw="") for what in ("before", "after")]

    class Breaking(Stumbling):
        def obey(self, command: Command, now: datetime) -> tuple[CommandResult | Promise, list[fx.Effect]]:
            return Promise(id="one"), []

        def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
            answer = fx.Reply(promise="one", result=CommandResult(ok=False, code="x"))
            return [fx.Publish(event=told[0]), answer, fx.Publish(event=told[1])]

    async with house() as ours, ours.bus.subscribe(e.Anomaly) as heard:
        ours.runner._switchboard = Breaking(floor_plan(), ours.clock.now())
        asked = asyncio.create_task(ours.runner.ask(c.ReloadFloor()))
        await asyncio.sleep(0)
        ours.runner.post(fx.Woken(token="x:y"))
        await asked
        for event in told:
            found = asyncio.ensure_future(anext(heard))
            await asyncio.sleep(0)
            assert found.done()
            assert await found == event


def stepped(asterisk: Asterisk, call: str) -> e.CallStepped:
    return e.CallStepped(at=asterisk.now, call=CallId(call), flow="main", node="menu", entered="2", label="repair")


async def test_a_step_in_our_own_menus_is_heard_before_what_asterisk_says_of_it() -> None:
    """And not before whoever tells of it goes on: his prompt is to be on its way first."""
    asterisk = Asterisk()
    async with house() as ours:
        ours.runner.post(asterisk.snapshot())
        for event in asterisk.arrives():
            ours.runner.post(event)
        step = stepped(asterisk, str(asterisk.channels[asterisk.last].call))
        loop = asyncio.get_running_loop()
        assert ours.runner.post_step(step)
        for event in asterisk.queues(asterisk.last):
            loop.call_soon(ours.runner.post, event)
        assert step not in ours.switchboard.heard
        await asyncio.sleep(0)
        assert step in ours.switchboard.heard
    assert [event.topic for event in ours.told if isinstance(event, e.CallEvent)][:3] == [
        "call.arrived", "call.stepped", "call.queued",
    ]  # fmt: skip


async def test_a_step_of_a_call_that_is_not_known_is_not_heard() -> None:
    async with house() as ours:
        assert not ours.runner.post_step(stepped(Asterisk(), "nobodys"))


async def test_while_another_process_tells_no_step_is_heard() -> None:
    asterisk = Asterisk()
    async with house(may_tell=False) as ours:
        ours.runner.post(asterisk.snapshot())
        for event in asterisk.arrives():
            ours.runner.post(event)
        assert not ours.runner.post_step(stepped(asterisk, str(asterisk.channels[asterisk.last].call)))


async def test_while_another_process_may_serve_no_command_is_carried_out() -> None:
    async with house(may_tell=False) as ours:
        refused = await ours.runner.ask(c.SetReady(agent=ALICE))
        assert (refused.ok, refused.code) == (False, "command.timed_out")
