"""What callers were told of their wait, and what came of it, read from a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.domain.told_waits import WaitAccuracy
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.services.bundle import Services
from cti.events import CallConnected, CallEnded, CallQueued, CallToldWait, HungUpBy, Outcome

SERVICE, VIP = QueueKey("service"), QueueKey("vip")


async def waits(
    services: Services, clock: ManualClock, call: str, told_s: float | None, came_s: float, *,
    queue: QueueKey = SERVICE, answered: bool = True,
) -> None:  # fmt: skip
    """Told 15 seconds after he came, and then so many more until he was answered, or hung up."""
    now, his = clock.now(), CallId(call)
    await services.calls.apply(CallQueued(at=now, call=his, queue=queue, requires={}))
    told_at = now + timedelta(seconds=15)
    if told_s is not None:
        await services.calls.apply(CallToldWait(at=told_at, call=his, queue=queue, wait_s=told_s))
    then = told_at + timedelta(seconds=came_s)
    if answered:
        await services.calls.apply(CallConnected(at=then, call=his, agent=AgentId("usr_a"), party="1001"))
    else:
        gone = CallEnded(at=then, call=his, outcome=Outcome.ABANDONED, hung_up_by=HungUpBy.CALLER)
        await services.calls.apply(gone)


async def test_each_queue_has_its_own(services: Services, clock: ManualClock) -> None:
    assert await services.told_waits.lately() == {}
    await waits(services, clock, "c1", 60, 90)
    await waits(services, clock, "c2", 60, 50)
    await waits(services, clock, "c3", 600, 5, answered=False)
    await waits(services, clock, "c4", None, 900)
    await waits(services, clock, "c5", 30, 30, queue=VIP)
    still = CallId("c6")
    await services.calls.apply(CallQueued(at=clock.now(), call=still, queue=SERVICE, requires={}))
    await services.calls.apply(CallToldWait(at=clock.now(), call=still, queue=SERVICE, wait_s=9))
    found = await services.told_waits.lately()
    service, last = found[SERVICE], found[SERVICE].last
    assert (service.answered, service.not_answered) == (2, 1)
    assert (service.typical_error_s, service.bias_s) == (20.0, -10.0)
    assert last is not None
    assert (last.told_wait_s, last.waited_s) == (60.0, 90.0)
    assert (found[VIP].answered, found[VIP].typical_error_s) == (1, 0.0)


async def test_only_the_latest_of_a_week_count(
    services: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_core.services.told_waits.MOST", 2)
    await waits(services, clock, "old", 60, 600)
    clock.advance(3600)
    await waits(services, clock, "c1", 60, 61)
    await waits(services, clock, "c2", 60, 61)
    assert (await services.told_waits.lately())[SERVICE].bias_s == -1.0
    clock.advance(8 * 24 * 3600)
    assert (await services.told_waits.lately()).get(SERVICE, WaitAccuracy()) == WaitAccuracy()
