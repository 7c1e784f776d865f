"""Orders and repairs, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_core.domain.orders import OrderEntryKind, OrderFilter, OrderKind, OrderState
from crm_core.domain.users import User
from crm_core.errors import (
    CustomerNotFound,
    FieldInvalid,
    OrderCannotMove,
    OrderChangedMeanwhile,
    OrderNotFound,
    TicketNotFound,
    TicketOfAnother,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CustomerId, OrderId, TicketId
from crm_core.services.bundle import Services
from crm_core.services.orders import Orders


async def test_the_life_of_a_repair(services: Services, clock: ManualClock, alice: User) -> None:
    zhang = await services.customers.create(name="张伟", number="13800138000")
    ticket = await services.tickets.create(subject="x", customer=zhang.id)
    made = await services.orders.create(
        kind=OrderKind.REPAIR, customer=zhang.id, ticket=ticket.id, summary=" 洗衣机  不转 ",
        expected_on=date(2026, 1, 9), amount=Decimal("1234567890.07"), currency="CNY", by=alice.id,
    )  # fmt: skip
    assert (made.summary, made.state, made.version) == ("洗衣机 不转", OrderState.RECEIVED, 1)
    assert made.number.startswith("R-")
    assert (made.amount, made.currency, made.expected_on) == (Decimal("1234567890.07"), "CNY", date(2026, 1, 9))
    clock.advance(60)
    moved = await services.orders.move(made.id, OrderState.DIAGNOSED, note="Belt", version=1, by=alice.id)
    assert (moved.state, moved.state_at, moved.version) == (OrderState.DIAGNOSED, clock.now(), 2)
    await services.orders.note(made.id, "he is told", by=alice.id)
    await services.orders.update(made.id, expected_on=None, amount=Decimal("80.50"), by=alice.id)
    told = [(one.kind, one.state, one.text, one.by) for one in await services.orders.history(made.id)]
    assert told == [
        (OrderEntryKind.CREATED, OrderState.RECEIVED, "", alice.id),
        (OrderEntryKind.MOVED, OrderState.DIAGNOSED, "Belt", alice.id),
        (OrderEntryKind.NOTE, OrderState.DIAGNOSED, "he is told", alice.id),
        (OrderEntryKind.CHANGED, OrderState.DIAGNOSED, "", alice.id),
    ]
    assert (await services.orders.history(made.id))[-1].changes == {
        "expected_on": ("2026-01-09", None), "amount": ("1234567890.07", "80.50"),
    }  # fmt: skip
    log = await services.event_log.of_subject(made.id)
    assert [line.body["action"] for line in log] == ["order.created", "order.moved", "order.noted", "order.updated"]
    assert (log[1].body["details"]["before"], log[1].body["details"]["after"]) == ("received", "diagnosed")


async def test_it_leaves_its_path_nowhere(services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    made = await services.orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="x")
    with pytest.raises(OrderCannotMove):
        await services.orders.move(made.id, OrderState.DELIVERED)
    await services.orders.move(made.id, OrderState.CANCELLED)
    with pytest.raises(OrderCannotMove):
        await services.orders.move(made.id, OrderState.CONFIRMED)
    assert (await services.orders.get(made.id)).state is OrderState.CANCELLED


async def test_somebody_was_faster(services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    made = await services.orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="x")
    await services.orders.move(made.id, OrderState.CONFIRMED, version=1)
    with pytest.raises(OrderChangedMeanwhile):
        await services.orders.move(made.id, OrderState.PREPARING, version=1)
    with pytest.raises(OrderChangedMeanwhile):
        await services.orders.update(made.id, summary="y", version=1)
    assert (await services.orders.update(made.id, summary="x", version=2)).version == 2  # nothing new: no change


async def test_no_amount_no_currency(services: Services) -> None:
    zhang = await services.customers.create(name="张伟")
    made = await services.orders.create(
        kind=OrderKind.SALE, customer=zhang.id, summary="x", amount=Decimal("5"), currency="EUR"
    )
    cleared = await services.orders.update(made.id, amount=None)
    assert (cleared.amount, cleared.currency) == (None, "")


async def test_digits_are_drawn_until_they_are_free_whatever_the_kind(services: Services, clock: ManualClock) -> None:
    zhang = await services.customers.create(name="张伟")
    lots = iter(["1111111111", "1111111111", "2222222222"])
    orders = Orders(services.database, clock, draw=lambda: next(lots))
    first = await orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="x")
    second = await orders.create(kind=OrderKind.REPAIR, customer=zhang.id, summary="y")
    assert (first.number, second.number) == ("S-1111111111", "R-2222222222")
    assert (await orders.get("2222222222")).id == second.id
    assert (await orders.get("s-1111111111")).id == first.id


async def test_they_are_found(services: Services) -> None:
    zhang, li = [await services.customers.create(name=name) for name in ("张伟", "李娜")]
    sale = await services.orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="Washing machine")
    repair = await services.orders.create(kind=OrderKind.REPAIR, customer=li.id, summary="Lamp", tracking="SF123")
    await services.orders.move(sale.id, OrderState.CANCELLED)

    async def found(**wanted: object) -> list[OrderId]:
        return [one.id for one in await services.orders.search(OrderFilter(**wanted))]  # type: ignore[arg-type]

    assert set(await found()) == {sale.id, repair.id}
    assert await found(text="washing") == [sale.id]
    assert await found(text="sf123") == [repair.id]
    assert await found(text="李娜") == [repair.id]
    assert await found(text=sale.number) == [sale.id]
    assert await found(open=True) == [repair.id]
    assert await found(open=False) == [sale.id]
    assert await found(kind=OrderKind.REPAIR) == [repair.id]
    assert await found(states=(OrderState.CANCELLED,)) == [sale.id]
    assert await found(customer=li.id) == [repair.id]


async def test_what_it_refers_to_is_there_and_the_same_customers(services: Services) -> None:
    zhang, li = [await services.customers.create(name=name) for name in ("张伟", "李娜")]
    ticket = await services.tickets.create(subject="x", customer=li.id)
    orders = services.orders
    with pytest.raises(CustomerNotFound):
        await orders.create(kind=OrderKind.SALE, customer=CustomerId("nobody"), summary="x")
    with pytest.raises(TicketNotFound):
        await orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="x", ticket=TicketId("none"))
    with pytest.raises(TicketOfAnother):
        await orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="x", ticket=ticket.id)
    with pytest.raises(FieldInvalid):
        await orders.create(kind=OrderKind.SALE, customer=zhang.id, summary="  ")
    with pytest.raises(OrderNotFound):
        await orders.get("S-0000000000")
    with pytest.raises(OrderNotFound):
        await orders.history(OrderId("none"))
    assert not (await orders.search()).items
