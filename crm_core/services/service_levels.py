"""How soon callers were answered lately and today, from the call log: for the live board and for REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from crm_core.domain.service_level import ServiceLevel, Tally, Waits, levels
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import QueueKey
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions

LATELY: Final = timedelta(minutes=30)
NOBODY: Final = ServiceLevel()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLevels:
    today: ServiceLevel = NOBODY
    lately: ServiceLevel = NOBODY
    """Of those who came within the last half hour."""


class ServiceLevels:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._zone = database, clock, ZoneInfo(options.timezone)

    async def now(self) -> Mapping[QueueKey, QueueLevels]:
        """Of each queue that was offered anybody today, as the house counts days, or within the last half hour."""
        now = self._clock.now()
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        today, lately = await self.since(midnight.astimezone(UTC)), await self.since(now - LATELY)
        return {
            queue: QueueLevels(today=today.get(queue, NOBODY), lately=lately.get(queue, NOBODY))
            for queue in {*today, *lately}
        }

    async def since(self, begin: datetime) -> Mapping[QueueKey, ServiceLevel]:
        """Of everybody who came into a queue from then on, by what is agreed for it now."""
        stay, agreed = t.queue_stay.c, t.queue.c
        both = t.queue_stay.join(t.queue, agreed.key == stay.queue)
        in_time = func.sum(case((stay.wait_s <= agreed.service_level_s, 1), else_=0))
        ended = (
            select(stay.queue, stay.left, func.count().label("stays"), in_time.label("in_time"))
            .select_from(both)
            .where(stay.entered_at >= begin, stay.left.is_not(None))
            .group_by(stay.queue, stay.left)
        )
        waiting = (
            select(stay.queue, stay.entered_at, agreed.service_level_s)
            .select_from(both)
            .where(stay.entered_at >= begin, stay.left.is_(None))
        )
        async with self._db.reading() as connection:
            tallies = [
                Tally(queue=row.queue, left=row.left, stays=row.stays, in_time=row.in_time)
                for row in await connection.execute(ended)
            ]
            waits = [
                Waits(queue=row.queue, since=row.entered_at, within_s=row.service_level_s)
                for row in await connection.execute(waiting)
            ]
        return levels(tallies, waits, self._clock.now())
