"""A caller whose line drops while he waits, and who calls again: he is served before those who came meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess
from tests.support.product import Product
from tests.support.queues import draw, drawn
from tests.support.story import a_colleague, call_of, ended, events, somebody_calls, user_id, waiting
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]
OMAR = "1015"
HIS, HERS = "13911110061", "13911110062"


@pytest_asyncio.fixture(loop_scope="session")
async def later() -> AsyncIterator[PhoneProcess]:
    """For the second call from a number."""
    async with PhoneProcess(life_s=600) as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def forgiving_repair(product: Product, tmp_path: Path) -> AsyncIterator[None]:
    repair = await drawn(product, "repair")
    await draw(product, tmp_path, {**repair, "strategy": "longest_idle", "place_back_s": 300})
    yield
    await draw(product, tmp_path, repair)


async def test_who_was_cut_off_while_waiting_and_calls_again_is_served_first(
    product: Product, phones: PhoneProcess, later: PhoneProcess, forgiving_repair: None
) -> None:
    dropped = await somebody_calls(phones, product, number=HIS)
    former = await call_of(product, HIS)
    await waiting(product, former)
    await dropped.hang_up()
    row = await ended(product, former)
    assert row["outcome"] == "abandoned"
    [kept] = events(product, former, "call.place_kept")

    other = await somebody_calls(phones, product, number=HERS)
    hers = await call_of(product, HERS)
    await waiting(product, hers)

    again = await somebody_calls(later, product, number=HIS)
    his = await call_of(product, HIS, but=[former])
    await waiting(product, his)
    await eventually("his place to be told", lambda: bool(events(product, his, "call.place_given_back")))
    [back] = events(product, his, "call.place_given_back")
    assert (back["former"], back["since"]) == (former, kept["since"])
    assert [row["call"] for row in (await product.api("GET", "/floor"))["waiting"]] == [his, hers]
    why = await product.api("GET", f"/calls/{his}/why-waiting")
    assert "Called again, and has the place in line back" in " ".join(one["en"] for one in why["sentences"])

    await a_colleague(phones, product, OMAR)
    omar = user_id(product, "omar")
    await product.api("POST", f"/agents/{omar}/state", {"state": "ready"})
    await eventually("him to be taken", lambda: bool(events(product, his, "call.connected")))
    [offered] = events(product, his, "call.offered")
    assert (offered["agent"], offered["because"]["steps"][0]["kind"]) == (omar, "place_back")
    assert events(product, hers, "call.offered") == []
    await other.hang_up()
    await again.hang_up()
    assert (await ended(product, his))["outcome"] == "answered"
