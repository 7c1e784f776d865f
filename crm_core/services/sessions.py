"""Who is logged in: sessions of people and tokens of programs. Only digests of them are kept."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.users import ApiToken, NewApiToken, User
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Sessions:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def start(self, user: UserId, *, ip: str = "", user_agent: str = "") -> str:
        """The token for the cookie."""
        raise NotImplementedError

    async def resolve(self, token: str) -> User | None:
        """The user behind a token; None when it is unknown, over, or he is disabled."""
        raise NotImplementedError

    async def end(self, token: str) -> None:
        raise NotImplementedError

    async def end_all(self, user: UserId) -> None:
        raise NotImplementedError

    async def forget_expired(self) -> int:
        """House-keeping: removes what is over; says how many."""
        raise NotImplementedError


class ApiTokens:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def create(self, name: str, user: UserId, *, expires_at: datetime | None = None) -> NewApiToken:
        raise NotImplementedError

    async def resolve(self, token: str) -> User | None:
        raise NotImplementedError

    async def list(self, user: UserId | None = None) -> tuple[ApiToken, ...]:
        raise NotImplementedError

    async def revoke(self, token_id: str, *, by: UserId | None = None) -> None:
        raise NotImplementedError
