"""A write that is sent twice is done once: answers kept by the sender's Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    status: int
    headers: dict[str, str]
    body: str


class IdempotencyKeys:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def claim(self, user: UserId, key: str, fingerprint: str) -> KeptAnswer | None:
        """None: go on and do it, then call `keep` (or `release` when it failed). Else: the answer given before.

        `fingerprint` tells one request from another (a digest of method, path and body). Raises
        IdempotencyKeyReused when the key came with another one, IdempotencyInProgress while the first is at work.
        """
        raise NotImplementedError

    async def keep(self, user: UserId, key: str, answer: KeptAnswer) -> None:
        raise NotImplementedError

    async def release(self, user: UserId, key: str) -> None:
        raise NotImplementedError

    async def forget_expired(self) -> int:
        raise NotImplementedError
