"""A floor with its phones, a customer, and somebody out there, on a real Asterisk that the tests of a file share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from callwright.demo.phones import Answer, PhoneProcess, Ring, SipPhone, WhenCalled
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE, EXTENSIONS
from tests.integration.ami.stage import Stage, stage
from tests.support.asterisk import SECRET, PrivateAsterisk
from tests.support.phones import wait_until_heard
from tests.support.recorded import whole_recording
from tests.support.tones import described, seconds_of
from tests.support.waiting import eventually

HOTLINE, OUTSIDE = "4008001", "13900139000"


TONES = {"1001": 700, "1002": 440, "1003": 950, "customer": 1200, OUTSIDE: 1200}


Voices = dict[str, Path]


@dataclass(slots=True, kw_only=True)
class World:
    """A floor with its phones, and a customer."""

    asterisk: PrivateAsterisk
    voices: Voices
    phones: PhoneProcess
    far: PhoneProcess
    ours: Stage

    async def phone(self, agent: AgentId, reaction: WhenCalled | None = None, *, ready: bool = False) -> SipPhone:
        extension = EXTENSIONS[agent]
        phone = await self.phones.add(
            extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=reaction or Ring()
        )
        await phone.play(self.voices[extension])
        await phone.wait_registered()
        await self.ours.ready(agent)
        if not ready:
            assert (await self.ours.order(c.SetPaused(agent=agent, reason="break"))).ok
        return phone

    async def caller(self) -> SipPhone:
        caller = await self.far.add("customer", server=self.asterisk.sip)
        await caller.play(self.voices["customer"])
        await caller.dial(HOTLINE, number="13800138000")
        return caller

    async def outside(self, reaction: WhenCalled, *, tone: str = OUTSIDE) -> SipPhone:
        """Somebody out there whom the house can call."""
        phone = await self.far.add("outside", server=self.asterisk.sip, number=OUTSIDE, when_called=reaction)
        await phone.play(self.voices[tone])
        return phone

    async def talks(self) -> tuple[SipPhone, SipPhone, CallId]:
        """The customer, alice, and their call."""
        alice = await self.phone(ALICE, Answer(), ready=True)
        customer = await self.caller()
        connected = await self.ours.hears(e.CallConnected)
        await self.ours.hears(e.RecordingStarted)
        await wait_until_heard(customer, TONES["1001"])
        return customer, alice, connected.call

    def recording(self, call: CallId) -> Path:
        return self.asterisk.plan.directories.recordings / f"{call}.wav"

    async def is_done(self, command: Command) -> None:
        result = await self.ours.order(command)
        assert result.ok, result

    async def state(self, agent: AgentId) -> AgentState:
        return next(row.state for row in (await self.ours.floor()).agents if row.agent == agent)

    async def becomes(self, agent: AgentId, state: AgentState) -> None:
        async def so() -> bool:
            assert await self.state(agent) is state, await self.state(agent)
            return True

        await eventually(f"{agent} to be {state}", so)


def endpoint_of(asterisk: tuple[PrivateAsterisk, int]) -> AmiEndpoint:
    plan = asterisk[0].plan
    return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)


def recordings_of(asterisk: tuple[PrivateAsterisk, int]) -> Path:
    return asterisk[0].plan.directories.recordings


@asynccontextmanager
async def a_world(
    asterisk: tuple[PrivateAsterisk, int],
    voices: Voices,
    calls: AsyncExitStack,
    *,
    port: int = 0,
    floor: FloorPlan | None = None,
) -> AsyncIterator[World]:
    """Its phones and calls outlive it, as long as `calls`. `port`: where its line to Asterisk goes, if elsewhere."""
    running, outside = asterisk
    phones = await calls.enter_async_context(PhoneProcess(life_s=600))
    far = await calls.enter_async_context(PhoneProcess(life_s=600, port=outside))
    calls.push_async_callback(eventually, "no calls", running.is_idle)
    calls.push_async_callback(running.cli, "channel request hangup all")
    endpoint = endpoint_of(asterisk)
    to = replace(endpoint, port=port or endpoint.port)
    async with stage(to, recordings=recordings_of(asterisk), floor=floor) as ours:
        yield World(asterisk=running, voices=voices, phones=phones, far=far, ours=ours)


def to_agent(agent: AgentId) -> c.Target:
    return c.Target(kind=c.TargetKind.AGENT, value=agent)


async def talked_in(world: World, call: CallId, *tones: float) -> None:
    """One recording of the whole call, in which each of them is heard."""
    sound = await whole_recording(world.recording(call))
    for tone in tones:
        assert seconds_of(sound, tone, at_least=0.25) > 0.3, described(sound, tone)


def transfers(world: World) -> list[tuple[str, str, str, str]]:
    return [(told.kind, told.by, told.to, told.outcome) for told in world.ours.all(e.CallTransferred)]
