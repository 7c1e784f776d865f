"""What the doctor says of the published menus: those that do not hold, and what leads nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from callwright.asterisk.findings import Finding
from callwright.menu_check import menu_findings
from crm_core.domain.articles import Readable
from crm_core.domain.floor import Did, DidTarget, FloorPlan, Queue, Skill
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from ivr.flow.wording import FIXED, read
from tests.unit.ivr.flows import SOUNDS, document

HOTLINE = Did(number="4008000", target=DidTarget.IVR, to="main")
PLAN = FloorPlan(
    agents=(),
    skills=(Skill(key=SkillKey("repair"), names={}),),
    queues=(Queue(key=QueueKey("service"), names={}),),
    dids=(HOTLINE,),
    departments=(),
)


def looked_at(raw: dict[str, Any], plan: FloorPlan = PLAN) -> list[Finding]:
    return menu_findings({"main": json.dumps(raw)}, plan, SOUNDS)


def told(found: list[Finding]) -> list[str]:
    return [one.what for one in found]


def test_menus_that_hold_are_named() -> None:
    assert told(looked_at(document())) == ["the published voice menus hold: main"]


def test_a_prompt_that_was_taken_away_is_an_apology_to_every_caller() -> None:
    (found,) = told(looked_at(document(apology="gone")))
    assert found.startswith("callers of the voice menu main hear an apology and go to a person: ")
    assert "there is no prompt “gone” in “zh”" in found


def test_words_that_cannot_be_said_are_named_with_their_menu() -> None:
    said = {"hello": read("Hello {name}")}
    sounds = {language: {**dict.fromkeys(keys, FIXED), **said} for language, keys in SOUNDS.items()}
    (found,) = told(menu_findings({"main": json.dumps(document())}, PLAN, sounds))
    assert found.startswith("callers of the voice menu main do not hear its words, and go on as after an error: ")
    assert "nothing gives the value “name”, which the words of “hello” name" in found


def test_of_many_problems_some_are_told() -> None:
    raw = document()
    raw["nodes"]["hello"]["prompts"] = ["lost_1", "lost_2", "lost_3"]
    (found,) = told(looked_at(raw))
    assert found.endswith("; and 3 more")


def test_queues_and_skills_that_there_are_not_are_named_with_their_node() -> None:
    raw = document(defaults={"queue": "lost"})
    raw["nodes"]["person"] = {"kind": "queue", "skills": {"repair": 1, "juggling": 2}, "asks": "singing >= 2"}
    assert told(looked_at(raw)) == [
        "the voice menu main sends callers to the queue lost, which there is not",
        "the voice menu main asks for the skill juggling, which nobody can have (node person)",
        "the voice menu main asks for the skill singing, which nobody can have (node person)",
    ]


def test_numbers_and_queues_lead_only_into_menus_that_are_published() -> None:
    night = replace(HOTLINE, closed_to="night")
    asks = Queue(key=QueueKey("service"), names={}, after_call="how_was_it")
    assert told(looked_at(document(), replace(PLAN, dids=(night,), queues=(asks,)))) == [
        "the number 4008000 leads into the voice menu night, which is not published",
        "the queue service leads into the voice menu how_was_it, which is not published",
    ]


def test_a_new_house_has_nothing_published_and_nothing_wrong() -> None:
    assert menu_findings({}, PLAN, SOUNDS) == []


def test_an_article_that_callers_cannot_hear_is_named() -> None:
    raw = document()
    raw["nodes"]["known"] = {
        "kind": "article",
        "article": "K-0001",
        "told": raw["nodes"]["hello"]["next"],
        "error": "person",
    }
    raw["nodes"]["hello"]["next"] = "known"
    (found,) = told(looked_at(raw))
    assert found.startswith("callers of the voice menu main are not told what they asked for: ")
    assert "there is no article “K-0001”" in found
    heard = {"K-0001": Readable(published=True, spoken=frozenset({Language.EN}))}
    assert told(menu_findings({"main": json.dumps(raw)}, PLAN, SOUNDS, heard)) == [
        "the published voice menus hold: main"
    ]
