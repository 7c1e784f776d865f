"""Whole calls through the real dialplan of a real Asterisk, with our switchboard deciding."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Did
from callwright.demo.phones import PhoneProcess, PhoneState, Ring, SipPhone
from cti import events as e
from cti.telephony import AmiEndpoint
from routing.states import AgentState
from tests.integration.ami.floor import ALICE
from tests.integration.ami.stage import stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.story]
QUEUE = "4008001"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    asterisk: PrivateAsterisk
    phones: PhoneProcess
    recordings: Path

    @property
    def endpoint(self) -> AmiEndpoint:
        plan = self.asterisk.plan
        return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)

    async def phone_of(self, extension: str) -> SipPhone:
        phone = await self.phones.add(extension, server=self.asterisk.sip, number=extension, secret=SECRET)
        await phone.wait_registered()
        return phone

    async def caller(self, number: str = "13800138000") -> SipPhone:
        phone = await self.phones.add(f"caller {number}", server=self.asterisk.sip)
        await phone.dial(QUEUE, number=number)
        return phone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("pbx")
    recordings = home / "recordings"
    recordings.mkdir(mode=0o777)
    recordings.chmod(0o777)
    async with private_asterisk(home, dids=(Did(number=QUEUE, queue="service"),)) as asterisk, PhoneProcess() as phones:
        yield World(asterisk=asterisk, phones=phones, recordings=recordings)


async def test_a_call_from_the_trunk_to_the_end(world: World) -> None:
    async with stage(world.endpoint, recordings=world.recordings) as ours:
        alice = await world.phone_of("1001")
        await ours.ready(ALICE)
        await alice.when_called(Ring())
        caller = await world.caller()
        await alice.wait_for(PhoneState.RINGING)
        offered = await ours.hears(e.CallOffered)
        assert alice.headers["X-CW-Call"] == offered.call
        await alice.answer()
        connected = await ours.hears(e.CallConnected)
        assert connected.agent == ALICE
        recording = await ours.hears(e.RecordingStarted)
        await caller.hang_up()
        ended = await ours.hears(e.CallEnded)
        assert (ended.outcome, ended.hung_up_by, ended.agents) == (e.Outcome.ANSWERED, e.HungUpBy.CALLER, (ALICE,))
        await eventually("the sound", lambda: (world.recordings / recording.file).stat().st_size > 44)
        assert recording.mix_id
        states = [event.state for event in ours.all(e.AgentStateChanged) if event.agent == ALICE]
        assert states[-1] is AgentState.WRAP_UP
        await alice.remove()
        await caller.remove()
