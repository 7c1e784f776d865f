"""The Redis bus when Redis goes away, when a process is killed, and when somebody speaks a newer language."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from redis.asyncio import Redis

from crm_core.kernel.bus import NobodyServes, RequestTimedOut
from crm_core.kernel.messages import Command, CommandResult, Event, registered
from crm_core.runtime.redis_bus import RedisBus
from crm_core.runtime.redis_lease import Lease, RedisSeat
from tests.support.databases import RedisServer, running_redis
from tests.support.ports import free_tcp_port

pytestmark = pytest.mark.redis
ROOT = Path(__file__).parents[3]


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Dripped(Event):
    topic: ClassVar[str] = "redis_test.dripped"
    at: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    number: int


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    topic: ClassVar[str] = "redis_test.stop"


async def stopped(_command: Command) -> CommandResult:
    return CommandResult(ok=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.02)


def bus_on(server: RedisServer, prefix: str, *, lease_s: float = 60.0) -> RedisBus:
    """`lease_s` is short where a lease shall end: one that must not would end on a busy machine too."""
    return RedisBus(server.url(), prefix=prefix, lease_s=lease_s, first_pause=0.02, longest_pause=0.1)


async def test_what_is_said_while_redis_is_away_is_not_lost() -> None:
    port, done, heard = free_tcp_port(), [], []

    async def keep(event: Event) -> None:
        assert isinstance(event, Dripped)
        done.append(event.number)

    bus = bus_on(RedisServer(port=port), "away:", lease_s=0.6)
    with running_redis(port):
        async with bus.subscribe(Dripped) as live, bus.consume("journal", keep, Dripped), bus.serve(stopped, Stop):

            async def listen() -> None:
                async for event in live:
                    heard.append(event)  # noqa: PERF401 - watched while it grows

            listening = asyncio.create_task(listen())
            bus.publish(Dripped(number=0))
            await until(lambda: done == [0] and len(heard) == 1)
            await _served(bus)
            await _outage(bus, port)
            with running_redis(port):
                bus.publish(Dripped(number=2))
                await until(lambda: done[-1] == 2 and live.lost >= 1)
                assert await bus.healthy() is None
                await _served(bus)
                await _heard_again(bus, heard)
                bus.publish(Dripped(number=3))
                await until(lambda: Dripped(number=3) in heard and done[-1] == 3)
                listening.cancel()
    assert list(dict.fromkeys(done)) == [0, 1, 2, 3]


async def _outage(bus: RedisBus, port: int) -> None:
    client = Redis.from_url(f"redis://127.0.0.1:{port}")
    await client.shutdown(nosave=True)
    await client.aclose()
    bus.publish(Dripped(number=1))
    with pytest.raises((NobodyServes, RequestTimedOut)):
        await bus.request(Stop(), timeout=0.5)
    assert "does not answer" in (await bus.healthy() or "")


async def _heard_again(bus: RedisBus, heard: list[Event]) -> None:
    """The live line is open: of what is said before that, it carries nothing."""
    async with asyncio.timeout(15):
        while Dripped(number=2) not in heard:
            bus.publish(Dripped(number=2))
            await asyncio.sleep(0.1)


async def _served(bus: RedisBus) -> None:
    """By somebody with a short lease, which he has now, or again."""
    async with asyncio.timeout(15):
        while True:
            try:
                assert (await bus.request(Stop(), timeout=1)).ok
            except (NobodyServes, RequestTimedOut):
                await asyncio.sleep(0.1)
            else:
                return


_KILLED = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.integration.crm_core.test_redis_bus import Dripped, Stop, bus_on, stopped
from tests.support.databases import RedisServer

async def hang(event):
    print("got", event.number, flush=True)
    await asyncio.Event().wait()

async def main():
    bus = bus_on(RedisServer(port={port}), "killed:", lease_s=0.6)
    async with bus.consume("journal", hang, Dripped), bus.serve(stopped, Stop):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_a_killed_process_had_in_hand_comes_to_another(redis_server: RedisServer) -> None:
    program = _KILLED.format(root=str(ROOT), port=redis_server.port)
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    bus, done = bus_on(redis_server, "killed:", lease_s=0.6), []

    async def keep(event: Event) -> None:
        done.append(event)

    try:
        assert await child.stdout.readline() == b"ready\n"
        for number in (0, 1):
            bus.publish(Dripped(number=number))
        assert await child.stdout.readline() == b"got 0\n"
        await _served(bus)
    finally:
        child.kill()
        await child.wait()
    async with bus.consume("journal", keep, Dripped), bus.serve(stopped, Stop):
        assert await bus.caught_up("journal", within=20)
        assert len(done) == 2
        await _served(bus)
    assert done == [Dripped(number=0), Dripped(number=1)]
    await bus.close()


async def test_messages_of_a_newer_sender_are_passed_over(redis_server: RedisServer) -> None:
    bus, done = bus_on(redis_server, "newer:"), []
    client = Redis.from_url(redis_server.url())

    async def keep(event: Event) -> None:
        done.append(event)

    async with bus.subscribe() as live, bus.consume("journal", keep):
        for strange in (b"redis_test.unheard_of\n{}", b"redis_test.dripped\n{}", b"\xff\xfe", b""):
            await client.xadd("newer:events", {"m": strange})
            await client.publish("newer:live", strange)
        bus.publish(Dripped(number=1))
        await until(lambda: bool(done))
        assert await anext(live) == Dripped(number=1)
    assert done == [Dripped(number=1)]
    await client.aclose()
    await bus.close()


async def test_an_event_that_cannot_be_written_down_silences_nobody(redis_server: RedisServer) -> None:
    bus, done = bus_on(redis_server, "slip:"), []

    async def keep(event: Event) -> None:
        done.append(event)

    async with bus.consume("journal", keep):
        bus.publish(Dripped(number="\ud800"))  # type: ignore[arg-type]  # half a character is no text for Redis
        bus.publish(Dripped(number=1))
        await until(lambda: bool(done))
    assert done == [Dripped(number=1)]
    await bus.close()


async def test_a_letter_that_cannot_be_read_is_put_aside(redis_server: RedisServer) -> None:
    bus, client = bus_on(redis_server, "letters:"), Redis.from_url(redis_server.url())
    async with bus.serve(stopped, Stop):
        assert (await bus.request(Stop())).ok
        address = await client.get("letters:serves:redis_test.stop")
        for strange in (b"", b"no head\nno message", b"{}\nredis_test.stop\n{}"):
            await client.rpush(address, strange)
        assert (await bus.request(Stop())).ok
    await client.aclose()
    await bus.close()


async def test_a_seat_is_one_members_at_a_time_and_the_next_ones_when_he_leaves(redis_server: RedisServer) -> None:
    first, second = (bus_on(redis_server, "seats:") for _ in range(2))
    async with second.seat("engine") as hers:
        assert (hers.held, hers.shared) == (True, True)
        async with first.seat("engine") as his, first.seat("another") as beside:
            assert (his.held, beside.held) == (False, True)
            waiting = asyncio.create_task(his.taken())
            await asyncio.sleep(0)
            assert not waiting.done()
            waiting.cancel()
    async with first.seat("engine") as his, asyncio.timeout(15):
        await his.taken()
        assert his.held
    await first.close()
    await second.close()


async def test_a_seat_is_lost_to_somebody_else_and_not_to_silence(redis_server: RedisServer) -> None:
    client, nobody = Redis.from_url(redis_server.url()), Redis.from_url(f"redis://127.0.0.1:{free_tcp_port()}")
    hung = Lease(client, "lease:seat", "hung", lasts_s=0.2)
    other = Lease(client, "lease:seat", "other", lasts_s=60.0)
    silent = Lease(nobody, "lease:seat", "hung", lasts_s=0.2)
    assert not await silent.try_to_get()
    seat = RedisSeat(silent)
    lost = asyncio.create_task(seat.lost())
    await silent.try_to_get()
    await asyncio.sleep(0)
    assert (seat.held, lost.done()) == (False, False)
    lost.cancel()

    assert await hung.try_to_get()
    await asyncio.sleep(0.25)
    assert await other.try_to_get()
    lost = asyncio.create_task(RedisSeat(hung).lost())
    await asyncio.sleep(0)
    await hung.try_to_get()
    async with asyncio.timeout(15):
        await lost
    await other.release()
    await client.aclose()
    await nobody.aclose()


async def test_who_slept_through_a_lease_says_nothing_before_he_has_asked(
    redis_server: RedisServer,
) -> None:
    client = Redis.from_url(redis_server.url())
    sleepy = Lease(client, "lease:sleep", "sleepy", lasts_s=1.0)
    seat = RedisSeat(sleepy)
    async with seat.wanted():
        assert (seat.held, seat.may_tell) == (True, True)
        time.sleep(1.1)  # noqa: ASYNC251 - the whole process hangs
        assert (seat.held, seat.may_tell) == (False, False)
        other = Lease(client, "lease:sleep", "other", lasts_s=60.0)
        async with asyncio.timeout(15):
            while not await other.try_to_get():
                await asyncio.sleep(0.01)
            await seat.lost()
        assert not seat.may_tell
        await other.release()
        async with asyncio.timeout(15):
            await seat.taken()
        assert seat.may_tell
        await seat.step_back()
        assert not seat.held
        assert await other.try_to_get()
        await other.release()
    await client.aclose()


async def test_who_hangs_for_longer_than_his_lease_knows_that_it_is_over(redis_server: RedisServer) -> None:
    client = Redis.from_url(redis_server.url())
    hung = Lease(client, "lease:turn", "hung", lasts_s=1.0)
    other = Lease(client, "lease:turn", "other", lasts_s=60.0)
    assert await hung.try_to_get()
    assert hung.held
    assert not await other.try_to_get()
    await asyncio.sleep(1.05)
    assert not hung.held
    assert await other.try_to_get()
    assert not await hung.try_to_get()
    await other.release()
    assert not other.held
    await client.aclose()


async def test_a_redis_that_lost_its_memory_leaves_the_seat_to_who_had_it() -> None:
    port = free_tcp_port()
    client = Redis.from_url(f"redis://127.0.0.1:{port}")
    holder, other = (Lease(client, "lease:seat", name, lasts_s=2.0) for name in ("holder", "other"))
    with running_redis(port) as server:
        assert await holder.try_to_get()
        assert not await other.try_to_get()
        server.process.stop()
        assert not await other.try_to_get()
        server.process.start()
        async with asyncio.timeout(15):
            while not await holder.try_to_get():
                assert not await other.try_to_get()
        assert not holder.somebody_elses
        assert not await other.try_to_get()
        await client.flushall()
        assert not await other.try_to_get(), "it was his a moment ago"
        assert await holder.try_to_get()
        await holder.release()
        assert await other.try_to_get(), "given back is free at once"
    await client.aclose()


async def test_a_lease_of_a_redis_whose_clock_was_put_back_ends_all_the_same(redis_server: RedisServer) -> None:
    client = Redis.from_url(redis_server.url())
    dead, other = (Lease(client, "lease:back", name, lasts_s=0.5) for name in ("dead", "other"))
    assert await dead.try_to_get()
    await client.pexpire("lease:back", 3_600_000)
    async with asyncio.timeout(15):
        while not await other.try_to_get():
            await asyncio.sleep(0.02)
    await other.release()
    await client.aclose()


async def test_what_is_given_back_stays_given_back_whatever_was_being_asked(redis_server: RedisServer) -> None:
    client = Redis.from_url(redis_server.url())
    first, other = (Lease(client, "lease:crossing", name, lasts_s=60.0) for name in ("first", "other"))
    assert await first.try_to_get()
    renewing = asyncio.create_task(first.try_to_get())
    await asyncio.sleep(0)
    await first.step_back()
    await renewing
    assert not first.held
    assert await other.try_to_get()
    await other.release()
    await client.aclose()
