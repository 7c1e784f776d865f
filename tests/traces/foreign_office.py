"""The people of the small office and those who call it, for the stories of `foreign_stories`.

Whatever a story expects is taken from what its people did and from what their phones saw, never from the trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from callwright.demo.phones import PhoneProcess, PhoneState, Ring, SipPhone, WhenCalled
from tests.support.waiting import eventually
from tests.traces.foreign_pbx import AMI_USER, ForeignPbx
from tests.traces.recording import RawAmi

CALLER = "0260010001"
CUSTOMER = "0612345678"
"""Whom the office calls."""
OFFICE = "0205550100"
MENU, SUPPORT, SALES, GROUP, HUNT, HUNT_NO_OPTIMISATION, CONFERENCE = (f"{OFFICE[:-1]}{last}" for last in range(1, 8))
ACCOUNTS = {"207": "150010001"}
"""Extensions whose endpoint has another name."""


def own_number(extension: str) -> str:
    """What outsiders dial to reach this phone."""
    return f"02055502{extension[1:]}"


@dataclass(frozen=True, slots=True)
class Transfer:
    kind: str
    by: str = "201"
    to: str = "202"
    outcome: str = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call as `callwright replay` should tell it; seconds are null where they do not matter."""

    direction: str = "inbound"
    caller: str = CALLER
    dialed: str
    talked_to: tuple[str, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    outcome: str = "answered"
    ring_s: float | None = None
    """While a phone rang for the one the call is about."""
    wait_s: float | None = None
    """In a queue, until he talked or gave up."""
    talk_s: float | None = None
    """While he was connected with somebody, holds included."""

    def __post_init__(self) -> None:
        """Sums of tenths of seconds are no tenths."""
        for name in ("ring_s", "wait_s", "talk_s"):
            value = getattr(self, name)
            object.__setattr__(self, name, value if value is None else round(value, 1))


@dataclass(slots=True, kw_only=True)
class Office:
    pbx: ForeignPbx
    ami: RawAmi
    desks: PhoneProcess
    outside: PhoneProcess
    gateway: PhoneProcess
    """Where the provider sends calls that the office makes."""
    _numbers: count[int] = field(default_factory=count)

    async def phone(self, extension: str, reaction: WhenCalled | None = None) -> SipPhone:
        """A desk phone that is switched on."""
        return await self._registered(self.desks, extension, ACCOUNTS.get(extension, extension), reaction)

    async def phone_at_home(self, extension: str) -> SipPhone:
        """Another phone of the same extension."""
        return await self._registered(self.outside, f"{extension} at home", extension, None)

    async def second_line(self, extension: str) -> SipPhone:
        """Of the same desk phone."""
        account = ACCOUNTS.get(extension, extension)
        return await self.desks.add(
            f"{extension} line 2", server=self.pbx.sip, number=account, secret=self.pbx.secret, registers=False
        )

    async def customer(self, reaction: WhenCalled | None = None) -> SipPhone:
        """Somebody outside whom the office can call."""
        return await self._registered(self.gateway, "customer", "provider", reaction)

    async def calls(self, to: str, *, number: str | None = CALLER, name: str = "") -> SipPhone:
        """Somebody outside calls the office."""
        phone = await self.outside.add(f"caller {next(self._numbers)}", server=self.pbx.sip)
        await phone.dial(to, number=number, name=name)
        return phone

    async def talks(self, extension: str = "201") -> tuple[SipPhone, SipPhone]:
        """Somebody calls this phone, and it is answered."""
        desk = await self.phone(extension)
        caller = await self.calls(own_number(extension))
        await answers(desk)
        await caller.wait_for(PhoneState.TALKING)
        await pause(0.5)
        return caller, desk

    async def hears(self, event: str, count: int = 1, **headers: str) -> None:
        """Until Asterisk has said so."""
        lines = [f"Event: {event}", *(f"{name}: {value}" for name, value in headers.items())]

        def heard() -> bool:
            blocks = [block.splitlines() for block in self.ami.blocks]
            return sum(all(line in block for line in lines) for block in blocks) >= count

        await eventually(" ".join(lines), heard, limit_s=15)

    async def is_idle(self) -> None:
        await eventually("the calls to be over", self.pbx.is_idle, limit_s=30)

    async def _registered(
        self, process: PhoneProcess, name: str, account: str, reaction: WhenCalled | None
    ) -> SipPhone:
        phone = await process.add(
            name, server=self.pbx.sip, number=account, secret=self.pbx.secret, when_called=reaction or Ring()
        )
        await phone.wait_registered()
        return phone


Story = Callable[[Office], Awaitable[list[Told]]]
"""Played to its end; answers with the calls in order of their end."""


@asynccontextmanager
async def office(pbx: ForeignPbx) -> AsyncIterator[Office]:
    """With nobody there yet, and somebody who listens to the manager."""
    async with (
        PhoneProcess(life_s=120) as desks,
        PhoneProcess(life_s=120) as outside,
        PhoneProcess(life_s=120) as gateway,
        RawAmi.listening(pbx.ports.ami, AMI_USER, pbx.secret) as ami,
    ):
        yield Office(pbx=pbx, ami=ami, desks=desks, outside=outside, gateway=gateway)


# --- what people do


async def pause(seconds: float = 0.4) -> None:
    """People take their time; the trace shall show it."""
    await asyncio.sleep(seconds)


async def rings(phone: SipPhone) -> None:
    await phone.wait_for(PhoneState.RINGING)
    await pause()


async def answers(phone: SipPhone) -> None:
    await rings(phone)
    await phone.answer()
    await phone.wait_for(PhoneState.TALKING)


async def hangs_up(phone: SipPhone) -> None:
    await phone.hang_up()
    await phone.wait_for(PhoneState.ENDED)


async def is_over(*phones: SipPhone) -> None:
    for phone in phones:
        await phone.wait_for(PhoneState.ENDED)


def seconds(begin: tuple[SipPhone, str], end: tuple[SipPhone, str]) -> float:
    """From the first time one phone saw this to the first time after that the other saw that."""
    since = _when(*begin, after=0.0)
    return round(_when(*end, after=since) - since, 1)


def rang(desk: SipPhone) -> float:
    return seconds((desk, "ringing"), (desk, "talking"))


def rang_in_vain(desk: SipPhone) -> float:
    return seconds((desk, "ringing"), (desk, "ended"))


def talked(desk: SipPhone, *, holder: SipPhone | None = None) -> float:
    """Without what the other one, or he himself, spent on hold."""
    held = seconds((holder, "held"), (holder, "resumed")) if holder else 0.0
    return round(seconds((desk, "talking"), (desk, "ended")) - held, 1)


def _when(phone: SipPhone, what: str, after: float) -> float:
    return next(report.at for report in phone.history if report.what == what and report.at >= after)
