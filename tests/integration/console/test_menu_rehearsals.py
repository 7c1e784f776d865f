"""Voice menus talked through over REST: who may, what is heard, what is wrong with a draft, and nothing is done."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_console.settings import ConsoleSettings
from crm_core.domain.tickets import TicketType
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services
from ivr.prompts.catalogue import Words
from ivr.prompts.house_words import keep_words
from ivr.service import our_documents
from tests.integration.console.stage import Api
from tests.support.hotline import furnish_hotline

MAIN: dict[str, Any] = json.loads(our_documents()["main"])
TALK = "/flows/main/rehearsal"
FRIDAY = "2026-11-27T10:00:00+08:00"
WHO: dict[str, Any] = {
    "start": "who",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "who": {"kind": "look_up", "found": "ticket", "several": "person", "unknown": "person"},
        "ticket": {"kind": "open_ticket", "type": "repair", "subject": "Boiler", "values": ["ani"], "opened": "ask"},
        "ask": {
            "kind": "collect",
            "into": "digits",
            "prompts": ["ask_ticket"],
            "longest": 14,
            "next": "status",
            "exhausted": "person",
        },
        "status": {"kind": "ticket_status", "number": "digits", "told": "person", "unknown": "person"},
        "person": {"kind": "queue", "queue": "service", "skills": {"repair": 2}},
    },
}


@pytest.fixture
def settings(settings: ConsoleSettings, tmp_path: Path) -> ConsoleSettings:
    return replace(settings, sounds=tmp_path / "sounds")


@pytest.fixture
async def program(program: Api, services: Services) -> Api:
    """A supervisor's; there is a hotline."""
    await furnish_hotline(services)
    return program


async def talk(program: Api, *deeds: str, language: str = "en", **body: Any) -> dict[str, Any]:
    asked = {"document": MAIN, "caller": "13800138000", "at": FRIDAY, "deeds": deeds} | body
    answer = await program.call("POST", TALK, json=asked, headers={"Accept-Language": language})
    assert answer.status == 200, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


def texts(answer: dict[str, Any], kind: str) -> list[str]:
    return [one["text"] for one in answer["lines"] if one["kind"] == kind]


def path(answer: dict[str, Any]) -> list[str]:
    return [one["node"] for one in answer["lines"] if one["kind"] == "node"]


async def test_it_is_for_who_may_edit_menus(api: Api, services: Services) -> None:
    await furnish_hotline(services)
    assert (await api.call("POST", TALK, json={"document": MAIN})).status == 403
    api.token = "nobody"
    assert (await api.call("POST", TALK, json={"document": MAIN})).status == 401


async def test_it_says_what_the_house_has_written(program: Api, settings: ConsoleSettings) -> None:
    assert settings.sounds is not None
    settings.sounds.mkdir(parents=True)
    keep_words(settings.sounds, "spring", Language.EN, Words(text="Happy new year.", say=""))
    keep_words(settings.sounds, "goodbye", Language.EN, Words(text="So long.", say=""))
    (settings.sounds / "en").mkdir()
    (settings.sounds / "en" / "spring.wav").touch()
    nodes = {"end": {"kind": "goodbye", "prompts": ["en:spring", "en:goodbye"]}, "gone": {"kind": "hangup"}}
    answer = await talk(program, document={"start": "end", "apology": "trouble", "error": "gone", "nodes": nodes})
    assert texts(answer, "heard") == ["Happy new year. So long."]


async def test_a_version_is_talked_through_to_its_queue(program: Api) -> None:
    begun = await talk(program, document=None, version=1)
    assert (begun["waits"], begun["used"], path(begun)) == ("key", 0, ["welcome", "language"])
    talked = await talk(program, "2", "2", document=None, version=1)
    assert path(talked)[-2:] == ["connecting", "person"]
    assert talked["waits"] == ""
    assert texts(talked, "done") == ["Key 2", "Key 2"]
    assert texts(talked, "end") == [
        "The caller waits for a person in the queue repair.",
        "Asked for: en, level 1 or better",
        "Asked for: Repair, level 1 or better",
        "What it is about: repair",
    ]


async def test_what_is_told_is_in_the_readers_language_and_what_is_heard_in_the_callers(program: Api) -> None:
    talked = await talk(program, "2", "0", language="zh")
    heard = [one for one in talked["lines"] if one["kind"] == "heard"]
    assert (heard[-1]["language"], texts(talked, "done")) == ("en", ["按键 2", "按键 0"])
    assert texts(talked, "end")[0] == "来电人进入队列“服务热线”等候人工服务。"


async def test_what_is_wrong_with_it_is_told_with_its_place(program: Api) -> None:
    nodes = MAIN["nodes"] | {"notice": {"kind": "play", "prompts": ["gone"], "next": "main"}}
    answer = await talk(program, "2", document=MAIN | {"nodes": nodes})
    assert {(one["node"], one["field"]) for one in answer["findings"]} == {("notice", "prompts")}
    assert (answer["lines"], answer["waits"]) == ([], "")


async def test_the_house_is_asked_only_what_changes_nothing(program: Api, services: Services) -> None:
    li = await services.customers.create(name="李雷")
    await services.customers.add_number(li.id, "13800138000", confirmed=True)
    ticket = await services.tickets.create(subject="Boiler", type=TicketType.REPAIR, customer=li.id)
    before = await services.event_log.read(limit=1000)
    begun = await talk(program, document=WHO)
    assert begun["waits"] == "outcome"
    assert [one["deed"] for one in begun["outcomes"]] == ["way:opened", "way:error"]
    assert texts(begun, "house") == [
        "Who has the number +86 138 0013 8000? 李雷.",
        "A ticket would be opened: “Boiler” (ani: 13800138000).",
    ]
    digits = ticket.number.replace("T-", "").replace("-", "")
    asked = await talk(program, "way:opened", *digits, "#", document=WHO)
    assert texts(asked, "house")[-1] == f"How is the ticket {digits}? New."
    stranger = await talk(program, document=WHO, caller="13900139000")
    assert texts(stranger, "house") == ["Who has the number +86 139 0013 9000? Nobody for certain."]
    assert (await services.tickets.of_customer(li.id)).total == 1
    assert await services.event_log.read(limit=1000) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"deeds": ["12"]}, "deeds.0"),
        ({"deeds": ["way:"]}, "deeds.0"),
        ({"deeds": ["1"] * 301}, "deeds"),
        ({"at": "2026-11-27T10:00:00"}, "at"),
        ({"at": "tomorrow"}, "at"),
        ({"caller": "1" * 201}, "caller"),
        ({"version": 1}, ""),
        ({"document": None}, ""),
        ({"documents": {}}, "documents"),
    ],
)
async def test_bad_input_gets_a_sentence(program: Api, body: dict[str, Any], field: str) -> None:
    answer = await program.call("POST", TALK, json={"document": MAIN} | body)
    assert answer.status == 422
    (problem,) = (await answer.json())["errors"]
    assert problem["field"] == field
    assert problem["detail"]


async def test_of_what_is_not_there_it_is_said(program: Api) -> None:
    assert (await program.call("POST", "/flows/gone/rehearsal", json={"document": MAIN})).status == 404
    assert (await program.call("POST", TALK, json={"version": 9})).status == 404


@pytest.mark.parametrize(
    ("at", "heard_at"), [("0001-01-01T00:00:00Z", "2000-01-01"), ("9999-12-31T23:59:59Z", "2099-12-31")]
)
async def test_at_the_ends_of_the_calendar_it_is_heard_as_well(program: Api, at: str, heard_at: str) -> None:
    talked = await talk(program, "1", "8", "1", at=at)
    assert talked["at"].startswith(heard_at)
    assert talked["waits"] == "outcome"
