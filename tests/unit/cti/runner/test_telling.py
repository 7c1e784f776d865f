"""Who listens hears of it a moment after it was acted upon, in order, and before anybody is answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

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
