"""The paths of orders and repairs."""

from __future__ import annotations

import pytest

from crm_core.domain.orders import OPEN, OVER, PATHS, OrderKind, OrderState, order_number, steps


@pytest.mark.parametrize("kind", OrderKind)
def test_each_state_leads_on_to_an_end(kind: OrderKind) -> None:
    """By the usual step, with no circle; and what is over leads nowhere."""
    state, seen = OrderState.RECEIVED, [OrderState.RECEIVED]
    while after := steps(kind, state):
        state = after[0]
        assert state not in seen
        seen.append(state)
    assert state is PATHS[kind][-1]
    assert [one for one in PATHS[kind] if one in seen] == seen
    assert all(not steps(kind, over) for over in OVER)


@pytest.mark.parametrize("kind", OrderKind)
def test_only_states_of_its_own_path_are_reached(kind: OrderKind) -> None:
    reached = {after for state in OrderState for after in steps(kind, state)}
    assert reached == {*PATHS[kind][1:], OrderState.CANCELLED}


def test_a_repair_may_wait_for_parts_more_than_once() -> None:
    assert OrderState.WAITING_FOR_PARTS in steps(OrderKind.REPAIR, OrderState.REPAIRING)
    assert steps(OrderKind.REPAIR, OrderState.WAITING_FOR_PARTS)[0] is OrderState.REPAIRING


def test_what_left_the_house_is_not_cancelled() -> None:
    assert OrderState.CANCELLED not in steps(OrderKind.SALE, OrderState.SHIPPED)
    assert OrderState.CANCELLED not in steps(OrderKind.REPAIR, OrderState.READY)


def test_every_state_is_open_or_over() -> None:
    assert set(OPEN) | set(OVER) == set(OrderState)
    assert not set(OPEN) & set(OVER)


def test_a_number_tells_the_kind() -> None:
    assert order_number(OrderKind.SALE, "4839201756") == "S-4839201756"
    assert order_number(OrderKind.REPAIR, "4839201756") == "R-4839201756"
