"""The menus' desk on a real database: what a caller with ten keys may learn, and what he may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callwright.elsewhere import Elsewhere
from callwright.menu_desk import MenuDesk
from crm_core.domain.customers import CustomerLevel, NumberSource
from crm_core.domain.floor import Did, DidTarget, Queue
from crm_core.domain.orders import Order, OrderKind, OrderState
from crm_core.domain.tickets import Ticket, TicketStatus, TicketType
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, CustomerId, QueueKey
from crm_core.kernel.language import Language
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti.dialling import DialRules
from ivr.desk import comment_file, message_file
from ivr.errors import NotAnswered
from ivr.flow.asked import (
    Answered,
    HowIsOrder,
    HowIsTicket,
    KeepComment,
    KeepMessage,
    Matter,
    NewCallback,
    NewTicket,
    Rate,
    Whither,
    WhoIs,
)
from recordings.storage import RecordingFolder
from tests.support.tones import make_tone

CALL = CallId("pbx-17-4")
MOBILE = "13800138000"
RULES = DialRules(area_code="21", forbidden=("00870", "160"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(database: Database, clock: ManualClock) -> Services:
    return make_services(database, clock)


@pytest.fixture
def desk(services: Services, clock: ManualClock) -> MenuDesk:
    return MenuDesk(services, clock, ZoneInfo("Asia/Shanghai"), Elsewhere(()), RULES)


async def customer(
    services: Services, number: str = MOBILE, *, confirmed: bool = True, name: str = "张伟"
) -> CustomerId:
    made = await services.customers.create(name=name, level=CustomerLevel.VIP, language=Language.EN)
    source = NumberSource.AGENT if confirmed else NumberSource.CALL
    await services.customers.add_number(made.id, number, source=source, confirmed=confirmed)
    return made.id


async def test_a_caller_whose_number_was_confirmed_is_known(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    for spelling in (MOBILE, "+8613800138000", "013800138000"):
        answer = await desk.answer(CALL, WhoIs(number=spelling))
        about = {"name": "张伟", "language": "en", "level": "vip"}
        assert answer == Answered(way="found", values=about, customer=his)


async def test_a_number_nobody_has_confirmed_makes_nobody_of_him(services: Services, desk: MenuDesk) -> None:
    await customer(services, confirmed=False)
    assert await desk.answer(CALL, WhoIs(number=MOBILE)) == Answered(way="unknown")


async def test_several_share_a_number(services: Services, desk: MenuDesk) -> None:
    await customer(services)
    await customer(services, name="李静")
    assert await desk.answer(CALL, WhoIs(number=MOBILE)) == Answered(way="several")


@pytest.mark.parametrize("number", ["", "anonymous", "02100000000", "'; DROP TABLE customer;--", "9" * 300])
async def test_strangers_and_no_numbers(desk: MenuDesk, number: str) -> None:
    assert await desk.answer(CALL, WhoIs(number=number)) == Answered(way="unknown")


# How is my ticket ----------------------------------------------------------------------------------------------------


def how(ticket: Ticket, *, caller: str = MOBILE, customer: str = "") -> HowIsTicket:
    return HowIsTicket(number=ticket.number.replace("T", "").replace("-", ""), caller=caller, customer=customer)


async def test_a_customer_hears_of_his_own_ticket(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    ticket = await services.tickets.create(subject="漏水", customer=his)
    assert await desk.answer(CALL, how(ticket)) == Answered(way="told", values={"status": "new"})
    await services.tickets.update(ticket.id, status=TicketStatus.PENDING)
    looked_up = how(ticket, caller="", customer=his)
    assert await desk.answer(CALL, looked_up) == Answered(way="told", values={"status": "pending"})


async def test_nobody_hears_of_anothers(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    other = await customer(services, "13900139000", name="李静")
    ticket = await services.tickets.create(subject="漏水", customer=his)
    nobodys = await services.tickets.create(subject="漏水")
    unknown = Answered(way="unknown")
    assert await desk.answer(CALL, how(ticket, caller="13900139000")) == unknown
    assert await desk.answer(CALL, how(ticket, customer=other)) == unknown
    assert await desk.answer(CALL, how(ticket, caller="")) == unknown
    assert await desk.answer(CALL, how(nobodys, caller="")) == unknown


@pytest.mark.parametrize(
    "number", ["", "1", "202601050001", "20260105000100000", "T-20260105-0001", "２０２６０１０５０００１"]
)
async def test_what_is_no_ticket(services: Services, desk: MenuDesk, number: str) -> None:
    await customer(services)
    assert await desk.answer(CALL, HowIsTicket(number=number, caller=MOBILE, customer="")) == Answered(way="unknown")


def how_far(order: Order, *, caller: str = MOBILE, customer: str = "") -> HowIsOrder:
    return HowIsOrder(number=order.number[2:], caller=caller, customer=customer)


async def test_a_customer_hears_how_far_his_own_order_is(
    services: Services, desk: MenuDesk, clock: ManualClock
) -> None:
    his, today = await customer(services), clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    order = await services.orders.create(kind=OrderKind.SALE, customer=his, summary="水泵", expected_on=today)
    stands = {"kind": "sale", "state": "received"}
    assert await desk.answer(CALL, how_far(order)) == Answered(way="told", values=stands | {"expected": f"{today}"})
    await services.orders.update(order.id, expected_on=today - timedelta(days=1))
    assert await desk.answer(CALL, how_far(order, caller="", customer=his)) == Answered(way="told", values=stands)


async def test_of_what_is_over_no_day_is_told(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    repair = await services.orders.create(
        kind=OrderKind.REPAIR, customer=his, summary="异响", expected_on=date(2999, 1, 1)
    )
    await services.orders.move(repair.id, OrderState.CANCELLED)
    told = Answered(way="told", values={"kind": "repair", "state": "cancelled"})
    assert await desk.answer(CALL, how_far(repair)) == told


async def test_nobody_hears_of_anothers_order(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    other = await customer(services, "13900139000", name="李静")
    unsure = "13700137000"
    await services.customers.add_number(his, unsure, source=NumberSource.CALL, confirmed=False)
    order = await services.orders.create(kind=OrderKind.SALE, customer=his, summary="水泵")
    unknown = Answered(way="unknown")
    assert await desk.answer(CALL, how_far(order, caller="13900139000")) == unknown
    assert await desk.answer(CALL, how_far(order, customer=other)) == unknown
    for caller in ("", "anonymous", unsure):
        assert await desk.answer(CALL, how_far(order, caller=caller)) == unknown
    for number in ("", "1", order.id, order.number, f"{order.number[2:]}0", "１２３４５６７８９０"):
        assert await desk.answer(CALL, HowIsOrder(number=number, caller=MOBILE, customer=his)) == unknown


async def test_the_next_callback_is_what_was_promised(services: Services, desk: MenuDesk, clock: ManualClock) -> None:
    his = await customer(services)
    ticket = await services.tickets.create(subject="漏水", customer=his)
    for hours in (30, 2, -1):
        due_at = clock.now() + timedelta(hours=hours)
        await services.callbacks.schedule(due_at=due_at, why="", number=MOBILE, customer=his, ticket=ticket.id)
    promised = {"status": "new", "due": "2026-01-05T19:00"}
    assert await desk.answer(CALL, how(ticket)) == Answered(way="told", values=promised)


# What shall be done --------------------------------------------------------------------------------------------------

DUE = datetime(2026, 1, 5, 11, tzinfo=UTC)


def wish(number: str = MOBILE, due_at: datetime = DUE, *, caller: str = MOBILE) -> NewCallback:
    return NewCallback(number=number, due_at=due_at, why="语音菜单", caller=caller, customer="")


async def test_a_ticket_of_the_call_with_what_was_typed(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    details = {"serial": "42", "model": "7"}
    new = NewTicket(matter=Matter.REPAIR, subject="报修", details=details, caller=MOBILE, customer="")
    assert await desk.answer(CALL, new) == Answered(way="opened", values={"number": "202601050001"})
    (made,) = await services.tickets.of_call(CALL)
    assert (made.customer, made.type, made.description) == (his, TicketType.REPAIR, "serial: 42\nmodel: 7")


async def test_who_says_the_same_twice_in_a_call_has_one_ticket(services: Services, desk: MenuDesk) -> None:
    new = NewTicket(matter=Matter.REPAIR, subject="报  修", details={"serial": "42"}, caller="", customer="")
    first = await desk.answer(CALL, new)
    assert await desk.answer(CALL, new) == first
    assert (await desk.answer(CallId("pbx-17-5"), new)) != first
    assert (await desk.answer(CALL, replace(new, details={"serial": "43"}))) != first
    assert len(await services.tickets.of_call(CALL)) == 2


async def test_a_ticket_waits_in_the_line_that_its_node_names(services: Services, desk: MenuDesk) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("repair"), names={"en": "Repair"}))
    new = NewTicket(matter=Matter.REPAIR, subject="报修", details={}, caller="", customer="", queue="repair")
    await desk.answer(CALL, new)
    await desk.answer(CallId("pbx-17-5"), replace(new, queue="gone"))
    assert [work.queue for work in await services.tickets.in_line()] == ["repair"]
    (kept,) = await services.tickets.of_call(CallId("pbx-17-5"))
    assert kept.queue is None, "a queue there is not loses no ticket"


async def test_a_strangers_ticket_is_nobodys(services: Services, desk: MenuDesk) -> None:
    new = NewTicket(matter=Matter.OTHER, subject="报修", details={}, caller="", customer="")
    assert (await desk.answer(CALL, new)).way == "opened"
    (made,) = await services.tickets.of_call(CALL)
    assert made.customer is None


async def test_a_callback_of_the_call(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    assert await desk.answer(CALL, wish()) == Answered(way="promised", values={"due": "2026-01-05T19:00"})
    (made,) = (await services.callbacks.of_customer(his)).items
    assert (made.call, made.due_at, made.why, made.number.key) == (CALL, DUE, "语音菜单", "+8613800138000")


async def test_another_number_that_he_typed(services: Services, desk: MenuDesk) -> None:
    his = await customer(services)
    assert (await desk.answer(CALL, wish("02164881234"))).way == "promised"
    (made,) = (await services.callbacks.of_customer(his)).items
    assert made.number.key == "+862164881234"


async def test_who_asks_twice_in_a_call_is_promised_one(services: Services, desk: MenuDesk) -> None:
    first = await desk.answer(CALL, wish())
    assert await desk.answer(CALL, wish("+8613800138000", DUE + timedelta(hours=1))) == first
    assert (await desk.answer(CALL, wish("02164881234"))).way == "promised"
    assert len((await services.callbacks.search()).items) == 2


@pytest.mark.parametrize("number", ["", "anonymous", "110", "1001", "*#", "9" * 20])
async def test_what_nobody_can_call_back(services: Services, desk: MenuDesk, number: str) -> None:
    assert await desk.answer(CALL, wish(number)) == Answered(way="unusable")
    assert not (await services.callbacks.search()).items


@pytest.mark.parametrize("number", ["16012345", "+8616012345", "+870123456789", "00870123456789"])
async def test_what_the_house_lets_nobody_call(services: Services, desk: MenuDesk, number: str) -> None:
    assert await desk.answer(CALL, wish(number)) == Answered(way="unusable")
    assert not (await services.callbacks.search()).items


def test_every_matter_of_a_menu_is_one_of_a_ticket() -> None:
    assert set(Matter) == set(TicketType)


# Where does it lead --------------------------------------------------------------------------------------------------


async def floor(services: Services) -> None:
    for key in ("service", "vip"):
        await services.floor_plans.put_queue(Queue(key=QueueKey(key), names={"zh": key, "en": key}))
    for number, target, to in (("4008000", DidTarget.IVR, "main"), ("4008001", DidTarget.QUEUE, "vip")):
        await services.floor_plans.put_did(Did(number=number, target=target, to=to))
    await services.users.create(login="alice", password="a long enough password", name="Alice", extension="1001")


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("1001", Answered(way="agent", values={"to": "1001"})),
        ("4008001", Answered(way="queue", values={"to": "vip", "asks": ""})),
        ("4008000", Answered(way="unusable")),
        ("1009", Answered(way="unusable")),
        ("", Answered(way="unusable")),
        ("02164881234", Answered(way="number", values={"to": "02164881234"})),
        ("13800138000", Answered(way="unusable")),
        ("16012345678", Answered(way="unusable")),
    ],
)
async def test_whither_a_number_leads(services: Services, clock: ManualClock, number: str, answer: Answered) -> None:
    await floor(services)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), RULES, transfers_to=("0216488", "160"))
    assert await desk.answer(CALL, Whither(number=number)) == answer


async def test_menus_lead_to_no_number_outside_unless_the_house_says_so(services: Services, desk: MenuDesk) -> None:
    assert await desk.answer(CALL, Whither(number="02164881234")) == Answered(way="unusable")


# What he said --------------------------------------------------------------------------------------------------------


def said(folder: Path, seconds: float, take: int = 1, *, comment: bool = False) -> str:
    name = (comment_file if comment else message_file)(CALL, take)
    (folder / name).parent.mkdir(exist_ok=True)
    make_tone(folder / name, 600, seconds=seconds)
    return name


def message(take: int = 1) -> KeepMessage:
    return KeepMessage(take=take, shortest_s=2, matter=Matter.OTHER, subject="留言", caller=MOBILE, customer="")


async def test_a_message_becomes_a_ticket_of_the_call_and_of_its_customer_once(
    services: Services, clock: ManualClock, tmp_path: Path
) -> None:
    his, name = await customer(services), said(tmp_path, 3)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), RULES, recordings=RecordingFolder(tmp_path))
    answer = await desk.answer(CALL, message())
    assert answer == await desk.answer(CALL, message())
    (ticket,) = (await services.tickets.search()).items
    assert answer == Answered(way="kept", values={"number": ticket.number.removeprefix("T-").replace("-", "")})
    assert (ticket.call, ticket.customer, ticket.type) == (CALL, his, TicketType.OTHER)
    (kept,) = await services.recordings.of_ticket(ticket.id)
    assert (kept.file, kept.duration_s, kept.call) == (name, 3, CALL)


async def test_too_little_is_no_message_and_is_not_kept(services: Services, clock: ManualClock, tmp_path: Path) -> None:
    name = said(tmp_path, 1)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), RULES, recordings=RecordingFolder(tmp_path))
    assert await desk.answer(CALL, message()) == Answered(way="empty")
    assert await desk.answer(CALL, message(2)) == Answered(way="empty")
    assert not (tmp_path / name).exists()
    assert (await services.tickets.search()).items == ()


async def test_a_comment_is_kept_with_the_call_and_is_no_ticket(
    services: Services, clock: ManualClock, tmp_path: Path
) -> None:
    name = said(tmp_path, 3, comment=True)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), RULES, recordings=RecordingFolder(tmp_path))
    for _ in range(2):
        assert await desk.answer(CALL, KeepComment(take=1)) == Answered(way="commented")
    assert await desk.answer(CALL, KeepComment(take=2)) == Answered(way="empty")
    (kept,) = await services.recordings.of_call(CALL)
    assert (kept.file, kept.duration_s, kept.comment, kept.ticket) == (name, 3, True, None)
    assert (await services.tickets.search()).items == ()


async def test_a_cough_is_no_comment(services: Services, clock: ManualClock, tmp_path: Path) -> None:
    name = said(tmp_path, 0.5, comment=True)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), RULES, recordings=RecordingFolder(tmp_path))
    assert await desk.answer(CALL, KeepComment(take=1)) == Answered(way="empty")
    assert not (tmp_path / name).exists()


async def test_where_no_messages_are_kept_none_is_taken(desk: MenuDesk) -> None:
    with pytest.raises(NotAnswered):
        await desk.answer(CALL, message())


async def test_a_rating_is_kept_with_the_call_and_the_last_one_counts(services: Services, desk: MenuDesk) -> None:
    for score in (2, 4):
        assert await desk.answer(CALL, Rate(score=score)) == Answered(way="rated")
    assert (await services.calls.get(CALL)).rating == 4
