"""Our process dies as if by a power cut: who talks goes on, who waits reaches an agent, nothing is forgotten."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState, Ring
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard
from tests.support.product import Product, running_demo
from tests.support.queues import draw, drawn
from tests.support.quiet import quieten, send_everybody_home
from tests.support.story import (
    a_colleague,
    call_of,
    ended,
    events,
    legs,
    somebody_calls,
    sound_of,
    the_log_agrees_with_asterisk,
    the_log_says,
    topics,
    user_id,
    waiting,
)
from tests.support.tones import seconds_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """A product of its own: the others' must not die."""
    async with running_demo(tmp_path_factory.mktemp("mortal") / "home") as running:
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def alive_and_quiet(mortal: Product) -> None:
    """A story that broke off half-way has left it dead, perhaps."""
    await quieten(mortal)


async def test_killed_in_mid_call_they_go_on_talking_and_the_log_is_right(
    mortal: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path, tmp_path: Path
) -> None:
    async with agent_at_desk(mortal, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, mortal, number="13922220001", voice=callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        call = await call_of(mortal, "13922220001")
        await mortal.kill()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await mortal.start()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await alice.state_is("talking")
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.state_is("ready")
        await alice.go_offline()
    row = await ended(mortal, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    assert row["talk_s"] > 2
    assert [leg["failure"] for leg in legs(mortal, call)] == [""]
    sound = await sound_of(mortal, call, tmp_path)
    assert sound.seconds == pytest.approx(row["talk_s"], abs=1.5)
    assert seconds_of(sound, CALLERS_TONE, at_least=0.25) > row["talk_s"] - 3
    assert seconds_of(sound, AGENTS_TONE, at_least=0.25) > row["talk_s"] - 3


async def test_it_ends_while_we_are_dead_and_the_log_knows_afterwards(
    mortal: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(mortal, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, mortal, number="13922220002", voice=callers_voice)
        await alice.answer()
        call = await call_of(mortal, "13922220002")
        await the_log_says(mortal, "call.connected", call=call)
        await mortal.kill()
        await caller.hang_up()
        await mortal.start()
        row = await ended(mortal, call)
        assert row["outcome"] == "answered"


async def test_killed_while_a_caller_waits_he_reaches_alice_by_the_safety_queue(
    mortal: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    caller = await somebody_calls(phones, mortal, number="13922220003", voice=callers_voice)
    call = await call_of(mortal, "13922220003")
    await waiting(mortal, call)
    async with agent_at_desk(mortal, browser, "alice") as alice:
        await alice.phone_is("registered")
        await mortal.kill()
        await _in_safety(mortal, 1)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await mortal.start()
        await caller.hang_up()
        row = await ended(mortal, call)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "caller")
    assert row["fell_to_safety"]
    assert any(leg["by_safety_queue"] for leg in legs(mortal, call))


async def test_a_new_caller_while_we_are_dead_is_served_and_known_afterwards(
    mortal: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(mortal, browser, "alice") as alice:
        await alice.phone_is("registered")
        await mortal.kill()
        caller = await somebody_calls(phones, mortal, number="13922220004", voice=callers_voice)
        await alice.answer(limit_s=40)
        await wait_until_heard(caller, AGENTS_TONE)
        await mortal.start()
        await caller.hang_up()
        row = await ended(mortal, await call_of(mortal, "13922220004"))
    assert row["outcome"] == "answered"


async def test_of_two_who_came_while_we_were_dead_one_is_served_without_us_and_the_other_by_us_at_his_place(
    mortal: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    await send_everybody_home(mortal)
    async with agent_at_desk(mortal, browser, "alice") as alice:
        await alice.become_ready()
        await the_log_says(mortal, "agent.state_changed", agent=user_id(mortal, "alice"), state="ready")
        await mortal.kill()
        first = await somebody_calls(phones, mortal, number="13922220005")
        await alice.answer(limit_s=40)
        second = await somebody_calls(phones, mortal, number="13922220006", voice=callers_voice)
        await _in_safety(mortal, 2)
        await mortal.start()
        served, fetched = await call_of(mortal, "13922220005"), await call_of(mortal, "13922220006")
        await waiting(mortal, fetched)
        await somebody_calls(phones, mortal, number="13922220007")
        behind = await call_of(mortal, "13922220007")
        await waiting(mortal, behind)
        await alice.state_is("talking")
        await alice.press("Hang up")
        await first.wait_for(PhoneState.ENDED)
        await alice.finish()
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        assert topics(mortal, behind)[-1] == "call.queued"
        await second.hang_up()
        row = await ended(mortal, fetched)
        await send_everybody_home(mortal)
    assert (row["outcome"], row["fell_to_safety"]) == ("answered", True)
    assert [leg["by_safety_queue"] for leg in legs(mortal, fetched)] == [False]
    assert [leg["by_safety_queue"] for leg in legs(mortal, served)] == [True]
    [arrived], [offered] = events(mortal, fetched, "call.arrived"), events(mortal, fetched, "call.offered")
    came, went = (datetime.fromisoformat(event["at"]) for event in (arrived, offered))
    assert offered["because"]["waited_s"] == pytest.approx((went - came).total_seconds(), abs=3)
    for call in (served, fetched):
        assert (topics(mortal, call).count("call.arrived"), topics(mortal, call).count("call.ended")) == (1, 1)


async def _in_safety(product: Product, callers: int) -> None:
    """So many are in Asterisk's own queue, waiting or talking."""

    async def there() -> bool:
        return (await product.asterisk("core show channels concise")).count("!cw-safety!") == callers

    await eventually(f"{callers} callers in Asterisk's own queue", there)


async def test_killed_while_all_phones_ring_they_ring_on_and_one_has_the_call(
    mortal: Product, phones: PhoneProcess, tmp_path: Path
) -> None:
    repair = await drawn(mortal, "repair")
    await draw(mortal, tmp_path, {**repair, "strategy": "ring_all", "ring_s": 60, "wrap_up_s": 0, "wrap_up": "none"})
    team = {
        login: await a_colleague(phones, mortal, number) for login, number in {"fang": "1011", "omar": "1015"}.items()
    }
    for login, phone in team.items():
        await phone.when_called(Ring())
        await mortal.api("POST", f"/agents/{user_id(mortal, login)}/state", {"state": "ready"})
        await the_log_says(mortal, "agent.state_changed", agent=user_id(mortal, login), state="ready")
    caller = await somebody_calls(phones, mortal, number="13922220008")
    call = await call_of(mortal, "13922220008")
    people = {user_id(mortal, login) for login in team}
    await eventually(
        "the log to say that all ring",
        lambda: {event["agent"] for event in events(mortal, call, "call.ringing")} == people,
    )
    await mortal.kill()
    await mortal.start()
    await mortal.wait_until_ready()
    assert [phone.state for phone in team.values()] == [PhoneState.RINGING] * 2
    [row] = (await mortal.api("GET", "/floor"))["waiting"]
    assert {row["offered_to"], *row["also_offered_to"]} == people
    await team["omar"].answer()
    await team["fang"].wait_for(PhoneState.ENDED)
    await the_log_says(mortal, "call.offer_failed", agent=user_id(mortal, "fang"), call=call, why="elsewhere")
    await caller.hang_up()
    assert json.loads((await ended(mortal, call))["agents"]) == [user_id(mortal, "omar")]
    await draw(mortal, tmp_path, repair)


async def test_asterisk_remembers_the_same_calls(mortal: Product) -> None:
    await the_log_agrees_with_asterisk(mortal)
