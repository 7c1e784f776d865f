"""Every way through the hotline's menu by real digits: what is known of the caller then, and where he waits.

(Who says nothing at all would hear it for two minutes: `integration/ivr/test_self_service.py`.)
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from callwright.demo.phones import CALLS_A_PROCESS, PhoneProcess
from tests.support.product import Product
from tests.support.quiet import quieten
from tests.support.story import HOTLINE, call_of, somebody_calls
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

SPOKEN_S = 120.0
"""Who says nothing hears the whole menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    number: str
    keys: str
    path: tuple[tuple[str, str], ...]
    """What was entered, and what it was understood as; an entry that is empty was silence."""
    language: str = "en"
    intent: str
    queue: str = "service"
    skills: tuple[str, ...] = ()


ENGLISH = ("2", "en")
WAYS = {
    "consultation": Way(number="13966660001", keys="21", path=(ENGLISH, ("1", "consultation")), intent="consultation"),
    "repair": Way(
        number="13966660002",
        keys="22",
        path=(ENGLISH, ("2", "repair")),
        intent="repair",
        queue="repair",
        skills=("repair",),
    ),
    "complaint": Way(number="13966660003", keys="23", path=(ENGLISH, ("3", "complaint")), intent="complaint"),
    "operator": Way(number="13966660004", keys="20", path=(ENGLISH, ("0", "operator")), intent="other"),
    "once more, then consultation": Way(
        number="13966660005",
        keys="291",
        path=(ENGLISH, ("9", "repeat"), ("1", "consultation")),
        intent="consultation",
    ),
    "wrong, then complaint": Way(
        number="13966660006", keys="2#3", path=(ENGLISH, ("#", ""), ("3", "complaint")), intent="complaint"
    ),
    "wrong three times": Way(
        number="13966660007", keys="2###", path=(ENGLISH, ("#", ""), ("#", ""), ("#", "operator")), intent="other"
    ),
    "wrong twice, then nothing": Way(
        number="13966660008", keys="2##", path=(ENGLISH, ("#", ""), ("#", ""), ("", "operator")), intent="other"
    ),
    "the same in Chinese": Way(
        number="13966660010", keys="13", path=(("1", "zh"), ("3", "complaint")), language="zh", intent="complaint"
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def callers(product: Product) -> AsyncIterator[None]:
    """All at once, as who falls silent takes his time; each presses his keys ahead of what he is asked."""
    await quieten(product)
    ways = list(WAYS.values())
    async with AsyncExitStack() as calls:
        for first in range(0, len(ways), CALLS_A_PROCESS):
            phones = await calls.enter_async_context(PhoneProcess(life_s=600))
            for way in ways[first : first + CALLS_A_PROCESS]:
                caller = await somebody_calls(phones, product, number=way.number, dnis=HOTLINE)
                await caller.send_digits(way.keys)
        yield
    await quieten(product)


@pytest.mark.usefixtures("callers")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_who_comes_through_the_menu_waits_in_the_right_line(product: Product, way: Way) -> None:
    call = await call_of(product, way.number)

    async def in_line() -> dict[str, object]:
        told: dict[str, object] = (await product.api("GET", f"/calls/{call}"))["call"]
        assert told["queued_at"], told
        return told

    told = await eventually(f"{way.number} to stand in a line", in_line, limit_s=SPOKEN_S)
    assert [(step["entered"], step["label"]) for step in told["path"]] == list(way.path)
    assert (told["language"], told["intent"], told["queue"]) == (way.language, way.intent, way.queue)
    assert told["requires"] == {way.language: 1, **dict.fromkeys(way.skills, 1)}
