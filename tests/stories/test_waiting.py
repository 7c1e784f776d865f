"""Callers who have to wait, agents who do not answer, callers who give up: nobody is lost, nothing is forgotten."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product
from tests.support.story import (
    VIP,
    call_of,
    ended,
    events,
    legs,
    somebody_calls,
    the_log_agrees_with_asterisk,
    topics,
    user_id,
    waiting,
)

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]


async def test_nobody_is_ready_then_alice_is(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    caller = await somebody_calls(phones, product, number="13911110001", voice=callers_voice)
    call = await call_of(product, "13911110001")
    await waiting(product, call)
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await caller.hang_up()
        await alice.finish()
        await alice.state_is("ready")
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"], row["queue"]) == ("answered", "caller", "repair")
    (queued,), (connected,) = (events(product, call, topic) for topic in ("call.queued", "call.connected"))
    waited = datetime.fromisoformat(connected["at"]) - datetime.fromisoformat(queued["at"])
    assert row["wait_s"] == pytest.approx(waited.total_seconds(), abs=0.05)
    assert row["wait_s"] > 0
    assert row["talk_s"] > 0


async def test_alice_does_not_answer_and_bob_takes_it(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with (
        agent_at_desk(product, browser, "alice") as alice,
        agent_at_desk(product, browser, "bob") as bob,
    ):
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13911110002", dnis=VIP, voice=callers_voice)
        call = await call_of(product, "13911110002")
        await alice.state_is("ringing")
        await bob.become_ready()
        await alice.state_is("paused", limit_s=40)
        await bob.answer()
        await bob.desk.wait_until_heard(CALLERS_TONE)
        await bob.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await bob.finish()
        await alice.press("Ready")
        await alice.state_is("ready")
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    missed, taken = legs(product, call)
    assert (missed["agent"], missed["failure"], missed["connected_at"]) == (
        user_id(product, "alice"),
        "no_answer",
        None,
    )
    assert (taken["agent"], taken["failure"]) == (user_id(product, "bob"), "")
    assert topics(product, call).count("call.offered") == 2


async def test_alice_does_not_answer_and_the_caller_keeps_his_place(
    product: Product, browser: Chromium, phones: PhoneProcess
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13911110003")
        call = await call_of(product, "13911110003")
        await alice.state_is("paused", limit_s=40)
        await waiting(product, call)
        assert caller.state is PhoneState.TALKING
        await alice.press("Ready")
        await alice.answer()
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()
    row = await ended(product, call)
    assert row["outcome"] == "answered"
    assert [leg["failure"] for leg in legs(product, call)] == ["no_answer", ""]


async def test_alice_rejects_and_the_caller_keeps_his_place(
    product: Product, browser: Chromium, phones: PhoneProcess
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number="13911110004")
        call = await call_of(product, "13911110004")
        await alice.press("Reject")
        await alice.state_is("paused")
        await waiting(product, call)
        await caller.hang_up()
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("abandoned", "caller")
    assert [leg["failure"] for leg in legs(product, call)] == ["rejected"]


async def test_the_caller_hangs_up_while_waiting(product: Product, phones: PhoneProcess) -> None:
    caller = await somebody_calls(phones, product, number="13911110005")
    call = await call_of(product, "13911110005")
    await waiting(product, call)
    await caller.hang_up()
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"]) == ("abandoned", "caller")
    assert row["connected_at"] is None
    assert row["wait_s"] > 0
    assert legs(product, call) == []


async def test_the_caller_hangs_up_while_it_rings_and_the_next_one_gets_alice(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        hasty = await somebody_calls(phones, product, number="13911110006")
        call = await call_of(product, "13911110006")
        await alice.state_is("ringing")
        await hasty.hang_up()
        await alice.state_is("ready")
        row = await ended(product, call)
        assert (row["outcome"], row["hung_up_by"]) == ("abandoned", "caller")
        assert [leg["failure"] for leg in legs(product, call)] == ["caller_gone"]
        patient = await somebody_calls(phones, product, number="13911110007", voice=callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await patient.hang_up()
        await alice.finish()


async def test_asterisk_remembers_the_same_calls(product: Product) -> None:
    await the_log_agrees_with_asterisk(product)
