"""The menus' desk on a real database: what a caller with ten keys may learn, and what he may leave."""

from __future__ import annotations

import pytest

from callwright.menu_desk import MenuDesk
from crm_core.domain.customers import CustomerLevel, NumberSource
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, CustomerId
from crm_core.kernel.language import Language
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from ivr.flow.asked import Answered, WhoIs

CALL = CallId("pbx-17-4")
MOBILE = "13800138000"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(database: Database, clock: ManualClock) -> Services:
    return make_services(database, clock)


@pytest.fixture
def desk(services: Services) -> MenuDesk:
    return MenuDesk(services)


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
