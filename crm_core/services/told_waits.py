"""How true the waits were that callers were told, queue by queue, from the call log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from crm_core.domain.told_waits import ToldWait, WaitAccuracy, accuracy
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import QueueKey
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row

LATELY: Final = timedelta(days=7)
MOST: Final = 100
"""Of each queue so many callers, the latest."""


class ToldWaits:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def lately(self) -> Mapping[QueueKey, WaitAccuracy]:
        """Of each queue whose callers were told their wait within the last week, and who wait no more."""
        stay = t.queue_stay.c
        latest = func.row_number().over(partition_by=stay.queue, order_by=stay.told_at.desc()).label("latest")
        told = (
            select(stay.queue, stay.told_at, stay.told_wait_s, stay.left_at, stay.left, latest)
            .where(stay.told_at >= self._clock.now() - LATELY, stay.left.is_not(None))
            .subquery()
        )
        found: defaultdict[QueueKey, list[ToldWait]] = defaultdict(list)
        async with self._db.reading() as connection:
            rows = await connection.execute(select(told).where(told.c.latest <= MOST))
            for row in rows.mappings():
                found[row["queue"]].append(from_row(ToldWait, row))
        return {queue: accuracy(callers) for queue, callers in found.items()}
