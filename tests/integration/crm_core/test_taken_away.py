"""What is taken away in the moment in which it is given to somebody: one of the two is refused, in its own words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Column, delete, text

from crm_core.domain.floor import Department, Did, DidTarget, Queue, Skill
from crm_core.domain.house_terms import TermKind
from crm_core.domain.users import User
from crm_core.errors import DepartmentNotFound, NotFound, QueueNotFound, SkillNotFound, TermUsed
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import must_exist
from crm_core.services.bundle import Services

WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
Give = Callable[[Services, User], Awaitable[Any]]
FRENCH, SALES, VIP = SkillKey("fr"), "sales", QueueKey("vip")
GIFTS: dict[str, tuple[Column[Any], str, type[NotFound], Give]] = {
    "skill": (
        t.skill.c.key, FRENCH, SkillNotFound, lambda house, user: house.users.update(user.id, skills={FRENCH: 3})
    ),
    "department": (
        t.department.c.key, SALES, DepartmentNotFound,
        lambda house, user: house.users.update(user.id, department=SALES),
    ),
    "queue": (t.queue.c.key, VIP, QueueNotFound, lambda house, user: house.users.update(user.id, queues=[VIP])),
    "a ticket's department": (
        t.department.c.key, SALES, DepartmentNotFound,
        lambda house, _: house.tickets.create(subject="Broken", department=SALES),
    ),
    "a number's queue": (
        t.queue.c.key, VIP, QueueNotFound,
        lambda house, _: house.numbers.put(Did(number="4008009", target=DidTarget.QUEUE, to=VIP), seen=""),
    ),
}  # fmt: skip


@pytest.fixture
async def house(services: Services, alice: User) -> Services:
    await services.floor_plans.put_skill(Skill(key=FRENCH, names={"en": "French"}))
    await services.floor_plans.put_department(Department(key=SALES, names={"en": "Sales"}))
    await services.floor_plans.put_queue(Queue(key=VIP, names={"en": "VIP"}))
    return services


async def until_somebody_waits(database: Database) -> None:
    """On SQLite there is one writer at a time, who has the door shut."""
    if database.is_sqlite:
        return
    async with asyncio.timeout(10), database.reading() as connection:
        while not await connection.scalar(WAITS):
            await asyncio.sleep(0)


@pytest.mark.parametrize("what", GIFTS)
async def test_what_is_just_being_taken_away_is_given_to_nobody(
    house: Services, database: Database, alice: User, what: str
) -> None:
    column, key, missing, give = GIFTS[what]
    async with database.session() as connection:
        await connection.execute(delete(t.queue_version).where(t.queue_version.c.queue == key))
        await connection.execute(delete(column.table).where(column == key))
        giving = asyncio.create_task(give(house, alice))  # type: ignore[arg-type]
        await until_somebody_waits(database)
    with pytest.raises(missing):
        await giving


@pytest.mark.parametrize(("kind", "key"), [(TermKind.SKILL, FRENCH), (TermKind.DEPARTMENT, SALES)])
async def test_what_is_just_being_given_to_somebody_is_not_taken_away(
    house: Services, database: Database, alice: User, kind: TermKind, key: str
) -> None:
    column = t.skill.c.key if kind is TermKind.SKILL else t.department.c.key
    row = {"user_id": alice.id, "skill": key, "level": 3}
    gift = t.agent_skill.insert().values(row) if kind is TermKind.SKILL else t.user.update().values(department=key)
    async with database.session() as connection:
        await must_exist(connection, column, key, NotFound, hold=True)
        taking = asyncio.create_task(house.house_terms.delete(kind, key))
        await until_somebody_waits(database)
        await connection.execute(gift)
    with pytest.raises(TermUsed, match="people 1"):
        await taking


async def test_whoever_is_just_being_put_into_a_queue_does_not_keep_it_from_going(
    house: Services, database: Database, alice: User
) -> None:
    async with database.session() as connection:
        await must_exist(connection, t.queue.c.key, VIP, QueueNotFound, hold=True)
        going = asyncio.create_task(house.floor_plans.delete_queue(VIP, version=1))
        await until_somebody_waits(database)
        await connection.execute(t.queue_member.insert().values(user_id=alice.id, queue=VIP))
    await going
    assert (await house.users.get(alice.id)).queues == ("service",)
