"""The core's services on a fresh database, twice: SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from crm_core.domain.floor import Department, Queue, Skill
from crm_core.domain.users import User
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from crm_core.services.options import CoreOptions

CHEAP = CoreOptions(argon2_memory_kib=1024, argon2_rounds=1)
PASSWORD = "correct horse"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(database: Database, clock: ManualClock) -> Services:
    return make_services(database, clock, options=CHEAP)


@pytest.fixture
async def alice(services: Services) -> User:
    await services.floor_plans.put_department(Department(key="service", names={"zh": "客服部", "en": "Service"}))
    for key in ("zh", "en", "repair"):
        await services.floor_plans.put_skill(Skill(key=SkillKey(key), names={"zh": key, "en": key}))
    await services.floor_plans.put_queue(Queue(key=QueueKey("service"), names={"zh": "客服", "en": "Service"}))
    return await services.users.create(
        login="alice",
        password=PASSWORD,
        name="王爱丽",
        name_en="Alice Wang",
        extension="1001",
        department="service",
        skills={SkillKey("zh"): 5, SkillKey("en"): 4},
        queues=[QueueKey("service")],
    )
