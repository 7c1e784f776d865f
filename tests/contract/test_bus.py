"""The bus keeps its word in both of its forms: within a process, and over a real Redis."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from crm_core.kernel.bus import Bus, NobodyServes, RequestTimedOut, Subscription
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import Command, CommandResult, Event, registered
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.runtime.redis_bus import RedisBus
from tests.support.databases import RedisServer

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_prefixes = itertools.count(1)


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    topic: ClassVar[str] = "bus_test.rang"
    at: datetime = NOW
    number: int


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Knocked(Event):
    topic: ClassVar[str] = "bus_test.knocked"
    at: datetime = NOW
    name: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Command):
    topic: ClassVar[str] = "bus_test.open"
    door: str = ""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(CommandResult):
    topic: ClassVar[str] = "bus_test.opened"
    door: str = ""


class Locked(CallwrightError):
    """The door {door} is locked."""

    code = "door.locked"


Another = Callable[[], Bus]


@pytest.fixture(params=["in_process", pytest.param("redis", marks=pytest.mark.redis)])
async def another(request: pytest.FixtureRequest) -> AsyncIterator[Another]:
    """Makes a bus; called again, another end of the same bus (of one process there is only one)."""
    made: list[Bus] = []
    if request.param == "in_process":
        one = InProcessBus(first_pause=0.01, longest_pause=0.02)
        yield lambda: one
        await one.close()
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    prefix = f"test{next(_prefixes)}:"

    def make() -> Bus:
        made.append(RedisBus(server.url(), prefix=prefix, lease_s=60.0, first_pause=0.01, longest_pause=0.02))
        return made[-1]

    yield make
    for bus in made:
        await bus.close()


@pytest.fixture
def bus(another: Another) -> Bus:
    return another()


async def take(heard: Subscription, count: int) -> list[Event]:
    async with asyncio.timeout(20):
        return [await anext(heard) for _ in range(count)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def collector(into: list[int]) -> Callable[[Event], Awaitable[None]]:
    async def collect(event: Event) -> None:
        assert isinstance(event, Rang)
        into.append(event.number)

    return collect


async def asked(bus: Bus) -> None:
    """Whatever somebody has begun to ask this bus is asked: so many questions after his were answered."""
    for _ in range(20):
        assert await bus.healthy() is None
        await asyncio.sleep(0)


async def answer(command: Command) -> CommandResult:
    assert isinstance(command, Open)
    return Opened(ok=True, door=command.door)


async def test_everybody_hears_in_order(another: Another) -> None:
    speaker, listener = another(), another()
    async with listener.subscribe() as first, listener.subscribe(Rang) as second:
        for number in range(500):
            speaker.publish(Rang(number=number))
        speaker.publish(Knocked(name="张伟"))
        assert await take(first, 501) == [*[Rang(number=number) for number in range(500)], Knocked(name="张伟")]
        assert await take(second, 500) == [Rang(number=number) for number in range(500)]
        assert (first.lost, second.lost) == (0, 0)


async def test_only_what_one_asked_for(bus: Bus) -> None:
    async with bus.subscribe(Knocked) as heard:
        bus.publish(Rang(number=1))
        bus.publish(Knocked(name="a"))
        assert await take(heard, 1) == [Knocked(name="a")]


async def test_only_from_now_on(bus: Bus) -> None:
    async with bus.subscribe(Rang) as before:
        bus.publish(Rang(number=1))
        await take(before, 1)
        async with bus.subscribe(Rang) as heard:
            bus.publish(Rang(number=2))
            assert await take(heard, 1) == [Rang(number=2)]


async def test_who_is_slow_loses_the_oldest_and_sees_it(bus: Bus) -> None:
    async with bus.subscribe(Rang, capacity=3) as slow, bus.subscribe(Rang) as quick:
        for number in range(10):
            bus.publish(Rang(number=number))
        await take(quick, 10)
        assert await take(slow, 3) == [Rang(number=number) for number in (7, 8, 9)]
        assert (slow.lost, quick.lost) == (7, 0)


async def test_closing_delivers_what_was_said_and_ends_the_streams(bus: Bus) -> None:
    async with bus.subscribe(Rang) as heard:
        for number in range(100):
            bus.publish(Rang(number=number))
        await bus.close()
        assert [event async for event in heard] == [Rang(number=number) for number in range(100)]


async def test_publishing_never_raises(bus: Bus) -> None:
    bus.publish(Rang(number=1))
    await bus.close()
    bus.publish(Rang(number=2))


async def test_each_event_to_one_of_a_group_and_to_every_group(another: Another) -> None:
    speaker = another()
    journal: list[int] = []
    other: list[int] = []
    async with (
        another().consume("journal", collector(journal), Rang),
        another().consume("journal", collector(journal), Rang),
        another().consume("other", collector(other), Rang),
    ):
        for number in range(50):
            speaker.publish(Rang(number=number))
        speaker.publish(Knocked())
        await until(lambda: len(journal) >= 50 and len(other) >= 50)
        await asyncio.sleep(0.1)
    assert journal == other == list(range(50))


async def test_an_event_whose_handler_raised_comes_again_and_the_order_holds(bus: Bus) -> None:
    tried: list[int] = []

    async def clumsy(event: Event) -> None:
        assert isinstance(event, Rang)
        tried.append(event.number)
        if event.number == 1 and tried.count(1) < 3:
            raise RuntimeError("dropped it")

    async with bus.consume("journal", clumsy, Rang):
        for number in range(3):
            bus.publish(Rang(number=number))
        await until(lambda: len(tried) >= 5)
    assert tried == [0, 1, 1, 1, 2]


async def test_what_gathers_while_a_handler_works_comes_as_one_batch_and_in_order(bus: Bus) -> None:
    batches: list[list[int]] = []
    go_on = asyncio.Event()

    async def slow(events: Sequence[Event]) -> None:
        batches.append([event.number for event in events if isinstance(event, Rang)])
        await go_on.wait()

    async with bus.consume_batches("journal", slow, Rang, most=4):
        bus.publish(Rang(number=0))
        await until(lambda: len(batches) == 1)
        for number in range(1, 11):
            bus.publish(Rang(number=number))
        await asyncio.sleep(0.2)
        go_on.set()
        await until(lambda: sum(map(len, batches)) >= 11)
    assert [number for batch in batches for number in batch] == list(range(11))
    assert max(map(len, batches)) == 4


async def test_settled_a_group_loses_nothing_when_it_leaves_for_good(another: Another) -> None:
    speaker = another()
    done: list[int] = []

    async def slow(event: Event) -> None:
        await asyncio.sleep(0.01)
        assert isinstance(event, Rang)
        done.append(event.number)

    async with speaker.consume("journal", slow, Rang):
        for number in range(20):
            speaker.publish(Rang(number=number))
        await speaker.settle()
    async with another().consume("journal", slow, Rang):  # Redis keeps what was left, a process must have done it
        await until(lambda: len(done) >= 20)
    assert done == list(range(20))


async def test_a_batch_whose_handler_raised_comes_again_whole(bus: Bus) -> None:
    tried: list[list[int]] = []

    async def clumsy(events: Sequence[Event]) -> None:
        tried.append([event.number for event in events if isinstance(event, Rang)])
        if len(tried) == 1:
            raise RuntimeError("dropped it")

    async with bus.consume_batches("journal", clumsy, Rang):
        bus.publish(Rang(number=0))
        await until(lambda: len(tried) >= 2)
    assert tried == [[0], [0]]


async def test_what_a_group_was_told_in_its_absence_it_gets_later(another: Another) -> None:
    speaker = another()
    done: list[int] = []
    async with another().consume("journal", collector(done), Rang):
        speaker.publish(Rang(number=0))
        await until(lambda: done == [0])
    for number in (1, 2):
        speaker.publish(Rang(number=number))
    async with another().consume("journal", collector(done), Rang):
        await until(lambda: len(done) >= 3)
    assert done == [0, 1, 2]


async def test_another_member_takes_over_what_was_not_done(another: Another) -> None:
    speaker = another()
    stuck: list[int] = []
    done: list[int] = []

    async def never(event: Event) -> None:
        assert isinstance(event, Rang)
        stuck.append(event.number)
        raise RuntimeError("cannot")

    async with another().consume("journal", never, Rang):
        for number in range(3):
            speaker.publish(Rang(number=number))
        await until(lambda: bool(stuck))
    async with another().consume("journal", collector(done), Rang):
        await until(lambda: len(done) >= 3)
    assert set(stuck) == {0}
    assert done == [0, 1, 2]


async def test_a_member_who_leaves_finishes_what_he_has_in_hand(another: Another) -> None:
    bus, done, begun, go_on = another(), [], asyncio.Event(), asyncio.Event()

    async def slow(event: Event) -> None:
        begun.set()
        await go_on.wait()
        done.append(event)

    async def leave() -> None:
        async with bus.consume("journal", slow, Rang):
            bus.publish(Rang(number=1))
            await begun.wait()

    async with asyncio.timeout(20):
        task = asyncio.create_task(leave())
        await begun.wait()
        await asyncio.sleep(0.05)
        assert not task.done()
        go_on.set()
        await task
    assert done == [Rang(number=1)]
    again: list[int] = []
    async with another().consume("journal", collector(again), Rang):
        await asyncio.sleep(0.3)
    assert again == []


async def test_a_command_is_answered(another: Another) -> None:
    server, client = another(), another()
    async with server.serve(answer, Open):
        answers = await asyncio.gather(*(client.request(Open(door=str(number))) for number in range(20)))
        assert answers == [Opened(ok=True, door=str(number)) for number in range(20)]


async def test_nobody_serves(another: Another) -> None:
    server, client = another(), another()
    with pytest.raises(NobodyServes):
        await client.request(Open())
    async with server.serve(answer, Open):
        await client.request(Open())
    with pytest.raises(NobodyServes):
        await client.request(Open())


async def test_no_answer_in_time_and_the_work_goes_on(another: Another) -> None:
    server, client, opened = another(), another(), []

    async def slow(command: Command) -> CommandResult:
        await asyncio.sleep(0.2)
        opened.append(command)
        return CommandResult(ok=True)

    async with server.serve(slow, Open):
        await client.request(Open(door="back"))
        with pytest.raises(RequestTimedOut):
            await client.request(Open(door="front"), timeout=0.1)
        await until(lambda: opened == [Open(door="back"), Open(door="front")])


async def test_a_slow_command_holds_up_no_other(another: Another) -> None:
    server, client, go_on = another(), another(), asyncio.Event()

    async def careful(command: Command) -> CommandResult:
        assert isinstance(command, Open)
        if command.door == "slow":
            await go_on.wait()
        return Opened(ok=True, door=command.door)

    async with server.serve(careful, Open):
        slow = asyncio.create_task(client.request(Open(door="slow")))
        assert await client.request(Open(door="quick")) == Opened(ok=True, door="quick")
        go_on.set()
        assert await slow == Opened(ok=True, door="slow")


async def test_a_server_that_breaks_refuses_with_a_code(another: Another) -> None:
    server, client = another(), another()

    async def breaks(command: Command) -> CommandResult:
        assert isinstance(command, Open)
        if command.door == "locked":
            raise Locked(door=command.door)
        raise RuntimeError("boom")

    async with server.serve(breaks, Open):
        refused = await client.request(Open(door="locked"))
        assert refused == CommandResult(ok=False, code="door.locked", params={"door": "locked"})
        assert (await client.request(Open())).code == "bus.handler_failed"


async def test_a_second_server_stands_by(another: Another) -> None:
    first, second, client = another(), another(), another()

    async def refuse(_command: Command) -> CommandResult:
        return CommandResult(ok=False, code="second")

    async with second.serve(refuse, Open), first.serve(answer, Open):
        assert (await client.request(Open())).code == "second"
    async with first.serve(answer, Open):
        async with second.serve(refuse, Open):
            assert (await client.request(Open())).ok
        await asyncio.sleep(0)
        assert (await client.request(Open())).ok


async def test_it_says_how_it_is(bus: Bus) -> None:
    assert await bus.healthy() is None


async def test_who_reads_what_a_group_writes_can_wait_for_it(another: Another) -> None:
    gate, done = asyncio.Event(), list[int]()

    async def keep(event: Event) -> None:
        await gate.wait()
        assert isinstance(event, Rang)
        done.append(event.number)

    bus = another()
    assert await bus.caught_up("never heard of")
    async with bus.consume("journal", keep, Rang):
        assert await bus.caught_up("journal")
        for number in range(3):
            bus.publish(Rang(number=number))
        assert not await bus.caught_up("journal", within=0.2)
        gate.set()
        assert await bus.caught_up("journal")
        assert done == [0, 1, 2]


async def test_a_group_is_caught_up_whatever_is_said_after_the_question(another: Another) -> None:
    gates = [asyncio.Event(), asyncio.Event()]

    async def keep(event: Event) -> None:
        assert isinstance(event, Rang)
        await gates[event.number].wait()

    bus = another()
    async with bus.consume("journal", keep, Rang):
        assert await bus.caught_up("journal")
        bus.publish(Rang(number=0))
        asking = asyncio.create_task(bus.caught_up("journal"))
        await asked(bus)
        bus.publish(Rang(number=1))
        gates[0].set()
        assert await asking
        assert not await bus.caught_up("journal", within=0.2)
        gates[1].set()
        assert await bus.caught_up("journal")


async def test_a_group_that_is_never_idle_is_caught_up_all_the_same(another: Another) -> None:
    bus = another()

    async def keep(event: Event) -> None:
        bus.publish(Rang(number=0))  # so that there is always one more
        await asyncio.sleep(0)

    async with bus.consume("journal", keep, Rang):
        for number in range(20):
            bus.publish(Rang(number=number))
        for _ in range(5):
            assert await bus.caught_up("journal")
        await bus.settle()
