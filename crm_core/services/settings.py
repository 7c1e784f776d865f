"""What an administrator has set in the product."""

from __future__ import annotations

from typing import TypeVar

from crm_core.domain.settings import SettingKey
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence.database import Database

T = TypeVar("T")


class Settings:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def get(self, key: SettingKey[T]) -> T:
        """What was set, or the key's default."""
        raise NotImplementedError

    async def set(self, key: SettingKey[T], value: T, *, by: UserId | None = None) -> None:
        raise NotImplementedError
