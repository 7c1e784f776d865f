"""Two Asterisks under one `callwright serve`: calls told apart, agents reached at either, and each alone when the other
is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState, SipPhone
from tests.stories.conftest import CALLERS_TONE
from tests.support.phones import wait_until_heard
from tests.support.product import Product, SecondAsterisk, ServedHouse, running_served
from tests.support.quiet import quieten
from tests.support.story import (
    REPAIR,
    call_of,
    ended,
    entered_by_itself,
    legs,
    sound_of,
    the_log_says,
    topics,
    user_id,
)
from tests.support.tones import seconds_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

FANG, YUKI, OMAR = "1011", "1014", "1015"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedHouse]:
    folder = tmp_path_factory.mktemp("served")
    async with running_served(folder / "home", second_home=folder / "second") as running:
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def mended_and_quiet(house: ServedHouse, second: SecondAsterisk) -> None:
    """A story that broke off half-way has left a line cut, perhaps."""
    await house.line.mend()
    await second.line.mend()
    await second.cli("channel request hangup all")
    await quieten(house.product)


@pytest.fixture
def second(house: ServedHouse) -> SecondAsterisk:
    assert house.second is not None
    return house.second


@pytest_asyncio.fixture(loop_scope="session")
async def phones_there() -> AsyncIterator[PhoneProcess]:
    """One process cannot have the same extension twice."""
    async with PhoneProcess(life_s=600) as process:
        yield process


async def _phone(product: Product, phones: PhoneProcess, extension: str, server: str) -> SipPhone:
    (row,) = product.rows('select sip_secret from "user" where extension = ?', extension)
    phone = await phones.add(f"{extension} at {server}", server=server, number=extension, secret=row["sip_secret"])
    await phone.wait_registered()
    return phone


async def _state_of(product: Product, login: str) -> str:
    floor = await product.api("GET", "/floor")
    agent = user_id(product, login)
    return str(next(row["state"] for row in floor["agents"] if row["agent"] == agent))


async def _becomes(product: Product, login: str, state: str) -> None:
    async def so() -> bool:
        assert await _state_of(product, login) == state
        return True

    await eventually(f"{login} to be {state}", so, limit_s=30)


async def _becomes_ready(product: Product, login: str) -> None:
    async def taken() -> bool:
        await product.api("POST", f"/agents/{user_id(product, login)}/state", {"state": "ready"})
        return True

    await eventually(f"{login}'s phone to be known", taken, limit_s=30)


async def _goes_home(product: Product, *logins: str) -> None:
    for login in logins:
        await product.api("POST", f"/agents/{user_id(product, login)}/state", {"state": "offline"})


async def _calls(phones: PhoneProcess, server: str, number: str) -> SipPhone:
    caller = await phones.add(f"caller {number}", server=server)
    await caller.dial(REPAIR, number=number)
    await caller.wait_for(PhoneState.TALKING)
    return caller


async def _takes(product: Product, phone: SipPhone, number: str) -> None:
    """The call of this number, until the log has it: his phone knows it a moment before Asterisk has them together."""
    await phone.wait_for(PhoneState.RINGING)
    await phone.answer()
    await phone.wait_for(PhoneState.TALKING)
    await the_log_says(product, "call.connected", call=await call_of(product, number))


async def _the_lost_line_is_named(product: Product, second: SecondAsterisk) -> None:
    async def red() -> bool:
        status, found = await product.get("/readyz")
        assert status == 503, found
        return f":{second.line.port}" in found["checks"]["asterisk"]

    await eventually("/readyz to name the lost line", red, limit_s=30)


async def test_an_agent_with_a_phone_at_each_is_reached_at_both(
    house: ServedHouse,
    phones: PhoneProcess,
    phones_there: PhoneProcess,
    callers_voice: Path,
    tmp_path: Path,
) -> None:
    product, second = house.product, house.second
    assert second is not None
    here = await _phone(product, phones, FANG, product.card.sip)
    there = await _phone(product, phones_there, FANG, second.sip)
    await _becomes_ready(product, "fang")
    for number, server, phone in (("13877770001", product.card.sip, here), ("13877770002", second.sip, there)):
        caller = await _calls(phones, server, number)
        await caller.play(callers_voice)
        call = await call_of(product, number)
        await _takes(product, phone, number)
        await wait_until_heard(phone, CALLERS_TONE)
        await caller.hang_up()
        row = await ended(product, call)
        assert row["outcome"] == "answered"
        assert [leg["agent"] for leg in legs(product, call)] == [user_id(product, "fang")]
        assert call.startswith("hall-2-") == (server == second.sip)
        assert seconds_of(await sound_of(product, call, tmp_path), CALLERS_TONE) > 0.3
        await _becomes_ready(product, "fang")
    await _goes_home(product, "fang")


async def test_a_caller_is_offered_only_to_a_phone_at_his_own(
    house: ServedHouse, second: SecondAsterisk, phones: PhoneProcess
) -> None:
    product = house.product
    elsewhere = await _phone(product, phones, OMAR, product.card.sip)
    await _becomes_ready(product, "omar")
    caller = await _calls(phones, second.sip, "13877770003")
    call = await call_of(product, "13877770003")
    phone = await _phone(product, phones, YUKI, second.sip)
    await _becomes_ready(product, "yuki")
    await _takes(product, phone, "13877770003")
    assert elsewhere.state is not PhoneState.RINGING
    await caller.hang_up()
    await ended(product, call)
    assert [leg["agent"] for leg in legs(product, call)] == [user_id(product, "yuki")]
    assert await _state_of(product, "omar") == "ready"
    await _goes_home(product, "omar", "yuki")


async def test_a_lost_line_leaves_the_calls_of_the_other_untouched(
    house: ServedHouse, second: SecondAsterisk, phones: PhoneProcess
) -> None:
    product = house.product
    fang = await _phone(product, phones, FANG, product.card.sip)
    yuki = await _phone(product, phones, YUKI, second.sip)
    await _becomes_ready(product, "fang")
    await _becomes_ready(product, "yuki")
    cut_off = await _calls(phones, second.sip, "13877770004")
    await _takes(product, yuki, "13877770004")
    lost = await call_of(product, "13877770004")
    await _becomes(product, "yuki", "talking")
    await second.line.cut()
    await _the_lost_line_is_named(product, second)

    caller = await _calls(phones, product.card.sip, "13877770005")
    call = await call_of(product, "13877770005")
    await _takes(product, fang, "13877770005")
    await caller.hang_up()
    assert (await ended(product, call))["outcome"] == "answered"
    assert topics(product, call).count("call.ended") == 1
    assert await _state_of(product, "yuki") == "talking"
    assert yuki.state is PhoneState.TALKING

    await second.line.mend()
    await product.wait_until_ready()
    await cut_off.hang_up()
    row = await ended(product, lost)
    assert (row["outcome"], row["hung_up_by"]) == ("answered", "caller")
    await _becomes(product, "yuki", "wrap_up")
    await _goes_home(product, "fang", "yuki")


async def test_who_comes_and_goes_at_one_that_is_lost_is_found_in_its_own_account(
    house: ServedHouse, second: SecondAsterisk, phones: PhoneProcess
) -> None:
    product = house.product
    await second.line.cut()
    await _the_lost_line_is_named(product, second)
    for sip, number in ((second.sip, "13877770011"), (product.card.sip, "13877770012")):
        caller = await _calls(phones, sip, number)
        await caller.hang_up()
        await caller.wait_for(PhoneState.ENDED)
    heard = await ended(product, await call_of(product, "13877770012"))
    await second.line.mend()
    await product.wait_until_ready()
    unheard = await entered_by_itself(product, "13877770011")
    assert (heard["server"], heard["closed_by"], unheard["server"]) == ("callwright", "", "hall-2")


async def test_one_that_is_stopped_and_started_again_is_served_again(
    house: ServedHouse, second: SecondAsterisk, phones: PhoneProcess
) -> None:
    product = house.product
    fang = await _phone(product, phones, FANG, product.card.sip)
    await _becomes_ready(product, "fang")
    talking = await _calls(phones, product.card.sip, "13877770006")
    await _takes(product, fang, "13877770006")
    dropped = await _calls(phones, second.sip, "13877770007")
    lost = await call_of(product, "13877770007")
    await second.own.stop()
    await _the_lost_line_is_named(product, second)
    await dropped.wait_for(PhoneState.ENDED)
    assert fang.state is PhoneState.TALKING

    await second.own.start(print)
    await product.wait_until_ready()
    row = await ended(product, lost)
    assert row["outcome"] == "abandoned"
    yuki = await _phone(product, phones, YUKI, second.sip)
    await _becomes_ready(product, "yuki")
    caller = await _calls(phones, second.sip, "13877770008")
    await _takes(product, yuki, "13877770008")
    await caller.hang_up()
    await talking.hang_up()
    assert (await ended(product, await call_of(product, "13877770008")))["outcome"] == "answered"
    assert (await ended(product, await call_of(product, "13877770006")))["outcome"] == "answered"
    await _goes_home(product, "fang", "yuki")
