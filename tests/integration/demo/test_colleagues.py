"""A simulated colleague on a real phone, with a switchboard of the test's own at the other end of the bus."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwright.asterisk.plan import Agent, PhoneKind
from callwright.demo.colleagues import Colleagues, Habits
from callwright.demo.phones import PhoneProcess, PhoneState
from callwright.demo.voices import Voices
from crm_core.domain.users import PhoneKind as UsersPhone
from crm_core.domain.users import User
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import AgentId, CallId, UserId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.runtime.in_process_bus import InProcessBus
from cti.commands import FinishWrapUp, Floor, GetFloor, SetPaused, SetReady
from cti.events import AgentOnFloor, AgentStateChanged
from routing.states import AgentState
from tests.support.asterisk import AGENTS, SECRET, PrivateAsterisk, private_asterisk
from tests.support.tones import read_wav, seconds_of_sound
from tests.support.waiting import eventually

QUICK = Habits(
    answer_s=(0.1, 0.2), talk_s=(1.0, 1.1), paperwork_s=(0.1, 0.2), coffee_s=(0.1, 0.2), misses=0, fetches_coffee=0
)
WHO = AgentId("usr_wang")
CALL = CallId("call-1")


class OneAgentSwitchboard:
    """Keeps one agent's state and obeys: what a switchboard does for him, without calls."""

    def __init__(self, bus: InProcessBus) -> None:
        self._bus = bus
        self.state = AgentState.OFFLINE
        self.asked: list[Command] = []

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        async with self._bus.serve(self._carry_out, SetReady, SetPaused, FinishWrapUp, GetFloor):
            yield

    def becomes(self, state: AgentState, *, reason: str = "", call: CallId | None = None) -> None:
        before, self.state = self.state, state
        self._bus.publish(
            AgentStateChanged(
                at=datetime.now(UTC), agent=WHO, state=state, reason=reason, call=call, before=before, reachable=True
            )
        )

    async def _carry_out(self, command: Command) -> CommandResult:
        self.asked.append(command)
        match command:
            case GetFloor():
                row = AgentOnFloor(agent=WHO, extension="1011", state=self.state, since=datetime.now(UTC))
                return Floor(ok=True, agents=(row,))
            case SetPaused(reason=reason):
                self.becomes(AgentState.PAUSED, reason=reason)
            case _:
                self.becomes(AgentState.READY)
        return CommandResult(ok=True)


@pytest.fixture
async def bus() -> AsyncIterator[InProcessBus]:
    made = InProcessBus()
    yield made
    await made.close()


async def test_he_signs_on_answers_talks_hangs_up_and_does_his_paperwork(tmp_path: Path, bus: InProcessBus) -> None:
    voices = Voices(tmp_path / "voices")
    await voices.prepare()
    wang = User(
        id=UserId(WHO),
        login="wang",
        name="王芳",
        extension="1011",
        sip_secret=SECRET,
        phone_kind=UsersPhone.SIP,
        created_at=SystemClock().now(),
    )
    switchboard = OneAgentSwitchboard(bus)
    phone = Agent(extension="1011", name="Wang", sip_secret=SECRET, kind=PhoneKind.SIP)
    async with (
        private_asterisk(tmp_path / "home", agents=(*AGENTS, phone)) as asterisk,
        switchboard.serving(),
        PhoneProcess() as process,
        _at_work(Colleagues([wang], bus, sip=asterisk.sip, voices=voices, habits=QUICK, dice=random.Random(1))),
    ):
        caller = await process.add("caller", server=asterisk.sip, number="1001", secret=SECRET)
        await caller.wait_registered()
        await eventually("Wang to be ready", lambda: switchboard.state is AgentState.READY)
        await eventually("Wang's phone", lambda: _in_service(asterisk))
        await caller.dial("1011", number="1001")
        await caller.wait_for(PhoneState.TALKING)
        async with caller.recording(tmp_path / "heard.wav") as heard:
            switchboard.becomes(AgentState.TALKING, call=CALL)
            await caller.wait_for(PhoneState.ENDED)
        assert seconds_of_sound(read_wav(heard)) > 0.1
        switchboard.becomes(AgentState.WRAP_UP, call=CALL)
        await eventually("his paperwork", lambda: FinishWrapUp(agent=WHO, call=CALL) in switchboard.asked)
        await eventually("Wang to be ready again", lambda: switchboard.state is AgentState.READY)
        switchboard.becomes(AgentState.PAUSED, reason="break")
        await eventually("Wang to come back from his coffee", lambda: switchboard.state is AgentState.READY)


async def _in_service(asterisk: PrivateAsterisk) -> bool:
    return "1011/sip:1011@" in await asterisk.cli("pjsip show contacts")


@contextlib.asynccontextmanager
async def _at_work(colleagues: Colleagues) -> AsyncIterator[None]:
    task = asyncio.create_task(colleagues.run())
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
