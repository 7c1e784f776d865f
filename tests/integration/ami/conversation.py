"""A customer, agents and a supervisor at a real Asterisk, each with a tone of his own to know him by."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from callwright.asterisk.plan import Did
from callwright.asterisk.render import CDR_COLUMNS
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, Ring, SipPhone
from crm_core.kernel.ids import AgentId, CallId
from cti import commands as c
from cti import events as e
from cti.telephony import AmiEndpoint
from tests.integration.ami.floor import ALICE, CAROL
from tests.integration.ami.stage import Stage
from tests.support.asterisk import SECRET, PrivateAsterisk, private_asterisk
from tests.support.phones import listen
from tests.support.recorded import recorded_on, whole_recording
from tests.support.tones import Sound, make_tone, seconds_of, share
from tests.support.waiting import LIMIT_S, eventually

QUEUE = "4008001"
CUSTOMER, ANNE, BRIAN, CAROLS = 1200.0, 700.0, 450.0, 1700.0
"""Hz: the customer's tone and those of alice, bob and carol."""
TONES: Mapping[str, float] = {"customer": CUSTOMER, "1001": ANNE, "1002": BRIAN, "1003": CAROLS}
AUDIBLE, INAUDIBLE = 0.15, 0.03
"""Shares of the energy: of three voices at once each has about a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    asterisk: PrivateAsterisk
    recordings: Path
    voices: Mapping[str, Path]

    @property
    def endpoint(self) -> AmiEndpoint:
        plan = self.asterisk.plan
        return AmiEndpoint(host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami)

    @asynccontextmanager
    async def phones(self, *extensions: str) -> AsyncIterator[tuple[SipPhone, ...]]:
        """Desk phones that ring until somebody answers, each in a process of its own."""
        async with AsyncExitStack() as parts:
            found = []
            for extension in extensions:
                process = await parts.enter_async_context(PhoneProcess())
                phone = await process.add(
                    extension, server=self.asterisk.sip, number=extension, secret=SECRET, when_called=Ring()
                )
                await phone.play(self.voices[extension])
                await phone.wait_registered()
                found.append(phone)
            yield tuple(found)
            for phone in found:
                await phone.remove()
            await eventually("the phones to be signed off", partial(self._are_gone, extensions))
            await eventually("no calls", self.asterisk.is_idle)

    async def _are_gone(self, extensions: Sequence[str]) -> bool:
        shown = await self.asterisk.cli("pjsip show contacts")
        return not any(f"{extension}/sip:" in shown for extension in extensions)

    @asynccontextmanager
    async def customer(self, number: str = "13800138000") -> AsyncIterator[SipPhone]:
        async with PhoneProcess() as process:
            phone = await process.add(f"customer {number}", server=self.asterisk.sip)
            await phone.play(self.voices["customer"])
            await phone.dial(QUEUE, number=number)
            yield phone
            await phone.remove()

    async def is_recorded(self, call: CallId) -> None:
        """Until a second more of what is said now is in the file."""
        await recorded_on(self.recordings / f"{call}.wav", 1.0)

    async def recorded(self, call: CallId) -> Sound:
        return await whole_recording(self.recordings / f"{call}.wav")

    def accounted(self) -> set[str]:
        """Calls in Asterisk's own account; a leg that is nobody's call would be there without a name."""
        account = self.asterisk.plan.directories.cdr / "calls.csv"
        if not account.exists():
            return set()
        with account.open(newline="") as records:
            return {row[CDR_COLUMNS.index("userfield")] for row in csv.reader(records)}


@asynccontextmanager
async def office(home: Path, *, parking_s: int = 60) -> AsyncIterator[Office]:
    recordings = home / "recordings"
    recordings.mkdir(mode=0o777)
    recordings.chmod(0o777)
    voices = {name: make_tone(home / f"{name}.wav", tone, seconds=2, level=0.2) for name, tone in TONES.items()}
    async with private_asterisk(home, dids=(Did(number=QUEUE, queue="service"),), parking_s=parking_s) as asterisk:
        yield Office(asterisk=asterisk, recordings=recordings, voices=voices)


async def talks(ours: Stage, phone: SipPhone, customer: SipPhone, agent: AgentId = ALICE) -> CallId:
    """This agent is given the customer who waits, answers, and is recorded."""
    await phone.when_called(Answer())
    await ours.ready(agent)
    await phone.wait_for(PhoneState.TALKING)
    call = (await ours.hears(e.CallConnected)).call
    await ours.hears(e.RecordingStarted)
    await customer.wait_for(PhoneState.TALKING)
    await phone.when_called(Ring())
    return call


async def asks_and_hands_on(ours: Stage, phone: SipPhone, customer: SipPhone, agent: AgentId, carol: SipPhone) -> None:
    """Whoever has the customer now asks carol, takes it back, and then gives him to her."""
    [live] = (await ours.floor()).calls
    her = c.Target(kind=c.TargetKind.AGENT, value=CAROL)
    await ours.ready(CAROL)
    assert (await ours.order(c.Consult(agent=agent, call=live.call, to=her))).ok
    await carol.wait_for(PhoneState.RINGING)
    await carol.answer()
    await hears_only(carol, phone.name)
    assert (await ours.order(c.CancelTransfer(agent=agent, call=live.call))).ok
    await hears_only(customer, phone.name)
    assert (await ours.order(c.Transfer(agent=agent, call=live.call, to=her))).ok
    await carol.wait_for(PhoneState.RINGING)
    await carol.answer()
    await hears_only(customer, "1003")


async def hears_only(phone: SipPhone, *voices: str, limit_s: float = LIMIT_S) -> None:
    """All of these voices, and none of the others, for a whole stretch."""

    async def so() -> bool:
        sound = await listen(phone)
        heard = {name: loudness(sound, tone) for name, tone in TONES.items()}
        assert all(heard[name] > AUDIBLE for name in voices), heard
        assert all(part < INAUDIBLE for name, part in heard.items() if name not in voices), heard
        return True

    await eventually(f"{phone.name} to hear {voices or 'nobody'}", so, limit_s=limit_s)


def loudness(sound: Sound, tone: float) -> float:
    """The mean share of the tone in what is heard."""
    parts = [share(block, sound.rate, tone) for block in sound.blocks()]
    return sum(parts) / max(1, len(parts))


def seconds_heard(sound: Sound, tone: float) -> float:
    """For how long this voice is heard, be it among others."""
    return seconds_of(sound, tone, at_least=0.15)
