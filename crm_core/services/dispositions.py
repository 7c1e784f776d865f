"""What may come of a call: the tree an agent chooses from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.dispositions import Disposition, DispositionEntry, parents_first
from crm_core.errors import (
    DispositionCodeUnusable,
    DispositionNotFound,
    DispositionParentWrong,
    DispositionTaken,
    FieldEmpty,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, must_exist, upsert

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Dispositions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    async def tree(self, *, include_retired: bool = False) -> tuple[Disposition, ...]:
        """The roots, each with its children, in their order."""
        query = select(t.disposition).order_by(t.disposition.c.position, t.disposition.c.code)
        if not include_retired:
            query = query.where(t.disposition.c.retired.is_(False))
        async with self._db.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return _grown(None, [from_row(Disposition, row) for row in rows])

    async def get(self, code: str) -> Disposition:
        """Without its children."""
        async with self._db.reading() as connection:
            return await _one(connection, code)

    async def create(
        self,
        code: str,
        names: Mapping[str, str],
        *,
        parent: str | None = None,
        position: int | None = None,
        by: UserId | None = None,
    ) -> Disposition:
        """Without a `position` it comes last among its siblings."""
        _check_code(code)
        async with self._db.session() as connection:
            await must_exist(connection, t.disposition.c.code, parent, DispositionNotFound)
            if await connection.scalar(select(t.disposition.c.code).where(t.disposition.c.code == code)):
                raise DispositionTaken(code=code)
            place = await _last(connection, parent) if position is None else position
            row = {"code": code, "parent": parent, "names": _names(names), "position": place, "retired": False}
            await connection.execute(t.disposition.insert(), row)
            await audit(connection, "disposition.created", code, at=self._clock.now(), by=by)
            return await _one(connection, code)

    async def put(self, entries: Sequence[DispositionEntry], *, by: UserId | None = None) -> None:
        """Makes each or changes it: all of them or none. They may stand below each other, in any order."""
        for entry in entries:
            _check_code(entry.code)
        async with self._db.session() as connection:
            rows = await connection.execute(select(t.disposition).order_by(t.disposition.c.code))
            there = {row["code"]: dict(row) for row in rows.mappings()}
            wanted = _placed(there, entries)
            for floor in _floors(there, wanted):
                await upsert(connection, t.disposition, [wanted[code] for code in floor if code in wanted], ["code"])
            for code, row in wanted.items():
                await audit(connection, "disposition.put", code, at=self._clock.now(), by=by, **row)


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise DispositionCodeUnusable(field="code")


def _placed(there: Mapping[str, Mapping[str, Any]], entries: Iterable[DispositionEntry]) -> dict[str, dict[str, Any]]:
    """Each entry as its row; who has no position keeps the one he had, or comes last among his siblings."""
    last: dict[str | None, int] = {}
    for row in there.values():
        last[row["parent"]] = max(last.get(row["parent"], -1), row["position"])
    rows: dict[str, dict[str, Any]] = {}
    for one in entries:
        before = there.get(one.code)
        stays = before["position"] if before and before["parent"] == one.parent else None
        place = one.position if one.position is not None else stays
        if place is None:
            place = last.get(one.parent, -1) + 1
        last[one.parent] = max(last.get(one.parent, -1), place)
        rows[one.code] = {
            "code": one.code,
            "parent": one.parent,
            "names": _names(one.names),
            "position": place,
            "retired": one.retired,
        }
    return rows


def _floors(
    there: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[str, ...], ...]:
    """In which order they may be written. Raises what is wrong with a parent."""
    parents: dict[str, str | None] = {code: row["parent"] for code, row in {**there, **wanted}.items()}
    for parent in parents.values():
        if parent is not None and parent not in parents:
            raise DispositionNotFound(id=parent)
    floors = parents_first(parents)
    for code in parents:
        if not any(code in floor for floor in floors):
            raise DispositionParentWrong(code=code)
    return floors


def _grown(parent: str | None, every: Sequence[Disposition]) -> tuple[Disposition, ...]:
    return tuple(_with_children(one, _grown(one.code, every)) for one in every if one.parent == parent)


def _with_children(one: Disposition, children: Iterable[Disposition]) -> Disposition:
    return Disposition(
        code=one.code,
        names=one.names,
        parent=one.parent,
        position=one.position,
        retired=one.retired,
        children=tuple(children),
    )


async def _last(connection: AsyncConnection, parent: str | None) -> int:
    siblings = select(func.count()).where(t.disposition.c.parent.is_not_distinct_from(parent))
    return await connection.scalar(siblings) or 0


async def _one(connection: AsyncConnection, code: str) -> Disposition:
    row = (await connection.execute(select(t.disposition).where(t.disposition.c.code == code))).mappings().first()
    if row is None:
        raise DispositionNotFound(id=code)
    return from_row(Disposition, row)


def _names(names: Mapping[str, str]) -> dict[str, str]:
    if not names:
        raise FieldEmpty(field="names")
    return {language: checks.line("names", name, required=True) for language, name in names.items()}
