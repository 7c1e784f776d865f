"""A test call by a real Asterisk and none of our processes: it must reach an agent by the safety queue, and speak."""

from __future__ import annotations

from pathlib import Path

from callwright.asterisk.plan import Did
from callwright.demo.callers import CallPlan, TestCaller
from callwright.demo.phones import Answer, PhonePool, PhoneProcess, PhoneState
from callwright.demo.voices import Voices
from tests.support.asterisk import SECRET, private_asterisk
from tests.support.phones import listen
from tests.support.tones import seconds_of_sound
from tests.support.waiting import eventually


async def test_a_caller_speaks_to_whom_asterisk_alone_finds(tmp_path: Path) -> None:
    voices = Voices(tmp_path / "voices")
    await voices.prepare()
    async with (
        private_asterisk(tmp_path / "home", dids=(Did(number="4008000", flow="main"),)) as asterisk,
        PhoneProcess() as process,
        PhonePool() as pool,
        TestCaller(pool, trunk=asterisk.sip, voices=voices) as caller,
    ):
        agent = await process.add("agent", server=asterisk.sip, number="1001", secret=SECRET, when_called=Answer())
        await agent.wait_registered()
        call = await caller.place(CallPlan(number="13800138000", name="张伟"))
        await agent.wait_for(PhoneState.TALKING, limit_s=30)
        assert "13800138000" in agent.caller

        async def speaks() -> bool:
            return seconds_of_sound(await listen(agent)) > 0.3

        await eventually("the caller to be heard", speaks)
        await agent.hang_up()
        await eventually("the caller to notice", call.over.is_set)
