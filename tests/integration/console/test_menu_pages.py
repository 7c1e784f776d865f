"""Voice menus in the console: who may, drafts that say what is wrong, publishing, comparing, going back, numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer

from agent_console.middlewares import LANGUAGE_COOKIE
from crm_core.domain.floor import Did, DidTarget, Queue
from crm_core.kernel.ids import QueueKey
from crm_core.services.bundle import Services
from ivr.service import our_documents
from tests.integration.console.stage import Api, Browser
from tests.support.hotline import furnish_hotline

MAIN = our_documents()["main"]
NIGHT: dict[str, Any] = {
    "start": "hello",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "hello": {"kind": "play", "prompts": ["welcome"], "next": "person"},
        "person": {"kind": "queue"},
    },
}
BROKEN = NIGHT | {"start": "gone"}


@pytest.fixture(autouse=True)
async def hotline(services: Services) -> None:
    await furnish_hotline(services)
    await services.floor_plans.put_queue(Queue(key=QueueKey("repair"), names={"zh": "维修", "en": "Repair"}))
    await services.floor_plans.put_did(Did(number="4008000", target=DidTarget.IVR, to="main"))


async def draft(services: Services, document: object, *, revision: int = 0, name: str = "main") -> int:
    saved = await services.flows.save_draft(name, json.dumps(document), revision=revision)
    return saved.revision


async def test_menus_are_for_supervisors(alice: Browser, sam: Browser) -> None:
    assert (await alice.get("/menus")).status == 403
    assert 'href="/menus"' not in (await (await alice.get("/desk")).text())
    assert (await sam.get("/menus")).status == 200
    assert "version 1" in sam.text


async def test_a_new_menu_begins_as_a_draft_that_could_be_published(sam: Browser, services: Services) -> None:
    assert (await sam.post("/menus", {"name": "Night"})).status == 422
    assert "beginning with a letter" in sam.text
    await sam.post("/menus", {"name": "night"})
    assert await services.flows.draft("night") is not None
    await sam.get("/menus/night")
    assert "Nothing is wrong with it." in sam.text
    await sam.post("/menus/night/publish", {"revision": "1", "note": "for the night"})
    assert "for the night" in sam.text
    assert "Version 1 is what the next caller hears." in sam.text
    assert (await sam.post("/menus", {"name": "night"})).status == 422


async def test_a_menu_may_be_called_as_a_page_is(sam: Browser, services: Services) -> None:
    await sam.post("/menus", {"name": "numbers"})
    await sam.post("/menus/numbers/publish", {"revision": "1"})
    assert (await services.flows.get("numbers")).published == 1


async def test_a_draft_says_what_is_wrong_in_the_readers_language(sam: Browser, services: Services) -> None:
    await draft(services, BROKEN)
    await sam.get("/menus/main")
    assert "Begins at: there is no node “gone”" in sam.text
    assert 'action="/menus/main/publish"' not in sam.page
    assert (await sam.post("/menus/main/publish", {"revision": "1"})).status == 422
    assert "cannot be published" in sam.text
    assert await services.flows.published() == {"main": MAIN}
    sam.session.cookie_jar.update_cookies({LANGUAGE_COOKIE: "zh"}, sam.server.make_url("/"))
    await sam.get("/menus/main")
    assert "没有节点“gone”" in sam.text


async def test_a_queue_that_there_is_not_is_no_way_out(sam: Browser, program: Api, services: Services) -> None:
    """Its callers would wait for ever."""
    lost = NIGHT | {"nodes": NIGHT["nodes"] | {"person": {"kind": "queue", "queue": "nosuch"}}}
    saved = await (await program.call("PUT", "/flows/main/draft", json={"document": lost, "revision": 0})).json()
    assert [(one["node"], one["field"]) for one in saved["findings"]] == [("person", "queue")]
    refused = await program.call("POST", "/flows/main/publish", json={"revision": 1})
    assert (refused.status, (await refused.json())["code"]) == (409, "flow.refused")
    assert (await sam.post("/menus/main/publish", {"revision": "1"})).status == 422
    assert "there is no queue “nosuch”" in sam.text
    assert await services.flows.published() == {"main": MAIN}


async def test_what_nobody_can_do_today_is_shown_and_forbids_nothing(
    sam: Browser, program: Api, services: Services
) -> None:
    rare = NIGHT | {"nodes": NIGHT["nodes"] | {"person": {"kind": "queue", "queue": "repair"}}}
    saved = await (await program.call("PUT", "/flows/main/draft", json={"document": rare, "revision": 0})).json()
    assert saved["findings"] == []
    assert ("person", "queue") in [(one["node"], one["field"]) for one in saved["doubts"]]
    await sam.get("/menus/main")
    assert "Think of this first:" in sam.text
    assert 'href="/menus/main/draft?at=person&amp;field=queue"' in sam.page
    await sam.post("/menus/main/publish", {"revision": "1"})
    assert "Version 2 is what the next caller hears." in sam.text


async def test_findings_lead_into_the_designer_and_call_the_fields_as_it_does(sam: Browser, services: Services) -> None:
    pin = {"kind": "check_pin", "account": "account", "pin": "pin", "found": "person", "locked": "person"}
    nodes = NIGHT["nodes"] | {"pin": pin | {"wrong": "gone"}}
    await draft(services, NIGHT | {"nodes": nodes})
    await sam.get("/menus/main")
    assert "pin, When the account or the PIN is wrong: there is no node “gone”" in sam.text
    assert 'href="/menus/main/draft?at=pin&amp;field=wrong"' in sam.page
    assert "pin: no way leads here" in sam.text, "all that is known is told at once"


async def test_who_publishes_what_he_has_not_seen_is_told(sam: Browser, services: Services) -> None:
    first = await draft(services, NIGHT)
    await draft(services, NIGHT | {"about": "newer"}, revision=first)
    assert (await sam.post("/menus/main/publish", {"revision": str(first)})).status == 422
    assert "Somebody else has saved this draft" in sam.text
    assert await services.flows.published() == {"main": MAIN}


async def test_versions_are_compared_and_an_earlier_one_comes_back(sam: Browser, services: Services) -> None:
    changed = json.loads(MAIN)
    changed["nodes"]["welcome"]["prompts"] = ["zh:welcome"]
    changed["nodes"]["extra"] = {"kind": "hangup"}
    await draft(services, changed)
    await sam.get("/menus/main/compare?a=1&b=draft")
    assert "Hang up" in sam.text
    assert "zh:welcome, en:welcome" in sam.text
    await services.flows.publish("main", revision=1)
    await sam.post("/menus/main/versions/1/again")
    assert "As version 1" in sam.text
    assert (await services.flows.get("main")).published == 3
    await sam.get("/menus/main/compare?a=1&b=3")
    assert "Nothing is different" in sam.text
    assert (await sam.get("/menus/main/compare?a=1&b=99")).status == 404
    assert (await sam.get("/menus/main/compare?a=x&b=1")).status == 404


async def test_a_version_that_holds_no_more_does_not_come_back(sam: Browser, services: Services) -> None:
    await draft(services, BROKEN)
    await services.flows.publish("main", revision=1)  # as an older release would have let it pass
    await services.flows.publish_again("main", 1)
    assert (await sam.post("/menus/main/versions/2/again")).status == 422
    assert (await services.flows.get("main")).published == 3


async def test_a_published_menu_that_holds_no_more_says_so(sam: Browser, services: Services) -> None:
    assert "Cannot be used" not in sam.text
    await services.flows.furnish("night", json.dumps(BROKEN))
    await sam.get("/menus")
    assert "Cannot be used" in sam.text
    await sam.get("/menus/night")
    assert "What is published cannot be used any more" in sam.text
    assert "there is no node “gone”" in sam.text


async def test_a_file_goes_out_and_comes_in(sam: Browser, services: Services, server: TestServer) -> None:
    response = await sam.get("/menus/main/export?version=1")
    assert (await response.text(), response.content_type) == (MAIN, "application/json")
    form = FormData({"csrf": sam.csrf, "revision": "0"})
    form.add_field("file", json.dumps(NIGHT).encode("utf-8-sig"), filename="night.json")  # as some editors write it
    await sam.session.post(server.make_url("/menus/main/import"), data=form)
    kept = await services.flows.draft("main")
    assert kept is not None
    assert json.loads(kept.document) == NIGHT
    await sam.get("/menus/main")
    await sam.post("/menus/main/discard", {"revision": str(kept.revision)})
    assert await services.flows.draft("main") is None


@pytest.mark.parametrize("file", ["[" * 100_000, '{"nodes": {}, "nodes": {}}', '{"about": "\\ud800"}', "{"])
async def test_a_file_that_is_no_menu_is_a_draft_with_findings(
    file: str, sam: Browser, services: Services, server: TestServer
) -> None:
    form = FormData({"csrf": sam.csrf, "revision": "0"})
    form.add_field("file", file, filename="night.json")
    await sam.session.post(server.make_url("/menus/main/import"), data=form)
    assert await services.flows.draft("main") is not None
    assert (await sam.get("/menus/main")).status == 200
    assert "Before it can be published:" in sam.text
    assert (await sam.get("/menus/main/compare?a=1&b=draft")).status == 200
    assert (await (await sam.get("/api/v1/flows/main/draft")).json())["findings"]


async def test_a_program_writes_publishes_and_goes_back(program: Api, services: Services) -> None:
    begun = await (await program.call("GET", "/flows/main/draft")).json()
    assert (begun["revision"], begun["based_on"], begun["findings"]) == (0, 1, [])
    assert begun["document"] == json.loads(MAIN)
    body = {"document": BROKEN, "revision": 0}
    saved = await (await program.call("PUT", "/flows/main/draft", json=body)).json()
    assert saved["findings"] == [{"node": "", "field": "start", "detail": "there is no node “gone”"}]
    refused = await program.call("POST", "/flows/main/publish", json={"revision": 1})
    assert (refused.status, (await refused.json())["code"]) == (409, "flow.refused")
    changed = await program.call("PUT", "/flows/main/draft", json=body)
    assert (changed.status, (await changed.json())["code"]) == (409, "flow.draft_changed")
    await program.call("PUT", "/flows/main/draft", json={"document": NIGHT, "revision": 1})
    made = await program.call("POST", "/flows/main/publish", json={"revision": 2, "note": "shorter"})
    assert (made.status, made.headers["Location"]) == (201, "/api/v1/flows/main/versions/2")
    assert (await (await program.call("GET", "/flows/main/versions/2")).json())["document"] == NIGHT
    back = await program.call("POST", "/flows/main/roll-back", json={"version": 1})
    assert (await back.json())["number"] == 3
    assert await services.flows.published() == {"main": MAIN}


async def test_a_program_leads_a_number(program: Api, services: Services) -> None:
    body = {"to": "main", "open_hours": {"week": {"mon": ["09:00-18:00"]}}, "closed_to": "main"}
    assert (await program.call("PUT", "/flow-numbers/4008000", json=body)).status == 204
    (number,) = (await (await program.call("GET", "/flow-numbers")).json())["items"]
    assert (number["closed_to"], number["open_hours"]["week"]) == ("main", {"mon": ["09:00-18:00"]})
    assert (await program.call("PUT", "/flow-numbers/4008000", json={"to": "gone"})).status == 404
    assert (await program.call("PUT", "/flow-numbers/1", json={"to": "main"})).status == 404
    for half in ({"closed_to": "main"}, {"open_hours": {"week": {"mon": ["09:00-18:00"]}}}):
        refused = await program.call("PUT", "/flow-numbers/4008000", json={"to": "main", **half})
        assert (refused.status, (await refused.json())["code"]) == (409, "calendar.hours_incomplete")


async def test_what_is_nested_without_end_is_refused(program: Api) -> None:
    deep: Any = {}
    for _ in range(50):
        deep = {"a": deep}
    assert (await program.call("PUT", "/flows/main/draft", json={"document": deep, "revision": 0})).status == 422


async def test_a_menu_is_called_as_its_writers_named_it(sam: Browser, services: Services) -> None:
    await draft(services, {**NIGHT, "names": {"zh": "夜间", "en": "At night"}}, name="night")
    for address in ("/menus", "/menus/night"):
        await sam.get(address)
        assert "At night" in sam.text, address
    await sam.get("/floor/queues/service")
    assert "At night" not in sam.text, "a draft is not chosen"
    await services.flows.publish("night", revision=1)
    await sam.get("/floor/queues/service")
    assert "At night" in sam.text
