"""A queue with an order of its own, whose callers go to the colleague they talked with last, also when he is busy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState, SipPhone
from tests.support.product import Product
from tests.support.queues import draw, drawn
from tests.support.story import a_colleague, call_of, calls_of, ended, events, somebody_calls, user_id, waiting
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]
FANG, OMAR = "1011", "1015"
HIS, HERS = "13911110051", "13911110052"


@pytest_asyncio.fixture(loop_scope="session")
async def later() -> AsyncIterator[PhoneProcess]:
    """For the second call from a number."""
    async with PhoneProcess(life_s=600) as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def loyal_repair(product: Product, tmp_path: Path) -> AsyncIterator[None]:
    """Repairs go to Omar, then to Fang; but first to whoever the customer talked with last, and nobody writes it up."""
    repair = await drawn(product, "repair")
    ours = {"strategy": "fixed_order", "ring_order": [OMAR, FANG], "sticky": "last_agent", "sticky_s": 120}
    await draw(product, tmp_path, {**repair, **ours, "wrap_up_s": 0, "wrap_up": "none"})
    yield
    await draw(product, tmp_path, repair)


async def _at_work(product: Product, phones: PhoneProcess, extension: str, login: str) -> SipPhone:
    phone = await a_colleague(phones, product, extension)
    person = user_id(product, login)
    await product.api("POST", f"/agents/{person}/state", {"state": "ready"})
    await _is(product, person, "ready")
    return phone


async def _is(product: Product, person: str, state: str) -> None:
    """For the board, and at a phone that can be called."""

    async def seen() -> bool:
        rows = {row["agent"]: row for row in (await product.api("GET", "/floor"))["agents"]}
        return (rows[person]["state"], rows[person]["reachable"]) == (state, True)

    await eventually(f"{person} to be {state}", seen)


async def _why(product: Product, call: str) -> dict[str, Any]:
    """The reason of the one offer of this call."""

    def told() -> bool:
        return bool(events(product, call, "call.connected"))

    await eventually(f"call {call} to be taken", told)
    [offered] = events(product, call, "call.offered")
    return {"agent": offered["agent"], **offered["because"]}


async def test_who_calls_again_waits_for_the_colleague_he_talked_with(
    product: Product, phones: PhoneProcess, later: PhoneProcess, loyal_repair: None
) -> None:
    await _at_work(product, phones, FANG, "fang")
    await _at_work(product, phones, OMAR, "omar")
    omar = user_id(product, "omar")

    first = await somebody_calls(phones, product, number=HIS)
    call = await call_of(product, HIS)
    why = await _why(product, call)
    assert (why["agent"], why["rule"]) == (omar, "fixed_order"), "Fang has been free for longer"
    await first.hang_up()
    await ended(product, call)
    await _is(product, omar, "ready")

    other = await somebody_calls(phones, product, number=HERS)
    assert (await _why(product, await call_of(product, HERS)))["agent"] == omar

    again = await somebody_calls(later, product, number=HIS)
    waits = await call_of(product, HIS, but=[call])
    await waiting(product, waits)
    await eventually("him to be kept for Omar", lambda: bool(events(product, waits, "call.relaxed")))
    [told] = events(product, waits, "call.relaxed")
    assert (told["step"]["kind"], told["step"]["agent"], told["step"]["tie"]) == ("keep", omar, "last_agent")
    [row] = (await product.api("GET", "/floor"))["waiting"]
    assert (row["call"], row["why_waiting"], row["steps"][0]["for_s"]) == (waits, "for_a_familiar", 120)

    await other.hang_up()
    why = await _why(product, waits)
    assert (why["agent"], why["rule"], why["tie"]) == (omar, "familiar", "last_agent")
    await again.hang_up()
    row = await ended(product, waits)
    assert (row["outcome"], json.loads(row["agents"])) == ("answered", [omar])
    await first.wait_for(PhoneState.ENDED)
    assert len(calls_of(product, HIS)) == 2
