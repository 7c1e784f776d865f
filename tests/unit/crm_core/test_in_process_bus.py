"""What the bus within one process does not keep, it says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from structlog.testing import capture_logs

from crm_core.kernel.messages import Event
from crm_core.runtime import in_process_bus
from crm_core.runtime.in_process_bus import InProcessBus


@dataclass(frozen=True, slots=True, kw_only=True)
class Fell(Event):
    topic: ClassVar[str] = "bus_test.fell"
    at: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke(Event):
    topic: ClassVar[str] = "bus_test.broke"
    at: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)


async def nobody_can(_: Event) -> None:
    raise RuntimeError("the database is away")


async def test_what_is_not_done_at_the_end_is_counted_in_the_log() -> None:
    bus, tried = InProcessBus(first_pause=60), asyncio.Event()

    async def journal(event: Event) -> None:
        tried.set()
        await nobody_can(event)

    with capture_logs() as lines:
        async with bus.consume("journal", journal, Fell, Broke):
            for number in range(1000):
                bus.publish(Fell(number=number))
            bus.publish(Broke())
            await tried.wait()
        await bus.close()
    (told,) = [line for line in lines if line["action"] == "bus.close"]
    assert (told["log_level"], told["group"], told["count"]) == ("error", "journal", 1001)
    assert told["topics"] == {"bus_test.fell": 1000, "bus_test.broke": 1}


async def test_nothing_is_said_when_nothing_is_lost() -> None:
    bus = InProcessBus()

    async def keep(_: Event) -> None:
        pass

    with capture_logs() as lines:
        async with bus.consume("journal", keep):
            bus.publish(Fell())
            await bus.settle()
        await bus.close()
    assert lines == []


async def test_a_group_that_stays_away_too_long_loses_the_oldest_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_process_bus, "KEPT_FOR_AN_ABSENT_GROUP", 3)
    bus, done = InProcessBus(), list[int]()

    async def keep(event: Event) -> None:
        assert isinstance(event, Fell)
        done.append(event.number)

    with capture_logs() as lines:
        async with bus.consume("journal", keep):
            pass
        for number in range(5):
            bus.publish(Fell(number=number))
        async with bus.consume("journal", keep):
            assert await bus.caught_up("journal")
        await bus.close()
    assert done == [2, 3, 4]
    assert [(line["action"], line.get("count")) for line in lines] == [("bus.full", None), ("bus.close", 2)]
