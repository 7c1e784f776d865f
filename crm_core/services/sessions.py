"""Who is logged in: sessions of people and tokens of programs.

Only SHA-256 digests of 256-bit random tokens are kept: who reads the database cannot log in with what he finds.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.users import ApiToken, NewApiToken, User
from crm_core.errors import TokenNotFound, UserNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, must_exist
from crm_core.services.options import CoreOptions
from crm_core.services.users import read_user

_NOTE_USE_EVERY = timedelta(minutes=1)
"""How exactly "last seen" is kept; every request would be a write otherwise."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Sessions:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def start(self, user: UserId, *, ip: str = "", user_agent: str = "") -> str:
        """The token for the cookie."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        row = {
            "digest": _digest(token),
            "user_id": user,
            "ip": ip[:64],
            "user_agent": user_agent[:300],
            "started_at": now,
            "seen_at": now,
            "expires_at": now + self._options.session_idle,
        }
        async with self._db.session() as connection:
            await must_exist(connection, t.user.c.id, user, UserNotFound)
            await connection.execute(t.session.insert(), row)
        return token

    async def resolve(self, token: str, *, prolong: bool = True) -> User | None:
        """The user behind a token; None when it is unknown, over, or he is disabled.

        `prolong`: somebody is there and works, so the time it may lie idle begins anew.
        """
        now, digest = self._clock.now(), _digest(token)
        async with self._db.reading() as connection:
            found = select(t.session).where(t.session.c.digest == digest, t.session.c.expires_at > now)
            row = (await connection.execute(found)).mappings().first()
            user = await _enabled(connection, row["user_id"]) if row else None
        if prolong and row and user and now - row["seen_at"] >= _NOTE_USE_EVERY:
            await self._prolong(digest, now, row["started_at"])
        return user

    async def end(self, token: str) -> None:
        async with self._db.session() as connection:
            await connection.execute(delete(t.session).where(t.session.c.digest == _digest(token)))

    async def forget_expired(self) -> int:
        """House-keeping: removes what is over; says how many."""
        async with self._db.session() as connection:
            done = await connection.execute(delete(t.session).where(t.session.c.expires_at <= self._clock.now()))
        return int(done.rowcount)

    async def _prolong(self, digest: str, now: datetime, started_at: datetime) -> None:
        until = min(now + self._options.session_idle, started_at + self._options.session_longest)
        async with self._db.session() as connection:
            mine = update(t.session).where(t.session.c.digest == digest)
            await connection.execute(mine.values(seen_at=now, expires_at=until))


class ApiTokens:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def create(
        self, name: str, user: UserId, *, expires_at: datetime | None = None, by: UserId | None = None
    ) -> NewApiToken:
        """`user`: for whom it acts; `by`: who made it."""
        token, now = f"cw_{secrets.token_urlsafe(32)}", self._clock.now()
        record = ApiToken(
            id=new_id("tok"),
            user=user,
            name=checks.line("name", name, required=True),
            created_at=now,
            expires_at=checks.aware("expires_at", expires_at) if expires_at else None,
        )
        row = {
            "id": record.id,
            "digest": _digest(token),
            "user_id": user,
            "name": record.name,
            "created_at": now,
            "expires_at": expires_at,
        }
        async with self._db.session() as connection:
            await must_exist(connection, t.user.c.id, user, UserNotFound)
            await connection.execute(t.api_token.insert(), row)
            await audit(connection, "token.created", record.id, at=now, by=by, user=user, name=record.name)
        return NewApiToken(token=token, record=record)

    async def resolve(self, token: str) -> User | None:
        now = self._clock.now()
        async with self._db.reading() as connection:
            found = select(t.api_token).where(t.api_token.c.digest == _digest(token))
            row = (await connection.execute(found)).mappings().first()
            if row is None or (row["expires_at"] and row["expires_at"] <= now):
                return None
            user = await _enabled(connection, row["user_id"])
        if user and (row["last_used_at"] is None or now - row["last_used_at"] >= _NOTE_USE_EVERY):
            await self._note_use(row["id"], now)
        return user

    async def list(self, user: UserId | None = None) -> tuple[ApiToken, ...]:
        """Newest first; of everybody when no user is given."""
        query = select(t.api_token).order_by(t.api_token.c.created_at.desc(), t.api_token.c.id.desc())
        if user is not None:
            query = query.where(t.api_token.c.user_id == user)
        async with self._db.reading() as connection:
            return tuple(from_row(ApiToken, row) for row in (await connection.execute(query)).mappings())

    async def revoke(self, token_id: str, *, by: UserId | None = None) -> None:
        async with self._db.session() as connection:
            done = await connection.execute(delete(t.api_token).where(t.api_token.c.id == token_id))
            if not done.rowcount:
                raise TokenNotFound(id=token_id)
            await audit(connection, "token.revoked", token_id, at=self._clock.now(), by=by)

    async def _note_use(self, token_id: str, now: datetime) -> None:
        async with self._db.session() as connection:
            await connection.execute(update(t.api_token).where(t.api_token.c.id == token_id).values(last_used_at=now))


async def _enabled(connection: AsyncConnection, user: str) -> User | None:
    return await read_user(connection, (t.user.c.id == user) & t.user.c.disabled.is_(False))
