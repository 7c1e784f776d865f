"""A menu that sends callers where there is nobody for them: they would wait for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from crm_core.domain.floor import FloorAgent, FloorPlan, Queue, Skill
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from ivr.service import our_documents
from ivr.staffed import staff_doubts, staff_problems

MENU: dict[str, Any] = {
    "start": "person",
    "apology": "trouble",
    "error": "person",
    "nodes": {"person": {"kind": "queue"}},
}


def agent(number: int, queues: tuple[str, ...], **skills: int) -> FloorAgent:
    return FloorAgent(
        id=AgentId(str(number)),
        login=f"agent{number}",
        name="",
        name_en="",
        role=Role.AGENT,
        extension=str(1000 + number),
        sip_secret="",
        phone_kind=PhoneKind.WEBRTC,
        department=None,
        skills={SkillKey(skill): level for skill, level in skills.items()},
        queues=tuple(map(QueueKey, queues)),
    )


PLAN = FloorPlan(
    agents=(agent(1, ("service",), zh=5, en=2), agent(2, ("service", "repair"), zh=3, repair=4)),
    skills=tuple(Skill(key=SkillKey(key), names={}) for key in ("zh", "en", "repair")),
    queues=tuple(Queue(key=QueueKey(key), names={}) for key in ("service", "repair", "vip")),
    dids=(),
    departments=(),
)
NOBODY_YET = replace(PLAN, agents=(), skills=(), queues=())


def menu(**person: Any) -> dict[str, Any]:
    return MENU | {"nodes": {"person": {"kind": "queue"} | person}}


def found(document: dict[str, Any], plan: FloorPlan = PLAN) -> list[tuple[str, str]]:
    return [(one.node, one.field) for one in staff_problems("menu", json.dumps(document), plan)]


def doubts(document: dict[str, Any], plan: FloorPlan = PLAN) -> list[tuple[str, str, str]]:
    return [(one.node, one.field, one.says) for one in staff_doubts("menu", json.dumps(document), plan)]


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        ({"queue": "repair", "skills": {"repair": 5}, "asks": "zh >= 2"}, []),
        ({"queue": "nosuch"}, ["queue"]),
        ({"skills": {"gone": 1, "repair": 2}}, ["skills"]),
        ({"asks": "zh >= 2 and gone >= 1"}, ["asks"]),
    ],
)
def test_queues_and_skills_that_there_are_not(wishes: dict[str, Any], fields: list[str]) -> None:
    assert found(menu(**wishes)) == [("person", one) for one in fields]
    assert found(MENU | {"defaults": wishes}) == [("", f"defaults.{one}") for one in fields]


def test_a_ticket_or_a_callback_waits_in_a_queue_as_well() -> None:
    ticket = {"kind": "open_ticket", "type": "repair", "subject": "broken", "into": "number", "queue": "nosuch"}
    nodes = {"ticket": ticket | {"opened": "person"}, "person": {"kind": "queue"}}
    assert found(MENU | {"start": "ticket", "nodes": nodes}) == [("ticket", "queue")]


def test_in_a_house_that_has_none_yet_and_of_what_cannot_be_read_nothing_is_said() -> None:
    astray = MENU | {"defaults": {"queue": "gone", "skills": {"gone": 1}}}
    assert found(astray, NOBODY_YET) == []
    assert doubts(astray, NOBODY_YET) == []
    assert found({"nodes": 1}) == []
    assert doubts({"nodes": 1}) == []


def test_ours_are_fine_in_the_house_they_were_written_for() -> None:
    for name, text in our_documents().items():
        assert not staff_problems(name, text, PLAN), name


@pytest.mark.parametrize(
    ("wishes", "field", "says"),
    [
        ({"queue": "vip"}, "queue", "nobody serves the queue “vip” today"),
        ({"queue": "repair", "skills": {"zh": 4}}, "skills", "has “zh” at level 4 today"),
        ({"skills": {"repair": 5}}, "skills", "has “repair” at level 5 today"),
        ({"asks": "en >= 2 and repair >= 1"}, "asks", "has all of this today: en >= 2 and repair >= 1"),
    ],
)
def test_what_nobody_has_today_is_doubted(wishes: dict[str, Any], field: str, says: str) -> None:
    ((node, at, told),) = doubts(menu(**wishes) | {"languages": ["zh"]})
    assert (node, at) == ("person", field)
    assert told.endswith(says)


def test_where_a_node_names_no_queue_any_that_the_menu_names_may_be_meant() -> None:
    nodes = {
        "first": {"kind": "set", "queue": "repair", "next": "person"},
        "person": menu(skills={"zh": 4})["nodes"]["person"],
    }
    repair = MENU | {"languages": ["zh"], "start": "first", "nodes": nodes}
    assert [one[:2] for one in doubts(repair)] == [("person", "skills")]
    assert doubts(repair | {"defaults": {"queue": "service"}}) == []


def test_a_language_in_which_nobody_is_that_good() -> None:
    assert doubts(menu()) == []
    assert [one[:2] for one in doubts(menu() | {"language_level": 3})] == [("", "language_level")]


def test_what_is_wrong_is_not_doubted_as_well() -> None:
    assert doubts(menu(queue="nosuch", skills={"repair": 5})) == []
