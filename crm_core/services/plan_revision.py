"""The mark of the floor's plan, another one after each change: whoever has read another one has an old plan."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.kernel.ids import UserId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.queries import upsert

REVISION = "floor.revision"
"""The setting that keeps it."""


async def plan_revision(connection: AsyncConnection) -> str:
    return await connection.scalar(select(t.setting.c.value).where(t.setting.c.name == REVISION)) or ""


async def plan_changed(connection: AsyncConnection, *, at: datetime, by: UserId | None) -> None:
    changed = {"name": REVISION, "value": new_id("rev"), "updated_at": at, "updated_by": by}
    await upsert(connection, t.setting, [changed], ["name"])
