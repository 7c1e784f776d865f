"""Who of us knows a caller: by his account, and by the last conversation that was one."""

from __future__ import annotations

from datetime import timedelta

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.users import User
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId
from crm_core.services.bundle import Services
from tests.integration.crm_core.test_calls import MOBILE, story

NOW, NOBODY = CallId("now"), Acquaintance()
OFFICE = "02164881234"


async def test_who_talked_last_from_this_number_counts_while_nobody_knows_whose_it_is(
    services: Services, clock: ManualClock
) -> None:
    start = clock.now()
    assert await services.acquaintances.of(MOBILE, NOW) == NOBODY
    await services.calls.apply_all(story("c1", start, agent="usr_a"))
    await services.calls.apply_all(story("c2", start + timedelta(hours=1), agent="usr_b"))
    await services.calls.apply_all(story("c3", start + timedelta(hours=2), agent="usr_c", answered=False))
    found = await services.acquaintances.of(f"+86{MOBILE}", NOW)
    assert found == Acquaintance(last="usr_b"), "who was only offered the call has not talked"
    assert (await services.acquaintances.of(MOBILE, CallId("c2"))).last == "usr_a", "this call is not meant"
    assert await services.acquaintances.of(OFFICE, NOW) == NOBODY


async def test_a_number_that_is_withheld_is_nobodys(services: Services, clock: ManualClock) -> None:
    await services.calls.apply_all(story("c1", clock.now(), ani="anonymous"))
    assert await services.acquaintances.of("anonymous", NOW) == NOBODY


async def test_a_customer_is_known_at_all_his_numbers_and_to_whoever_looks_after_him(
    services: Services, clock: ManualClock, alice: User
) -> None:
    zhang = await services.customers.create(name="张伟", owner=alice.id)
    for number in (MOBILE, OFFICE):
        await services.customers.add_number(zhang.id, number, confirmed=True)
    assert await services.acquaintances.of(OFFICE, NOW) == Acquaintance(owner=alice.id)
    await services.calls.apply_all(story("c1", clock.now(), agent="usr_b"))
    assert await services.acquaintances.of(OFFICE, NOW) == Acquaintance(owner=alice.id, last="usr_b")
