"""A menu that asks for what nobody can do is not published: its callers would wait for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ivr.service import our_documents
from ivr.skills import skill_problems

MENU: dict[str, Any] = {
    "start": "person",
    "apology": "trouble",
    "error": "person",
    "nodes": {"person": {"kind": "queue"}},
}
SKILLS = ("zh", "en", "repair")


def found(document: dict[str, Any], skills: tuple[str, ...] = SKILLS) -> list[tuple[str, str]]:
    return [(one.node, one.field) for one in skill_problems("menu", json.dumps(document), skills)]


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        ({"queue": "gone", "skills": {"repair": 5}, "asks": "zh >= 2"}, []),
        ({"skills": {"gone": 1, "repair": 2}}, ["skills"]),
        ({"asks": "zh >= 2 and gone >= 1"}, ["asks"]),
    ],
)
def test_skills_that_there_are_not(wishes: dict[str, Any], fields: list[str]) -> None:
    assert found(MENU | {"nodes": {"person": {"kind": "queue"} | wishes}}) == [("person", one) for one in fields]
    assert found(MENU | {"defaults": wishes}) == [("", f"defaults.{one}") for one in fields]


def test_in_a_house_without_skills_and_of_what_cannot_be_read_nothing_is_said() -> None:
    assert found(MENU | {"defaults": {"skills": {"gone": 1}}}, ()) == []
    assert found({"nodes": 1}) == []


def test_ours_are_fine_in_the_house_they_were_written_for() -> None:
    assert not [one for name, text in our_documents().items() for one in skill_problems(name, text, SKILLS)]
