"""An agent whose phone is his browser, registered at two Asterisks: one phone, whichever of them the caller came to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from callwright.demo.phones import PhoneProcess, PhoneState, SipPhone
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import LIMIT_MS, Agent, agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard, wait_until_not_heard
from tests.support.product import Product, SecondAsterisk, ServedHouse, running_served
from tests.support.quiet import quieten
from tests.support.story import REPAIR, call_of, ended, legs, user_id
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FANG = "1011"
NOT_CONNECTED = "Your phone has no connection to the telephone system hall-2 right now"
NOT_ACCEPTED = "The telephone system hall-2 does not accept your phone"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedHouse]:
    folder = tmp_path_factory.mktemp("served")
    async with running_served(folder / "home", second_home=folder / "second") as running:
        yield running


@pytest.fixture
def product(house: ServedHouse) -> Product:
    return house.product


@pytest.fixture
def second(house: ServedHouse) -> SecondAsterisk:
    assert house.second is not None
    return house.second


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def quiet(product: Product, second: SecondAsterisk) -> None:
    await second.own.start(print)
    await second.cli("channel request hangup all")
    await quieten(product)


async def registered_at(product: Product, second: SecondAsterisk) -> list[bool]:
    """Whether Alice's phone is at the first, and at the second."""
    said = [await product.asterisk("pjsip show contacts"), await second.cli("pjsip show contacts")]
    return [bool(re.search(r"Contact: +1001/", contacts)) for contacts in said]


async def comes_to_both(alice: Agent, product: Product, second: SecondAsterisk) -> None:
    await alice.phone_is("registered")

    async def so() -> bool:
        return await registered_at(product, second) == [True, True]

    await eventually("Alice's phone at both", so)


async def calls(phones: PhoneProcess, server: str, number: str, voice: Path) -> SipPhone:
    caller = await phones.add(f"caller {number}", server=server)
    await caller.play(voice)
    await caller.dial(REPAIR, number=number)
    await caller.wait_for(PhoneState.TALKING)
    return caller


async def is_silent_about(alice: Agent, sentence: str) -> None:
    await expect(alice.desk.page.get_by_text(sentence)).to_have_count(0, timeout=60_000)


async def talks_and_hangs_up(alice: Agent, product: Product, caller: SipPhone, number: str) -> None:
    await alice.answer()
    await alice.desk.wait_until_heard(CALLERS_TONE)
    await wait_until_heard(caller, AGENTS_TONE)
    await alice.press("Hang up")
    await caller.wait_for(PhoneState.ENDED)
    row = await ended(product, await call_of(product, number))
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "agent")
    assert [leg["agent"] for leg in legs(product, row["id"])] == [user_id(product, "alice")]
    await alice.finish()
    await alice.state_is("ready")


async def test_she_takes_the_callers_of_either_and_signs_off_at_both(
    product: Product, second: SecondAsterisk, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await comes_to_both(alice, product, second)
        await alice.become_ready()
        for number, server in (("13877780001", second.sip), ("13877780002", product.card.sip)):
            caller = await calls(phones, server, number, callers_voice)
            await alice.answer()
            await alice.desk.wait_until_heard(CALLERS_TONE)
            await alice.press("Hold")
            await expect(alice.button("Resume")).to_be_visible(timeout=LIMIT_MS)
            await wait_until_not_heard(caller, AGENTS_TONE)
            await alice.press("Resume")
            await expect(alice.button("Hold")).to_be_visible(timeout=LIMIT_MS)
            await wait_until_heard(caller, AGENTS_TONE)
            await alice.press("Mute")
            await wait_until_not_heard(caller, AGENTS_TONE)
            await alice.press("Hang up")
            await caller.wait_for(PhoneState.ENDED)
            call = await call_of(product, number)
            assert (await ended(product, call))["outcome"] == "answered"
            assert call.startswith("hall-2-") == (server == second.sip)
            await alice.finish()
            await alice.state_is("ready")
        assert alice.desk.complaints == []

    async def gone() -> bool:
        return await registered_at(product, second) == [False, False]

    await eventually("Alice's phone to be signed off at both", gone)


async def test_one_that_is_killed_leaves_her_ready_for_the_other_and_has_her_again_when_it_is_back(
    product: Product, second: SecondAsterisk, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await comes_to_both(alice, product, second)
        await alice.become_ready()
        await second.kill()
        await alice.shows(NOT_CONNECTED)
        await expect(alice.desk.page.get_by_role("alert")).to_have_count(0)
        await alice.phone_is("registered")
        await alice.state_is("ready")
        caller = await calls(phones, product.card.sip, "13877780003", callers_voice)
        await talks_and_hangs_up(alice, product, caller, "13877780003")
        await alice.shows(NOT_CONNECTED)

        await second.own.start(print)
        await is_silent_about(alice, NOT_CONNECTED)
        await product.wait_until_ready()
        caller = await calls(phones, second.sip, "13877780004", callers_voice)
        await talks_and_hangs_up(alice, product, caller, "13877780004")


async def test_whose_call_was_at_the_one_that_is_killed_goes_on_with_the_other(
    product: Product, second: SecondAsterisk, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await comes_to_both(alice, product, second)
        await alice.become_ready()
        await calls(phones, second.sip, "13877780007", callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await second.kill()
        await alice.shows(NOT_CONNECTED)
        await the_line_is_known_to_be_lost(product)
        await lets_go(alice)
        await alice.finish()
        await alice.state_is("ready")
        caller = await calls(phones, product.card.sip, "13877780008", callers_voice)
        await talks_and_hangs_up(alice, product, caller, "13877780008")


async def lets_go(alice: Agent) -> None:
    """Her phone hangs up, if it has not done so by itself; that nobody hears it there telephony learns from her."""
    lost, paperwork = alice.desk.page.get_by_text("The sound of this call is lost."), alice.button("Save and finish")
    if not await lost.is_visible():
        await alice.press("Hang up")
    await expect(lost.or_(paperwork).first).to_be_visible(timeout=LIMIT_MS)
    if await lost.is_visible():
        await alice.press("Hang up")


async def the_line_is_known_to_be_lost(product: Product) -> None:
    async def red() -> bool:
        return (await product.get("/readyz"))[0] == 503

    await eventually("/readyz to be red", red, limit_s=30)


async def test_to_a_second_who_calls_at_the_other_her_phone_is_busy(
    product: Product, second: SecondAsterisk, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    [fang] = product.rows('select sip_secret from "user" where extension = ?', FANG)
    colleague = await phones.add("fang", server=second.sip, number=FANG, secret=fang["sip_secret"])
    await colleague.wait_registered()
    async with agent_at_desk(product, browser, "alice") as alice:
        await comes_to_both(alice, product, second)
        await alice.become_ready()
        caller = await calls(phones, product.card.sip, "13877780005", callers_voice)
        await expect(alice.button("Answer")).to_be_enabled(timeout=30_000)  # as soon as her phone rings
        await is_refused(colleague)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await is_refused(colleague)
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.finish()


async def is_refused(colleague: SipPhone) -> None:
    await colleague.dial("1001", number=FANG)
    await colleague.wait_for(PhoneState.ENDED)
    assert colleague.last_code == 486


async def test_a_page_that_is_loaded_anew_takes_the_call_up_where_it_was(
    product: Product, second: SecondAsterisk, browser: Chromium, phones: PhoneProcess, callers_voice: Path
) -> None:
    async with agent_at_desk(product, browser, "alice") as alice:
        await comes_to_both(alice, product, second)
        await alice.become_ready()
        caller = await calls(phones, second.sip, "13877780006", callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        alice.desk.page.on("dialog", lambda asked: asked.accept())
        await alice.desk.page.reload()
        await comes_to_both(alice, product, second)
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await caller.hang_up()
        row = await ended(product, await call_of(product, "13877780006"))
        assert (row["outcome"], row["hung_up_by"]) == ("answered", "caller")
        await alice.finish()


async def test_one_that_does_not_know_her_is_named_until_it_does(
    product: Product, second: SecondAsterisk, browser: Chromium
) -> None:
    [row] = product.rows("select sip_secret from \"user\" where login = 'alice'")
    file = second.own.plan.directories.etc / "pjsip.conf"
    as_it_should_be = file.read_text()
    file.write_text(as_it_should_be.replace(row["sip_secret"], "another"))
    await second.cli("module reload res_pjsip.so")
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.shows(NOT_ACCEPTED)
        await alice.become_ready()
        await expect(alice.desk.page.get_by_role("alert")).to_have_count(0)
        file.write_text(as_it_should_be)
        await second.cli("module reload res_pjsip.so")
        await is_silent_about(alice, NOT_ACCEPTED)
        await comes_to_both(alice, product, second)
