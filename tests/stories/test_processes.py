"""`callwright serve` on PostgreSQL: a process a role with Redis between them, or all in one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.databases import PostgresServer, RedisServer
from tests.support.phones import wait_until_heard
from tests.support.product import ServedHouse, get, running_served
from tests.support.story import (
    HOTLINE,
    call_of,
    ended,
    legs,
    presses_when_spoken_to,
    somebody_calls,
    sound_of,
    the_log_agrees_with_asterisk,
    topics,
    user_id,
)
from tests.support.tones import seconds_of
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="session"),
]

APART, IN_ONE = ("telephony", "console", "worker"), ("all",)
REDIS = 7
"""Which of Redis's numbered databases."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    redis_server: RedisServer,
) -> AsyncIterator[ServedHouse]:
    """For the roles it is given; Redis is only between those that are apart."""
    roles: tuple[str, ...] = request.param
    name = f"served_{'_'.join(roles)}"
    database, redis = await postgres_server.create(name), redis_server.url(REDIS) if roles == APART else ""
    try:
        async with running_served(
            tmp_path_factory.mktemp("served") / "home", database_url=database, redis_url=redis, roles=roles
        ) as running:
            yield running
    finally:
        await postgres_server.drop(name)


@pytest.mark.parametrize("house", [APART, IN_ONE], indirect=True, ids=" ".join)
async def test_a_call_from_the_menu_to_the_ticket(
    house: ServedHouse, browser: Chromium, phones: PhoneProcess, callers_voice: Path, tmp_path: Path
) -> None:
    product, number = house.product, "13944440001"
    async with agent_at_desk(product, browser, "alice") as alice:
        await alice.become_ready()
        caller = await somebody_calls(phones, product, number=number, dnis=HOTLINE)
        call = await call_of(product, number)
        await presses_when_spoken_to(caller, product, call, {"en": "2", "repair": "2"})
        await alice.certainty_is("new")
        await caller.play(callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)
        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.write_up(note="From another process", ticket="Interprocess")
        await alice.finish()
        await alice.state_is("ready")
        await alice.go_offline()
    row = await ended(product, call)
    assert (row["outcome"], row["hung_up_by"], row["queue"]) == ("answered", "agent", "repair")
    assert (row["language"], row["note"]) == ("en", "From another process")
    assert [(leg["agent"], leg["failure"]) for leg in legs(product, call)] == [(user_id(product, "alice"), "")]
    told = topics(product, call)
    assert [told.count(topic) for topic in ("call.arrived", "call.queued", "call.connected", "call.ended")] == [1] * 4
    (ticket,) = (await product.api("GET", "/tickets?q=Interprocess"))["items"]
    assert (ticket["subject"], ticket["call"]) == ("Interprocess", call)
    sound = await sound_of(product, call, tmp_path)
    assert seconds_of(sound, CALLERS_TONE, at_least=0.25) > 0.5
    assert seconds_of(sound, AGENTS_TONE, at_least=0.25) > 0.5
    await the_log_agrees_with_asterisk(product)


@pytest.mark.parametrize("house", [APART], indirect=True, ids=" ".join)
async def test_each_process_tells_how_it_is_and_the_console_how_telephony_is(house: ServedHouse) -> None:
    console = house.product.card.url
    telephony, worker = (f"http://{house.health[role]}" for role in ("telephony", "worker"))
    whole = dict.fromkeys(("database", "bus", "asterisk", "fastagi", "call_log"), "ok")
    await _tells(console, **whole)
    await _tells(telephony, **whole)
    await _tells(worker, database="ok", bus="ok", worker="ok")
    figures = {url: str((await get(url, "/metrics"))[1]) for url in (console, telephony, worker)}
    assert all("process_resident_memory_bytes" in told for told in figures.values())
    assert 'callwright_ami_link_up{server="callwright"} 1.0' in figures[telephony]

    await house.line.cut()
    await _tells(telephony, **{**whole, "asterisk": "No Asterisk answers"})
    await _tells(console, **{**whole, "asterisk": "No Asterisk answers"})
    await _tells(worker, database="ok", bus="ok", worker="ok")
    assert await get(console, "/healthz") == (200, {"status": "ok"})
    await house.line.mend()
    await _tells(console, **whole)

    await house.processes["telephony"].kill()
    away = "No telephony process answers."
    await _tells(console, **{**whole, "asterisk": away, "fastagi": away, "call_log": away})
    await house.processes["telephony"].start()
    await _tells(console, **whole)


async def _tells(url: str, **expected: str) -> None:
    """`/readyz` says of each part that it is ok, or something in which these words are."""

    async def told() -> bool:
        status, found = await get(url, "/readyz")
        assert status == (200 if set(expected.values()) == {"ok"} else 503), found
        assert found["checks"].keys() == expected.keys()
        assert all(words in found["checks"][part] for part, words in expected.items()), found
        return True

    await eventually(f"{url}/readyz to say {expected}", told, limit_s=40)
