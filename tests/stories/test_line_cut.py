"""The line to Asterisk breaks and heals under `callwright serve`: calls go on, and the log has them whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState, SipPhone
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import Agent, agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product, ServedHouse, running_served
from tests.support.quiet import quieten, send_everybody_home
from tests.support.story import (
    a_colleague,
    brought_together,
    call_of,
    ended,
    entered_by_itself,
    events,
    legs,
    somebody_calls,
    the_log_agrees_with_asterisk,
    the_log_says,
    topics,
    user_id,
    waiting,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedHouse]:
    async with running_served(tmp_path_factory.mktemp("served") / "home") as running:
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def mended_and_quiet(house: ServedHouse) -> None:
    """A story that broke off half-way has left the line cut, perhaps."""
    await house.line.mend()
    await quieten(house.product)


async def _line_is_known_to_be_down(product: Product) -> None:
    async def red() -> bool:
        status, found = await product.get("/readyz")
        assert status == 503, found
        return "asterisk" in found["checks"] and found["checks"]["asterisk"] != "ok"

    await eventually("/readyz to name the lost line", red, limit_s=30)


@pytest.mark.parametrize("break_it", ["cut", "stall"])
async def test_the_line_breaks_in_mid_call(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path, break_it: str
) -> None:
    number = {"cut": "13933330001", "stall": "13933330002"}[break_it]
    async with agent_at_desk(house.product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, house.product, number=number, voice=callers_voice)
        await alice.answer()
        call = await call_of(house.product, number)
        await the_log_says(house.product, "call.connected", call=call)  # her phone knows it a moment before
        if break_it == "cut":
            await house.line.cut()
        else:
            house.line.stall()
        await _line_is_known_to_be_down(house.product)
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await house.line.mend()
        await house.product.wait_until_ready()
        await alice.state_is("talking")
        await caller.hang_up()
        await alice.finish()
        await alice.state_is("ready")
        await alice.go_offline()
    row = await ended(house.product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "caller")
    assert [leg["failure"] for leg in legs(house.product, call)] == [""]


async def test_the_call_ends_while_the_line_is_down(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess
) -> None:
    async with agent_at_desk(house.product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, house.product, number="13933330003")
        await alice.answer()
        call = await call_of(house.product, "13933330003")
        await the_log_says(house.product, "call.connected", call=call)  # who talked, nobody could tell afterwards
        await house.line.cut()
        await _line_is_known_to_be_down(house.product)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await house.line.mend()
        row = await ended(house.product, call, limit_s=30)
        assert row["outcome"] == "answered"
        await alice.finish()
        await alice.state_is("ready")
        await alice.go_offline()


async def test_a_caller_waits_through_a_short_cut_and_is_offered_afterwards(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    caller = await somebody_calls(phones, house.product, number="13933330004", voice=callers_voice)
    call = await call_of(house.product, "13933330004")
    await waiting(house.product, call)
    await house.line.cut()
    await house.line.mend()
    await house.product.wait_until_ready()
    async with agent_at_desk(house.product, browser, "alice") as alice:
        await alice.become_ready()
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await caller.hang_up()
        await alice.finish()
        await alice.go_offline()
    row = await ended(house.product, call)
    assert row["outcome"] == "answered"


async def test_a_caller_who_waits_through_a_long_cut_reaches_alice_by_asterisks_own_queue(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    number = "13933330005"
    async with agent_at_desk(house.product, browser, "alice") as alice:
        await alice.phone_is("registered")
        caller = await somebody_calls(phones, house.product, number=number, voice=callers_voice)
        call = await call_of(house.product, number)
        await waiting(house.product, call)
        await house.line.cut()
        await _taken_by_the_safety_queue(alice, caller)
        await house.line.mend()
        await house.product.wait_until_ready()
        await alice.state_is("talking")
        await wait_until_heard(caller, AGENTS_TONE)
        await caller.hang_up()
        await alice.state_is("offline")  # as she was
    await _told_once_and_by_the_safety_queue(house.product, call)
    assert (await ended(house.product, call))["wait_s"] > 4, "our heartbeat counts for so long"


async def test_a_caller_who_comes_in_a_long_cut_reaches_alice_who_is_ready_again_afterwards(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    number = "13933330006"
    async with agent_at_desk(house.product, browser, "alice") as alice:
        await alice.become_ready()
        await house.line.cut()
        await _line_is_known_to_be_down(house.product)
        caller = await somebody_calls(phones, house.product, number=number, voice=callers_voice)
        await _taken_by_the_safety_queue(alice, caller)
        await house.line.mend()
        await house.product.wait_until_ready()
        await alice.state_is("talking")
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.state_is("ready")
        await alice.go_offline()
    await _told_once_and_by_the_safety_queue(house.product, await call_of(house.product, number))


async def test_who_comes_and_goes_while_the_line_is_cut_is_in_the_log_by_himself(
    house: ServedHouse, phones: PhoneProcess
) -> None:
    """One gives up, one is served by Asterisk's own queue; a third comes in the cut too, and talks through its end."""
    product = house.product
    await send_everybody_home(product)
    await house.line.cut()
    await _line_is_known_to_be_down(product)
    quitter = await somebody_calls(phones, product, number="13933330007")
    await quitter.hang_up()
    await quitter.wait_for(PhoneState.ENDED)
    ann, ben = [await a_colleague(phones, product, extension) for extension in ("1011", "1012")]
    served = await somebody_calls(phones, product, number="13933330008")
    first = await _who_talks(ann, ben)
    await brought_together(product, _extension(first))
    await served.hang_up()
    await first.wait_for(PhoneState.ENDED)
    lasting = await somebody_calls(phones, product, number="13933330009")
    await _who_talks(ann, ben)
    await house.line.mend()
    await product.wait_until_ready()
    rows = [await entered_by_itself(product, number) for number in ("13933330007", "13933330008")]
    assert [row["outcome"] for row in rows] == ["abandoned", "answered"]
    call = await call_of(product, "13933330009")
    assert "call.ended" not in topics(product, call), "he still talks"
    await lasting.hang_up()
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"], row["closed_by"]) == ("answered", "caller", "")


async def _who_talks(*some: SipPhone) -> SipPhone:
    """Whomever Asterisk's own queue has chosen."""
    waits = [asyncio.create_task(phone.wait_for(PhoneState.TALKING)) for phone in some]
    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.wait(waits)
    return next(phone for phone, wait in zip(some, waits, strict=True) if wait in done)


def _extension(phone: SipPhone) -> str:
    """Of `a_colleague`."""
    return phone.name.partition(" ")[0]


async def _taken_by_the_safety_queue(alice: Agent, caller: SipPhone) -> None:
    """With the line down longer than Asterisk waits for our heartbeat."""
    await alice.answer(limit_s=40)
    await alice.desk.wait_until_heard(CALLERS_TONE)
    await wait_until_heard(caller, AGENTS_TONE)


async def _told_once_and_by_the_safety_queue(product: Product, call: str) -> None:
    row = await ended(product, call)
    assert (row["outcome"], row["queue"], bool(row["fell_to_safety"])) == ("answered", "repair", True)
    (queued,), (connected,) = (events(product, call, topic) for topic in ("call.queued", "call.connected"))
    waited = datetime.fromisoformat(connected["at"]) - datetime.fromisoformat(queued["at"])
    assert row["wait_s"] == pytest.approx(waited.total_seconds(), abs=0.05)
    assert row["talk_s"] > 0
    (leg,) = legs(product, call)
    assert (leg["agent"], leg["failure"], bool(leg["by_safety_queue"])) == (user_id(product, "alice"), "", True)
    told = topics(product, call)
    once = ("call.arrived", "call.queued", "call.fell_to_safety", "call.connected", "call.ended")
    assert [told.count(topic) for topic in once] == [1] * len(once), told


async def test_asterisk_remembers_the_same_calls(house: ServedHouse) -> None:
    await the_log_agrees_with_asterisk(house.product)
