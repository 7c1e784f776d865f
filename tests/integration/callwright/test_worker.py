"""The worker's round on a real database: promises are marked when the house says so, and what is over is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from callwright.worker import LATE_S, Worker
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.settings import MISSED_CALLBACK_AFTER_S
from crm_core.kernel.clock import ManualClock
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from tests.support.waiting import eventually


async def test_a_promise_is_missed_after_as_long_as_the_house_says(sqlite_database: Database) -> None:
    clock = ManualClock()
    services = make_services(sqlite_database, clock)
    worker = Worker(services, clock)
    due = clock.now() + timedelta(minutes=5)
    promise = await services.callbacks.schedule(due_at=due, why="the spare part", number="13800138000")
    await services.settings.set(MISSED_CALLBACK_AFTER_S, 3600)
    clock.advance(3600)
    await worker.round()
    assert (await services.callbacks.get(promise.id)).state is CallbackState.SCHEDULED
    clock.advance(301)
    await worker.round()
    assert (await services.callbacks.get(promise.id)).state is CallbackState.MISSED


async def test_a_duty_that_fails_keeps_no_other_from_being_done(sqlite_database: Database) -> None:
    clock = ManualClock()
    services = make_services(sqlite_database, clock)
    async with sqlite_database.session() as connection:
        await connection.exec_driver_sql("DROP TABLE callback")
    with capture_logs() as lines:
        await Worker(services, clock).round()
    assert [line["action"] for line in lines] == ["mark_missed_callbacks"]


async def test_a_worker_whose_rounds_end_no_more_says_so(sqlite_database: Database) -> None:
    clock = ManualClock()
    worker = Worker(make_services(sqlite_database, clock), clock)
    clock.advance(LATE_S - 1)
    assert await worker.healthy() is None
    clock.advance(1)
    assert await worker.healthy() == "The worker has not finished a round for 180 seconds."
    async with worker:
        await eventually("a round", lambda: _well(worker))


async def _well(worker: Worker) -> bool:
    return await worker.healthy() is None


async def test_who_is_cancelled_while_the_worker_ends_stays_cancelled(sqlite_database: Database) -> None:
    worker = await Worker(make_services(sqlite_database, ManualClock()), ManualClock()).__aenter__()
    await asyncio.sleep(0.05)
    ending = asyncio.create_task(worker.__aexit__(None, None, None))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
