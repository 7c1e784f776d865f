"""What must be kept goes through the spool to its readers, whatever becomes of the bus, of them and of us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from structlog.testing import capture_logs

from crm_core.kernel.messages import Event, registered
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.retrying import Pauses
from crm_core.runtime.spool import Spool, SpoolInUse
from crm_core.runtime.spooled_bus import STANDS_STILL_S, SpooledBus

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    topic: ClassVar[str] = "spool_test.said"
    at: datetime = NOW
    number: int = 0
    words: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered(Event):
    topic: ClassVar[str] = "spool_test.whispered"
    at: datetime = NOW


def bus_in(folder: Path, *, spool: Spool | None = None) -> SpooledBus:
    pauses = Pauses(first=0.001, longest=0.01)
    return SpooledBus(InProcessBus(), folder, ("journal", "other"), Said, pauses=pauses, spool=spool)


def keeping(kept: list[Event]) -> Callable[[Event], Awaitable[None]]:
    async def keep(event: Event) -> None:
        kept.append(event)

    return keep


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.001)


async def test_it_is_the_bus_for_everybody_else(tmp_path: Path) -> None:
    kept: list[Event] = []
    async with bus_in(tmp_path) as bus, bus.subscribe() as live, bus.consume("journal", keeping(kept), Said):
        bus.publish(Whispered())
        bus.publish(Said(number=1))
        assert [await anext(live), await anext(live)] == [Whispered(), Said(number=1)]
        assert await bus.caught_up("journal")
        assert kept == [Said(number=1)]
        assert await bus.healthy() is None


async def test_whoever_need_not_be_waited_for_keeps_nobody(tmp_path: Path) -> None:
    kept: list[Event] = []
    free = asyncio.Event()

    async def slow(_: Event) -> None:
        await free.wait()

    async with (
        bus_in(tmp_path) as bus,
        bus.consume("journal", keeping(kept), Said),
        bus.consume("other", slow, Said),
    ):
        bus.publish(Said(number=1))
        async with asyncio.timeout(5):
            await bus.settle(within=60.0, but=("other",))
        assert kept == [Said(number=1)]
        assert not await bus.caught_up("other", within=0.01)
        free.set()


async def test_what_was_not_taken_waits_for_the_next_life(tmp_path: Path) -> None:
    kept: list[Event] = []

    async def away(_: Event) -> None:
        raise ConnectionError("the database is away")

    with capture_logs():
        async with bus_in(tmp_path) as bus, bus.consume("journal", away, Said):
            for number in range(100):
                bus.publish(Said(number=number))
    async with bus_in(tmp_path) as bus, bus.consume("journal", keeping(kept), Said):
        assert await bus.caught_up("journal")
    assert kept == [Said(number=number) for number in range(100)]
    async with bus_in(tmp_path) as bus, bus.consume("journal", keeping(kept), Said):
        assert await bus.caught_up("journal")
    assert len(kept) == 100


async def test_each_group_is_at_a_place_of_its_own_and_gets_only_its_kinds(tmp_path: Path) -> None:
    one: list[Event] = []
    other: list[Event] = []
    async with bus_in(tmp_path) as bus:
        bus.publish(Said(number=1))
        async with bus.consume("journal", keeping(one), Said), bus.consume("other", keeping(other), Whispered):
            assert await bus.caught_up("journal")
            assert await bus.caught_up("other")
    assert (one, other) == ([Said(number=1)], [])


async def test_who_raises_gets_the_same_again_and_the_order_holds(tmp_path: Path) -> None:
    tried: list[list[int]] = []

    async def clumsy(events: Sequence[Event]) -> None:
        tried.append([event.number for event in events if isinstance(event, Said)])
        if len(tried) < 3:
            raise RuntimeError("dropped it")

    with capture_logs():
        async with bus_in(tmp_path) as bus:
            for number in range(4):
                bus.publish(Said(number=number))
            async with bus.consume_batches("journal", clumsy, Said, most=3):
                assert await bus.caught_up("journal")
    assert tried == [[0, 1, 2], [0, 1, 2], [0, 1, 2], [3]]


async def test_caught_up_says_no_when_it_takes_too_long(tmp_path: Path) -> None:
    free = asyncio.Event()

    async def slow(_: Event) -> None:
        await free.wait()

    async with bus_in(tmp_path) as bus, bus.consume("journal", slow, Said):
        bus.publish(Said())
        assert not await bus.caught_up("journal", within=0.01)
        free.set()
        assert await bus.caught_up("journal")


async def test_letters_that_are_none_and_lines_of_the_future_stop_nobody(tmp_path: Path) -> None:
    kept: list[Event] = []
    with capture_logs() as lines:
        async with bus_in(tmp_path) as bus:
            bus.publish(Said(words="caf\udce9 \x00"))
            bus.spool.append("spool_test.unheard_of", b'{"at":"2026-01-05T09:00:00Z"}')
            bus.spool.append("spool_test.said", b'{"number":"none"}')
            bus.publish(Said(number=2))
            async with bus.consume("journal", keeping(kept), Said):
                assert await bus.caught_up("journal")
    assert kept == [Said(words="caf? \x00"), Said(number=2)]
    assert len([line for line in lines if "put aside" in line["event"]]) == 2
    aside = (tmp_path / "unreadable.events").read_bytes()
    assert aside.splitlines()[1] == b'spool_test.said {"number":"none"}'


async def test_two_processes_do_not_keep_one_spool(tmp_path: Path) -> None:
    async with bus_in(tmp_path):
        with pytest.raises(SpoolInUse):
            async with bus_in(tmp_path):
                pass


async def test_a_spool_that_stands_still_is_told(tmp_path: Path) -> None:
    now, free = [1000.0], asyncio.Event()

    async def slow(_: Event) -> None:
        await free.wait()

    spool = Spool(tmp_path, ("journal", "other"), now=lambda: now[0])
    async with bus_in(tmp_path, spool=spool) as bus, bus.consume("journal", slow), bus.consume("other", keeping([])):
        bus.publish(Said())
        assert await bus.kept_up() is None
        now[0] += STANDS_STILL_S + 5
        bus.publish(Said(number=1))
        assert await bus.caught_up("other")
        assert await bus.kept_up() == "2 events wait to be written (journal), the oldest for 65 seconds."
        free.set()
        assert await bus.caught_up("journal")
        assert await bus.kept_up() is None


async def test_a_full_disk_is_told_and_events_go_straight_on(tmp_path: Path) -> None:
    kept: list[Event] = []
    spool = Spool(tmp_path, ("journal", "other"), segment_bytes=100, most_bytes=400, most_held=5)
    with capture_logs():
        async with bus_in(tmp_path, spool=spool) as bus:
            for number in range(12):
                bus.publish(Said(number=number))
            trouble = await bus.kept_up()
            assert trouble is not None
            assert "5 wait in memory, 1 found no room there either and are lost." in trouble
            async with bus.consume("journal", keeping(kept), Said), bus.consume("other", keeping([]), Said):
                assert await bus.caught_up("journal")
                assert await bus.caught_up("other")
                assert spool.held == 0
                await until(lambda: len(kept) == 11)
                bus.publish(Said(number=12))
                assert await bus.kept_up() is None


async def test_who_passes_over_much_lets_others_have_turns(tmp_path: Path) -> None:
    """All that waits is none of this reader's kinds: no handler is awaited while he goes through it."""
    turns, at = 0, set[int]()
    async with bus_in(tmp_path) as bus:
        for number in range(50):
            bus.publish(Said(number=number))
        async with bus.consume("other", keeping([]), Whispered):
            while (place := bus.spool.place("other")) < bus.spool.end:
                at.add(place)
                turns += 1
                await asyncio.sleep(0)
    assert turns >= 50
    assert len(at) >= 50
