"""An order's path, its forms and the words of its history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.pages.orders.forms import draft, read_change, read_new, read_step
from agent_console.pages.orders.history import changes_of
from agent_console.pages.orders.path import Stage, path_of
from agent_console.words import load_words
from crm_core.domain.orders import PATHS, Order, OrderEntry, OrderEntryKind, OrderKind, OrderState, ahead
from crm_core.kernel.ids import CustomerId, OrderId
from crm_core.kernel.language import Language

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_S = OrderState


def an_order(kind: OrderKind, *states: OrderState) -> tuple[Order, tuple[OrderEntry, ...]]:
    """One that was in each of these states for an hour, with a note written in between."""
    order, entries = OrderId("o"), []
    for hour, state in enumerate(states):
        at, how = AT + timedelta(hours=hour), OrderEntryKind.MOVED if hour else OrderEntryKind.CREATED
        entries.append(OrderEntry(id=f"e{hour}", order=order, at=at, kind=how, state=state))
        later = at + timedelta(minutes=5)
        entries.append(OrderEntry(id=f"n{hour}", order=order, at=later, kind=OrderEntryKind.NOTE, state=state))
    stands = Order(
        id=order, number="R-1", kind=kind, customer=CustomerId("c"), summary="x", state=states[-1],
        state_at=AT + timedelta(hours=len(states) - 1), created_at=AT, updated_at=AT,
    )  # fmt: skip
    return stands, tuple(entries)


def drawn(kind: OrderKind, *states: OrderState) -> list[tuple[OrderState, Stage, int | None]]:
    steps = path_of(*an_order(kind, *states))
    return [(one.state, one.stage, (one.at - AT).seconds // 3600 if one.at else None) for one in steps]


def test_a_path_has_what_is_done_where_it_stands_and_what_is_to_come() -> None:
    assert drawn(OrderKind.SALE, _S.RECEIVED, _S.CONFIRMED) == [
        (_S.RECEIVED, Stage.DONE, 0),
        (_S.CONFIRMED, Stage.NOW, 1),
        (_S.PREPARING, Stage.AHEAD, None),
        (_S.SHIPPED, Stage.AHEAD, None),
        (_S.DELIVERED, Stage.AHEAD, None),
    ]


def test_waiting_for_parts_is_on_the_path_only_of_those_that_did() -> None:
    straight = drawn(OrderKind.REPAIR, _S.RECEIVED, _S.DIAGNOSED, _S.REPAIRING)
    assert _S.WAITING_FOR_PARTS not in [state for state, _, _ in straight]
    again = drawn(OrderKind.REPAIR, _S.RECEIVED, _S.DIAGNOSED, _S.REPAIRING, _S.WAITING_FOR_PARTS)
    assert again[2:] == [
        (_S.WAITING_FOR_PARTS, Stage.NOW, 3),
        (_S.REPAIRING, Stage.AHEAD, None),
        (_S.READY, Stage.AHEAD, None),
        (_S.RETURNED, Stage.AHEAD, None),
    ]
    back = drawn(
        OrderKind.REPAIR, _S.RECEIVED, _S.DIAGNOSED, _S.REPAIRING, _S.WAITING_FOR_PARTS, _S.REPAIRING, _S.READY
    )
    assert back[2:5] == [
        (_S.WAITING_FOR_PARTS, Stage.DONE, 3), (_S.REPAIRING, Stage.DONE, 4), (_S.READY, Stage.NOW, 5),
    ]  # fmt: skip


def test_nothing_comes_after_it_is_cancelled() -> None:
    assert drawn(OrderKind.SALE, _S.RECEIVED, _S.CANCELLED) == [
        (_S.RECEIVED, Stage.DONE, 0), (_S.CANCELLED, Stage.NOW, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", OrderKind)
def test_the_usual_way_is_along_the_path_to_its_end(kind: OrderKind) -> None:
    for state in PATHS[kind]:
        usual = ahead(kind, state)
        assert list(usual) == sorted(usual, key=PATHS[kind].index)
        assert (usual or (state,))[-1] == PATHS[kind][-1]
    assert ahead(kind, _S.CANCELLED) == ()


def test_it_is_late_when_its_day_is_over_and_it_is_not() -> None:
    order, _ = an_order(OrderKind.SALE, _S.RECEIVED)
    assert not order.late(date(2026, 1, 9)), "no day was said"
    eighth, ninth = date(2026, 1, 8), date(2026, 1, 9)
    for state, expected, late in (
        (_S.SHIPPED, eighth, True), (_S.SHIPPED, ninth, False), (_S.DELIVERED, eighth, False),
    ):  # fmt: skip
        one = Order(
            **{name: getattr(order, name) for name in Order.__slots__} | {"state": state, "expected_on": expected}
        )
        assert one.late(ninth) is late


def test_amounts_are_typed_as_people_write_them() -> None:
    good = {"kind": "sale", "customer": "c", "summary": " Lamp ", "expected_on": "", "csrf": "x"}
    assert read_new(good | {"amount": " ¥1,280.50 ", "currency": ""}) == {
        "kind": OrderKind.SALE, "customer": "c", "summary": "Lamp", "expected_on": None, "carrier": "", "tracking": "",
        "amount": Decimal("1280.50"), "currency": "CNY",
    }  # fmt: skip
    assert read_new(good | {"amount": "", "currency": "usd"})["amount"] is None
    assert read_new(good | {"amount": "￥1，280，500"})["amount"] == Decimal(1280500)


@pytest.mark.parametrize("typed", ["1280,50", "1,28", "1.280,50", "1,,280", "12,80"])
def test_a_comma_that_may_be_a_decimal_point_is_asked_about(typed: str) -> None:
    """1280,50 is not 128050."""
    with pytest.raises(Invalid) as caught:
        read_change({"amount": typed, "version": "1"})
    assert set(by_field(caught.value.faults)) == {"amount"}


def test_faults_stand_beside_their_field_and_nothing_is_lost() -> None:
    form = {"kind": "gift", "summary": "", "amount": "much", "currency": "yuan", "expected_on": "2026-02-30"}
    with pytest.raises(Invalid) as caught:
        read_new(form)
    assert set(by_field(caught.value.faults)) == {"kind", "summary", "customer", "amount", "currency", "expected_on"}
    assert draft(form)["expected_on"] == "2026-02-30"


def test_a_change_holds_only_what_the_form_had() -> None:
    assert read_change({"carrier": "Xunda", "amount": "", "version": "4"}) == {
        "carrier": "Xunda", "amount": None, "version": 4,
    }  # fmt: skip
    assert read_step({"state": "shipped", "version": "4"}) == {"state": _S.SHIPPED, "note": "", "version": 4}


def test_history_tells_what_became_what_in_words() -> None:
    changes = {"expected_on": (None, "2026-01-09"), "ticket": (None, "t"), "amount": ("80.50", None), "unheard": (1, 2)}
    entry = OrderEntry(
        id="e", order=OrderId("o"), at=AT, kind=OrderEntryKind.CHANGED, state=_S.RECEIVED, changes=changes
    )
    english = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    told = [
        (english.speak(one.field), one.before and english.speak(one.before), one.after and english.speak(one.after))
        for one in changes_of(entry)
    ]
    assert told == [("Expected on", "–", "9 Jan 2026"), ("Ticket", None, None), ("Amount", "80.50", "–")]
