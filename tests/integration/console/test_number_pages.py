"""How a supervisor says which numbers there are and where each leads, on the screens and by REST."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.dids import seal
from crm_core.domain.floor import Did, DidTarget, Queue
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import ReloadFloor
from tests.integration.console.stage import Api, Browser, People

MENU = json.dumps({"start": "person", "apology": "trouble", "error": "person", "nodes": {"person": {"kind": "queue"}}})
HOTLINE = Did(number="4008000", target=DidTarget.IVR, to="main", names={"zh": "服务热线", "en": "Hotline"})
ADDRESS = "/floor/numbers/4008000"
HOURS = {"open_hours": "mon 09:00-18:00\n2026-10-01\n2026-10-10 09:00-12:00", "closed_to": "night"}


@pytest.fixture(autouse=True)
async def hotline(services: Services, people: People) -> None:
    del people  # their queues are there
    for menu in ("main", "night"):
        await services.flows.furnish(menu, MENU)
    await services.floor_plans.put_queue(Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}))
    await services.floor_plans.put_did(HOTLINE)


@pytest.fixture
async def told(bus: Bus) -> AsyncIterator[list[str]]:
    """What telephony and whoever looks after Asterisk were told."""
    found: list[str] = []

    async def listener(command: Command) -> CommandResult:
        found.append(type(command).__name__)
        return CommandResult(ok=True)

    async with bus.serve(listener, ReloadFloor), bus.serve(listener, TellAsterisk):
        yield found


async def test_the_table_tells_of_every_number(sam: Browser, services: Services) -> None:
    await services.floor_plans.put_did(Did(number="4008001", target=DidTarget.QUEUE, to="vip", answer=False))
    await services.floor_plans.put_did(Did(number="4008002", target=DidTarget.IVR, to="gone"))
    await sam.get("/floor/numbers")
    for said in ("4008000", "Hotline", "always open", "4008001", "VIP", "as the queue", "gone was never published"):
        assert said in sam.text, said


async def test_a_number_is_made_changed_and_given_up(sam: Browser, services: Services, told: list[str]) -> None:
    await sam.get("/floor/new-number")
    typed = {"number": "400-8003", "name-en": " Night  line ", "to": "queue:vip", "answer": ""}
    made = await sam.post("/floor/new-number", {**sam.form, **typed}, follow=False)
    assert (made.status, made.headers["Location"]) == (303, "/floor/numbers")
    assert told == ["ReloadFloor", "TellAsterisk"]
    found = await services.numbers.get("4008003")
    assert (found.names, found.to, found.answer) == ({"en": "Night line"}, "vip", False)
    await sam.get("/floor/numbers/4008003")
    await sam.post("/floor/numbers/4008003", {**sam.form, "to": "ivr:main"}, follow=False)
    changed = await services.numbers.get("4008003")
    assert (changed.target, changed.to, changed.answer) == (DidTarget.IVR, "main", True)
    await sam.get("/floor/numbers/4008003")
    gone = await sam.post("/floor/numbers/4008003/delete", {"seen": sam.form["seen"]}, follow=False)
    assert gone.headers["Location"] == "/floor/numbers"
    assert [one.number for one in await services.numbers.all()] == ["4008000"]
    assert told == ["ReloadFloor", "TellAsterisk"] * 3


async def test_it_is_said_when_asterisk_was_not_told(sam: Browser) -> None:
    await sam.get(ADDRESS)
    await sam.post(ADDRESS, {**sam.form, "to": "ivr:night"})
    assert "Callers of 4008000 hear this from the next call on." in sam.text
    assert "Asterisk has not been told" in sam.text


async def test_outside_of_its_hours_a_number_leads_elsewhere(sam: Browser, services: Services) -> None:
    await sam.get(ADDRESS)
    form = {**sam.form, "to": "ivr:main", **HOURS}
    await sam.post(ADDRESS, form)
    number = await services.numbers.get("4008000")
    assert number.closed_to == "night"
    assert number.open_hours is not None
    assert (number.open_hours.holidays, number.open_hours.working_days) == (
        {"2026-10-01": ""},
        {"2026-10-10": ("09:00-12:00",)},
    )
    await sam.get("/floor/numbers")
    assert "hours of its own" in sam.text
    await sam.get(ADDRESS)
    assert HOURS["open_hours"] in sam.text.replace("\r", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({**HOURS, "closed_to": ""}, "Where do callers go outside of the hours?"),
        ({**HOURS, "open_hours": ""}, "When is it open?"),
        ({**HOURS, "open_hours": "mon 9-18"}, "must be such as 09:00-18:00"),
        ({**HOURS, "to": "queue:vip"}, "A queue has hours of its own"),
        ({"to": ""}, "Where do its callers go?"),
        ({"to": "moon:base"}, "Where do its callers go?"),
        ({"to": "ivr:gone"}, "gone"),
        ({"to": "queue:gone"}, "gone"),
        ({"name-zh": "长" * 61}, "At most 60 characters, please."),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_lost(
    typed: dict[str, str], said: str, sam: Browser, services: Services
) -> None:
    await sam.get(ADDRESS)
    answer = await sam.post(ADDRESS, {**sam.form, "to": "ivr:main", "name-en": "Typed by me", **typed})
    assert (answer.status, said in sam.text, "Typed by me" in sam.page) == (422, True, True)
    assert await services.numbers.get("4008000") == HOTLINE


@pytest.mark.parametrize(
    ("number", "said"), [("4008000", "already"), ("12a4", "two to fifteen digits"), ("", "digits")]
)
async def test_a_new_number_is_a_number_nobody_has(number: str, said: str, sam: Browser, services: Services) -> None:
    await sam.get("/floor/new-number")
    answer = await sam.post("/floor/new-number", {**sam.form, "number": number, "to": "ivr:night"})
    assert (answer.status, said in sam.text) == (422, True)
    assert await services.numbers.all() == (HOTLINE,)


async def test_what_a_colleague_changed_meanwhile_is_seen_before_it_is_replaced(
    sam: Browser, services: Services
) -> None:
    await sam.get(ADDRESS)
    form = {**sam.form, "to": "queue:vip"}
    theirs = Did(number="4008000", target=DidTarget.IVR, to="night")
    await services.numbers.put(theirs, seen=seal(HOTLINE))
    await sam.post(f"{ADDRESS}/delete", {"seen": form["seen"]})
    assert "Somebody else has changed the number 4008000" in sam.text
    assert (await sam.post(ADDRESS, form)).status == 409
    assert "Somebody else has changed this number" in sam.text
    assert "Voice menu: night" in sam.text.split("What stands there now:")[1].split("</p>")[0]
    assert await services.numbers.all() == (theirs,)
    await sam.post(ADDRESS, {**sam.form, "to": "queue:vip"}, follow=False)
    assert [one.to for one in await services.numbers.all()] == ["vip"]


async def test_a_calendar_or_menu_taken_away_meanwhile_is_said_beside_its_field(sam: Browser) -> None:
    await sam.get(ADDRESS)
    await sam.post(ADDRESS, {**sam.form, "to": "ivr:main", "calendar": "gone", "closed_to": "main"})
    assert "The calendar gone was deleted meanwhile" in sam.text
    await sam.post(ADDRESS, {**sam.form, "to": "ivr:main", **HOURS, "closed_to": "gone"})
    assert 'name="closed_to"' in sam.page
    assert "is-invalid" in sam.page.split('name="closed_to"')[0].rpartition("<select")[2]


async def test_agents_do_not_say_where_numbers_lead(alice: Browser) -> None:
    assert (await alice.get("/floor/numbers")).status == 403
    assert (await alice.get(ADDRESS)).status == 403
    assert (await alice.post(f"{ADDRESS}/delete", {"seen": ""})).status == 403


async def test_a_program_makes_looks_up_and_deletes_numbers(program: Api, told: list[str]) -> None:
    body: dict[str, Any] = {"version": "", "target": "queue", "to": "vip", "answer": False}
    made = await (await program.call("PUT", "/numbers/4008005", json=body)).json()
    assert (made["to"], made["answer"], made["open"], made["now_to"]) == ("vip", False, None, "vip")
    taken = await program.call("PUT", "/numbers/4008005", json=body)
    assert (taken.status, (await taken.json())["code"]) == (409, "did.taken")
    stale = await program.call("PUT", "/numbers/4008005", json={**body, "version": "0" * 16})
    assert (stale.status, (await stale.json())["code"]) == (409, "did.changed_meanwhile")
    hours = {"week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    limited = {"version": made["version"], "target": "ivr", "to": "main", "open_hours": hours, "closed_to": "night"}
    changed = await (await program.call("PUT", "/numbers/4008005", json=limited)).json()
    assert (changed["open"], changed["now_to"], changed["until"]) == (True, "main", None)
    refused = await program.call(
        "PUT", "/numbers/4008005", json={**limited, "version": changed["version"], "target": "queue", "to": "vip"}
    )
    assert (refused.status, (await refused.json())["code"]) == (409, "did.no_hours")
    french = await program.call("PUT", "/numbers/4008006", json={**body, "names": {"en": "Roofs", "fr": "Toits"}})
    said = await french.json()
    assert (french.status, said["errors"][0]["field"], said["errors"][0]["code"]) == (422, "names", "names.language")
    listed = await (await program.call("GET", "/numbers")).json()
    assert [one["number"] for one in listed["items"]] == ["4008000", "4008005"]
    assert (await program.call("DELETE", f"/numbers/4008005?version={changed['version']}")).status == 204
    assert (await program.call("GET", "/numbers/4008005")).status == 404
    assert told == ["ReloadFloor", "TellAsterisk"] * 3
