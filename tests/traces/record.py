"""Records the traces of this folder: real phones call through a real Asterisk while our own switchboard decides.

    .venv/bin/python -m tests.traces.record [scene …]

Each file is what one AMI connection was told, raw, below a few lines that say where it comes from.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from callwright.asterisk.plan import Did, Queue
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Reject, Ring, SipPhone
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from tests.integration.ami.floor import ALICE, BOB
from tests.integration.ami.stage import Stage, stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.waiting import eventually
from tests.traces.recording import RawAmi, write_trace

FOLDER = Path(__file__).parent
HOTLINE = "4008001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    asterisk: PrivateAsterisk
    ami: RawAmi
    phones: PhoneProcess
    ours: Stage | None
    alice: SipPhone
    bob: SipPhone

    @property
    def engine(self) -> Stage:
        if self.ours is None:
            raise RuntimeError("this scene is played without our engine")
        return self.ours

    async def caller(self, number: str = "13800138000", name: str = "张伟") -> SipPhone:
        caller = await self.phones.add(f"caller {number}", server=self.asterisk.sip)
        await caller.dial(HOTLINE, number=number, name=name)
        return caller

    async def talks(self) -> SipPhone:
        """A caller who talks with alice."""
        await self.engine.ready(ALICE)
        caller = await self.caller()
        await self.alice.wait_for(PhoneState.RINGING)
        await asyncio.sleep(0.4)
        await self.alice.answer()
        await self.engine.hears(e.CallConnected)
        await asyncio.sleep(0.5)
        return caller


# --- the scenes


async def answered_and_held(scene: Scene) -> None:
    """alice takes the call, holds it for a while and the caller hangs up."""
    caller = await scene.talks()
    await scene.alice.hold()
    await scene.engine.hears(e.CallHeld)
    await asyncio.sleep(0.5)
    await scene.alice.resume()
    await scene.engine.hears(e.CallResumed)
    await caller.hang_up()


async def agent_hangs_up(scene: Scene) -> None:
    """alice takes the call and hangs up."""
    await scene.talks()
    await scene.alice.hang_up()


async def nobody_answers_then_bob(scene: Scene) -> None:
    """alice lets it ring (3 s), bob takes the call."""
    caller = await scene.caller()
    await scene.engine.hears(e.CallQueued)
    scene.ami.say("Setvar", Channel=scene.ami.channel("PJSIP/trunk"), Variable="CW_RING", Value="3")
    await scene.engine.ready(ALICE)
    await scene.engine.ready(BOB)
    await scene.bob.wait_for(PhoneState.RINGING)
    await scene.bob.answer()
    await scene.engine.hears(e.CallConnected)
    await caller.hang_up()


async def rejected_then_bob(scene: Scene) -> None:
    """alice's phone answers 486, bob takes the call."""
    await scene.alice.when_called(Reject(code=486))
    await nobody_answers_then_bob(scene)


async def declined_then_bob(scene: Scene) -> None:
    """alice's phone answers 603, bob takes the call."""
    await scene.alice.when_called(Reject(code=603))
    await nobody_answers_then_bob(scene)


async def gives_up_while_it_rings(scene: Scene) -> None:
    """The caller hangs up while alice's phone rings."""
    await scene.engine.ready(ALICE)
    caller = await scene.caller()
    await scene.alice.wait_for(PhoneState.RINGING)
    await asyncio.sleep(0.3)
    await caller.hang_up()


async def gives_up_waiting(scene: Scene) -> None:
    """Nobody is ready; the caller hangs up after a while."""
    caller = await scene.caller()
    await scene.engine.hears(e.CallQueued)
    await asyncio.sleep(2.5)
    await caller.hang_up()


async def safety_queue(scene: Scene) -> None:
    """Our engine is away: Asterisk's own queue rings alice or bob, who takes the call."""
    for agent in (scene.alice, scene.bob):
        await agent.when_called(Answer(after_s=0.4))
    caller = await scene.caller()
    await eventually("somebody to talk", lambda: PhoneState.TALKING in (scene.alice.state, scene.bob.state))
    await asyncio.sleep(0.5)
    await caller.hang_up()


async def colleagues(scene: Scene) -> None:
    """alice calls bob, who takes the call and hangs up."""
    await scene.alice.dial("1002", number="1001")
    await scene.bob.wait_for(PhoneState.RINGING)
    await scene.bob.answer()
    await scene.alice.wait_for(PhoneState.TALKING)
    await asyncio.sleep(0.5)
    await scene.bob.hang_up()


async def blind_transfer(scene: Scene) -> None:
    """alice gives her caller to bob's extension without a word (AMI BlindTransfer); bob takes the call."""
    caller = await scene.talks()
    scene.ami.say("BlindTransfer", Channel=scene.ami.channel("PJSIP/1001"), Context="cw-agents", Exten="1002")
    await scene.bob.wait_for(PhoneState.RINGING)
    await scene.bob.answer()
    await scene.engine.hears(e.CallConnected, count=2)
    await asyncio.sleep(0.5)
    await caller.hang_up()


async def parked_and_fetched(scene: Scene) -> None:
    """alice parks her caller, bob dials the number of his place and hangs up in the end."""
    await scene.talks()
    call = (await scene.engine.hears(e.CallConnected)).call
    assert (await scene.engine.order(c.Park(agent=ALICE, call=call))).ok
    parked = await scene.engine.hears(e.CallParked)
    await scene.alice.wait_for(PhoneState.ENDED)
    await scene.bob.dial(parked.lot, number="1002")
    await scene.engine.hears(e.CallConnected, count=2)
    await asyncio.sleep(0.5)
    await scene.bob.hang_up()


async def parked_and_back(scene: Scene) -> None:
    """alice parks her caller, nobody fetches him (3 s), and he is back with her."""
    caller = await scene.talks()
    call = (await scene.engine.hears(e.CallConnected)).call
    assert (await scene.engine.order(c.Park(agent=ALICE, call=call))).ok
    await scene.alice.wait_for(PhoneState.ENDED)
    await scene.alice.wait_for(PhoneState.RINGING)
    await scene.alice.answer()
    await scene.engine.hears(e.CallConnected, count=2)
    await asyncio.sleep(0.5)
    await caller.hang_up()


async def overheard(scene: Scene) -> None:
    """bob listens to alice and her caller, whispers, joins both, and is still there when the caller hangs up."""
    caller = await scene.talks()
    await scene.bob.when_called(Answer())
    for number, mode in enumerate((e.MonitorMode.LISTEN, e.MonitorMode.WHISPER, e.MonitorMode.BARGE), start=1):
        assert (await scene.engine.order(c.Monitor(agent=BOB, of=ALICE, mode=mode))).ok
        await scene.engine.hears(e.CallMonitored, count=2 * number - 1)
        await asyncio.sleep(0.5)
    await caller.hang_up()


async def taken_over(scene: Scene) -> None:
    """bob listens to alice and her caller and takes him over; the caller hangs up."""
    caller = await scene.talks()
    await scene.bob.when_called(Answer())
    assert (await scene.engine.order(c.Monitor(agent=BOB, of=ALICE))).ok
    await scene.engine.hears(e.CallMonitored)
    await asyncio.sleep(0.5)
    assert (await scene.engine.order(c.TakeOver(agent=BOB, of=ALICE))).ok
    await scene.alice.wait_for(PhoneState.ENDED)
    await asyncio.sleep(0.5)
    await caller.hang_up()


SCENES: tuple[Callable[[Scene], Awaitable[None]], ...] = (
    answered_and_held,
    agent_hangs_up,
    nobody_answers_then_bob,
    rejected_then_bob,
    declined_then_bob,
    gives_up_while_it_rings,
    gives_up_waiting,
    safety_queue,
    colleagues,
    blind_transfer,
    parked_and_fetched,
    parked_and_back,
    overheard,
    taken_over,
)


# --- recording


@asynccontextmanager
async def _engine(asterisk: PrivateAsterisk, recordings: Path, away: bool) -> AsyncIterator[Stage | None]:
    if away:
        yield None
        return
    plan = asterisk.plan
    endpoint = AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)
    async with stage(endpoint, recordings=recordings) as ours:
        yield ours


async def record(play: Callable[[Scene], Awaitable[None]], asterisk: PrivateAsterisk, recordings: Path) -> None:
    plan = asterisk.plan
    async with (
        _engine(asterisk, recordings, away=play is safety_queue) as ours,
        RawAmi.listening(plan.ports.ami, plan.ami_user, plan.secrets.ami) as ami,
        PhoneProcess(life_s=120) as phones,
    ):
        agents = [
            await phones.add(number, server=asterisk.sip, number=number, secret=SECRET, when_called=Ring())
            for number in ("1001", "1002")
        ]
        for agent in agents:
            await agent.wait_registered()
        await play(Scene(asterisk=asterisk, ami=ami, phones=phones, ours=ours, alice=agents[0], bob=agents[1]))
        await eventually("the call to be over", asterisk.is_idle, limit_s=30)
        await ami.until_quiet()
        write_trace(
            FOLDER / f"{play.__name__}.ami",
            ami.blocks,
            what=(play.__doc__ or "").strip(),
            version=plan.version,
            recorder="tests/traces/record.py",
        )


async def main(names: list[str]) -> None:
    wanted = [play for play in SCENES if not names or play.__name__ in names]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        recordings = home / "recordings"
        recordings.mkdir()
        recordings.chmod(0o777)
        home.chmod(0o755)
        queues, dids = (Queue(key="service", ring_s=3),), (Did(number=HOTLINE, queue="service", skills="zh:1"),)
        async with private_asterisk(home, queues=queues, dids=dids, parking_s=3) as asterisk:
            for play in wanted:
                await record(play, asterisk, recordings)
                print("recorded", play.__name__, file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
