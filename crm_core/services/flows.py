"""The voice menus' documents: one draft a flow, versions that are never changed, and one of them published.

A draft is saved only by somebody who has seen the last saving; whoever has not is told, and loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.floor import Did, DidTarget
from crm_core.domain.flows import FlowDraft, FlowEntry, FlowsStanding, FlowVersion
from crm_core.domain.opening import OpeningHours
from crm_core.errors import (
    DidNotFound,
    FlowDraftChanged,
    FlowDraftNotFound,
    FlowNameUnusable,
    FlowNotFound,
    FlowTaken,
    FlowVersionNotFound,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import UserId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, in_line, must_exist, upsert
from crm_core.services.articles import must_be_heard
from crm_core.services.calendars import LINE as CALENDARS
from crm_core.services.calendars import all_calendars, check_hours, must_be_there
from crm_core.services.menus_line import LINE as MENUS
from crm_core.services.menus_line import published_versions, unless_others
from crm_core.services.numbers import check_ways, did_of, ways_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
LONGEST_DOCUMENT = 400_000


class Flows:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    # ---- reading

    async def list(self) -> tuple[FlowEntry, ...]:
        query = (
            select(t.flow.c.name, t.flow.c.published, t.flow_version.c.at, t.flow_draft.c.at.label("draft_at"))
            .outerjoin_from(t.flow, t.flow_version, _is_published())
            .outerjoin(t.flow_draft, t.flow_draft.c.flow == t.flow.c.name)
            .order_by(t.flow.c.name)
        )
        async with self._db.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return tuple(from_row(FlowEntry, row, published_at=row["at"]) for row in rows)

    async def get(self, name: str) -> FlowEntry:
        found = next((one for one in await self.list() if one.name == name), None)
        if found is None:
            raise FlowNotFound(id=name)
        return found

    async def versions(self, name: str) -> tuple[FlowVersion, ...]:
        """The newest first."""
        query = select(t.flow_version).where(t.flow_version.c.flow == name).order_by(t.flow_version.c.number.desc())
        async with self._db.reading() as connection:
            await must_exist(connection, t.flow.c.name, name, FlowNotFound)
            return tuple(from_row(FlowVersion, row) for row in (await connection.execute(query)).mappings())

    async def version(self, name: str, number: int) -> FlowVersion:
        async with self._db.reading() as connection:
            return await _version(connection, name, number)

    async def draft(self, name: str) -> FlowDraft | None:
        async with self._db.reading() as connection:
            await must_exist(connection, t.flow.c.name, name, FlowNotFound)
            return await _draft(connection, name)

    async def standing(self) -> FlowsStanding:
        """What holds for a call that comes in now."""
        numbers = select(t.did).where(t.did.c.target == DidTarget.IVR)
        async with self._db.reading() as connection:
            versions = await published_versions(connection)
            rows = (await connection.execute(numbers)).mappings().all()
            calendars = await all_calendars(connection)
        return FlowsStanding(
            versions=versions,
            numbers={row["number"]: did_of(row) for row in rows},
            calendars=calendars,
        )

    async def documents(self, versions: Mapping[str, int]) -> dict[str, str]:
        """The texts of these versions, as far as there are such."""
        of = tuple_(t.flow_version.c.flow, t.flow_version.c.number)
        query = select(t.flow_version.c.flow, t.flow_version.c.document).where(of.in_(list(versions.items())))
        async with self._db.reading() as connection:
            return {row.flow: row.document for row in await connection.execute(query)}

    async def published(self) -> dict[str, str]:
        """The texts of all that callers may hear now."""
        return await self.documents((await self.standing()).versions)

    # ---- writing

    async def save_draft(
        self,
        name: str,
        document: str,
        *,
        revision: int,
        based_on: int | None = None,
        by: UserId | None = None,
        new: bool = False,
    ) -> FlowDraft:
        """`revision`: of the draft it was made from, 0 where there was none; `based_on`: the version that one began as,
        where the writer knows it (drafts count from 1 after each publishing). Raises FlowDraftChanged."""
        text = checks.paragraph("document", document, required=True, longest=LONGEST_DOCUMENT)
        if not _NAME.fullmatch(name):
            raise FlowNameUnusable(field="name")
        async with self._db.session() as connection:
            await in_line(connection, f"flow:{name}")
            known = await connection.scalar(select(t.flow.c.published).where(t.flow.c.name == name))
            if known is None:
                await connection.execute(insert(t.flow).values(name=name, published=0))
            elif new:
                raise FlowTaken(name=name)
            found = await _draft(connection, name)
            _unless_changed(found, revision)
            began_as = found.based_on if found else known or 0
            if based_on not in (None, began_as):
                raise FlowDraftChanged(flow=name)
            draft = FlowDraft(
                flow=name,
                document=text,
                revision=revision + 1,
                based_on=began_as,
                at=self._clock.now(),
                by=by,
            )
            await upsert(connection, t.flow_draft, [_row(draft)], ["flow"])
            return draft

    async def discard_draft(self, name: str, *, revision: int, by: UserId | None = None) -> None:
        """What was never published is gone with its draft."""
        async with self._db.session() as connection:
            await in_line(connection, f"flow:{name}")
            await self._take_draft(connection, name, revision)
            if not await connection.scalar(select(t.flow.c.published).where(t.flow.c.name == name)):
                await connection.execute(delete(t.flow).where(t.flow.c.name == name))
            await audit(connection, "flow.draft_discarded", name, at=self._clock.now(), by=by)

    async def publish(
        self,
        name: str,
        *,
        revision: int,
        beside: Mapping[str, int] | None = None,
        calendars: Collection[str] = (),
        articles: Collection[str] = (),
        note: str = "",
        by: UserId | None = None,
    ) -> FlowVersion:
        """The draft becomes what the next caller hears. Whether it may is for who proved it to say; `beside` which
        versions of all menus he did. `calendars`: those of the house that it looks at, which are kept as long as it is
        published; `articles`: those that it tells, which callers can hear. Raises FlowsChanged, CalendarGone and
        ArticleGone."""
        async with self._db.session() as connection:
            await in_line(connection, f"flow:{name}", MENUS, CALENDARS)
            await unless_others(connection, beside)
            draft = await self._take_draft(connection, name, revision)
            return await self._add(connection, name, draft.document, note, by, calendars=calendars, articles=articles)

    async def publish_again(
        self,
        name: str,
        number: int,
        *,
        beside: Mapping[str, int] | None = None,
        calendars: Collection[str] = (),
        articles: Collection[str] = (),
        note: str = "",
        by: UserId | None = None,
    ) -> FlowVersion:
        """An earlier version becomes the newest one; what was between stays to be seen."""
        async with self._db.session() as connection:
            await in_line(connection, f"flow:{name}", MENUS, CALENDARS)
            await unless_others(connection, beside)
            document = (await _version(connection, name, number)).document
            return await self._add(connection, name, document, note, by, calendars=calendars, articles=articles)

    async def is_ours(self, name: str) -> bool:
        """Nobody here has published any version of it."""
        async with self._db.reading() as connection:
            last = await _last(connection, name)
            return last is None or last.shipped

    async def furnish(self, name: str, document: str, *, calendars: Collection[str] = ()) -> None:
        """What comes with the product: the first version, and a newer one as long as nobody here has published any.
        `calendars` as in `publish`."""
        async with self._db.session() as connection:
            await in_line(connection, f"flow:{name}", MENUS, CALENDARS)
            last = await _last(connection, name)
            if last is not None and (not last.shipped or last.document == document):
                return
            if await connection.scalar(select(t.flow.c.name).where(t.flow.c.name == name)) is None:
                await connection.execute(insert(t.flow).values(name=name, published=0))
            await self._add(connection, name, document, "", None, calendars=calendars, shipped=True)

    async def lead(
        self,
        number: str,
        flow: str,
        *,
        open_hours: OpeningHours | None = None,
        closed_to: str | None = None,
        calendar: str | None = None,
        by: UserId | None = None,
    ) -> None:
        """Where callers of this number go, from the next call on; outside of the hours to another flow. Its hours are
        its own, or those of a calendar of the house."""
        async with self._db.session() as connection:
            await in_line(connection, f"did:{number}", CALENDARS)
            await check_hours(connection, open_hours, calendar)
            wanted = Did(
                number=number,
                target=DidTarget.IVR,
                to=flow,
                open_hours=open_hours,
                calendar=calendar,
                closed_to=closed_to,
            )
            await check_ways(connection, wanted)
            row = ways_of(wanted)
            there = (t.did.c.number == number) & (t.did.c.target == DidTarget.IVR)
            if not (await connection.execute(update(t.did).where(there).values(**row))).rowcount:
                raise DidNotFound(id=number)
            await audit(connection, "did.led", number, at=self._clock.now(), by=by, **row)

    async def _take_draft(self, connection: AsyncConnection, name: str, revision: int) -> FlowDraft:
        await must_exist(connection, t.flow.c.name, name, FlowNotFound)
        draft = await _draft(connection, name)
        if draft is None:
            raise FlowDraftNotFound(id=name)
        _unless_changed(draft, revision)
        await connection.execute(delete(t.flow_draft).where(t.flow_draft.c.flow == name))
        return draft

    async def _add(
        self,
        connection: AsyncConnection,
        name: str,
        document: str,
        note: str,
        by: UserId | None,
        *,
        calendars: Collection[str] = (),
        articles: Collection[str] = (),
        shipped: bool = False,
    ) -> FlowVersion:
        await must_be_there(connection, calendars)
        await must_be_heard(connection, articles)
        last = await _last(connection, name)
        made = FlowVersion(
            flow=name,
            number=last.number + 1 if last else 1,
            document=document,
            at=self._clock.now(),
            by=by,
            note=checks.line("note", note),
            shipped=shipped,
        )
        await connection.execute(insert(t.flow_version).values(**_row(made)))
        await connection.execute(update(t.flow).where(t.flow.c.name == name).values(published=made.number))
        await connection.execute(delete(t.flow_calendar).where(t.flow_calendar.c.flow == name))
        for calendar in sorted(set(calendars)):
            await connection.execute(insert(t.flow_calendar).values(flow=name, calendar=calendar))
        await audit(connection, "flow.published", name, at=made.at, by=by, number=made.number, note=made.note)
        return made


def _is_published() -> Any:
    return (t.flow_version.c.flow == t.flow.c.name) & (t.flow_version.c.number == t.flow.c.published)


async def _draft(connection: AsyncConnection, name: str) -> FlowDraft | None:
    query = select(t.flow_draft).where(t.flow_draft.c.flow == name)
    row = (await connection.execute(query)).mappings().one_or_none()
    return from_row(FlowDraft, row) if row else None


async def _version(connection: AsyncConnection, name: str, number: int) -> FlowVersion:
    query = select(t.flow_version).where(t.flow_version.c.flow == name, t.flow_version.c.number == number)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise FlowVersionNotFound(id=name, number=number)
    return from_row(FlowVersion, row)


async def _last(connection: AsyncConnection, name: str) -> FlowVersion | None:
    query = select(func.max(t.flow_version.c.number)).where(t.flow_version.c.flow == name)
    number = await connection.scalar(query)
    return await _version(connection, name, number) if number else None


def _unless_changed(found: FlowDraft | None, revision: int) -> None:
    if (found.revision if found else 0) != revision:
        raise FlowDraftChanged(flow=found.flow if found else "")


def _row(value: FlowDraft | FlowVersion) -> dict[str, Any]:
    fields = asdict(value)
    return {**{name: one for name, one in fields.items() if name != "by"}, "by_id": value.by}
