"""How a supervisor makes, names and takes away skills and departments, on the screens and by REST."""

from __future__ import annotations

import json

import pytest

from crm_core.domain.floor import Department, Queue, Relaxation, RelaxationKind, Skill
from crm_core.domain.house_terms import TermKind
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.services.bundle import Services
from tests.integration.console.stage import Api, Browser, People

ASKING = {
    "start": "person",
    "apology": "trouble",
    "error": "person",
    "nodes": {"person": {"kind": "queue", "asks": "solar >= 2"}},
}


@pytest.fixture(autouse=True)
async def house(services: Services, people: People) -> None:
    del people  # who are there
    await services.floor_plans.put_skill(Skill(key=SkillKey("solar"), names={"zh": "光伏", "en": "Solar"}))
    await services.floor_plans.put_skill(Skill(key=SkillKey("zh"), names={"zh": "中文", "en": "Chinese"}))


async def keys(services: Services, kind: TermKind = TermKind.SKILL) -> set[str]:
    return {one.key for one in await services.house_terms.all(kind)}


async def test_a_skill_is_made_named_anew_and_taken_away(sam: Browser, services: Services) -> None:
    await sam.get("/floor/new-skill")
    made = await sam.post("/floor/new-skill", {**sam.form, "key": "wind", "name-en": " Wind  power "}, follow=False)
    assert (made.status, made.headers["Location"]) == (303, "/floor/terms")
    await sam.get("/floor/terms")
    assert "Wind power" in sam.text
    assert "nobody yet" in sam.text
    await sam.get("/floor/terms/skill/wind")
    await sam.post("/floor/terms/skill/wind", {**sam.form, "name-zh": "风电"})
    assert (await services.house_terms.get(TermKind.SKILL, "wind")).names == {"zh": "风电", "en": "Wind power"}
    await sam.post("/floor/terms/skill/wind/delete", {})
    assert "wind is gone." in sam.text
    assert "wind" not in await keys(services)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "solar", "name-en": "Sun"}, "There is solar already."),
        ({"key": "Sun Power", "name-en": "Sun"}, "small letters"),
        ({"key": "", "name-en": "Sun"}, "small letters"),
        ({"key": "sun", "name-en": "  "}, "Please give it a name."),
        ({"key": "sun", "name-zh": "长" * 300}, "characters"),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_lost(
    typed: dict[str, str], said: str, sam: Browser, services: Services
) -> None:
    before = await keys(services)
    await sam.get("/floor/new-skill")
    answer = await sam.post("/floor/new-skill", {**sam.form, **typed})
    assert (answer.status, said in sam.text) == (422, True), sam.text
    assert await keys(services) == before


async def test_what_is_used_stays_and_says_by_whom(sam: Browser, services: Services, people: People) -> None:
    relaxing = (Relaxation(after_s=30, kind=RelaxationKind.LOWER, skill=SkillKey("solar"), level=1),)
    await services.floor_plans.put_queue(
        Queue(key=QueueKey("roof"), names={"zh": "屋顶", "en": "Roofs"}, asks="solar >= 2", relaxing=relaxing)
    )
    await services.flows.save_draft("sunny", json.dumps(ASKING), revision=0)
    await services.users.update(people.bob.id, skills={SkillKey("solar"): 3})
    await sam.get("/floor/terms/skill/solar")
    for said in ("1 person", "Roofs", "sunny"):
        assert said in sam.text, said
    await sam.post("/floor/terms/skill/solar/delete", {})
    assert "It is still used, so it stays." in sam.text
    assert "solar" in await keys(services)


async def test_a_menu_alone_keeps_a_skill(sam: Browser, services: Services) -> None:
    await services.flows.save_draft("sunny", json.dumps(ASKING), revision=0)
    await sam.post("/floor/terms/skill/solar/delete", {})
    assert "solar" in await keys(services)


async def test_a_language_stays(sam: Browser, services: Services) -> None:
    await services.house_terms.get(TermKind.SKILL, "zh")
    await sam.post("/floor/terms/skill/zh/delete", {})
    assert "every caller who speaks this language" in sam.text
    assert "zh" in await keys(services)


async def test_a_department_is_kept_by_its_queues_and_people(sam: Browser, services: Services, people: People) -> None:
    await services.floor_plans.put_department(Department(key="north", names={"zh": "北区", "en": "North"}))
    await services.users.update(people.bob.id, department="north")
    await sam.post("/floor/terms/department/north/delete", {})
    assert "1 person" in sam.text
    await services.users.update(people.bob.id, department=None)
    await sam.post("/floor/terms/department/north/delete", {})
    assert "north" not in await keys(services, TermKind.DEPARTMENT)


async def test_a_department_is_kept_by_its_tickets(sam: Browser, program: Api, services: Services) -> None:
    await services.floor_plans.put_department(Department(key="north", names={"zh": "北区", "en": "North"}))
    await services.tickets.create(subject="No internet", department="north")
    await sam.get("/floor/terms")
    assert "1 ticket" in sam.text
    await sam.post("/floor/terms/department/north/delete", {})
    assert "It is still used, so it stays." in sam.text
    assert "1 ticket" in sam.text
    assert (await program.call("DELETE", "/departments/north")).status == 409
    assert "north" in await keys(services, TermKind.DEPARTMENT)


async def test_agents_look_after_neither(alice: Browser) -> None:
    for address in ("/floor/terms", "/floor/new-skill", "/floor/terms/skill/solar"):
        assert (await alice.get(address)).status == 403
    assert (await alice.post("/floor/terms/skill/solar/delete", {})).status == 403


async def test_what_is_not_there_is_not_found(sam: Browser) -> None:
    assert (await sam.get("/floor/terms/skill/moon")).status == 404
    assert (await sam.get("/floor/terms/planet/moon")).status == 404


async def test_by_rest(program: Api, services: Services) -> None:
    body = {"new": True, "names": {"en": "Wind"}}
    made = await program.call("PUT", "/skills/wind", json=body)
    assert (made.status, (await made.json())["people"]) == (200, 0)
    again = await program.call("PUT", "/skills/wind", json=body)
    assert (again.status, (await again.json())["code"]) == (409, "term.taken")
    unusable = await program.call("PUT", "/skills/or", json=body)
    assert (unusable.status, (await unusable.json())["code"]) == (409, "term.key_joins_skills")
    assert (await program.call("PUT", "/departments/north", json={"names": {"en": "North"}})).status == 404
    assert (await program.call("PUT", "/departments/north", json={"new": True, "names": {"en": "North"}})).status == 200
    listed = await (await program.call("GET", "/departments")).json()
    assert "north" in [one["key"] for one in listed["items"]]
    assert (await program.call("DELETE", "/departments/north")).status == 204
    assert (await program.call("DELETE", "/skills/wind")).status == 204
    kept = await program.call("DELETE", "/skills/zh")
    assert (kept.status, (await kept.json())["code"]) == (409, "term.used")
    assert "wind" not in await keys(services)
