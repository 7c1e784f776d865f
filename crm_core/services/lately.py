"""The last hours' work as it is read back after a restart: bounded, from the rows of the call log alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from crm_core.domain.lately import Lately, Part
from crm_core.domain.service_level import Left, Stay
from crm_core.kernel.ids import AgentId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row

MOST_PARTS = 20_000
"""Twenty for each of 1,000 agents; of more the latest."""
MOST_STAYS = 2_000


class LatelyLog:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def read(self, agents: Collection[AgentId], since: datetime) -> Lately:
        """What began since then, of these agents and of all queues."""
        leg, stay = t.call_leg.c, t.queue_stay.c
        parts = (
            select(
                leg.agent,
                leg.call_id,
                func.coalesce(leg.queue, t.call.c.queue).label("queue"),
                *(leg.offered_at, leg.connected_at, leg.left_at, leg.failure, leg.wrap_up_s),
            )
            .join(t.call, t.call.c.id == leg.call_id)
            .where(leg.agent.in_(sorted(agents)), leg.started_at >= since)
            .order_by(leg.started_at.desc())
            .limit(MOST_PARTS)
        )
        over = stay.left.in_((Left.ANSWERED, Left.ABANDONED))
        stays = (
            select(stay.queue, stay.entered_at, stay.left_at, stay.left)
            .where(stay.entered_at >= since, over)
            .order_by(stay.entered_at.desc())
            .limit(MOST_STAYS)
        )
        async with self._db.reading() as connection:
            worked = (await connection.execute(parts)).mappings().all() if agents else ()
            waited = (await connection.execute(stays)).mappings().all()
        return Lately(
            parts=tuple([from_row(Part, row) for row in reversed(worked)]),
            stays=tuple([from_row(Stay, row) for row in reversed(waited)]),
        )
