"""The agent hangs up and the customer stays on the line: he rates the call and says why, and the agent has no part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.support.product import Product
from tests.support.queues import draw, drawn
from tests.support.story import (
    REPAIR,
    a_colleague,
    brought_together,
    call_of,
    calls_of,
    ended,
    events,
    somebody_calls,
    the_log_agrees_with_asterisk,
    user_id,
)
from tests.support.tones import read_wav, seconds_of_sound
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]
FANG = "1011"
HIS, HERS = "13911110071", "13911110072"


@pytest_asyncio.fixture(loop_scope="session")
async def asks_how_it_was(product: Product, tmp_path: Path) -> AsyncIterator[None]:
    """Whoever was served at repairs by Fang; nobody writes anything up."""
    repair = await drawn(product, "repair")
    ours = {"strategy": "fixed_order", "ring_order": [FANG], "wrap_up_s": 0, "after_call": "after_call"}
    await draw(product, tmp_path, {**repair, **ours})
    yield
    await draw(product, tmp_path, repair)


async def at_work(product: Product, phones: PhoneProcess) -> None:
    person = user_id(product, "fang")
    await product.api("POST", f"/agents/{person}/state", {"state": "ready"})

    async def ready() -> bool:
        rows = {row["agent"]: row for row in (await product.api("GET", "/floor"))["agents"]}
        return (rows[person]["state"], rows[person]["reachable"]) == ("ready", True)

    await eventually("Fang to be ready", ready)


async def noted(product: Product, call: str) -> None:
    """His channel knows what comes behind the conversation."""

    async def known() -> bool:
        channels = (await product.asterisk("core show channels concise")).splitlines()
        trunk = [line.partition("!")[0] for line in channels if line.startswith("PJSIP/trunk-")]
        shown = [await product.asterisk(f"core show channel {channel}") for channel in trunk]
        return any(f"CW_CALL={call}" in one and "CW_QUEUE_AFTER=after_call" in one for one in shown)

    await eventually("his channel to know what comes after", known)


def stepped(product: Product, call: str) -> list[tuple[str, str]]:
    return [(step["label"], step["entered"]) for step in events(product, call, "call.stepped")]


async def test_he_rates_the_call_and_says_why(
    product: Product, phones: PhoneProcess, asks_how_it_was: None, callers_voice: Path, tmp_path: Path
) -> None:
    agent = await a_colleague(phones, product, FANG)
    await at_work(product, phones)
    before = calls_of(product, HIS)
    caller = await somebody_calls(phones, product, number=HIS, dnis=REPAIR, voice=callers_voice)
    call = await call_of(product, HIS, but=before)
    await brought_together(product, FANG)
    await noted(product, call)
    await agent.hang_up()
    await eventually("him to be asked", lambda: ("after_call", "") in stepped(product, call))
    [row] = (await product.api("GET", "/calls?live=true"))["items"]
    assert row["id"] == call, "the agent is gone, the customer is not"

    await caller.send_digits("4")
    await eventually("his rating to be kept", lambda: ("survey_rated", "") in stepped(product, call))
    await caller.send_digits("1")  # he has heard enough: the tone

    folder = product.home / "recordings" / "comments"
    await eventually("him to say why", lambda: any(one.stat().st_size > 60_000 for one in folder.glob(f"{call}-*.wav")))
    await caller.send_digits("#")
    await eventually("his words to be kept", lambda: ("survey_commented", "") in stepped(product, call))
    await caller.wait_for(PhoneState.ENDED, limit_s=60)
    told = await ended(product, call)
    assert (told["rating"], told["outcome"], told["hung_up_by"]) == (4, "answered", "agent")

    kept = [one for one in (await product.api("GET", f"/calls/{call}/recordings"))["items"] if one["comment"]]
    assert len(kept) == 1
    sound = tmp_path / "why.wav"
    sound.write_bytes(await product.download(f"/recordings/{kept[0]['id']}"))
    assert seconds_of_sound(read_wav(sound)) > 2
    await the_log_agrees_with_asterisk(product)


async def test_who_hangs_up_first_is_asked_nothing(
    product: Product, phones: PhoneProcess, asks_how_it_was: None
) -> None:
    agent = await a_colleague(phones, product, FANG)
    await at_work(product, phones)
    before = calls_of(product, HERS)
    caller = await somebody_calls(phones, product, number=HERS, dnis=REPAIR)
    call = await call_of(product, HERS, but=before)
    await brought_together(product, FANG)
    await noted(product, call)
    await caller.hang_up()
    told = await ended(product, call)
    assert (told["rating"], told["hung_up_by"]) == (None, "caller")
    assert stepped(product, call) == []
    await agent.wait_for(PhoneState.ENDED, PhoneState.IDLE)
