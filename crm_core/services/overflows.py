"""Whether the way on of a queue's callers leads somewhere: kept as rows, and looked at before it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.floor import Queue
from crm_core.domain.overflow import MENUS, Overflow, OverflowKind, OverflowWhy, loop_in
from crm_core.domain.queue_review import reasons_to_go_on
from crm_core.errors import OverflowLoop, OverflowMissing, OverflowUnusable, QueueNotFound
from crm_core.persistence import tables as t
from crm_core.persistence.queries import must_exist

_NAMES = {
    OverflowKind.NUMBER: re.compile(r"\+?[0-9]{2,20}"),
    OverflowKind.MESSAGE: re.compile(r"[a-z][a-z0-9_]{1,40}"),
    **{kind: re.compile(menu) for kind, menu in MENUS.items()},
}


def reasons(kept: Iterable[str]) -> tuple[OverflowWhy, ...]:
    return tuple(OverflowWhy(one) for one in kept)


def chain_of(row: Mapping[Any, Any]) -> tuple[Overflow, ...]:
    return tuple(
        Overflow(kind=OverflowKind(one["kind"]), to=one["to"], when=reasons(one["when"])) for one in row["overflow"]
    )


async def check_overflow(connection: AsyncConnection, queue: Queue) -> None:
    """Every step leads somewhere, every limit has a step, and nobody goes round in a circle."""
    for number, step in enumerate(queue.overflow, start=1):
        if step.kind is OverflowKind.QUEUE:
            await must_exist(connection, t.queue.c.key, step.to, QueueNotFound)
        elif not _NAMES[step.kind].fullmatch(step.to):
            raise OverflowUnusable(field="overflow", number=number, queue=queue.key, to=step.to)
    for why in reasons_to_go_on(queue):
        if not any(step.holds_for(why) for step in queue.overflow):
            raise OverflowMissing(field="overflow", queue=queue.key, why=why.value)
    rows = (await connection.execute(select(t.queue.c.key, t.queue.c.overflow))).mappings().all()
    chains = {row["key"]: chain_of(row) for row in rows}
    if loop := loop_in({**chains, queue.key: queue.overflow}):
        raise OverflowLoop(field="overflow", way=" → ".join(loop))
