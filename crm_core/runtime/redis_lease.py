"""A place in Redis that one process holds at a time, and loses by itself when it stops renewing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from crm_core.runtime.retrying import ended

_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Lease:
    def __init__(self, redis: Redis, key: str, holder: str, *, lasts_s: float) -> None:
        self._redis, self._key, self._holder = redis, key, holder
        self._ours_until = 0.0
        """By the loop's own time: whoever hangs for longer than the lease lasts has lost it, before Redis tells him."""
        self.somebody_elses = False
        """As Redis said when it was asked last; one that does not answer gives it to nobody."""
        self._tried = asyncio.Event()
        self.lasts_s = lasts_s
        self.asked_at = 0.0
        """When the question began that was answered last, or could not be; by the loop's own time."""
        self._not_before = 0.0

    @property
    def held(self) -> bool:
        return asyncio.get_running_loop().time() < self._ours_until

    async def try_to_get(self) -> bool:
        """Gets it when it is free, renews it when it is ours; a Redis that does not answer means no."""
        asked = asyncio.get_running_loop().time()
        if asked < self._not_before:
            return False
        try:
            got = await self._redis.set(self._key, self._holder, nx=True, px=self._ms)
            ours = bool(got) or await self._renewed()
            self.somebody_elses = not ours
        except (RedisError, OSError):
            ours = False
        self._ours_until = asked + self.lasts_s if ours else 0.0
        self.asked_at = asked
        tried, self._tried = self._tried, asyncio.Event()
        tried.set()
        return ours

    async def next_try(self) -> None:
        """Until Redis has been asked once more."""
        await self._tried.wait()

    async def keep_trying(self) -> None:
        """Gets it as soon as it is free, and renews it, until cancelled."""
        while True:
            await self.try_to_get()
            await asyncio.sleep(self.lasts_s / 3)

    async def step_back(self) -> None:
        """Somebody else may have it, if anybody wants it: we do not try for as long as it lasts."""
        self._not_before = asyncio.get_running_loop().time() + self.lasts_s
        await self.release()

    async def release(self) -> None:
        self._ours_until = 0.0
        with contextlib.suppress(RedisError, OSError):
            await self._script(_RELEASE)

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

    async def _renewed(self) -> bool:
        return bool(await self._script(_RENEW, self._ms))

    async def _script(self, script: str, *arguments: Any) -> Any:
        return await self._redis.eval(script, 1, self._key, self._holder, *arguments)


class RedisSeat:
    """A lease as `crm_core.kernel.bus.Seat`."""

    shared = True

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._beat_at = asyncio.get_running_loop().time()
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
            now = asyncio.get_running_loop().time()
            if now - self._beat_at >= self._lease.lasts_s:
                self._woke_at = now
            self._beat_at = now
            await asyncio.sleep(self._lease.lasts_s / 6)

    @property
    def held(self) -> bool:
        return self._lease.held

    @property
    def may_tell(self) -> bool:
        slept = asyncio.get_running_loop().time() - self._beat_at >= self._lease.lasts_s
        return not (slept or self._lease.asked_at < self._woke_at or self._lease.somebody_elses)

    async def taken(self) -> None:
        while not self._lease.held:
            await self._lease.next_try()

    async def lost(self) -> None:
        while not self._lease.somebody_elses:
            await self._lease.next_try()

    async def step_back(self) -> None:
        await self._lease.step_back()
