"""Calendars of the house: versions, two at once, and none that goes while somebody opens by it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from crm_core.domain.calendars import CalendarVersion, SharedCalendar
from crm_core.domain.floor import Did, DidTarget, Queue
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.domain.users import User
from crm_core.errors import (
    CalendarChangedMeanwhile,
    CalendarGone,
    CalendarKeyUnusable,
    CalendarNotFound,
    CalendarTaken,
    CalendarUsed,
    CalendarVersionNotFound,
    FieldEmpty,
    HoursTwice,
    OpeningUnreadable,
    TimeZoneUnknown,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import QueueKey
from crm_core.services.bundle import Services

WEEK = OpeningHours(
    week={"mon": ("09:00-12:00", "13:00-18:00")},
    holidays={"2026-10-01/2026-10-07": "国庆节"},
    working_days={"2026-10-10": ("09:00-18:00",)},
)
OFFICE = SharedCalendar(key="office", names={"zh": "办公室", "en": "Office"}, hours=WEEK, timezone="Asia/Shanghai")
NIGHT = replace(OFFICE, hours=OpeningHours(week={"mon": ("20:00-24:00",)}))


async def test_each_change_is_a_version_and_another_plan(services: Services, alice: User, clock: ManualClock) -> None:
    calendars, then, revision = services.calendars, clock.now(), await services.floor_plans.revision()
    assert await calendars.put(OFFICE, version=0, by=alice.id) == 1
    assert await services.floor_plans.revision() != revision
    clock.advance(60)
    assert await calendars.put(NIGHT, version=1) == 2
    assert await calendars.put(NIGHT, version=2) == 2  # nothing is different
    assert await calendars.versions("office") == (
        CalendarVersion(version=2, calendar=NIGHT, at=clock.now()),
        CalendarVersion(version=1, calendar=OFFICE, at=then, by=alice.id),
    )
    assert (await calendars.version("office", 1)).calendar == OFFICE
    assert await calendars.all() == (await services.floor_plans.load()).calendars == {"office": NIGHT}
    with pytest.raises(CalendarVersionNotFound):
        await calendars.version("office", 3)


async def test_nobody_overwrites_what_he_has_not_seen(services: Services) -> None:
    await services.calendars.put(OFFICE, version=0)
    with pytest.raises(CalendarTaken):
        await services.calendars.put(NIGHT, version=0)
    await services.calendars.put(NIGHT, version=1)
    with pytest.raises(CalendarChangedMeanwhile):
        await services.calendars.put(OFFICE, version=1)
    with pytest.raises(CalendarChangedMeanwhile):
        await services.calendars.delete("office", version=1)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"key": "Office hours"}, CalendarKeyUnusable),
        ({"names": {}}, FieldEmpty),
        ({"names": {"en": " "}}, FieldEmpty),
        ({"timezone": "Asia/Atlantis"}, TimeZoneUnknown),
        ({"timezone": "../etc/passwd"}, TimeZoneUnknown),
        ({"hours": OpeningHours(week={"mon": ("18:00-09:00",)})}, OpeningUnreadable),
        ({"hours": OpeningHours(week={}, holidays={"2026-02-30": ""})}, OpeningUnreadable),
    ],
)
async def test_what_is_no_calendar_is_not_kept(
    services: Services, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await services.calendars.put(replace(OFFICE, **wrong))
    assert await services.calendars.all() == {}


async def opens_a_queue(services: Services) -> None:
    closed = Overflow(kind=OverflowKind.MESSAGE, to="closed", when=())
    queue = Queue(key=QueueKey("service"), names={"en": "Service"}, calendar="office", overflow=(closed,))
    await services.floor_plans.put_queue(queue)


async def opens_a_number(services: Services) -> None:
    await services.flows.furnish("main", "{}")
    await services.floor_plans.put_did(Did(number="4008000", target=DidTarget.IVR, to="main"))
    await services.flows.lead("4008000", "main", calendar="office", closed_to="main")


async def opens_a_menu(services: Services) -> None:
    draft = await services.flows.save_draft("night", '{"a": 1}', revision=0)
    await services.flows.publish("night", revision=draft.revision, calendars=("office",))


@pytest.mark.parametrize("opens", [opens_a_queue, opens_a_number, opens_a_menu])
async def test_none_goes_while_somebody_opens_by_it(services: Services, opens: Any) -> None:
    with pytest.raises(CalendarGone):
        await opens(services)
    await services.calendars.put(OFFICE)
    if opens is opens_a_menu:  # its draft is there already, as nothing was published
        await services.flows.publish("night", revision=1, calendars=("office",))
    else:
        await opens(services)
    with pytest.raises(CalendarUsed):
        await services.calendars.delete("office", version=1)


async def test_a_calendar_nobody_opens_by_any_more_goes(services: Services) -> None:
    await services.calendars.put(OFFICE)
    await opens_a_menu(services)
    await services.flows.save_draft("night", '{"a": 2}', revision=0)
    await services.flows.publish("night", revision=1)
    await services.calendars.delete("office", version=1)
    with pytest.raises(CalendarNotFound):
        await services.calendars.get("office")
    with pytest.raises(CalendarGone):
        await services.flows.publish_again("night", 1, calendars=("office",))
    assert len(await services.flows.versions("night")) == 2


async def test_hours_are_its_own_or_a_calendars(services: Services) -> None:
    await services.calendars.put(OFFICE)
    with pytest.raises(HoursTwice):
        await services.floor_plans.put_did(
            Did(number="4008000", target=DidTarget.IVR, to="main", open_hours=WEEK, calendar="office", closed_to="main")
        )


async def test_who_deletes_and_who_publishes_at_once_do_not_both_succeed(services: Services) -> None:
    for number in range(5):
        calendar, menu = replace(OFFICE, key=f"office{number}"), f"night{number}"
        await services.calendars.put(calendar)
        await services.flows.save_draft(menu, '{"a": 1}', revision=0)
        done = await asyncio.gather(
            services.flows.publish(menu, revision=1, calendars=(calendar.key,)),
            services.calendars.delete(calendar.key, version=1),
            return_exceptions=True,
        )
        assert [type(one) for one in done if isinstance(one, Exception)] in ([CalendarGone], [CalendarUsed])
        assert (menu in await services.flows.published()) is (calendar.key in await services.calendars.all())
