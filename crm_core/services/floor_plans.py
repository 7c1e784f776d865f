"""The plan of the floor: what the switchboard and the dialplan renderer need, in one reading."""

from __future__ import annotations

from crm_core.domain.floor import Department, Did, FloorPlan, Queue, Skill
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence.database import Database


class FloorPlans:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def load(self) -> FloorPlan:
        raise NotImplementedError

    async def put_department(self, department: Department, *, by: UserId | None = None) -> None:
        """Makes it or changes it; so do the others."""
        raise NotImplementedError

    async def put_skill(self, skill: Skill, *, by: UserId | None = None) -> None:
        raise NotImplementedError

    async def put_queue(self, queue: Queue, *, by: UserId | None = None) -> None:
        raise NotImplementedError

    async def put_did(self, did: Did, *, by: UserId | None = None) -> None:
        raise NotImplementedError
