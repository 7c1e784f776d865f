"""The call log: told by events, completed by people.

Every event goes into the append-only log, and the row of its call is retold from all its events: so an event may come
twice, late or after the end. What people add (customer, disposition, note) stands in columns of its own, which no
event touches; only a caller whose number is certain is linked by himself, once, when the call is first seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.call_story import ABOUT_SOUND, ARRIVAL, Story, retell, tells_of_a_call
from crm_core.domain.calls import CallFilter, CallNote, CallOutcome, CallRecord, Leg, Step, Transfer
from crm_core.domain.customers import Match
from crm_core.domain.log import LoggedEvent
from crm_core.domain.paging import Page
from crm_core.domain.service_level import STAYS
from crm_core.errors import CallNotFound, DispositionNotFound
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId, ContactId, CustomerId, UserId, new_id
from crm_core.kernel.messages import Event
from crm_core.kernel.phone import ANONYMOUS, PhoneNumber, from_key, normalise, spellings
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit, logged, write_log
from crm_core.persistence.lookup import find_matches
from crm_core.persistence.queries import contains, folded, from_row, insert_into, must_exist, page_of, upsert
from crm_core.persistence.types import UtcTime
from crm_core.services.callers import set_caller
from crm_core.services.customer_search import customers_named
from crm_core.services.menu_walks import save_walks
from crm_core.services.options import CoreOptions

QUESTION_OF = 500
"""Calls; of more a database would not hear the end."""


class Calls:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def apply(self, event: Event) -> None:
        """Keep this event and retell the call it belongs to. In any order, as often as you like."""
        await self.apply_all((event,))

    async def apply_all(self, events: Sequence[Event]) -> None:
        """The same for many (up to some thousands) at once, in one transaction; what a busy journal should call."""
        news = [logged(event) for event in events]
        calls = sorted({line.call for line in news if line.call and tells_of_a_call(line)})
        async with self._db.session() as connection:
            await _one_writer_per_call(connection, calls)
            told = await self._retold(connection, calls, news)
            await _save(connection, told, news)
            await self._recognise(connection, told, news)
            await write_log(connection, news)

    async def expect(self, call: CallId, at: datetime) -> None:
        """Makes room for a call that lives although none of its events was kept yet (the journal may be behind).

        For the desk, before it writes about a call it sees on the floor; everything else refuses unknown calls.
        """
        async with self._db.session() as connection:
            await expect_call(connection, call, at)

    async def get(self, call: CallId) -> CallRecord:
        async with self._db.reading() as connection:
            return await _call(connection, call)

    async def search(
        self, filters: CallFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]:
        """Newest first."""
        async with self._db.reading() as connection:
            return await page_of(
                connection, self._wanted(filters or CallFilter()), _call_of, order=t.call.c.started_at,
                tie=t.call.c.id, cursor=cursor, limit=limit,
            )  # fmt: skip

    async def of_customer(
        self, customer: CustomerId, *, cursor: str | None = None, limit: int = 20
    ) -> Page[CallRecord]:
        return await self.search(CallFilter(customer=customer), cursor=cursor, limit=limit)

    async def set_customer(
        self, call: CallId, customer: CustomerId | None, contact: ContactId | None = None, *, by: UserId | None = None
    ) -> CallRecord:
        """Who it was, as a person says; None: not him."""
        async with self._db.session() as connection:
            said = await set_caller(connection, call, customer, contact, by=by)
            await audit(connection, "call.customer_set", call, at=self._clock.now(), by=by, **said)
            return await _call(connection, call)

    async def set_disposition(
        self, call: CallId, code: str | None, note: str = "", *, by: UserId | None = None
    ) -> CallRecord:
        """What came of it. Without a `code` only the note is written; what was chosen before stays.

        Each person's words are kept as his own; the call shows the last."""
        now, note = self._clock.now(), checks.paragraph("note", note)
        chosen = {"disposition": code} if code else {}
        async with self._db.session() as connection:
            await must_exist(connection, t.disposition.c.code, code or None, DispositionNotFound)
            await must_exist(connection, t.call.c.id, call, CallNotFound)
            if by is not None:
                written = {"call_id": call, "by_id": by, "at": now, "note": note}
                await upsert(connection, t.call_note, [written | chosen], ["call_id", "by_id"])
            shown = {"note": note or await _last_note(connection, call), "disposed_by": by, "disposed_at": now}
            await connection.execute(update(t.call).where(t.call.c.id == call).values(**chosen, **shown))
            action = "call.disposed" if code else "call.noted"
            await audit(connection, action, call, at=now, by=by, **chosen, note=note, disposed_by=by)
            return await _call(connection, call)

    async def rate(self, call: CallId, score: int) -> None:
        """How satisfied the customer says he is; the last word counts."""
        async with self._db.session() as connection:
            await expect_call(connection, call, self._clock.now())
            await connection.execute(update(t.call).where(t.call.c.id == call).values(rating=score))

    async def notes(self, call: CallId) -> tuple[CallNote, ...]:
        """What everybody who wrote about this call wrote, in the order in which they did so last."""
        query = select(t.call_note).where(t.call_note.c.call_id == call).order_by(t.call_note.c.at, t.call_note.c.by_id)
        async with self._db.reading() as connection:
            await must_exist(connection, t.call.c.id, call, CallNotFound)
            return tuple(from_row(CallNote, row) for row in (await connection.execute(query)).mappings())

    async def legs(self, call: CallId) -> tuple[Leg, ...]:
        """In order of time."""
        query = select(t.call_leg).where(t.call_leg.c.call_id == call).order_by(t.call_leg.c.position)
        async with self._db.reading() as connection:
            await must_exist(connection, t.call.c.id, call, CallNotFound)
            return tuple(from_row(Leg, row) for row in (await connection.execute(query)).mappings())

    async def events(self, call: CallId) -> tuple[LoggedEvent, ...]:
        """Everything told about this call, in order of time."""
        async with self._db.reading() as connection:
            lines = await _lines(connection, [call])
        return tuple(sorted(lines, key=lambda line: (line.at, line.position)))

    async def histories(self, calls: Collection[CallId]) -> dict[CallId, list[LoggedEvent]]:
        """Everything told about each of these calls, in the order in which it was told. In few questions, however many
        they are."""
        found: dict[CallId, list[LoggedEvent]] = {}
        async with self._db.reading() as connection:
            asked = list(calls)
            for first in range(0, len(asked), QUESTION_OF):
                for line in await _lines(connection, asked[first : first + QUESTION_OF]):
                    if line.call is not None:
                        found.setdefault(line.call, []).append(line)
        for lines in found.values():
            lines.sort(key=lambda line: line.position)
        return found

    # ---- within

    def _number(self, raw: str) -> PhoneNumber:
        return normalise(raw, self._options.region, area_code=self._options.area_code) if raw else ANONYMOUS

    async def _retold(
        self, connection: AsyncConnection, calls: Sequence[CallId], news: Iterable[LoggedEvent]
    ) -> list[Story]:
        by_call: dict[CallId, list[LoggedEvent]] = {call: [] for call in calls}
        for line in (*await _lines(connection, calls), *news):
            if line.call in by_call:
                by_call[line.call].append(line)
        stories = (retell(lines, self._number) for lines in by_call.values())
        return [story for story in stories if story is not None]

    async def _recognise(
        self, connection: AsyncConnection, stories: Sequence[Story], news: Iterable[LoggedEvent]
    ) -> None:
        """The customers of calls that were not looked up yet; only a certain one is written down."""
        arriving = {line.call for line in news if line.topic == ARRIVAL}
        arrived = {story.call.id: story.call for story in stories if story.call.id in arriving}
        fresh = select(t.call.c.id).where(t.call.c.id.in_(arrived), t.call.c.certainty.is_(None))
        calls = [arrived[CallId(call)] for call in (await connection.scalars(fresh)).all()] if arrived else []
        if calls:
            found = await find_matches(connection, {call.id: (call.number, call.started_at) for call in calls})
            await _link_certain(connection, calls, found)

    def _wanted(self, filters: CallFilter) -> Select[Any]:
        call, query = t.call.c, select(t.call)
        exact = {
            call.direction: filters.direction,
            call.outcome: filters.outcome,
            call.queue: filters.queue,
            call.customer_id: filters.customer,
        }
        query = query.where(*(column == value for column, value in exact.items() if value is not None))
        if filters.text:
            query = query.where(self._says(filters.text))
        if filters.agent is not None:
            legs = select(t.call_leg.c.call_id).where(t.call_leg.c.agent == filters.agent)
            query = query.where(call.id.in_(legs.where(t.call_leg.c.connected_at.is_not(None))))
        if filters.since is not None:
            query = query.where(call.started_at >= filters.since)
        if filters.until is not None:
            query = query.where(call.started_at < filters.until)
        if filters.live is not None:
            query = query.where(call.ended_at.is_(None) if filters.live else call.ended_at.is_not(None))
        if filters.undisposed:
            query = query.where(call.outcome == CallOutcome.ANSWERED, call.disposition.is_(None))
        return query

    def _says(self, words: str) -> Any:
        """In the number however it is written, in the caller's name, in the note, or in the customer's own data."""
        spelt = spellings(words, self._number(words))
        return or_(
            *(t.call.c.number_key.contains(folded(one), autoescape=True) for one in spelt),
            contains(t.call.c.ani, words),
            contains(func.lower(t.call.c.ani_name), words),
            contains(func.lower(t.call.c.note), words),
            t.call.c.id.in_(select(t.call_note.c.call_id).where(contains(func.lower(t.call_note.c.note), words))),
            t.call.c.customer_id.in_(customers_named(*spelt)),
        )


async def expect_call(connection: AsyncConnection, call: CallId, at: datetime) -> None:
    room = insert_into(connection, t.call).on_conflict_do_nothing(index_elements=["id"])
    await connection.execute(room, _row(CallRecord(id=call, number=ANONYMOUS, started_at=at)))


async def _one_writer_per_call(connection: AsyncConnection, calls: Sequence[CallId]) -> None:
    """Two journals retelling a call at once would each miss the other's lines. (SQLite has one writer anyway.)"""
    if connection.dialect.name == "postgresql":
        for call in calls:
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:call, 42))"), {"call": call})


async def _lines(connection: AsyncConnection, calls: Sequence[CallId]) -> list[LoggedEvent]:
    if not calls:
        return []
    found = await connection.execute(select(t.event_log).where(t.event_log.c.call_id.in_(calls)))
    return [from_row(LoggedEvent, row) for row in found.mappings()]


async def _save(connection: AsyncConnection, stories: Sequence[Story], news: Iterable[LoggedEvent]) -> None:
    """Only what the news can have changed: most of them say nothing of recordings, and many nothing of queues."""
    heard = {line.call for line in news if line.topic.startswith(ABOUT_SOUND)}
    moved = {line.call for line in news if line.topic in STAYS}
    await upsert(connection, t.call, [_row(story.call) for story in stories], ["id"])
    await upsert(connection, t.call_leg, [row for story in stories for row in _leg_rows(story)], ["call_id", "key"])
    stays = [row for story in stories if story.call.id in moved for row in _stay_rows(story)]
    await upsert(connection, t.queue_stay, stays, ["call_id", "position"])
    for story in stories:
        if story.call.id in heard:
            await _save_sounds(connection, story)
    await save_walks(connection, stories, news)


_OF_PEOPLE = frozenset(
    {"certainty", "customer", "contact", "customer_by", "disposition", "note", "disposed_by", "disposed_at", "rating"}
)


_OF_OTHER_FORM = frozenset({"number", "into", "path", "transfers"})
"""Kept in another form than the value's."""


def _row(call: CallRecord) -> dict[str, Any]:
    """The columns that events fill."""
    told = {name: value for name, value in _shallow(call).items() if name not in {*_OF_PEOPLE, *_OF_OTHER_FORM}}
    shaped = {"number_key": call.number.key, "into_id": call.into, "agents": list(call.agents)}
    return told | shaped | {"path": _kept(call.path), "transfers": _kept(call.transfers)}


def _kept(some: Sequence[Step | Transfer]) -> list[dict[str, Any]]:
    return [asdict(one) | {"at": one.at.isoformat()} for one in some]


def _leg_rows(story: Story) -> list[dict[str, Any]]:
    return [
        _shallow(leg)
        | {"call_id": story.call.id, "position": position}
        | {"started_at": leg.offered_at or leg.ringing_at or leg.connected_at or leg.left_at or story.call.started_at}
        for position, leg in enumerate(story.legs)
    ]


_OF_STAY = ("queue", "entered_at", "left_at", "left", "wait_s", "told_at", "told_wait_s")


def _stay_rows(story: Story) -> list[dict[str, Any]]:
    return [
        {name: getattr(stay, name) for name in _OF_STAY} | {"call_id": story.call.id, "position": position}
        for position, stay in enumerate(story.stays)
    ]


def _shallow(value: CallRecord | Leg) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


async def _save_sounds(connection: AsyncConnection, story: Story) -> None:
    for sound in story.sounds:
        room = insert_into(connection, t.recording).on_conflict_do_nothing(index_elements=["file"])
        row = {"id": new_id("rec"), "call_id": story.call.id, "file": sound.file, "started_at": sound.started_at}
        await connection.execute(room, row)
        if sound.ended_at is not None:
            open_one = (t.recording.c.file == sound.file, t.recording.c.ended_at.is_(None))
            await connection.execute(update(t.recording).where(*open_one).values(ended_at=sound.ended_at))


async def _link_certain(
    connection: AsyncConnection, calls: Sequence[CallRecord], found: Mapping[CallId, Match]
) -> None:
    """Writes what the numbers say; never over what a person has said."""
    call, link = t.call.c, t.phone_link.c
    said = [{"which": one.id, "sure": found[one.id].certainty} for one in calls]
    await connection.execute(
        update(t.call).where(call.id == bindparam("which")).values(certainty=bindparam("sure")), said
    )
    sure = [(one, found[one.id]) for one in calls if found[one.id].customer is not None]
    known = [
        {"which": one.id, "number": one.number.key, "then": one.started_at, "who": who.customer, "person": who.contact}
        for one, who in sure
    ]
    if not known:
        return
    unchosen = (call.id == bindparam("which"), call.customer_id.is_(None), call.customer_by.is_(None))
    chosen = update(t.call).where(*unchosen).values(customer_id=bindparam("who"), contact_id=bindparam("person"))
    await connection.execute(chosen, known)
    mine = (link.number_key == bindparam("number"), link.customer_id == bindparam("who"))
    older = or_(link.last_used.is_(None), link.last_used < bindparam("then", type_=UtcTime()))
    used = update(t.phone_link).where(*mine, older).values(last_used=bindparam("then", type_=UtcTime()))
    await connection.execute(used, sorted(known, key=lambda row: str(row["number"])))


async def _call(connection: AsyncConnection, call: CallId) -> CallRecord:
    row = (await connection.execute(select(t.call).where(t.call.c.id == call))).mappings().first()
    if row is None:
        raise CallNotFound(id=call)
    return _call_of(row)


def _call_of(row: RowMapping) -> CallRecord:
    number = from_key(row["number_key"], row["ani"])
    path = tuple(Step(**_timed(step)) for step in row["path"])
    transfers = tuple(Transfer(**_timed(one)) for one in row["transfers"])
    return from_row(CallRecord, row, number=number, path=path, transfers=transfers, agents=tuple(row["agents"]))


def _timed(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, "at": datetime.fromisoformat(kept["at"]).astimezone(UTC)}


async def _last_note(connection: AsyncConnection, call: CallId) -> str:
    """Of those who wrote something, the last one's."""
    words = select(t.call_note.c.note).where(t.call_note.c.call_id == call, t.call_note.c.note != "")
    return str(await connection.scalar(words.order_by(t.call_note.c.at.desc()).limit(1)) or "")
