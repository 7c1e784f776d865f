"""The demo world: an invented call centre of a maker of household appliances, with its people, customers and past.

People, floor and calls go through the same services as the real ones. Customers and promises of the past are written
straight into the tables, in one transaction: the services act now, and one at a time. The same seed and time make the
same world; a database that has a world already keeps it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callwright.demo.world_knowledge import write_articles
from callwright.demo.world_orders import OrderInventor, write_orders
from callwright.demo.world_past import Caller, PastCall, PastCallback, PastInventor, PastTicket, at_work
from callwright.demo.world_people import InventedContact, InventedCustomer, invent_customers
from callwright.demo.world_rush import Rush
from crm_core.domain.audit import Audited
from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.floor import Department, Did, DidTarget, Paperwork, Queue, Relaxation, RelaxationKind, Skill
from crm_core.domain.hours import WEEKDAYS
from crm_core.domain.log import LoggedEvent
from crm_core.domain.opening import OpeningHours
from crm_core.domain.settings import WORLD_SEED
from crm_core.domain.tickets import EntryKind, TicketStatus, ticket_number
from crm_core.domain.users import PhoneKind, Role
from crm_core.errors import DispositionTaken
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CustomerId, MessageId, QueueKey, SkillKey, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.persistence import tables as t
from crm_core.persistence.log import logged, write_log
from crm_core.persistence.queries import insert_into
from crm_core.services import customer_search, tickets
from crm_core.services.bundle import Services

SEED = 4008000
ZONE = ZoneInfo("Asia/Shanghai")
REGION = "CN"
"""The invented company is in Shanghai, wherever the demo runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    login: str
    password: str
    role: Role
    extension: str | None
    shown: bool = True
    """False for the simulated colleagues: nobody needs to log in as one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    seed: int
    logins: tuple[Login, ...]
    dids: Mapping[str, str]
    """Number to dial -> what answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Employee:
    login: str
    name: str
    name_en: str
    role: Role = Role.AGENT
    extension: str | None = None
    department: str = "service"
    language: Language | None = None
    phone_kind: PhoneKind = PhoneKind.WEBRTC
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: tuple[str, ...] = ()

    @property
    def password(self) -> str:
        """Made to be read out; the demo listens on loopback only."""
        return f"{self.login}-demo"


def _colleague(
    extension: str, login: str, name: str, name_en: str, queues: tuple[str, ...], **skills: int
) -> _Employee:
    """Played by a SIP phone of the demo."""
    return _Employee(
        login=login, name=name, name_en=name_en, extension=extension, phone_kind=PhoneKind.SIP, queues=queues,
        skills=skills,
    )  # fmt: skip


STAFF = (
    _Employee(
        login="alice", name="王爱丽", name_en="Alice Wang", extension="1001", queues=("service", "vip", "repair"),
        skills={"zh": 5, "en": 4, "repair": 5},
    ),
    _Employee(
        login="bob", name="李博", name_en="Bob Li", extension="1002", department="sales", queues=("service", "vip"),
        skills={"zh": 5, "consult": 4},
    ),
    _Employee(
        login="carol", name="陈凯萝", name_en="Carol Chen", extension="1003", language=Language.EN,
        queues=("service", "vip"), skills={"en": 5, "complaint": 4},
    ),
    _Employee(login="sam", name="孙山", name_en="Sam Sun", role=Role.SUPERVISOR, extension="1009"),
    _Employee(login="admin", name="管理员", name_en="Administrator", role=Role.ADMIN),
    _colleague("1011", "fang", "刘芳", "Fang Liu", ("service", "repair"), zh=5, repair=4, consult=2),
    _colleague("1012", "tom", "汤姆·贝克", "Tom Baker", ("service", "vip"), en=5, consult=3, zh=2),
    _colleague("1013", "jie", "陈杰", "Jie Chen", ("service", "vip"), zh=5, complaint=4, en=2),
    _colleague("1014", "yuki", "佐藤雪", "Yuki Sato", ("service", "repair"), zh=4, en=4, consult=5, repair=3),
    _colleague("1015", "omar", "奥马尔·哈达德", "Omar Haddad", ("service", "repair"), en=4, repair=4, zh=3),
    _colleague(
        "1016", "lili", "孙丽丽", "Lili Sun", ("service", "repair", "vip"), zh=5, en=3, consult=3, complaint=3, repair=2
    ),
)  # fmt: skip

DEPARTMENTS = (
    Department(key="service", names={"zh": "客户服务部", "en": "Service"}),
    Department(key="sales", names={"zh": "销售部", "en": "Sales"}),
)

SKILLS = tuple(
    Skill(key=SkillKey(key), names={"zh": zh, "en": en})
    for key, zh, en in (
        ("zh", "中文", "Chinese"), ("en", "英语", "English"), ("repair", "维修", "Repair"),
        ("consult", "咨询", "Consultation"), ("complaint", "投诉", "Complaints"),
    )
)  # fmt: skip

QUEUES = (
    Queue(
        key=QueueKey("service"), names={"zh": "服务热线", "en": "Service"}, department="service",
        wrap_up=Paperwork.MANDATORY,
    ),
    Queue(
        key=QueueKey("vip"), names={"zh": "贵宾专线", "en": "VIP"}, department="service", priority=10,
        service_level_s=10, wrap_up=Paperwork.MANDATORY, asks="zh >= 4 or en >= 5",
        relaxing=(
            Relaxation(after_s=30, kind=RelaxationKind.LOWER, skill=SkillKey("en"), level=4),
            Relaxation(after_s=45, kind=RelaxationKind.WIDEN, queue=QueueKey("service")),
        ),
    ),
    Queue(
        key=QueueKey("repair"), names={"zh": "维修", "en": "Repair"}, department="service",
        skills={SkillKey("repair"): 1}, wrap_up=Paperwork.MANDATORY,
        relaxing=(
            Relaxation(after_s=60, kind=RelaxationKind.DROP, skill=SkillKey("repair")),
            Relaxation(after_s=60, kind=RelaxationKind.WIDEN, queue=QueueKey("service")),
        ),
    ),
)  # fmt: skip

CALENDAR = SharedCalendar(
    key="demo_hours",
    names={"zh": "演示时间", "en": "Demo hours"},
    hours=OpeningHours(week=dict.fromkeys(WEEKDAYS, ("00:00-24:00",))),
)
"""Always open, so that the demo answers at any hour."""

DIDS = (
    Did(
        number="4008000",
        target=DidTarget.IVR,
        to="main",
        names={"zh": "服务热线", "en": "Service hotline"},
        calendar="demo_hours",
        closed_to="main",
    ),
    Did(number="4008001", target=DidTarget.QUEUE, to="vip", names={"zh": "贵宾专线", "en": "VIP line"}),
    Did(number="4008002", target=DidTarget.QUEUE, to="repair", names={"zh": "维修热线", "en": "Repair line"}),
)

DISPOSITIONS = (
    ("consultation", None, "咨询", "Consultation"),
    ("consultation.product", "consultation", "产品功能", "Product features"),
    ("consultation.price", "consultation", "价格与优惠", "Price and offers"),
    ("consultation.order", "consultation", "订单查询", "Order status"),
    ("consultation.other", "consultation", "其他咨询", "Other question"),
    ("repair", None, "维修", "Repair"),
    ("repair.booked", "repair", "已预约上门", "Visit booked"),
    ("repair.solved", "repair", "电话解决", "Solved on the phone"),
    ("repair.spare_part", "repair", "等待配件", "Waiting for a spare part"),
    ("complaint", None, "投诉", "Complaint"),
    ("complaint.service", "complaint", "服务态度", "About the service"),
    ("complaint.quality", "complaint", "产品质量", "About the product"),
    ("complaint.delivery", "complaint", "物流送货", "About the delivery"),
    ("other", None, "其他", "Other"),
    ("other.invoice", "other", "发票", "Invoice"),
    ("other.wrong_number", "other", "打错电话", "Wrong number"),
    ("other.silent", "other", "无声电话", "Nobody spoke"),
)


async def build_world(services: Services, clock: Clock, *, seed: int = SEED) -> World:
    """Makes the world, or finds the one that is there; either way says who may log in and what to dial."""
    if not await services.settings.get(WORLD_SEED):
        await _furnish(services)
        await _hire(services)
        await _live(services, clock.now(), seed)
        await write_articles(services.articles)
        await services.settings.set(WORLD_SEED, seed)
    return World(
        seed=await services.settings.get(WORLD_SEED),
        logins=tuple(_login(one) for one in STAFF),
        dids=MappingProxyType({did.number: f"{did.target}:{did.to}" for did in DIDS}),
    )


def _login(one: _Employee) -> Login:
    shown = one.phone_kind is PhoneKind.WEBRTC
    return Login(login=one.login, password=one.password, role=one.role, extension=one.extension, shown=shown)


async def _furnish(services: Services) -> None:
    for department in DEPARTMENTS:
        await services.floor_plans.put_department(department)
    for skill in SKILLS:
        await services.floor_plans.put_skill(skill)
    for queue in QUEUES:
        await services.floor_plans.put_queue(queue)
    await services.calendars.put(CALENDAR)
    for did in DIDS:
        await services.floor_plans.put_did(did)
    for code, parent, zh, en in DISPOSITIONS:
        try:
            await services.dispositions.create(code, {"zh": zh, "en": en}, parent=parent)
        except DispositionTaken:
            continue  # an attempt before this one was interrupted


async def _hire(services: Services) -> None:
    for one in STAFF:
        if await services.users.by_login(one.login) is None:
            await services.users.create(
                login=one.login,
                password=one.password,
                name=one.name,
                name_en=one.name_en,
                role=one.role,
                extension=one.extension,
                phone_kind=one.phone_kind,
                department=one.department,
                language=one.language,
                skills={SkillKey(skill): level for skill, level in one.skills.items()},
                queues=[QueueKey(queue) for queue in one.queues],
                tickets_at_once=0 if one.phone_kind is PhoneKind.SIP else 1,  # they read no screen
            )


async def _live(services: Services, now: datetime, seed: int) -> None:
    """Some weeks of work, up to now."""
    dice, of_the_rush = random.Random(seed), random.Random(f"{seed}/rush")  # noqa: S311 - invention, not secrets
    agents = [agent for agent in (await services.floor_plans.load()).agents if agent.queues]
    async with services.database.session() as connection:
        callers = await _Register(services, connection, now).enter(invent_customers(dice))
    inventor, rush = PastInventor(dice, now, ZONE, agents), Rush(of_the_rush, now, ZONE, agents)
    calls, hurried = inventor.calls(callers), rush.calls(callers)
    await services.calls.apply_all([event for call in (*calls, *hurried) for event in call.events])
    await services.calls.apply_all(rush.shifts())
    promised = inventor.tickets(calls)
    async with services.database.session() as connection:
        await _dispose(connection, (*calls, *hurried))
        ids = await _write_tickets(connection, promised)
        callbacks = [(one, _callback_row(services, one, ids)) for one in inventor.callbacks(promised)]
        await connection.execute(t.callback.insert(), [row for _, row in callbacks])
        await _write_history(connection, promised, ids, callbacks)
        people = [UserId(agent.id) for agent in agents]
        of_orders = OrderInventor(random.Random(f"{seed}/orders"), now, ZONE, people)  # noqa: S311 - invention again
        await write_orders(connection, of_orders.orders(callers, promised), ids)


class _Register:
    """Writes invented customers, their people and numbers."""

    def __init__(self, services: Services, connection: AsyncConnection, now: datetime) -> None:
        self._services, self._connection, self._now = services, connection, now
        self._customers: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._numbers: dict[str, dict[str, Any]] = {}
        self._links: list[dict[str, Any]] = []

    async def enter(self, invented: Iterable[InventedCustomer]) -> list[Caller]:
        callers = [self._note(one) for one in invented]
        for table, rows in (
            (t.customer, self._customers),
            (t.contact, self._contacts),
            (t.phone_number, list(self._numbers.values())),
            (t.phone_link, self._links),
        ):
            room = insert_into(self._connection, table).on_conflict_do_nothing()
            await self._connection.execute(room, rows)
        return callers

    def _note(self, one: InventedCustomer) -> Caller:
        customer, since = CustomerId(new_id("cus")), self._entered_at(one)
        for number in one.numbers:
            self._link(one, customer, None, number, since)
        for person in one.contacts:
            self._note_contact(one, customer, person, since)
        self._customers.append(
            {
                "id": customer,
                "name": one.name,
                "name_en": one.name_en,
                "kind": one.kind,
                "level": one.level,
                "language": one.language,
                "email": one.email,
                "city": one.city,
                "address": one.address,
                "note": one.note,
                "created_at": since,
                "updated_at": since,
                "search_text": self._search_line(one, customer),
            }
        )
        return Caller(number=one.first_number, language=one.language, id=customer)

    def _entered_at(self, one: InventedCustomer) -> datetime:
        """On his day, at any minute of the working day."""
        minutes = 97 * len(self._customers) % (24 * 60)
        return at_work(self._now - timedelta(days=one.days_ago, minutes=minutes), ZONE, later=False)

    def _note_contact(
        self, one: InventedCustomer, customer: CustomerId, person: InventedContact, since: datetime
    ) -> None:
        contact = new_id("con")
        words = {"name": person.name, "name_en": person.name_en, "title": person.title, "email": "", "note": ""}
        self._contacts.append(
            {"id": contact, "customer_id": customer, "language": one.language, "created_at": since, **words}
        )
        for number in person.numbers:
            self._link(one, customer, contact, number, since)

    def _link(
        self, one: InventedCustomer, customer: CustomerId, contact: str | None, raw: str, since: datetime
    ) -> None:
        number = self._services.customers.number(raw)
        self._numbers[number.key] = {"key": number.key, "kind": number.kind, "created_at": since}
        self._links.append(
            {
                "id": new_id("num"),
                "number_key": number.key,
                "customer_id": customer,
                "contact_id": contact,
                "extension": number.extension,
                "label": "mobile" if raw.startswith("1") else "office",
                "confirmed": one.confirmed,
                "source": one.source,
                "created_at": since,
            }
        )

    def _search_line(self, one: InventedCustomer, customer: CustomerId) -> str:
        keys = [link["number_key"] for link in self._links if link["customer_id"] == customer]
        people = [word for person in one.contacts for word in (person.name, person.name_en)]
        words = [one.name, one.name_en, one.email, one.city, one.address, *people]
        return customer_search.searched_by(words, keys, REGION)


async def _dispose(connection: AsyncConnection, calls: Iterable[PastCall]) -> None:
    """Paperwork, written a minute after the call by who took it."""
    rows = [
        {"which": call.id, "code": call.disposition, "words": call.note, "who": call.agent, "then": call.ended_at}
        for call in calls
        if call.disposition
    ]
    filled_in = update(t.call).where(t.call.c.id == bindparam("which"))
    columns = {"disposition": "code", "note": "words", "disposed_by": "who", "disposed_at": "then"}
    await connection.execute(filled_in.values({name: bindparam(given) for name, given in columns.items()}), rows)
    names = {"which": "call_id", "code": "disposition", "words": "note", "who": "by_id", "then": "at"}
    notes = [{names[given]: value for given, value in row.items()} for row in rows]
    await connection.execute(insert(t.call_note), notes)


async def _write_tickets(connection: AsyncConnection, promised: Sequence[PastTicket]) -> list[str]:
    counted: dict[str, int] = {}
    rows = []
    for one in promised:
        day = one.at.astimezone(ZONE).date()
        counted[day.isoformat()] = counted.get(day.isoformat(), 0) + 1
        rows.append(_ticket_row(one, ticket_number(day, counted[day.isoformat()])))
    await connection.execute(t.ticket.insert(), rows)
    days = [{"day": day, "last": last} for day, last in counted.items()]
    await connection.execute(insert_into(connection, t.ticket_counter).on_conflict_do_nothing(), days)
    return [row["id"] for row in rows]


def _ticket_row(one: PastTicket, number: str) -> dict[str, Any]:
    reached = {entry.status[1]: entry.at for entry in one.entries if entry.status}
    row: dict[str, Any] = {
        "id": new_id("tkt"),
        "number": number,
        "subject": one.subject,
        "description": one.description,
        "type": one.type,
        "status": one.status,
        "priority": one.priority,
        "topic": one.topic,
        "customer_id": one.call.caller.id,
        "call_id": one.call.id,
        "assignee": one.assignee,
        "department": one.department,
        "created_by": one.assignee,
        "created_at": one.at,
        "updated_at": one.entries[-1].at if one.entries else one.at,
        "solved_at": reached.get(TicketStatus.SOLVED),
        "closed_at": reached.get(TicketStatus.CLOSED),
        "version": 1 + len(one.entries),
    }
    return row | {"search_text": tickets.searched_by(row)}


async def _write_history(
    connection: AsyncConnection,
    promised: Sequence[PastTicket],
    ticket_ids: Sequence[str],
    callbacks: Sequence[tuple[PastCallback, dict[str, Any]]],
) -> None:
    """What happened to tickets and callbacks, in the order in which it did; the log last, as everywhere."""
    entries = [row for one, ticket in zip(promised, ticket_ids, strict=True) for row in _entry_rows(one, ticket)]
    entries += [row for one, callback in callbacks for row in _callback_entry_rows(one, callback)]
    await connection.execute(t.ticket_event.insert(), sorted(entries, key=lambda entry: entry["at"]))
    lines = [line for one, callback in callbacks for line in _callback_lines(one, callback["id"])]
    await write_log(connection, sorted(lines, key=lambda line: line.at))


def _entry(ticket: str, at: datetime, kind: EntryKind, by: UserId | None, **more: Any) -> dict[str, Any]:
    blank = {"id": new_id("ent"), "text": "", "changes": None, "call_id": None}
    return blank | {"ticket_id": ticket, "at": at, "kind": kind, "by": by, **more}


def _entry_rows(one: PastTicket, ticket: str) -> list[dict[str, Any]]:
    rows = [_entry(ticket, one.at, EntryKind.CREATED, one.assignee, call_id=one.call.id)]
    for entry in one.entries:
        changes = {"status": list(entry.status)} if entry.status else None
        kind = EntryKind.CHANGED if changes else EntryKind.COMMENT
        rows.append(_entry(ticket, entry.at, kind, entry.by, text=entry.text, changes=changes))
    return rows


def _callback_entry_rows(one: PastCallback, callback: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its promise and what came of it, in the history of its ticket."""
    if callback["ticket_id"] is None:
        return []
    told: list[tuple[datetime, UserId | None, CallbackState, str]] = [
        (one.made_at, one.made_by, CallbackState.SCHEDULED, one.why)
    ]
    if one.over_at:
        told.append((one.over_at, one.over_by, one.state, one.note or one.why))
    due = one.due_at.isoformat()
    return [
        _entry(
            callback["ticket_id"], at, EntryKind.CALLBACK, by, text=text,
            changes={"callback": [None, callback["id"]], "state": [None, state], "due_at": [None, due]},
        )
        for at, by, state, text in told
    ]  # fmt: skip


def _callback_lines(one: PastCallback, callback: str) -> list[LoggedEvent]:
    """The same in the log, where each callback's page finds its history."""

    def line(at: datetime, action: str, by: UserId | None, **details: Any) -> LoggedEvent:
        change = Audited(at=at, action=f"callback.{action}", subject=callback, by=by, details=details)
        return logged(change, MessageId(new_id("msg")))

    promised = line(one.made_at, "scheduled", one.made_by, due_at=one.due_at.isoformat(), assignee=one.assignee)
    if one.over_at is None:
        return [promised]
    note = {"note": one.note} if one.note else {}
    return [promised, line(one.over_at, str(one.state), one.over_by, **note)]


def _callback_row(services: Services, one: PastCallback, ticket_ids: Sequence[str]) -> dict[str, Any]:
    number = services.customers.number(one.number)
    over = one.over_by is not None
    return {
        "id": new_id("cbk"),
        "number_key": number.key,
        "extension": number.extension,
        "due_at": one.due_at,
        "why": one.why,
        "state": one.state,
        "customer_id": one.customer,
        "ticket_id": ticket_ids[one.ticket] if one.ticket is not None else None,
        "call_id": one.call,
        "assignee": one.assignee,
        "created_by": one.made_by,
        "created_at": one.made_at,
        "done_by": one.over_by,
        "done_at": one.over_at if over else None,
        "note": one.note,
    }
