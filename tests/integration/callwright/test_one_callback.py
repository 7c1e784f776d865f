"""Whom the menu promised a callback, because telephony's answer was lost on its way, is called by one of the two."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from callwright.callback_keeper import IN_LINE, CallbackKeeper
from crm_core.domain.callbacks import CallbackState
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, QueueKey
from crm_core.persistence.database import Database
from crm_core.runtime.in_process_bus import InProcessBus
from crm_core.services.bundle import Services, make_services
from cti.events import CallbackGivenUp, CallbackPromised

CALL, NUMBER = CallId("pbx-17-4"), "13800138000"
QUEUE = QueueKey("service")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(database: Database, clock: ManualClock) -> Services:
    return make_services(database, clock)


@pytest.mark.parametrize(
    "menus",
    [
        (CALL, NUMBER, 1, CallbackState.CANCELLED),
        (CALL, "13900139000", 1, CallbackState.SCHEDULED),
        (CallId("another"), NUMBER, 1, CallbackState.SCHEDULED),
        (CALL, NUMBER, 3600, CallbackState.SCHEDULED),
    ],
    ids=["his", "another number", "another call", "promised much later"],
)
async def test_the_line_has_him_and_the_menus_own_promise_is_cancelled(
    services: Services, clock: ManualClock, menus: tuple[CallId, str, int, CallbackState]
) -> None:
    """`menus`: the call, the number, how much later the menu promised it, and what becomes of that."""
    call, number, later_s, state = menus
    promised = CallbackPromised(
        call=CALL, at=clock.now(), number=NUMBER, queue=QUEUE, since=clock.now() - timedelta(seconds=60)
    )
    clock.advance(later_s)
    await services.calls.expect(call, clock.now())
    made = await services.callbacks.schedule(due_at=clock.now(), why="menu", number=number, call=call)
    keeper = CallbackKeeper(InProcessBus(), services, clock, UTC)
    for _ in range(2):  # it may be told twice
        await keeper.take(promised)
    kept = await services.callbacks.get(made.id)
    assert (kept.state, kept.note) == (state, IN_LINE if state is CallbackState.CANCELLED else "")


async def test_of_whom_nobody_knows_whether_he_was_reached_somebody_is_asked_to_find_out(
    services: Services, clock: ManualClock
) -> None:
    keeper = CallbackKeeper(InProcessBus(), services, clock, UTC)
    given_up = CallbackGivenUp(
        call=CALL, at=clock.now(), number=NUMBER, queue=QUEUE, promised_at=clock.now(), unsure=CallId("pbx-17-4-cb-1")
    )
    for _ in range(2):
        await keeper.take(given_up)
    [kept] = await services.callbacks.search()
    assert (kept.call, kept.due_at) == (CALL, clock.now())
    assert "it is not known whether he was talked with: ask first" in kept.why
    assert "请先核实" in kept.why
