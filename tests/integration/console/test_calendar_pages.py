"""How a supervisor keeps the calendars of the house, on the screens and by REST."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.floor import Did, DidTarget
from crm_core.domain.opening import OpeningHours
from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import ReloadFloor
from tests.integration.console.stage import Api, Browser, NewBrowser, People

WEEK = {"mon": ("09:00-12:00", "13:00-18:00")}
OFFICE = SharedCalendar(
    key="office",
    names={"zh": "办公室", "en": "Office"},
    hours=OpeningHours(
        week=WEEK, holidays={"2026-10-01/2026-10-07": "国庆节"}, working_days={"2026-10-10": ("09:00-18:00",)}
    ),
)
TYPED = {
    "name-zh": "办公室",
    "name-en": "Office",
    "timezone": "",
    "open_hours": "周一 09:00-12:00 13:00-18:00\n2026-10-01/2026-10-07 国庆节\n2026-10-10 09:00-18:00",
}
NODES: dict[str, Any] = {
    "start": {"kind": "open_hours", "calendar": "office", "open": "person", "closed": "person"},
    "person": {"kind": "queue"},
}
MENU = {"start": "start", "apology": "trouble", "error": "person", "nodes": NODES}


@pytest.fixture
async def sam(new_browser: NewBrowser, people: People) -> Browser:
    del people  # who are there
    browser = new_browser()
    await browser.log_in("sam")
    await browser.get("/floor/calendars")
    return browser


async def test_a_calendar_is_made_changed_and_gone_back_to(sam: Browser, services: Services, bus: Bus) -> None:
    told: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        told.append(command)
        return CommandResult(ok=True)

    async with bus.serve(telephony, ReloadFloor):
        made = await sam.post("/floor/new-calendar", {**TYPED, "key": "office"}, follow=False)
        assert (made.status, made.headers["Location"], len(told)) == (303, "/floor/calendars/office", 1)
        assert (await services.calendars.get("office")).calendar == OFFICE
        await sam.get("/floor/calendars/office")
        saved = await sam.post("/floor/calendars/office", {**sam.form, "name-en": "Head office"}, follow=False)
        assert (saved.status, len(told)) == (303, 2)
        assert (await services.calendars.get("office")).calendar.names["en"] == "Head office"
        await sam.post("/floor/calendars/office/versions/1", {"version": "2"})
    assert (await services.calendars.get("office")).version == 3
    assert (await services.calendars.get("office")).calendar == OFFICE


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sam: Browser, services: Services) -> None:
    page = await sam.post("/floor/new-calendar", {"key": "office", "name-en": "Office", "open_hours": "mon nine"})
    assert page.status == 422
    assert "“mon nine” cannot be read" in sam.text
    assert sam.form["name-en"] == "Office"
    assert (
        await sam.post("/floor/new-calendar", {**TYPED, "key": "office", "timezone": "Asia/Atlantis"})
    ).status == 422
    assert "Asia/Atlantis" in sam.text
    assert (await sam.post("/floor/new-calendar", {**TYPED, "key": "Big Office"})).status == 422
    assert (await sam.post("/floor/new-calendar", {"key": "office"})).status == 422
    assert await services.calendars.all() == {}


async def test_who_has_not_seen_the_last_change_overwrites_nothing(sam: Browser, services: Services) -> None:
    await services.calendars.put(OFFICE)
    await services.calendars.put(replace(OFFICE, names={"en": "Theirs"}))
    page = await sam.post("/floor/calendars/office", {**TYPED, "name-en": "Mine", "version": "1"})
    assert (page.status, sam.form["name-en"]) == (422, "Mine")
    assert "version 2 stands below" in sam.text
    assert (await services.calendars.get("office")).calendar.names == {"en": "Theirs"}
    await sam.post("/floor/calendars/office", sam.form)
    assert (await services.calendars.get("office")).calendar.names["en"] == "Mine", "he has seen theirs, and may go on"


async def test_what_holds_at_a_moment(sam: Browser, services: Services) -> None:
    await services.calendars.put(OFFICE)
    await sam.get("/floor/calendars/office?at=2026-10-02 10:00")
    assert "国庆节" in sam.text.split('role="status"')[1].split("</p>")[0]
    await sam.get("/floor/calendars/office?at=2026-10-10T10:00")
    assert "09:00-18:00" in sam.text.split('role="status"')[1].split("</p>")[0]
    assert (await sam.get("/floor/calendars/office?at=tomorrow")).status == 200
    assert 'role="status"' not in sam.text
    assert (await sam.get("/floor/new-calendar?like=office")).status == 200
    assert "2026-10-01/2026-10-07 国庆节" in sam.form["open_hours"]


async def test_one_that_is_used_says_by_whom_and_stays(sam: Browser, services: Services) -> None:
    await services.calendars.put(OFFICE)
    await services.flows.save_draft("night", json.dumps(MENU), revision=0)
    await sam.get("/floor/calendars/office")
    assert "/menus/night" in sam.text
    await sam.post("/floor/calendars/office/delete", {"version": "1"})
    assert await services.calendars.all() == {"office": OFFICE}
    await services.flows.discard_draft("night", revision=1)
    gone = await sam.post("/floor/calendars/office/delete", {"version": "1"}, follow=False)
    assert (gone.headers["Location"], await services.calendars.all()) == ("/floor/calendars", {})


async def test_a_menu_that_names_a_calendar_there_is_not_is_not_published(sam: Browser, services: Services) -> None:
    await services.flows.save_draft("night", json.dumps(MENU), revision=0)
    refused = await sam.post("/menus/night/publish", {"revision": "1", "note": ""})
    assert (refused.status, await services.flows.published()) == (422, {})
    assert "office" in sam.text
    await services.calendars.put(OFFICE)
    await sam.post("/menus/night/publish", {"revision": "1", "note": ""})
    assert set(await services.flows.published()) == {"night"}
    await sam.post("/floor/calendars/office/delete", {"version": "1"})
    assert await services.calendars.all() == {"office": OFFICE}


async def test_numbers_and_queues_choose_a_calendar(sam: Browser, services: Services) -> None:
    await services.calendars.put(OFFICE)
    await services.flows.furnish("main", "{}")
    await services.floor_plans.put_did(Did(number="4008009", target=DidTarget.IVR, to="main"))
    await sam.get("/floor/numbers/4008009")
    line = {"seen": sam.form["seen"], "to": "ivr:main", "calendar": "office", "closed_to": "main"}
    assert (await sam.post("/floor/numbers/4008009", {**line, "open_hours": "mon 09:00-10:00"})).status == 422
    assert (await sam.post("/floor/numbers/4008009", line, follow=False)).status == 303
    assert (await services.flows.standing()).numbers["4008009"].calendar == "office"
    choices = {"strategy": "best_skill", "sticky": "nobody", "department": "", "wrap_up": "optional"}
    address = "/floor/queues/service"
    await sam.get(address)
    onward = {"overflow-0-way": "message:closed", "calendar": "office", "accepted": "no"}
    both = await sam.post(address, {**sam.form, **choices, **onward, "hours-mon": "09:00-10:00"}, follow=False)
    assert both.status == 422
    await sam.get(address)
    await sam.post(address, {**sam.form, **choices, **onward}, follow=False)
    await sam.post(address, {**sam.form, **choices, **onward, "accepted": sam.form["accepted"]}, follow=False)
    assert [one.calendar for one in (await services.floor_plans.load()).queues if one.key == "service"] == ["office"]
    await sam.get("/floor/calendars")
    assert "4008009" in sam.text


async def test_agents_keep_no_calendars(new_browser: NewBrowser, people: People) -> None:
    browser = new_browser()
    await browser.log_in(people.alice.login)
    assert (await browser.get("/floor/calendars")).status == 403


@pytest.fixture
async def program(server: TestServer, services: Services, people: People) -> AsyncIterator[Api]:
    made = await services.api_tokens.create("a program", people.sam.id)
    async with ClientSession() as session:
        yield Api(server, session, made.token)


async def test_by_rest(program: Api, services: Services) -> None:
    async def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = await program.call(method, path, json=body)
        return answer.status, await answer.json() if answer.status != 204 else None

    hours = {"week": {"mon": ["09:00-18:00"]}, "holidays": {"2026-10-01": "National Day"}, "working_days": {}}
    body = {"version": 0, "names": {"en": "Office"}, "hours": hours}
    status, made = await call("PUT", "/calendars/office", body)
    assert (status, made["version"], made["used"]) == (200, 1, [])
    status, told = await call("GET", "/calendars/office/holds?at=2026-10-01T10:00:00%2B08:00")
    assert (status, told["open"], told["because"], told["holiday"]) == (200, False, "holiday", "National Day")
    assert (await call("PUT", "/calendars/office", body))[0] == 409
    assert (await call("PUT", "/calendars/office", {**body, "version": 1, "timezone": "Nowhere"}))[0] == 409
    assert (await call("GET", "/calendars/gone"))[0] == 404
    assert [one["key"] for one in (await call("GET", "/calendars"))[1]["items"]] == ["office"]
    assert len((await call("GET", "/calendars/office/versions"))[1]["items"]) == 1
    assert (await call("DELETE", "/calendars/office?version=1"))[0] == 204
    assert await services.calendars.all() == {}


async def test_a_moment_at_the_ends_of_time_is_answered_too(
    sam: Browser, server: TestServer, services: Services, people: People
) -> None:
    await services.calendars.put(OFFICE)
    made = await services.api_tokens.create("test", people.sam.id)
    async with ClientSession() as session:
        api = Api(server, session, made.token)
        for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:00Z"):
            assert (await api.call("GET", f"/calendars/office/holds?at={at}")).status == 200
        no_zone = await api.call("GET", "/calendars/office/holds?at=2026-10-01T09:00:00")
        assert (no_zone.status, (await no_zone.json())["code"]) == (422, "request.invalid")
    for at in ("0001-01-01 00:00", "9999-12-31 23:59"):
        assert (await sam.get(f"/floor/calendars/office?at={at}")).status == 200


async def test_hours_without_end_are_refused(
    sam: Browser, server: TestServer, services: Services, people: People
) -> None:
    made = await services.api_tokens.create("test", people.sam.id)
    days = {f"{year}-01-{day:02}": "x" for year in range(2000, 2050) for day in range(1, 29)}
    body = {"version": 0, "names": {"en": "Much"}, "hours": {"week": {}, "holidays": days}}
    async with ClientSession() as session:
        answer = await Api(server, session, made.token).call("PUT", "/calendars/much", json=body)
        assert (answer.status, (await answer.json())["code"]) == (422, "request.invalid")
    await sam.get("/floor/new-calendar")
    typed = {**TYPED, "key": "much", "open_hours": "\n".join([*days, *days])}
    assert (await sam.post("/floor/new-calendar", typed)).status == 422
    assert "At most 20000 characters, please." in sam.text
    assert await services.calendars.all() == {}
