"""How soon callers were answered, counted by a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_core.domain.floor import Queue
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.domain.service_level import ServiceLevel
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Event
from crm_core.services.bundle import Services
from cti.events import CallConnected, CallEnded, CallOverflowed, CallQueued, HungUpBy, Outcome

SERVICE, VIP = QueueKey("service"), QueueKey("vip")


class House:
    def __init__(self, services: Services, clock: ManualClock) -> None:
        self.services, self.clock = services, clock

    async def tell(self, *events: Event) -> None:
        await self.services.calls.apply_all(events)

    async def comes(self, call: str, queue: QueueKey = SERVICE) -> None:
        await self.tell(CallQueued(at=self.clock.now(), call=CallId(call), queue=queue, requires={}))

    async def answered(self, call: str, after_s: float, queue: QueueKey = SERVICE) -> None:
        await self.comes(call, queue)
        then = self.clock.now() + timedelta(seconds=after_s)
        await self.tell(CallConnected(at=then, call=CallId(call), agent=AgentId("usr_a"), party="1001"))

    async def hangs_up(self, call: str, after_s: float) -> None:
        await self.comes(call)
        then = self.clock.now() + timedelta(seconds=after_s)
        gone = CallEnded(at=then, call=CallId(call), outcome=Outcome.ABANDONED, hung_up_by=HungUpBy.CALLER)
        await self.tell(gone)


@pytest.fixture
async def house(services: Services, clock: ManualClock) -> House:
    for key in (SERVICE, VIP):
        await services.floor_plans.put_queue(Queue(key=key, names={"en": key}, service_level_s=20))
    return House(services, clock)


async def test_in_time_of_those_offered(services: Services, clock: ManualClock, house: House) -> None:
    assert await services.service_levels.now() == {}
    await house.answered("c1", 20.0)
    await house.answered("c2", 20.5)
    await house.hangs_up("c3", 2.0)
    await house.answered("c4", 30.0, VIP)
    await house.comes("c5")
    closed = CallOverflowed(
        at=clock.now(), call=CallId("c6"), queue=SERVICE, why=OverflowWhy.CLOSED, kind=OverflowKind.MESSAGE,
        to="closed", step=1,
    )  # fmt: skip
    await house.comes("c6")
    await house.tell(closed)
    found = await services.service_levels.now()
    assert found[SERVICE].today == ServiceLevel(offered=3, in_time=1, abandoned=1)
    assert found[SERVICE].lately == found[SERVICE].today
    assert found[VIP].today.in_time == 0
    clock.advance(21)
    assert (await services.service_levels.now())[SERVICE].today.offered == 4


async def test_half_an_hour_and_a_day_are_over_at_some_time(
    services: Services, clock: ManualClock, house: House
) -> None:
    await house.answered("c1", 5.0)
    clock.advance(31 * 60)
    found = await services.service_levels.now()
    assert (found[SERVICE].today.percent, found[SERVICE].lately.percent) == (100, None)
    clock.advance(24 * 3600)
    assert await services.service_levels.now() == {}


async def test_what_is_agreed_now_is_what_counts(services: Services, clock: ManualClock, house: House) -> None:
    await house.answered("c1", 25.0)
    queue = (await services.floor_plans.queue(SERVICE)).queue
    await services.floor_plans.put_queue(replace(queue, service_level_s=30))
    assert (await services.service_levels.now())[SERVICE].today.percent == 100


async def test_told_twice_and_in_another_order_it_is_the_same(
    services: Services, clock: ManualClock, house: House
) -> None:
    talks = CallConnected(
        at=clock.now() + timedelta(seconds=3), call=CallId("c1"), agent=AgentId("usr_a"), party="1001"
    )
    await house.tell(talks)
    await house.comes("c1")
    await house.tell(talks)
    assert (await services.service_levels.now())[SERVICE].today == ServiceLevel(offered=1, in_time=1)
