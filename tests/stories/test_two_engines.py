"""Two processes could serve telephony: one does, the other stands by, and takes over when the first dies or hangs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.databases import PostgresServer, RedisServer
from tests.support.phones import wait_until_heard
from tests.support.product import ServedHouse, get, running_served
from tests.support.story import (
    REPAIR,
    call_of,
    ended,
    legs,
    somebody_calls,
    the_log_agrees_with_asterisk,
    the_log_says,
    topics,
    user_id,
    waiting,
)
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="session"),
]

REDIS = 8
"""Which of Redis's numbered databases."""
ENGINES = ("telephony", "telephony-2")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, redis_server: RedisServer
) -> AsyncIterator[ServedHouse]:
    database = await postgres_server.create("two_engines")
    try:
        async with running_served(
            tmp_path_factory.mktemp("engines") / "home",
            database_url=database,
            redis_url=redis_server.url(REDIS),
            roles=("console", *ENGINES),
        ) as running:
            yield running
    finally:
        await postgres_server.drop("two_engines")


async def on_duty(house: ServedHouse, *, of: tuple[str, ...] = ENGINES) -> str:
    """Which of these processes serves; there is never more than one."""

    async def one() -> str:
        told = {engine: str((await get(f"http://{house.health[engine]}", "/metrics"))[1]) for engine in of}
        serving = [engine for engine, figures in told.items() if "callwright_on_duty 1.0" in figures]
        assert len(serving) < 2
        return serving[0] if serving else ""

    return str(await eventually("somebody on duty", one))


async def serves(house: ServedHouse, **parts: str) -> bool:
    found = (await get(house.product.card.url, "/readyz"))[1]["checks"]
    return all(found[part] == state for part, state in parts.items())


async def is_ready(house: ServedHouse, engine: str) -> None:
    """Also while it stands by; it may still be starting."""

    async def well() -> bool:
        return (await get(f"http://{house.health[engine]}", "/readyz"))[0] == 200

    await eventually(f"{engine} to be ready", well)


def other_than(engine: str) -> str:
    return next(one for one in ENGINES if one != engine)


async def test_who_stands_by_takes_over_callers_and_conversations(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    product, numbers = house.product, ("13966660001", "13966660002")
    first = await on_duty(house)
    second = other_than(first)
    await is_ready(house, second)
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        talking = await somebody_calls(phones, product, number=numbers[0], dnis=REPAIR, voice=callers_voice)
        await alice.answer()
        conversation = await call_of(product, numbers[0])
        await the_log_says(product, "call.connected", call=conversation)
        queued = await somebody_calls(phones, product, number=numbers[1], dnis=REPAIR, voice=callers_voice)
        wait = await call_of(product, numbers[1])
        await waiting(product, wait)
        await house.processes[first].kill()
        assert await on_duty(house, of=(second,)) == second
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await product.wait_until_ready()
        await alice.state_is("talking")
        await alice.press("Hang up")
        await talking.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.answer()
        await wait_until_heard(queued, AGENTS_TONE)
        await alice.press("Hang up")
        await queued.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.go_offline()
    for call in (conversation, wait):
        assert (await ended(product, call))["outcome"] == "answered"
        told = topics(product, call)
        assert [told.count(topic) for topic in ("call.arrived", "call.queued", "call.connected", "call.ended")] == [
            1
        ] * 4
    await house.processes[first].start()
    await the_log_agrees_with_asterisk(product)
    assert await on_duty(house) == second


async def test_one_that_hung_and_wakes_up_does_nothing_more(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    product = house.product
    first = await on_duty(house)
    second = other_than(first)
    await is_ready(house, second)
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13966660003", dnis=REPAIR, voice=callers_voice)
        await alice.answer()
        call = await call_of(product, "13966660003")
        await the_log_says(product, "call.connected", call=call)
        house.processes[first].freeze()
        try:
            assert await on_duty(house, of=(second,)) == second
            # All but the menus, whose address the frozen one still has.
            await eventually("the lines to be served", lambda: serves(house, asterisk="ok", call_log="ok"))
        finally:
            house.processes[first].thaw()
        await product.wait_until_ready()
        assert await on_duty(house) == second
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.go_offline()
    row, told = await ended(product, call), topics(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    assert [told.count(topic) for topic in ("call.arrived", "call.connected", "call.ended")] == [1] * 3
    assert [(leg["agent"], leg["failure"]) for leg in legs(product, call)] == [(user_id(product, "alice"), "")]
    await the_log_agrees_with_asterisk(product)
    await is_ready(house, first)
