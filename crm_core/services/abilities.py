"""What people can do and which queues they serve, as the tables keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.users import HIGHEST_LEVEL, LOWEST_LEVEL, Validity
from crm_core.errors import DaysReversed, FieldOutOfRange, QueueNotFound, SkillNotFound
from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.persistence import tables as t
from crm_core.persistence.queries import must_exist


async def validity_of(connection: AsyncConnection, users: Sequence[str]) -> dict[str, dict[SkillKey, Validity]]:
    """User -> the days of those of his skills that do not hold every day."""
    has, found = t.agent_skill.c, dict[str, dict[SkillKey, Validity]]()
    limited = has.valid_from.is_not(None) | has.valid_until.is_not(None)
    rows = await connection.execute(select(t.agent_skill).where(has.user_id.in_(users), limited))
    for row in rows.mappings():
        days = Validity(first=row["valid_from"], last=row["valid_until"])
        found.setdefault(row["user_id"], {})[row["skill"]] = days
    return found


async def abilities(
    connection: AsyncConnection, users: Sequence[str], day: date | None = None
) -> tuple[dict[str, dict[SkillKey, int]], dict[str, list[QueueKey]]]:
    """User -> his skills (those that hold on `day`), user -> his queues."""
    skills: dict[str, dict[SkillKey, int]] = {}
    queues: dict[str, list[QueueKey]] = {}
    can = select(t.agent_skill).where(t.agent_skill.c.user_id.in_(users)).order_by(t.agent_skill.c.skill)
    for row in (await connection.execute(can)).mappings():
        if day is None or Validity(first=row["valid_from"], last=row["valid_until"]).holds_on(day):
            skills.setdefault(row["user_id"], {})[row["skill"]] = row["level"]
    serves = select(t.queue_member).where(t.queue_member.c.user_id.in_(users)).order_by(t.queue_member.c.queue)
    for row in (await connection.execute(serves)).mappings():
        queues.setdefault(row["user_id"], []).append(row["queue"])
    return skills, queues


async def check_skills(connection: AsyncConnection, skills: Mapping[SkillKey, int]) -> None:
    """Levels that can be, of skills there are; what an agent has and what a queue asks for alike."""
    for skill, level in skills.items():
        if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
            raise FieldOutOfRange(field="skills", lowest=LOWEST_LEVEL, highest=HIGHEST_LEVEL)
        await must_exist(connection, t.skill.c.key, skill, SkillNotFound, hold=True)


async def set_skills(
    connection: AsyncConnection, user: UserId, skills: Mapping[SkillKey, int], validity: Mapping[SkillKey, Validity]
) -> None:
    await check_skills(connection, skills)
    if any(days.first and days.last and days.last < days.first for days in validity.values()):
        raise DaysReversed(field="skills")
    every_day = Validity()
    await connection.execute(delete(t.agent_skill).where(t.agent_skill.c.user_id == user))
    rows = [
        {
            "user_id": user,
            "skill": skill,
            "level": level,
            "valid_from": validity.get(skill, every_day).first,
            "valid_until": validity.get(skill, every_day).last,
        }
        for skill, level in skills.items()
    ]
    if rows:
        await connection.execute(t.agent_skill.insert(), rows)


async def set_queues(connection: AsyncConnection, user: UserId, queues: Sequence[QueueKey]) -> None:
    for queue in queues:
        await must_exist(connection, t.queue.c.key, queue, QueueNotFound, hold=True)
    await connection.execute(delete(t.queue_member).where(t.queue_member.c.user_id == user))
    rows = [{"user_id": user, "queue": queue} for queue in dict.fromkeys(queues)]
    if rows:
        await connection.execute(t.queue_member.insert(), rows)
