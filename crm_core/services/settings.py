"""What is set for this house, kept in its database."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.settings import SettingKey
from crm_core.errors import FieldInvalid
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import upsert

T = TypeVar("T")


class Settings:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def get(self, key: SettingKey[T]) -> T:
        """What was set, or the key's default (also when what was set no longer fits the key)."""
        async with self._db.reading() as connection:
            found = await connection.scalar(select(t.setting.c.value).where(t.setting.c.name == key.name))
        if found is None:
            return key.default
        try:
            return TypeAdapter(key.kind).validate_python(found["value"])
        except ValidationError:
            return key.default

    async def set(self, key: SettingKey[T], value: T, *, by: UserId | None = None) -> None:
        """What somebody decided: the log has it too."""
        plain = _plain(key, value)
        async with self._db.session() as connection:
            now = await self._keep(connection, key, plain, by)
            await audit(connection, "setting.set", key.name, at=now, by=by, value=plain)

    async def note(self, key: SettingKey[T], value: T) -> None:
        """What the program keeps for itself."""
        plain = _plain(key, value)
        async with self._db.session() as connection:
            await self._keep(connection, key, plain, None)

    async def _keep(
        self, connection: AsyncConnection, key: SettingKey[T], plain: object, by: UserId | None
    ) -> datetime:
        now = self._clock.now()
        row = {"name": key.name, "value": {"value": plain}, "updated_at": now, "updated_by": by}
        await upsert(connection, t.setting, [row], ["name"])
        return now


def _plain(key: SettingKey[T], value: T) -> object:
    try:
        return TypeAdapter(key.kind).dump_python(TypeAdapter(key.kind).validate_python(value), mode="json")
    except ValidationError:
        raise FieldInvalid(field=key.name) from None
