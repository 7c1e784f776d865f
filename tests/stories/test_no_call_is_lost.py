"""The database is away and our process dies, in any order: the call log is complete afterwards, and can be proven."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.support.product import Product, running_demo
from tests.support.quiet import quieten, send_everybody_home
from tests.support.story import (
    a_colleague,
    brought_together,
    call_of,
    ended,
    entered_by_itself,
    reconciled,
    somebody_calls,
    the_log_agrees_with_asterisk,
    the_log_says,
    topics,
    waiting,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_demo(tmp_path_factory.mktemp("complete") / "home") as running:
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def alive_and_quiet(mortal: Product) -> None:
    """A story that broke off half-way has left it dead, perhaps."""
    await quieten(mortal)


@contextmanager
def locked(product: Product) -> Iterator[None]:
    """Nobody writes into the product's database."""
    with closing(sqlite3.connect(product.home / "callwright.db", isolation_level=None)) as locker:
        locker.execute("PRAGMA busy_timeout = 10000")
        locker.execute("BEGIN IMMEDIATE")
        yield


def spooled(product: Product, topic: str, call: str) -> bool:
    files = (product.home / "spool").glob("*.events")
    return any(f" {topic} " in line and call in line for file in files for line in file.read_text().splitlines())


async def test_it_ends_while_the_database_is_locked_and_we_die_before_it_is_free(
    mortal: Product, phones: PhoneProcess
) -> None:
    caller = await somebody_calls(phones, mortal, number="13988880001")
    call = await call_of(mortal, "13988880001")
    await waiting(mortal, call)
    with locked(mortal):
        await caller.hang_up()
        await eventually("its end to be spooled", lambda: spooled(mortal, "call.ended", call))
        await mortal.kill()
        assert "call.ended" not in topics(mortal, call)
    await mortal.start()
    row = await ended(mortal, call)
    assert (row["outcome"], row["hung_up_by"], row["closed_by"]) == ("abandoned", "caller", "")
    assert row["wait_s"] > 0
    assert topics(mortal, call) == ["call.arrived", "call.queued", "call.ended"]


async def test_it_comes_and_goes_while_the_database_is_locked(mortal: Product, phones: PhoneProcess) -> None:
    with locked(mortal):
        caller = await somebody_calls(phones, mortal, number="13988880002")
        await caller.hang_up()
        await caller.wait_for(PhoneState.ENDED)
    call = await call_of(mortal, "13988880002", limit_s=30)
    row = await ended(mortal, call, limit_s=30)
    assert (row["outcome"], row["closed_by"]) == ("abandoned", "")
    assert [topics(mortal, call).count(topic) for topic in ("call.arrived", "call.ended")] == [1, 1]


async def test_it_ends_while_we_are_dead_and_is_marked_so(mortal: Product, phones: PhoneProcess) -> None:
    caller = await somebody_calls(phones, mortal, number="13988880003")
    call = await call_of(mortal, "13988880003")
    await waiting(mortal, call)
    await mortal.kill()
    await caller.hang_up()
    await mortal.start()
    row = await ended(mortal, call)
    assert (row["outcome"], row["closed_by"]) == ("abandoned", "reconciliation")
    told = await mortal.api("GET", f"/calls/{call}")
    assert told["call"]["closed_by"] == "reconciliation"
    assert (await mortal.get("/readyz"))[1]["checks"]["call_log"] == "ok"


async def is_ready(product: Product, extension: str) -> None:
    [user] = product.rows('select id from "user" where extension = ?', extension)

    async def ready() -> bool:
        await product.api("POST", f"/agents/{user['id']}/state", {"state": "ready"})
        return True

    await eventually(f"{extension} to be ready", ready)


async def test_callers_are_handed_on_and_colleagues_talk(mortal: Product, phones: PhoneProcess) -> None:
    """Blind, and attended after a consultation; and a call between two phones: each is a row or more of Asterisk's."""
    ann, ben, cas = [await a_colleague(phones, mortal, extension) for extension in ("1011", "1012", "1013")]
    beside = await a_colleague(phones, mortal, "1011", line=2)
    for number, attended in (("13988880011", False), ("13988880012", True)):
        await is_ready(mortal, "1011")
        caller = await somebody_calls(phones, mortal, number=number)
        await ann.wait_for(PhoneState.TALKING)
        call = await call_of(mortal, number)
        await the_log_says(mortal, "call.connected", call=call)  # a phone knows it a moment before
        if attended:
            await ann.hold()
            await ann.wait_for(PhoneState.HELD)
            await beside.dial("1013", number="1011")
            await beside.wait_for(PhoneState.TALKING)
            await brought_together(mortal, "1013")
            await ann.connect(beside)
        else:
            await ann.transfer("1012")
        await ann.wait_for(PhoneState.ENDED)
        await (cas if attended else ben).wait_for(PhoneState.TALKING)
        await eventually("the transfer to be told", lambda: "call.transferred" in topics(mortal, call))  # noqa: B023
        await caller.hang_up()
        assert (await ended(mortal, call))["outcome"] == "answered"
        await send_everybody_home(mortal)
    await beside.dial("1012", number="1011")
    await beside.wait_for(PhoneState.TALKING)
    await beside.hang_up()
    await ben.wait_for(PhoneState.ENDED)


async def test_a_second_telephony_in_this_home_is_refused(mortal: Product) -> None:
    code, out, err = await mortal.command("serve", CALLWRIGHT_AMI_HOSTS=mortal.card.ami)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == (
        f"callwright: Another telephony process works in {mortal.home / 'spool'}: "
        "end it, or give this one a CALLWRIGHT_SPOOL of its own."
    )


async def test_the_log_is_proven_against_asterisks_own_account(mortal: Product) -> None:
    await the_log_agrees_with_asterisk(mortal)


async def test_who_came_and_went_while_we_were_dead_is_in_the_log_by_itself(
    mortal: Product, phones: PhoneProcess
) -> None:
    """One gives up, one is served by Asterisk's own queue; of both only Asterisk's account knows."""
    await mortal.kill()
    quitter = await somebody_calls(phones, mortal, number="13988880004")
    await quitter.hang_up()
    await quitter.wait_for(PhoneState.ENDED)
    ann = await a_colleague(phones, mortal, "1011")
    served = await somebody_calls(phones, mortal, number="13988880005")
    await ann.wait_for(PhoneState.TALKING)
    await brought_together(mortal, "1011")
    await served.hang_up()
    await ann.wait_for(PhoneState.ENDED)
    await mortal.start()
    gone, talked = [await entered_by_itself(mortal, number) for number in ("13988880004", "13988880005")]
    assert (gone["outcome"], gone["agents"], gone["fell_to_safety"]) == ("abandoned", "[]", False)
    [user] = mortal.rows('select id from "user" where extension = ?', "1011")
    assert (talked["outcome"], json.loads(talked["agents"]), talked["fell_to_safety"]) == (
        "answered",
        [user["id"]],
        True,
    )
    assert talked["talk_s"] is None, "Asterisk's account does not know when he was answered"
    assert await reconciled(mortal) == (0, [])


async def test_a_hole_in_the_log_is_found(mortal: Product) -> None:
    [lost] = mortal.rows("select id from call where ani = ?", "13988880001")
    await asyncio.to_thread(_forget, mortal.home / "callwright.db", lost["id"])
    code, findings = await reconciled(mortal)
    assert (code, [(one["kind"], one["call"]) for one in findings]) == (1, [("missing", lost["id"])])


def _forget(file: Path, call: str) -> None:
    with closing(sqlite3.connect(file, timeout=10)) as database, database:
        for statement in ("delete from event_log where call_id = ?", "delete from call where id = ?"):
            database.execute(statement, (call,))
