"""A small team whose phones all ring at once: the first to answer has the caller, and nobody else has missed a call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess, PhoneState, Ring, SipPhone
from routing.together import MISSES
from tests.support.agent import LIMIT_MS, agent_at_desk
from tests.support.browser import Chromium
from tests.support.product import Product
from tests.support.queues import agreed_otherwise, draw, drawn
from tests.support.raw_sip import RawPhone, Reaction
from tests.support.story import (
    a_colleague,
    call_of,
    calls_of,
    ended,
    events,
    legs,
    somebody_calls,
    the_log_agrees_with_asterisk,
    user_id,
    waiting,
)
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house", "small_team"),
]
CALLER, NEXT = "13922220061", "13922220062"
RING_S, BRIEF_S = 20, 4
"""Where somebody answers, on a machine that is busy as well; where nobody does."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small_team(product: Product, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """Repairs ring at everybody's phone, and nobody writes them up."""
    tmp_path = tmp_path_factory.mktemp("small_team")
    repair = await drawn(product, "repair")
    ours = {"strategy": "ring_all", "ring_s": RING_S, "misses_to_pause": 1, "wrap_up_s": 0, "wrap_up": "none"}
    await draw(product, tmp_path, {**repair, **ours})
    yield
    await draw(product, tmp_path, repair)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    phone: SipPhone
    id: str
    login: str


async def _at_work(product: Product, phones: PhoneProcess, extension: str, login: str) -> Member:
    """His phone rings until somebody does something about it."""
    phone = await a_colleague(phones, product, extension)
    await phone.when_called(Ring())
    one = Member(phone=phone, id=user_id(product, login), login=login)
    await product.api("POST", f"/agents/{one.id}/state", {"state": "ready"})
    await _is(product, one, "ready")
    return one


async def _fang_and_omar(product: Product, phones: PhoneProcess) -> tuple[Member, Member]:
    return await _at_work(product, phones, "1011", "fang"), await _at_work(product, phones, "1015", "omar")


async def _is(product: Product, one: Member, state: str) -> None:
    async def seen() -> bool:
        rows = {row["agent"]: row for row in (await product.api("GET", "/floor"))["agents"]}
        return (rows[one.id]["state"], rows[one.id]["reachable"]) == (state, True)

    await eventually(f"{one.login} to be {state}", seen)


async def _calls(phones: PhoneProcess, product: Product, number: str = CALLER) -> tuple[SipPhone, str]:
    """Somebody calls about a repair: his phone, and the call."""
    before = calls_of(product, number)
    return await somebody_calls(phones, product, number=number), await call_of(product, number, but=before)


async def _rings(*members: Member) -> None:
    for one in members:
        await one.phone.wait_for(PhoneState.RINGING)


def _failures(product: Product, call: str) -> dict[str, list[str]]:
    """Agent -> why offers of this call came to nothing at his phone, in order."""
    found: dict[str, list[str]] = {}
    for event in events(product, call, "call.offer_failed"):
        found.setdefault(event["agent"], []).append(event["why"])
    return found


async def test_the_first_to_answer_has_the_call_and_the_others_take_the_next(
    product: Product, phones: PhoneProcess
) -> None:
    fang, omar = await _fang_and_omar(product, phones)
    caller, call = await _calls(phones, product)
    await _rings(fang, omar)
    [row] = (await product.api("GET", "/floor"))["waiting"]
    assert {row["offered_to"], *row["also_offered_to"]} == {fang.id, omar.id}
    assert {event["because"]["rule"] for event in events(product, call, "call.offered")} == {"ring_all"}

    await omar.phone.answer()
    await fang.phone.wait_for(PhoneState.ENDED)
    await omar.phone.wait_for(PhoneState.TALKING)
    await _is(product, omar, "talking")
    await _is(product, fang, "ready")
    [quicker] = events(product, call, "call.offer_failed")
    assert (quicker["agent"], quicker["why"], quicker["taken_by"]) == (fang.id, "elsewhere", omar.id)

    another, later = await _calls(phones, product, NEXT)
    await _rings(fang)
    await fang.phone.answer()
    await fang.phone.wait_for(PhoneState.TALKING)
    await _is(product, fang, "talking")
    await caller.hang_up()
    await another.hang_up()
    for one, talked_with in ((call, omar), (later, fang)):
        row = await ended(product, one)
        assert (row["outcome"], json.loads(row["agents"])) == ("answered", [talked_with.id])
    assert sorted(leg["failure"] for leg in legs(product, call)) == ["", "elsewhere"]
    await _is(product, fang, "ready")
    await the_log_agrees_with_asterisk(product)


async def test_who_says_no_leaves_only_his_own_ringing(product: Product, phones: PhoneProcess) -> None:
    fang, omar = await _fang_and_omar(product, phones)
    caller, call = await _calls(phones, product)
    await _rings(fang, omar)
    await fang.phone.reject()
    await _is(product, fang, "paused")
    assert omar.phone.state is PhoneState.RINGING
    await omar.phone.answer()
    await omar.phone.wait_for(PhoneState.TALKING)
    await _is(product, omar, "talking")
    await caller.hang_up()
    assert json.loads((await ended(product, call))["agents"]) == [omar.id]
    assert _failures(product, call) == {fang.id: ["rejected"]}


async def test_nobody_answers_and_each_has_missed_it_until_all_are_on_pause(
    product: Product, phones: PhoneProcess
) -> None:
    fang, omar = await _fang_and_omar(product, phones)
    async with agreed_otherwise(product, "repair", ring_s=BRIEF_S):
        caller, call = await _calls(phones, product)
        for one in (fang, omar):
            await eventually(
                f"{one.login} to have missed it twice",
                lambda one=one: _failures(product, call).get(one.id, []).count("no_answer") == MISSES,  # type: ignore[misc]
                limit_s=60,
            )
            await _is(product, one, "paused")
    await waiting(product, call)
    await product.api("POST", f"/agents/{fang.id}/state", {"state": "ready"})
    await _rings(fang)
    await fang.phone.answer()
    await fang.phone.wait_for(PhoneState.TALKING)
    await caller.hang_up()
    row = await ended(product, call)
    assert (row["outcome"], json.loads(row["agents"])) == ("answered", [fang.id])


async def test_a_caller_who_hangs_up_sets_everybody_free(product: Product, phones: PhoneProcess) -> None:
    fang, omar = await _fang_and_omar(product, phones)
    caller, call = await _calls(phones, product)
    await _rings(fang, omar)
    await caller.hang_up()
    for one in (fang, omar):
        await one.phone.wait_for(PhoneState.ENDED)
        await _is(product, one, "ready")
    assert (await ended(product, call))["outcome"] == "abandoned"
    assert _failures(product, call) == {fang.id: ["caller_gone"], omar.id: ["caller_gone"]}


async def test_of_two_who_answer_in_the_same_instant_one_talks_and_the_other_is_ready(
    product: Product, phones: PhoneProcess
) -> None:
    fang, omar = await _fang_and_omar(product, phones)
    caller, call = await _calls(phones, product)
    await _rings(fang, omar)
    await asyncio.gather(fang.phone.answer(), omar.phone.answer(), return_exceptions=True)

    def one_talks() -> bool:
        return bool(events(product, call, "call.connected"))

    await eventually("somebody to have the call", one_talks)
    [connected] = events(product, call, "call.connected")
    winner, other = (fang, omar) if connected["agent"] == fang.id else (omar, fang)
    await other.phone.wait_for(PhoneState.ENDED)
    await _is(product, winner, "talking")
    await _is(product, other, "ready")
    assert winner.phone.state is PhoneState.TALKING
    assert _failures(product, call) == {other.id: ["elsewhere"]}

    another, _ = await _calls(phones, product, NEXT)
    await _rings(other)
    await other.phone.answer()
    await _is(product, other, "talking")
    await another.hang_up()
    await caller.hang_up()
    assert json.loads((await ended(product, call))["agents"]) == [winner.id]
    await the_log_agrees_with_asterisk(product)


async def test_a_desk_phone_is_told_that_the_call_was_taken_elsewhere(product: Product, phones: PhoneProcess) -> None:
    """So that it shows no missed call (RFC 3326)."""
    fang = await _at_work(product, phones, "1011", "fang")
    [omar] = product.rows('select id, sip_secret from "user" where extension = ?', "1015")
    async with RawPhone.at(int(product.card.sip.rpartition(":")[2]), "1015", omar["sip_secret"]) as desk_phone:
        desk_phone.when_called = Reaction(only_rings=True)
        assert await desk_phone.register() == 200
        await product.api("POST", f"/agents/{omar['id']}/state", {"state": "ready"})
        await _is(product, Member(phone=fang.phone, id=omar["id"], login="omar"), "ready")
        caller, call = await _calls(phones, product)
        invite = await desk_phone.wait_called()
        assert invite[b"x-cw-call"] == call.encode()
        await _rings(fang)
        await fang.phone.answer()
        await eventually("the desk phone to be told", lambda: bool(desk_phone.cancels))
        said = b", ".join(desk_phone.cancels[0].headers[b"reason"])
        assert b"SIP" in said
        assert b"cause=200" in said
        await caller.hang_up()
        assert (await ended(product, call))["outcome"] == "answered"
        assert await desk_phone.register(expires=0) == 200


@pytest.mark.browser
async def test_the_screen_says_who_was_quicker(product: Product, phones: PhoneProcess, browser: Chromium) -> None:
    omar = await _at_work(product, phones, "1015", "omar")
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number=CALLER)
        await _rings(omar)
        await alice.state_is("ringing")
        await alice.shows("2 of you who are free")
        await omar.phone.answer()
        await expect(alice.desk.page.locator(f"[data-taken-by='{omar.id}']")).to_be_visible(timeout=LIMIT_MS)
        await alice.state_is("ready")
        await caller.hang_up()
        await caller.wait_for(PhoneState.ENDED)

        again = await somebody_calls(phones, product, number=NEXT)
        await _rings(omar)
        await alice.press("Reject")
        await alice.state_is("paused")
        assert omar.phone.state is PhoneState.RINGING, "only her own phone stops"
        await omar.phone.answer()
        await _is(product, omar, "talking")
        await again.hang_up()
        await alice.go_offline()
