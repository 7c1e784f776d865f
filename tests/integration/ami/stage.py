"""All of `cti` in front of an Asterisk: what is published is kept, commands go through the bus."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import Command, CommandResult, Event
from crm_core.runtime.in_process_bus import InProcessBus
from cti import commands as c
from cti.ami.session import Patience
from cti.telephony import AmiEndpoint, Telephony
from tests.integration.ami.floor import small_floor
from tests.support.waiting import LIMIT_S, eventually

E = TypeVar("E", bound=Event)


@dataclass(slots=True)
class Stage:
    bus: InProcessBus
    telephony: Telephony
    told: list[Event] = field(default_factory=list)

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    async def hears(self, kind: type[E], *, count: int = 1, limit_s: float = LIMIT_S) -> E:
        """The `count`th event of this kind ever told."""
        found = await eventually(
            f"{kind.__name__} no. {count}", lambda: len(self.all(kind)) >= count and self.all(kind), limit_s=limit_s
        )
        event: E = found[count - 1]
        return event

    async def order(self, command: Command) -> CommandResult:
        return await self.bus.request(command)

    async def ready(self, agent: AgentId) -> None:
        """As soon as his phone is known to be registered, and Asterisk leaves its callers to us."""

        async def taken() -> bool:
            assert self.telephony.ready() is None, self.telephony.ready()
            return (await self.order(c.SetReady(agent=agent))).ok

        await eventually(f"{agent} to be ready", taken)

    async def is_trusted(self) -> None:
        """Until Asterisk leaves its callers to us: who dials before falls to its own queue."""

        def trusted() -> bool:
            assert (why_not := self.telephony.ready()) is None, why_not
            return True

        await eventually("Asterisk to trust us", trusted)

    async def floor(self) -> c.Floor:
        floor = await self.order(c.GetFloor())
        assert isinstance(floor, c.Floor)
        return floor


Memory = Callable[[], Awaitable[Sequence[Event]]]


def known(told: Sequence[Event]) -> Memory:
    """What a log would know that was told all this."""

    async def recall() -> Sequence[Event]:
        return told

    return recall


@asynccontextmanager
async def stage(
    *endpoints: AmiEndpoint,
    recordings: Path,
    patience: Patience | None = None,
    recall: Memory | None = None,
    floor: FloorPlan | None = None,
    trusted: bool = True,
) -> AsyncIterator[Stage]:
    """`trusted`: the block begins when Asterisk leaves its callers to us; one that misbehaves may never do."""
    bus = InProcessBus()

    async def load_floor() -> FloorPlan:
        return floor or small_floor()

    telephony = Telephony(
        bus, SystemClock(), links=endpoints, load_floor=load_floor, recordings_dir=recordings, patience=patience,
        recall=recall or known(()),
    )  # fmt: skip
    told: list[Event] = []

    async def keep(event: Event) -> None:
        told.append(event)

    async with bus.consume("test", keep), telephony:
        ours = Stage(bus, telephony, told)
        if trusted:
            await ours.is_trusted()
        yield ours
    await bus.close()
