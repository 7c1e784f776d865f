"""What callers did in the voice menus, kept as rows that can be counted, and counted for a menu as it is drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.call_story import Story
from crm_core.domain.log import LoggedEvent
from crm_core.domain.menu_walks import (
    WALKED,
    Ending,
    MenuFigures,
    NodeFigures,
    Visit,
    Walk,
    WrongInput,
    median,
    walk_of,
)
from crm_core.errors import CallNotFound, FlowNotFound
from crm_core.kernel.ids import CallId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.queries import from_row, must_exist, upsert

MOST_WRONG = 5
"""Wrong inputs that are told of a node."""
_QUEUED = "call.queued"


class MenuWalks:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of_call(self, call: CallId) -> Walk | None:
        lines = select(t.event_log).where(t.event_log.c.call_id == call, t.event_log.c.topic == WALKED)
        async with self._db.reading() as connection:
            await must_exist(connection, t.call.c.id, call, CallNotFound)
            return walk_of(from_row(LoggedEvent, row) for row in (await connection.execute(lines)).mappings())

    async def figures(self, flow: str, *, since: datetime, until: datetime, version: int | None = None) -> MenuFigures:
        """What happened at its nodes from `since` on and before `until`. Raises FlowNotFound."""
        async with self._db.reading() as connection:
            await must_exist(connection, t.flow.c.name, flow, FlowNotFound)
            endings, by_error = await _endings(connection, _within(t.menu_walk, flow, since, until, version))
            wrong = await _wrong(connection, _within(t.menu_wrong, flow, since, until, version))
            nodes = await _nodes(connection, _within(t.menu_visit, flow, since, until, version), wrong)
        return MenuFigures(
            flow=flow, version=version, since=since, until=until, endings=endings, by_error=by_error, nodes=nodes
        )


async def save_walks(connection: AsyncConnection, stories: Sequence[Story], news: Iterable[LoggedEvent]) -> None:
    """Within the transaction that keeps the news; only what these can have changed."""
    heard: dict[str, set[CallId]] = defaultdict(set)
    for line in news:
        if line.call is not None:
            heard[line.topic].add(line.call)
    told = [(story, story.walk) for story in stories if story.walk is not None]
    walked = [(story, walk) for story, walk in told if story.call.id in heard[WALKED]]
    waits = [(story, walk) for story, walk in told if walk.was_cut and story.call.id in heard[_QUEUED]]
    ends = {story.call.id: _walk_row(story, walk) for story, walk in (*walked, *waits)}
    await upsert(connection, t.menu_walk, list(ends.values()), ["call_id"])
    visits = [row for story, walk in walked for row in _visit_rows(story.call.id, walk.visits)]
    await upsert(connection, t.menu_visit, visits, ["call_id", "place"])
    wrong = [row for story, walk in walked for row in _wrong_rows(story.call.id, walk.visits)]
    await upsert(connection, t.menu_wrong, wrong, ["call_id", "place", "number"])


def _walk_row(story: Story, walk: Walk) -> dict[str, Any]:
    began = walk.entrance
    return {
        "call_id": story.call.id,
        "flow": began.flow,
        "version": began.version,
        "at": began.at,
        "ending": walk.ending(waited=story.call.queued_at is not None),
        "errors": walk.errors,
    }


def _visit_rows(call: CallId, visits: Sequence[Visit]) -> list[dict[str, Any]]:
    seen: set[tuple[str, str]] = set()
    rows = []
    for place, visit in enumerate(visits):
        here = (visit.flow, visit.node)
        rows.append(
            _where(call, place, visit)
            | {"way": visit.way, "tenths": round(visit.seconds * 10), "fresh": int(here not in seen)}
        )
        seen.add(here)
    return rows


def _wrong_rows(call: CallId, visits: Sequence[Visit]) -> list[dict[str, Any]]:
    return [
        _where(call, place, visit) | {"number": number, "entered": entered}
        for place, visit in enumerate(visits)
        for number, entered in enumerate(visit.wrong)
    ]


def _where(call: CallId, place: int, visit: Visit) -> dict[str, Any]:
    return {
        "call_id": call,
        "place": place,
        "flow": visit.flow,
        "version": visit.version,
        "node": visit.node,
        "at": visit.at,
    }


def _within(
    table: Table, flow: str, since: datetime, until: datetime, version: int | None
) -> tuple[ColumnElement[bool], ...]:
    c = table.c
    of_version = () if version is None else (c.version == version,)
    return (c.flow == flow, c.at >= since, c.at < until, *of_version)


async def _endings(
    connection: AsyncConnection, within: tuple[ColumnElement[bool], ...]
) -> tuple[dict[Ending, int], int]:
    c = t.menu_walk.c
    failed = func.sum(case((c.errors > 0, 1), else_=0))
    query = select(c.ending, func.count().label("calls"), failed.label("failed")).where(*within).group_by(c.ending)
    rows = (await connection.execute(query)).all()
    return {row.ending: row.calls for row in rows}, sum(row.failed for row in rows if row.ending is Ending.HANDED_ON)


async def _wrong(
    connection: AsyncConnection, within: tuple[ColumnElement[bool], ...]
) -> Mapping[str, tuple[WrongInput, ...]]:
    c = t.menu_wrong.c
    often = func.count().label("times")
    counted = select(c.node, c.entered, often).where(*within).group_by(c.node, c.entered).subquery()
    in_order = (counted.c.times.desc(), counted.c.entered)
    rank = func.row_number().over(partition_by=counted.c.node, order_by=in_order).label("rank")
    ranked = select(counted, rank).subquery()
    query = select(ranked).where(ranked.c.rank <= MOST_WRONG).order_by(ranked.c.node, ranked.c.rank)
    found: dict[str, tuple[WrongInput, ...]] = {}
    for row in await connection.execute(query):
        found[row.node] = (*found.get(row.node, ()), WrongInput(entered=row.entered, times=row.times))
    return found


async def _nodes(
    connection: AsyncConnection, within: tuple[ColumnElement[bool], ...], wrong: Mapping[str, tuple[WrongInput, ...]]
) -> tuple[NodeFigures, ...]:
    """The database counts how often each way was taken after how long; what is left is short."""
    c = t.menu_visit.c
    counts = (func.count().label("visits"), func.sum(c.fresh).label("callers"))
    query = select(c.node, c.way, c.tenths, *counts).where(*within).group_by(c.node, c.way, c.tenths)
    callers: Counter[str] = Counter()
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    times: dict[str, Counter[int]] = defaultdict(Counter)
    for row in await connection.execute(query):
        callers[row.node] += row.callers
        ways[row.node][row.way] += row.visits
        times[row.node][row.tenths] += row.visits
    return tuple(
        NodeFigures(
            node=node,
            callers=callers[node],
            visits=ways[node].total(),
            ways=dict(sorted(ways[node].items())),
            median_s=median(times[node]) / 10,
            wrong=wrong.get(node, ()),
        )
        for node in sorted(ways)
    )
