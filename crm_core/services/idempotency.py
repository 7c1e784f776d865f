"""A write that is sent twice is done once: answers kept by the sender's Idempotency-Key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from crm_core.errors import FieldEmpty, FieldTooLong, IdempotencyInProgress, IdempotencyKeyReused
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import insert_into

KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=2)
"""A request that left no answer for so long died with its process; the key is free again."""
_LONGEST_KEY = 255


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
        if not key:
            raise FieldEmpty(field="Idempotency-Key")
        if len(key) > _LONGEST_KEY:
            raise FieldTooLong(field="Idempotency-Key", longest=_LONGEST_KEY)
        now, mine = self._clock.now(), self._row_of(user, key)
        async with self._db.session() as connection:
            dead = t.idempotency_key.c.answer.is_(None) & (t.idempotency_key.c.at < now - GIVEN_UP_AFTER)
            await connection.execute(delete(t.idempotency_key).where(*mine, dead))
            row = {"user_id": user, "key": key, "fingerprint": fingerprint, "at": now}
            first = insert_into(connection, t.idempotency_key).on_conflict_do_nothing()
            if (await connection.execute(first, row)).rowcount:
                return None
            known = (await connection.execute(select(t.idempotency_key).where(*mine))).mappings().first()
        if known is None:  # released between our two looks
            raise IdempotencyInProgress
        if known["fingerprint"] != fingerprint:
            raise IdempotencyKeyReused
        if known["answer"] is None:
            raise IdempotencyInProgress
        return KeptAnswer(**known["answer"])

    async def keep(self, user: UserId, key: str, answer: KeptAnswer) -> None:
        async with self._db.session() as connection:
            mine = update(t.idempotency_key).where(*self._row_of(user, key))
            await connection.execute(mine.values(answer=asdict(answer)))

    async def release(self, user: UserId, key: str) -> None:
        """The attempt came to nothing: the next one may try."""
        async with self._db.session() as connection:
            unanswered = (*self._row_of(user, key), t.idempotency_key.c.answer.is_(None))
            await connection.execute(delete(t.idempotency_key).where(*unanswered))

    async def forget_expired(self) -> int:
        """House-keeping: removes what is older than a day; says how many."""
        async with self._db.session() as connection:
            old = delete(t.idempotency_key).where(t.idempotency_key.c.at < self._clock.now() - KEPT_FOR)
            return int((await connection.execute(old)).rowcount)

    def _row_of(self, user: UserId, key: str) -> tuple[Any, Any]:
        return t.idempotency_key.c.user_id == user, t.idempotency_key.c.key == key
