"""One recording though the customer's peer changes: Asterisk itself would leave the new one's voice out of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import Answer, PhoneProcess, PhoneState
from crm_core.kernel.ids import AgentId
from cti import events as e
from cti.telephony import AmiEndpoint
from recordings.storage import RecordingFolder
from tests.integration.ami.floor import ALICE, BOB, CAROL, EXTENSIONS
from tests.integration.ami.stage import Stage, stage
from tests.integration.asterisk.parts import Ami
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.recorded import recorded_s
from tests.support.tones import described, make_tone, read_wav, seconds_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]

TONES = {ALICE: 700, BOB: 440, CAROL: 950}
CUSTOMERS_TONE = 1200
HEARD_S = 1.5
"""How long each of them talks at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    ami: Ami
    folder: RecordingFolder
    tones: Path

    @property
    def endpoint(self) -> AmiEndpoint:
        plan = self.asterisk.plan
        return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)

    def tone(self, frequency: int) -> Path:
        return make_tone(self.tones / f"{frequency}.wav", frequency, seconds=2)

    def recorded_s(self, file: str) -> float:
        return recorded_s(self.asterisk.plan.directories.recordings / file)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with (
        private_asterisk(tmp_path_factory.mktemp("pbx")) as asterisk,
        Ami.logged_in(asterisk.plan) as ami,
    ):
        folder = RecordingFolder(asterisk.plan.directories.recordings)
        yield World(asterisk=asterisk, ami=ami, folder=folder, tones=tmp_path_factory.mktemp("tones"))


@pytest_asyncio.fixture(loop_scope="module")
async def phones() -> AsyncIterator[PhoneProcess]:
    async with PhoneProcess(life_s=600) as process:
        yield process


async def _by_blind_transfer(world: World, ours: Stage, customer: str, to: AgentId) -> None:
    """The agent sends the customer to a colleague's extension."""
    talking = ours.all(e.CallConnected)[-1].party
    channel = await _channel_of(world, talking)
    done = await world.ami.ask("BlindTransfer", Channel=channel, Context="cw-agents", Exten=EXTENSIONS[to])
    assert done["Response"] == "Success", done


async def _by_a_second_offer(world: World, ours: Stage, customer: str, to: AgentId) -> None:
    """The customer is sent back into his line, where somebody else is ready for him."""
    await ours.ready(to)
    offer = ours.all(e.CallOffered)[-1].offer
    done = await world.ami.ask("Redirect", Channel=customer, Context="cw-hold", Exten=f"back-{offer}", Priority="1")
    assert done["Response"] == "Success", done


async def _channel_of(world: World, extension: str) -> str:
    lines = (await world.asterisk.cli("core show channels concise")).splitlines()
    return next(line.partition("!")[0] for line in lines if line.startswith(f"PJSIP/{extension}-"))


@pytest.mark.parametrize("moves_on", [_by_blind_transfer, _by_a_second_offer])
async def test_everybody_the_customer_talked_to_is_heard_in_his_recording(
    world: World, phones: PhoneProcess, moves_on: Callable[[World, Stage, str, AgentId], Awaitable[None]]
) -> None:
    for agent, frequency in TONES.items():
        phone = await phones.add(
            agent,
            server=world.asterisk.sip,
            number=EXTENSIONS[agent],
            secret=SECRET,
            when_called=Answer(),
        )
        await phone.play(world.tone(frequency))
        await phone.wait_registered()
    caller = await phones.add("customer", server=world.asterisk.sip)
    await caller.play(world.tone(CUSTOMERS_TONE))
    world.ami.events.clear()
    async with stage(world.endpoint, recordings=world.asterisk.plan.directories.recordings) as ours:
        await ours.ready(ALICE)
        await caller.dial("4008001", number="13800138000")
        customer = (await world.ami.user_event("CwQueued"))["Channel"]
        for count, agent in enumerate(TONES, start=1):
            if count > 1:
                await moves_on(world, ours, customer, agent)
            assert (await ours.hears(e.CallConnected, count=count)).agent == agent
            file = (await ours.hears(e.RecordingStarted)).file  # one file, however often it is begun anew
            before = world.recorded_s(file)
            await eventually(f"{agent} to talk a while", lambda: world.recorded_s(file) >= before + HEARD_S)  # noqa: B023
        await caller.hang_up()
        ended = await ours.hears(e.CallEnded)
    assert ended.agents == tuple(TONES)
    await eventually("the file to be closed", lambda: world.folder.look(file).complete)
    sound = read_wav(world.folder.look(file).path)
    for frequency in TONES.values():
        assert seconds_of(sound, frequency, at_least=0.25) >= 1.0, described(sound, frequency)
    assert seconds_of(sound, CUSTOMERS_TONE, at_least=0.25) >= 3.0, described(sound, CUSTOMERS_TONE)
    await caller.wait_for(PhoneState.ENDED)
