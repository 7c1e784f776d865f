"""The plan of the floor: what the switchboard and the dialplan renderer need, in one reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.floor import (
    Department,
    Did,
    DidTarget,
    FloorAgent,
    FloorPlan,
    HouseRules,
    Queue,
    QueueVersion,
    Relaxation,
    RelaxationKind,
    Skill,
)
from crm_core.domain.queue_use import needs_of
from crm_core.errors import (
    DepartmentNotFound,
    ExtensionUnusable,
    FieldOutOfRange,
    FlowNotFound,
    FlowNotPublished,
    KeyUnusable,
    PromptUnusable,
    QueueNeeded,
    QueueNotFound,
    RelaxationUnusable,
    SkillNotFound,
    TelephoneKeyUnusable,
    WishTooLarge,
    WishUnreadable,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import QueueKey, UserId
from crm_core.kernel.requirements import HIGHEST, LOWEST
from crm_core.kernel.requirements_text import Problem, Unreadable, read
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, hold_to_delete, in_line, must_exist, upsert
from crm_core.persistence.types import keepable_json
from crm_core.services.abilities import abilities, check_skills
from crm_core.services.calendars import LINE as CALENDARS
from crm_core.services.calendars import all_calendars, check_hours
from crm_core.services.numbers import did_of, row_of
from crm_core.services.options import CoreOptions
from crm_core.services.overflows import check_overflow
from crm_core.services.plan_revision import plan_changed, plan_revision
from crm_core.services.queue_versions import keep_version, kept, queue_of, unless_changed, version_now, versions

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_EXTENSION = re.compile(r"[0-9]{2,8}")
_PROMPT = re.compile(r"[a-z][a-z0-9_]{1,40}")
RULES = "floor.rules"
"""The setting that keeps what holds for the whole house."""
MOST_YIELD_S = 30 * 24 * 3600
_RULES: Mapping[str, tuple[int, int]] = {
    "recording_pause_s": (5, 300),
    "parking_s": (5, 3600),
    "parking_first": (10, 9_999_800),
    "parking_last": (10, 9_999_999),
}
"""Numbers among them -> lowest and highest."""


class FloorPlans:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock = database, clock
        self._zone = ZoneInfo(options.timezone)

    async def load(self) -> FloorPlan:
        """As it holds today, by the calendar of the house."""
        today = self._clock.now().astimezone(self._zone).date()
        async with self._db.reading() as connection:
            revision = await plan_revision(connection)  # first: what is changed while we read is looked at again
            return FloorPlan(
                agents=await _agents(connection, today),
                until=datetime.combine(today + timedelta(days=1), time(), self._zone).astimezone(UTC),
                skills=tuple(from_row(Skill, row) for row in await _all(connection, t.skill, t.skill.c.key)),
                queues=tuple(queue_of(row) for row in await _all(connection, t.queue, t.queue.c.key)),
                dids=tuple(did_of(row) for row in await _all(connection, t.did, t.did.c.number)),
                departments=tuple(
                    from_row(Department, row) for row in await _all(connection, t.department, t.department.c.key)
                ),
                rules=await _rules(connection),
                timezone=self._zone.key,
                calendars=await all_calendars(connection),
                revision=revision,
            )

    async def revision(self) -> str:
        """Of the plan as it is kept: whoever has read another one has an old plan."""
        async with self._db.reading() as connection:
            return await plan_revision(connection)

    async def put_rules(self, rules: HouseRules, *, by: UserId | None = None) -> None:
        """What holds for the whole house, from the next reading of the plan on."""
        for name, (lowest, highest) in _RULES.items():
            if not lowest <= getattr(rules, name) <= highest:
                raise FieldOutOfRange(field=name, lowest=lowest, highest=highest)
        if not rules.parking_first <= rules.parking_last <= rules.parking_first + 199:
            raise FieldOutOfRange(field="parking_last", lowest=rules.parking_first, highest=rules.parking_first + 199)
        now = self._clock.now()
        row = {"name": RULES, "value": asdict(rules), "updated_at": now, "updated_by": by}
        async with self._db.session() as connection:
            await upsert(connection, t.setting, [row], ["name"])
            await self._audit(connection, "rules", RULES, asdict(rules), by)

    async def put_department(self, department: Department, *, by: UserId | None = None) -> None:
        """Makes it or changes it; so do the others."""
        row = {"key": _key(department.key), "names": _names(department.names)}
        async with self._db.session() as connection:
            await upsert(connection, t.department, [row], ["key"])
            await self._audit(connection, "department", department.key, row, by)

    async def put_skill(self, skill: Skill, *, by: UserId | None = None) -> None:
        row = {"key": _key(skill.key), "names": _names(skill.names)}
        async with self._db.session() as connection:
            await upsert(connection, t.skill, [row], ["key"])
            await self._audit(connection, "skill", skill.key, row, by)

    async def queue(self, key: QueueKey) -> QueueVersion:
        """As it is agreed now."""
        async with self._db.reading() as connection:
            return version_now(await kept(connection, key))

    async def queue_versions(self, key: QueueKey) -> tuple[QueueVersion, ...]:
        """What was agreed, the newest first."""
        async with self._db.reading() as connection:
            return await versions(connection, await kept(connection, key))

    async def put_queue(self, queue: Queue, *, version: int | None = None, by: UserId | None = None) -> int:
        """Its version afterwards. `version`: the one that was looked at, 0 for a queue there shall not be yet; without
        it the queue is made or changed whatever it was."""
        row = self._row(queue)
        async with self._db.session() as connection:
            await in_line(connection, "queues", CALENDARS)
            before = await unless_changed(connection, queue.key, version)
            await _check_queue(connection, queue)
            now = await keep_version(connection, before, row, at=self._clock.now(), by=by)
            await upsert(connection, t.queue, [{**row, "version": now}], ["key"])
            await self._audit(connection, "queue", queue.key, row, by)
        return now

    async def check_queue(self, queue: Queue) -> None:
        """Raises what `put_queue` would; nothing is kept."""
        self._row(queue)
        async with self._db.reading() as connection:
            await _check_queue(connection, queue)

    async def delete_queue(self, key: QueueKey, *, version: int, by: UserId | None = None) -> None:
        """For good, with its versions; nobody serves it any more. `version`: the one that was looked at. What calls
        were in it stays in the log. Raises QueueNeeded."""
        async with self._db.session() as connection:
            await in_line(connection, "queues")
            await hold_to_delete(connection, t.queue.c.key, key)
            await kept(connection, key)
            row = await unless_changed(connection, key, version)
            queues = [queue_of(one) for one in await _all(connection, t.queue, t.queue.c.key)]
            dids = [did_of(one) for one in await _all(connection, t.did, t.did.c.number)]
            if needs := needs_of(key, dids, queues):
                raise QueueNeeded(key=key, why=", ".join(f"{one.by} {one.name}".strip() for one in needs))
            for column in (t.queue_member.c.queue, t.queue_version.c.queue, t.queue.c.key):
                await connection.execute(delete(column.table).where(column == key))
            await self._audit(connection, "queue", key, keepable_json(dict(row or {})), by, done="deleted")

    @staticmethod
    def _row(queue: Queue) -> dict[str, Any]:
        return {
            "key": _key(queue.key),
            "names": _names(queue.names),
            "department": queue.department,
            "ring_s": _seconds("ring_s", queue.ring_s),
            "wrap_up_s": _seconds("wrap_up_s", queue.wrap_up_s, lowest=0),
            "wrap_up": queue.wrap_up,
            "wrap_up_limit_s": _seconds("wrap_up_limit_s", queue.wrap_up_limit_s, lowest=0),
            "service_level_s": _seconds("service_level_s", queue.service_level_s),
            "service_level_percent": _within("service_level_percent", queue.service_level_percent, 1, 100),
            "priority": queue.priority,
            "skills": dict(queue.skills),
            "recorded": queue.recorded,
            "asks": queue.asks.strip(),
            "relaxing": [asdict(step) for step in queue.relaxing],
            "strategy": queue.strategy,
            "ring_order": [_extension(one) for one in queue.ring_order],
            "crowd_s": _seconds("crowd_s", queue.crowd_s, lowest=0),
            "sticky": queue.sticky,
            "sticky_s": _seconds("sticky_s", queue.sticky_s, lowest=0),
            "ageing_s": _seconds("ageing_s", queue.ageing_s, lowest=0),
            "weight": _within("weight", queue.weight, 1, 100),
            "max_waiting": _within("max_waiting", queue.max_waiting, 0, 10_000),
            "max_per_hour": _within("max_per_hour", queue.max_per_hour, 0, 10_000),
            "max_wait_s": _seconds("max_wait_s", queue.max_wait_s, lowest=0),
            "overflow_when": list(queue.overflow_when),
            "open_hours": asdict(queue.open_hours) if queue.open_hours is not None else None,
            "calendar": queue.calendar,
            "overflow": [asdict(step) for step in queue.overflow],
            "place_back_s": _seconds("place_back_s", queue.place_back_s, lowest=0),
            "misses_to_pause": _within("misses_to_pause", queue.misses_to_pause, 1, 10),
            "announce": list(queue.announce),
            "comfort": _prompt("comfort", queue.comfort),
            "announce_first_s": _seconds("announce_first_s", queue.announce_first_s, lowest=5),
            "announce_every_s": _seconds("announce_every_s", queue.announce_every_s, lowest=15),
            "after_call": queue.after_call,
            "callback_tries": _within("callback_tries", queue.callback_tries, 0, 10),
            "callback_retry_s": _seconds("callback_retry_s", queue.callback_retry_s, lowest=30),
            "callback_key": _telephone_key("callback_key", queue.callback_key),
            "message_key": _telephone_key("message_key", queue.message_key, but=queue.callback_key),
            "ticket_yield_s": _within("ticket_yield_s", queue.ticket_yield_s, 0, MOST_YIELD_S),
            "tickets_undisturbed": queue.tickets_undisturbed,
            "music": [_prompt("music", name) for name in dict.fromkeys(queue.music) if name],
        }

    async def put_did(self, did: Did, *, by: UserId | None = None) -> None:
        """Whatever was there; the menus it leads to may come later. (Who looks first: `Numbers.put`.)"""
        row = {**row_of(did), "to": _key(did.to)}
        async with self._db.session() as connection:
            await in_line(connection, CALENDARS)
            await check_hours(connection, did.open_hours, did.calendar)
            if did.target is DidTarget.QUEUE:
                await must_exist(connection, t.queue.c.key, did.to, QueueNotFound, hold=True)
            await upsert(connection, t.did, [row], ["number"])
            await self._audit(connection, "did", did.number, row, by)

    async def _audit(
        self,
        connection: AsyncConnection,
        what: str,
        key: str,
        row: Mapping[str, Any],
        by: UserId | None,
        *,
        done: str = "put",
    ) -> None:
        now = self._clock.now()
        await plan_changed(connection, at=now, by=by)
        await audit(connection, f"{what}.{done}", key, at=now, by=by, **row)


async def _check_queue(connection: AsyncConnection, queue: Queue) -> None:
    await must_exist(connection, t.department.c.key, queue.department, DepartmentNotFound)
    await check_skills(connection, queue.skills)
    await _check_wish(connection, queue.asks)
    await _check_relaxing(connection, queue)
    await check_hours(connection, queue.open_hours, queue.calendar)
    await check_overflow(connection, queue)
    await _check_menu(connection, queue.after_call)


async def _check_menu(connection: AsyncConnection, name: str) -> None:
    """Callers hear what is published only."""
    if not name:
        return
    await must_exist(connection, t.flow.c.name, name, FlowNotFound)
    if await connection.scalar(select(t.flow.c.published).where(t.flow.c.name == name)) == 0:
        raise FlowNotPublished(id=name)


async def _check_wish(connection: AsyncConnection, asks: str) -> None:
    try:
        wish = read(asks)
    except Unreadable as error:
        if error.problem is Problem.TOO_MUCH:
            raise WishTooLarge(field="asks") from None
        raise WishUnreadable(field="asks", position=error.position) from None
    for skill in sorted(wish.skills):
        await must_exist(connection, t.skill.c.key, skill, SkillNotFound)


async def _check_relaxing(connection: AsyncConnection, queue: Queue) -> None:
    """Each step has what its kind needs, and what it names is there."""
    for number, step in enumerate(queue.relaxing, start=1):
        _seconds("after_s", step.after_s)
        if not _complete(step) or step.queue == queue.key:
            raise RelaxationUnusable(field="relaxing", number=number)
        match step.kind:
            case RelaxationKind.LOWER | RelaxationKind.DROP:
                await must_exist(connection, t.skill.c.key, step.skill, SkillNotFound)
            case RelaxationKind.WIDEN:
                await must_exist(connection, t.queue.c.key, step.queue, QueueNotFound)
            case RelaxationKind.CALL_IN:
                await must_exist(connection, t.department.c.key, step.department, DepartmentNotFound)


def _complete(step: Relaxation) -> bool:
    """What its kind needs, and nothing else."""
    has = {name for name in ("skill", "level", "queue", "department") if getattr(step, name) is not None}
    needs = {
        RelaxationKind.LOWER: {"skill", "level"},
        RelaxationKind.DROP: {"skill"},
        RelaxationKind.WIDEN: {"queue"},
        RelaxationKind.CALL_IN: {"department"},
    }
    return has == needs[step.kind] and LOWEST <= (step.level or LOWEST) <= HIGHEST


async def _agents(connection: AsyncConnection, today: date) -> tuple[FloorAgent, ...]:
    someone = t.user.c.disabled.is_(False) & t.user.c.extension.is_not(None)
    rows = (await connection.execute(select(t.user).where(someone).order_by(t.user.c.extension))).mappings().all()
    skills, queues = await abilities(connection, [row["id"] for row in rows], today)
    return tuple(
        from_row(FloorAgent, row, skills=skills.get(row["id"], {}), queues=tuple(queues.get(row["id"], ())))
        for row in rows
    )


async def _rules(connection: AsyncConnection) -> HouseRules:
    """What was set, and of the rest the usual."""
    found = await connection.scalar(select(t.setting.c.value).where(t.setting.c.name == RULES))
    usual = HouseRules()
    return replace(usual, **{name: value for name, value in (found or {}).items() if name in asdict(usual)})


async def _all(connection: AsyncConnection, table: Any, order: Any) -> Any:
    return (await connection.execute(select(table).order_by(order))).mappings().all()


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise KeyUnusable(field="key")
    return key


def _extension(text: str) -> str:
    """Of somebody who need not be here yet, or any more."""
    if not _EXTENSION.fullmatch(text):
        raise ExtensionUnusable(field="ring_order")
    return text


def _telephone_key(field: str, key: str, *, but: str = "") -> str:
    if key and (key == but or not (len(key) == 1 and key.isascii() and key.isdecimal())):
        raise TelephoneKeyUnusable(field=field)
    return key


def _prompt(field: str, name: str) -> str:
    if name and not _PROMPT.fullmatch(name):
        raise PromptUnusable(field=field)
    return name


def _names(names: Mapping[str, str]) -> dict[str, str]:
    return {language: checks.line("names", name, required=True) for language, name in names.items()}


def _seconds(field: str, value: int, *, lowest: int = 1) -> int:
    return _within(field, value, lowest, 3600)


def _within(field: str, value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise FieldOutOfRange(field=field, lowest=lowest, highest=highest)
    return value
