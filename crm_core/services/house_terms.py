"""Skills and departments of the house: made and named by a supervisor, and taken away when nothing speaks of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Column, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.house_terms import HouseTerm, TermKind, naming
from crm_core.errors import (
    DepartmentNotFound,
    FieldEmpty,
    KeyJoinsSkills,
    KeyUnusable,
    SkillNotFound,
    TermTaken,
    TermUsed,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.kernel.language import Language
from crm_core.kernel.requirements_text import WORDS
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import hold_to_delete, in_line, must_exist
from crm_core.services.plan_revision import plan_changed
from crm_core.services.queue_versions import queue_of

_KEY: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TABLES: Final[Mapping[TermKind, Table]] = {TermKind.SKILL: t.skill, TermKind.DEPARTMENT: t.department}
_HELD: Final[Mapping[TermKind, Column[Any]]] = {
    TermKind.SKILL: t.agent_skill.c.skill,
    TermKind.DEPARTMENT: t.user.c.department,
}
_MISSING: Final = {TermKind.SKILL: SkillNotFound, TermKind.DEPARTMENT: DepartmentNotFound}


class HouseTerms:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def all(self, kind: TermKind) -> tuple[HouseTerm, ...]:
        """By their keys."""
        async with self._db.reading() as connection:
            return await _all(connection, kind)

    async def get(self, kind: TermKind, key: str) -> HouseTerm:
        """Raises SkillNotFound or DepartmentNotFound."""
        async with self._db.reading() as connection:
            return await _one(connection, kind, key)

    async def put(
        self, kind: TermKind, key: str, names: Mapping[str, str], *, new: bool, by: UserId | None = None
    ) -> HouseTerm:
        """Raises KeyUnusable, KeyJoinsSkills and FieldEmpty; TermTaken for a `new` one that is there, else
        SkillNotFound or DepartmentNotFound."""
        if not _KEY.fullmatch(key):
            raise KeyUnusable(field="key")
        if new and kind is TermKind.SKILL and key in WORDS:
            raise KeyJoinsSkills(field="key", key=key)
        said = {one.value: checks.line("names", names[one]) for one in Language if names.get(one, "").strip()}
        if not said:
            raise FieldEmpty(field="names")
        table = _TABLES[kind]
        async with self._db.session() as connection:
            await in_line(connection, _line(kind))
            if new and await connection.scalar(select(table.c.key).where(table.c.key == key)) is not None:
                raise TermTaken(field="key", key=key)
            if new:
                await connection.execute(insert(table).values(key=key, names=said))
            else:
                await must_exist(connection, table.c.key, key, _MISSING[kind])
                await connection.execute(update(table).where(table.c.key == key).values(names=said))
            await self._note(connection, f"{kind}.put", key, by, names=said)
            return await _one(connection, kind, key)

    async def delete(self, kind: TermKind, key: str, *, also: Collection[str] = (), by: UserId | None = None) -> None:
        """`also`: who else speaks of it, such as voice menus. Raises TermUsed."""
        table = _TABLES[kind]
        async with self._db.session() as connection:
            await in_line(connection, "queues", _line(kind))
            await hold_to_delete(connection, table.c.key, key)
            term = await _one(connection, kind, key)
            if term.needed or also:
                raise TermUsed(key=key, why=", ".join(_why(term, also)))
            await connection.execute(delete(table).where(table.c.key == key))
            await self._note(connection, f"{kind}.deleted", key, by, names=dict(term.names))

    async def _note(self, connection: AsyncConnection, what: str, key: str, by: UserId | None, **more: Any) -> None:
        now = self._clock.now()
        await plan_changed(connection, at=now, by=by)
        await audit(connection, what, key, at=now, by=by, **more)


def _why(term: HouseTerm, also: Collection[str]) -> list[str]:
    people = [f"people {term.people}"] if term.people else []
    spoken = ["a language"] if term.spoken else []
    tickets = [f"tickets {term.tickets}"] if term.tickets else []
    return [*spoken, *people, *tickets, *(f"queue {one}" for one in term.queues), *sorted(also)]


async def _all(connection: AsyncConnection, kind: TermKind) -> tuple[HouseTerm, ...]:
    table, held = _TABLES[kind], _HELD[kind]
    rows = (await connection.execute(select(table).order_by(table.c.key))).mappings().all()
    people = await _counted(connection, held)
    tickets = await _counted(connection, t.ticket.c.department) if kind is TermKind.DEPARTMENT else {}
    queues = [queue_of(row) for row in (await connection.execute(select(t.queue))).mappings()]
    return tuple(
        HouseTerm(
            kind=kind,
            key=row["key"],
            names=row["names"],
            people=people.get(row["key"], 0),
            queues=naming(kind, row["key"], queues),
            tickets=tickets.get(row["key"], 0),
        )
        for row in rows
    )


async def _counted(connection: AsyncConnection, column: Column[Any]) -> dict[str, int]:
    """How many rows name each."""
    rows = await connection.execute(select(column, func.count()).where(column.is_not(None)).group_by(column))
    return {key: count for key, count in rows.all()}  # noqa: C416 - rows are no pairs for `dict`


async def _one(connection: AsyncConnection, kind: TermKind, key: str) -> HouseTerm:
    found = next((one for one in await _all(connection, kind) if one.key == key), None)
    if found is None:
        raise _MISSING[kind](id=key)
    return found


def _line(kind: TermKind) -> str:
    return f"terms:{kind}"
