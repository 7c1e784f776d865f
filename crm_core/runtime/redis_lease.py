"""A place in Redis that one process holds at a time, and loses by itself when it stops renewing. Who may take it when
Redis has forgotten it: `standing`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from crm_core.runtime.retrying import ended
from crm_core.runtime.standing import Standing

_ASK = """
local holder, left = redis.call('get', KEYS[1]), redis.call('pttl', KEYS[1])
local lasts = tonumber(ARGV[2])
if holder == ARGV[1] or holder == '' or (not holder and ARGV[3] == '1') then
  redis.call('set', KEYS[1], ARGV[1], 'px', lasts)
  return {1, lasts}
end
if holder and (left < 0 or left > 10 * lasts) then
  redis.call('pexpire', KEYS[1], lasts)
  left = lasts
end
return {0, holder and left or -1}
"""
"""Whether it is ours now, and if not, for how long it runs (ms; -1: nobody has it). In one step, or it could end
between two. One that runs for many times as long as any does is of a Redis whose clock was put back: its holder, if he
lives, renews it long before the end that it gets here."""
_GIVE_BACK = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('set', KEYS[1], '', 'px', ARGV[2]) end"
"""Empty: the next one need not wait."""
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Lease:
    def __init__(self, redis: Redis, key: str, holder: str, *, lasts_s: float) -> None:
        """`holder`: who we are, like nobody else."""
        self._redis, self._key, self._holder = redis, key, holder
        self._standing = Standing(lasts_s)
        self._tried = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        """A question that is still on its way must not undo what we give back."""

    @property
    def lasts_s(self) -> float:
        return self._standing.lasts_s

    @property
    def held(self) -> bool:
        return self._standing.held(_now())

    @property
    def somebody_elses(self) -> bool:
        return self._standing.somebody_elses

    @property
    def asked_at(self) -> float:
        return self._standing.asked_at

    async def try_to_get(self) -> bool:
        """Gets it when it is free, renews it when it is ours; a Redis that does not answer means no."""
        async with self._one_at_a_time:
            asked = _now()
            if not self._standing.may_ask(asked):
                return False
            if_gone = int(self._standing.may_take_what_is_gone(asked))
            try:
                ours, left_ms = await self._script(_ASK, self._ms, if_gone)
            except (RedisError, OSError):
                self._standing.told_nothing(asked, _now())
            else:
                left_s = left_ms / 1000 if left_ms >= 0 else None
                self._standing.told(asked, _now(), ours=bool(ours), left_s=left_s)
        tried, self._tried = self._tried, asyncio.Event()
        tried.set()
        return self.held

    async def next_try(self) -> None:
        """Until Redis has been asked once more."""
        await self._tried.wait()

    async def keep_trying(self) -> None:
        """Gets it as soon as it is free, and renews it, until cancelled."""
        while True:
            await self.try_to_get()
            await asyncio.sleep(self._standing.pause_s(_now()))

    async def step_back(self) -> None:
        """Somebody else may have it, if anybody wants it: we do not try for as long as it lasts."""
        self._standing.rests(_now())
        await self.release()

    async def release(self) -> None:
        self._standing.given_back()
        async with self._one_at_a_time:
            self._standing.given_back()
            with contextlib.suppress(RedisError, OSError):
                await self._script(_GIVE_BACK, self._ms)

    @asynccontextmanager
    async def wanted(self) -> AsyncIterator[None]:
        """Tried at once, kept or awaited during the block, given back after it."""
        await self.try_to_get()
        task = asyncio.create_task(self.keep_trying(), name=f"lease {self._key}")
        try:
            yield
        finally:
            await ended(task)
            await self.release()

    @property
    def _ms(self) -> int:
        return int(self.lasts_s * 1000)

    async def _script(self, script: str, *arguments: Any) -> Any:
        return await self._redis.eval(script, 1, self._key, self._holder, *arguments)


def _now() -> float:
    """A machine that was put to sleep has slept: the loop's own clock may not know."""
    return time.clock_gettime(_CLOCK)


class RedisSeat:
    """A lease as `crm_core.kernel.bus.Seat`."""

    shared = True

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._beat_at = _now()
        self._woke_at = 0.0
        """When we woke up after a sleep in which somebody else may have got it."""

    @asynccontextmanager
    async def wanted(self) -> AsyncIterator[None]:
        async with self._lease.wanted():
            beating = asyncio.create_task(self._beat(), name="awake in the seat")
            try:
                yield
            finally:
                await ended(beating)

    async def _beat(self) -> None:
        while True:
            if self._overslept():
                self._woke_at = _now()
            self._beat_at = _now()
            await asyncio.sleep(self._lease.lasts_s / 6)

    def _overslept(self) -> bool:
        """A shorter sleep than a lease lasts may be enough: it was not renewed right before."""
        asleep_s = _now() - self._beat_at
        return asleep_s >= self._lease.lasts_s / 3 and not self._lease.held

    @property
    def held(self) -> bool:
        return self._lease.held

    @property
    def may_tell(self) -> bool:
        return not (self._overslept() or self._lease.asked_at < self._woke_at or self._lease.somebody_elses)

    async def sure(self) -> bool:
        return await self._lease.try_to_get()

    async def taken(self) -> None:
        while not self._lease.held:
            await self._lease.next_try()

    async def lost(self) -> None:
        while not self._lease.somebody_elses:
            await self._lease.next_try()

    async def step_back(self) -> None:
        await self._lease.step_back()
