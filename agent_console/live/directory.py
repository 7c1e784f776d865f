"""Names of queues, skills, numbers and people for the live screens, read again when they may have changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from agent_console.live.protocol import DispositionChoice, Names, Vocabulary
from agent_console.live.screen_pop import names
from crm_core.domain.dispositions import Disposition
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.clock import Clock
from crm_core.services.bundle import Services

_FRESH_FOR: Final = timedelta(seconds=30)


class Directory:
    def __init__(self, services: Services, clock: Clock) -> None:
        self._services, self._clock = services, clock
        self._plan: tuple[datetime, FloorPlan] | None = None
        self._dispositions: tuple[datetime, tuple[DispositionChoice, ...]] | None = None

    async def plan(self) -> FloorPlan:
        if self._plan is None or self._clock.now() - self._plan[0] > _FRESH_FOR:
            self._plan = self._clock.now(), await self._services.floor_plans.load()
        return self._plan[1]

    async def vocabulary(self) -> Vocabulary:
        return vocabulary(await self.plan())

    async def dispositions(self) -> tuple[DispositionChoice, ...]:
        if self._dispositions is None or self._clock.now() - self._dispositions[0] > _FRESH_FOR:
            tree = await self._services.dispositions.tree()
            self._dispositions = self._clock.now(), disposition_choices(tree)
        return self._dispositions[1]


def vocabulary(plan: FloorPlan) -> Vocabulary:
    return Vocabulary(
        queues={one.key: one.names for one in plan.queues},
        skills={one.key: one.names for one in plan.skills},
        dids={one.number: one.names for one in plan.dids},
        agents={one.id: names(one.name, one.name_en) for one in plan.agents},
        departments={one.key: one.names for one in plan.departments},
        wrap_up_s={one.key: one.wrap_up_s for one in plan.queues},
        wrap_up={one.key: one.paperwork for one in plan.queues},
        service_level_s={one.key: one.service_level_s for one in plan.queues},
        service_level_percent={one.key: one.service_level_percent for one in plan.queues},
    )


def disposition_choices(tree: tuple[Disposition, ...], above: tuple[Names, ...] = ()) -> tuple[DispositionChoice, ...]:
    """The leaves that may be chosen, each with the way to it."""
    found: list[DispositionChoice] = []
    for one in tree:
        if one.retired:
            continue
        path = (*above, one.names)
        found.extend(disposition_choices(one.children, path) or [DispositionChoice(code=one.code, path=path)])
    return tuple(found)
