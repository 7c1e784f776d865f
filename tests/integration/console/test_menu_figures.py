"""What callers did in a menu, over REST, as a table and on the call's page: who may, and what is said of bad wishes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.services.bundle import Services
from cti.events import CallArrived, CallWalked, Direction, MenuVisit
from ivr.service import our_documents
from tests.integration.console.stage import Api, Browser, NewBrowser, People

CALL = CallId("pbx1-1.7")


@pytest.fixture
async def walked(services: Services, clock: ManualClock) -> CallWalked:
    """One caller, an hour ago: a wrong key, then he hung up."""
    await services.flows.furnish("main", our_documents()["main"])
    began = clock.now() - timedelta(hours=1)
    where: dict[str, Any] = {"flow": "main", "version": 1}
    event = CallWalked(
        at=began + timedelta(seconds=9),
        call=CALL,
        visits=(
            MenuVisit(node="language", at=began, seconds=2, entered=("2",), way="choices.2", **where),
            MenuVisit(
                node="main", at=began + timedelta(seconds=2), seconds=7, entered=("7",), wrong=("7",), way="hung_up",
                **where,
            ),
        ),
    )  # fmt: skip
    arrived = CallArrived(at=began, call=CALL, server=ServerId("pbx1"), direction=Direction.INBOUND, ani="13800138000")
    await services.calls.apply_all([arrived, event])
    return event


async def test_a_program_reads_the_funnel(program: Api, walked: CallWalked) -> None:
    answer = await program.call("GET", "/flows/main/figures")
    assert answer.status == 200
    sheet = await answer.json()
    assert (sheet["calls"], sheet["served"], sheet["gave_up"], sheet["containment"]) == (1, 0, 1, 0.0)
    (language, main) = sheet["nodes"]
    assert (language["ways"], language["median_s"], language["wrong"]) == ({"choices.2": 1}, 2.0, [])
    assert (main["hung_up"], main["wrong"]) == (1, [{"entered": "7", "times": 1}])
    other = await (await program.call("GET", "/flows/main/figures?version=2")).json()
    assert (other["version"], other["calls"], other["nodes"], other["containment"]) == (2, 0, [], None)


async def test_a_program_reads_the_way_of_one_call(program: Api, walked: CallWalked) -> None:
    items = (await (await program.call("GET", f"/calls/{CALL}/menu")).json())["items"]
    assert [(one["node"], one["entered"], one["way"]) for one in items] == [
        ("language", ["2"], "choices.2"),
        ("main", ["7"], "hung_up"),
    ]
    assert (await program.call("GET", "/calls/none/menu")).status == 404


async def test_bad_wishes_are_told_apart(program: Api, walked: CallWalked) -> None:
    assert (await program.call("GET", "/flows/gone/figures")).status == 404
    for wish in ("version=0", "since=yesterday", "colour=red"):
        assert (await program.call("GET", f"/flows/main/figures?{wish}")).status == 422


async def test_in_a_time_that_ends_before_it_begins_nothing_happened(program: Api, walked: CallWalked) -> None:
    days = "since=2026-01-06T09:00:00Z&until=2026-01-04T09:00:00Z"
    sheet = await (await program.call("GET", f"/flows/main/figures?{days}")).json()
    assert (sheet["calls"], sheet["nodes"]) == (0, [])


async def test_the_table_has_a_line_for_each_way_and_each_wrong_input(
    new_browser: NewBrowser, people: People, walked: CallWalked, clock: ManualClock
) -> None:
    sam = new_browser()
    await sam.log_in("sam")
    days = f"since={(clock.now() - timedelta(days=1)).isoformat()}&until={clock.now().isoformat()}".replace("+", "%2B")
    answer = await sam.get(f"/menus/main/figures.csv?{days}")
    assert (answer.status, answer.content_type) == (200, "text/csv")
    lines = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert lines[1:] == [
        ["language", "1", "1", "2.0", "way", "choices.2", "1", "1.0"],
        ["main", "1", "1", "7.0", "way", "hung_up", "1", "1.0"],
        ["main", "1", "1", "7.0", "wrong_input", "7", "1", "1.0"],
    ]
    assert (await sam.get("/menus/main/figures.csv?since=x")).status == 404


async def test_figures_are_for_supervisors(alice: Browser, walked: CallWalked) -> None:
    assert (await alice.get("/menus/main/figures.csv")).status == 403
    assert (await alice.get("/api/v1/flows/main/figures")).status == 403


async def test_the_page_of_the_call_shows_the_way(alice: Browser, walked: CallWalked) -> None:
    await alice.get(f"/calls/{CALL}")
    assert "Through the menu in 0:09: language 2 (0:02) → main 7 ✗ (0:07) → hung up." in alice.text
    assert "Menu: main, version 1" in alice.text
