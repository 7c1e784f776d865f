"""Loading a floor while callers are served by the one there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callwright import floor_file
from callwright.floor_file import FloorDocument
from crm_core.domain.floor import Queue, Relaxation, RelaxationKind
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.errors import OverflowLoop
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import QueueKey
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services

SERVICE, SPARE, NIGHT = (Queue(key=QueueKey(key), names={"en": key}) for key in ("service", "spare", "night"))


@pytest.fixture
def services(sqlite_database: Database) -> Services:
    return make_services(sqlite_database, SystemClock())


def on_to(queue: Queue, other: Queue, **terms: int) -> Queue:
    return replace(queue, overflow=(Overflow(kind=OverflowKind.QUEUE, to=other.key),), **terms)  # type: ignore[arg-type]


async def load(services: Services, *queues: Queue) -> None:
    await floor_file.load(FloorDocument(queues=queues), services.floor_plans, services.dispositions, services.calendars)


async def versions(services: Services, queue: Queue) -> list[Queue]:
    return [one.queue for one in await services.floor_plans.queue_versions(queue.key)]


async def test_no_caller_finds_a_queue_without_its_limits_while_its_way_on_is_changed(services: Services) -> None:
    before, after = on_to(SERVICE, SPARE, max_waiting=5), on_to(SERVICE, NIGHT, max_waiting=5)
    await load(services, before, SPARE, NIGHT)
    first = await versions(services, SERVICE)
    await load(services, after, SPARE, NIGHT)
    assert await versions(services, SERVICE) == [after, *first]


async def test_a_queue_may_speak_of_new_ones_further_down(services: Services) -> None:
    helped = (Relaxation(after_s=30, kind=RelaxationKind.WIDEN, queue=SPARE.key),)
    service = replace(SERVICE, relaxing=helped)
    await load(services, service, SPARE)
    assert (await versions(services, SERVICE))[0] == service
    service = on_to(service, NIGHT)
    await load(services, service, NIGHT)
    assert (await versions(services, SERVICE))[0] == service


async def test_the_way_on_may_be_turned_round(services: Services) -> None:
    await load(services, on_to(SERVICE, SPARE), SPARE)
    await load(services, on_to(SPARE, SERVICE), SERVICE)
    now = {queue.key: queue for queue in (await services.floor_plans.load()).queues}
    assert now == {SERVICE.key: SERVICE, SPARE.key: on_to(SPARE, SERVICE)}
    with pytest.raises(OverflowLoop):
        await load(services, on_to(SPARE, SERVICE), on_to(SERVICE, SPARE))
