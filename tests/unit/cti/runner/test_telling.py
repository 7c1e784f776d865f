"""Who listens hears of it a moment after it was acted upon, in order, and before anybody is answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from crm_core.runtime.in_process_bus import InProcessBus
from cti.events import Anomaly
from cti.telling import Telling

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def told(number: int) -> Anomaly:
    return Anomaly(at=NOW, what=f"number {number}", raw="")


async def test_what_happens_is_told_later_and_in_order() -> None:
    bus = InProcessBus()
    telling = Telling(bus)
    async with bus.subscribe(Anomaly) as heard:
        for number in range(3):
            telling.tell(told(number))
        first = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0)
        assert not first.done()
        assert [await first, await anext(heard), await anext(heard)] == [told(number) for number in range(3)]
    await bus.close()


async def test_nothing_is_told_twice_when_somebody_could_not_wait() -> None:
    bus = InProcessBus()
    telling = Telling(bus)
    async with bus.subscribe(Anomaly) as heard:
        telling.tell(told(1))
        telling.tell_all()
        telling.tell_all()
        telling.tell(told(2))
        assert [await anext(heard), await anext(heard)] == [told(1), told(2)]
    await bus.close()


async def test_what_another_may_be_telling_waits_until_we_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.telling.DOUBT_S", 0.001)
    bus, ours = InProcessBus(), False
    telling = Telling(bus, lambda: ours)
    async with bus.subscribe(Anomaly) as heard:
        telling.tell(told(1))
        telling.tell_all()
        first = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0.02)
        assert not first.done()
        ours = True
        assert await first == told(1)
        ours = False
        telling.tell(told(2))
        telling.close()
        ours = True
        telling.tell(told(3))
        assert await anext(heard) == told(3)
    await bus.close()
