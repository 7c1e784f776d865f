"""Queues and abilities for programs: the same rules as on the screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.floor import Department, Queue
from crm_core.domain.users import Validity
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import Floor, GetFloor, ReloadFloor
from tests.integration.console.stage import Api, People


@pytest.fixture
def sam(program: Api) -> Api:
    return program


async def test_a_queue_is_read_changed_and_told(sam: Api, services: Services, bus: Bus) -> None:
    told: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        told.append(command)
        return CommandResult(ok=True)

    found = await (await sam.call("GET", "/queues/service")).json()
    terms = {name: value for name, value in found["terms"].items() if name != "key"}
    async with bus.serve(telephony, ReloadFloor, TellAsterisk):
        sent = {"version": 1, "terms": {**terms, "strategy": "round_robin", "asks": "repair >= 2"}}
        answer = await sam.call("PUT", "/queues/service", json=sent)
    assert answer.status == 200, await answer.text()
    agreed = await answer.json()
    assert (agreed["version"], agreed["terms"]["strategy"]) == (2, "round_robin")
    assert [(one["code"], one["sentence"]["en"]) for one in agreed["doubts"]] == [
        ("nobody_serves", "Nobody serves this queue yet. Who does is said at Skills of people.")
    ]
    assert told == [ReloadFloor(), TellAsterisk()]
    versions = (await (await sam.call("GET", "/queues/service/versions")).json())["items"]
    assert [(one["version"], one["terms"]["strategy"]) for one in versions] == [(2, "round_robin"), (1, "best_skill")]


async def test_an_old_version_and_what_cannot_be_are_refused(sam: Api, services: Services) -> None:
    names = {"names": {"en": "Hotline"}}
    for sent, status, code in (
        ({"version": 7, "terms": names}, 409, "queue.changed_meanwhile"),
        ({"version": 0, "terms": names}, 409, "queue.taken"),
        ({"version": 1, "terms": {**names, "asks": "zh >="}}, 409, "queue.wish_unreadable"),
        ({"version": 1, "terms": {"names": {}}}, 422, "request.invalid"),
        ({"version": 1, "terms": {"names": {"en": "Hotline", "fr": "Accueil"}}}, 422, "request.invalid"),
        ({"version": 1, "terms": {**names, "weight": 0}}, 422, "request.invalid"),
        ({"version": 1, "terms": {**names, "wieght": 2}}, 422, "request.invalid"),
        ({"version": 1, "terms": {**names, "department": "none"}}, 404, "department.not_found"),
    ):
        answer = await sam.call("PUT", "/queues/service", json=sent)
        assert (answer.status, (await answer.json())["code"]) == (status, code)
    assert (await services.floor_plans.queue(QueueKey("service"))).version == 1


async def test_a_new_queue_is_made(sam: Api, services: Services) -> None:
    answer = await sam.call("PUT", "/queues/front", json={"version": 0, "terms": {"names": {"en": "Front desk"}}})
    assert answer.status == 200
    assert (await services.floor_plans.queue(QueueKey("front"))).queue.names == {"en": "Front desk"}


async def test_what_an_agent_can_is_said_as_a_whole(sam: Api, services: Services, people: People) -> None:
    can = {
        "skills": {"zh": {"level": 5}, "repair": {"level": 2, "last": "2026-12-31"}},
        "queues": ["service"],
        "calls_per_hour": 4,
    }
    answer = await sam.call("PUT", f"/agents/{people.alice.id}/abilities", json=can)
    assert answer.status == 200, await answer.text()
    alice = await services.users.get(people.alice.id)
    assert (alice.skills, alice.queues, alice.calls_per_hour) == ({"zh": 5, "repair": 2}, ("service",), 4)
    assert alice.validity == {"repair": Validity(last=date(2026, 12, 31))}


async def test_abilities_that_others_have_changed_meanwhile_are_not_overwritten(sam: Api, people: People) -> None:
    address, can = f"/agents/{people.alice.id}/abilities", {"skills": {"zh": {"level": 5}}, "queues": []}
    known = {"calls_per_hour": None, "abilities": people.alice.abilities}
    changed = await sam.call("PUT", address, json={**can, **known})
    assert changed.status == 200
    assert (await changed.json())["abilities"] != people.alice.abilities
    answer = await sam.call("PUT", address, json={**can, **known, "calls_per_hour": 9})
    assert (answer.status, (await answer.json())["code"]) == (409, "user.changed_meanwhile")


async def test_only_those_who_look_after_it_may(api: Api, sam: Api, services: Services, people: People) -> None:
    assert (await api.call("GET", "/queues/service")).status == 403  # an agent
    await services.floor_plans.put_department(Department(key="sales", names={"en": "Sales"}))
    await services.floor_plans.put_department(Department(key="service", names={"en": "Service"}))
    now = (await services.floor_plans.queue(QueueKey("service"))).queue
    await services.floor_plans.put_queue(replace(now, department="service"))
    await services.users.update(people.sam.id, department="sales")
    assert (await sam.call("GET", "/queues/service")).status == 403
    own = {"version": 0, "terms": {"names": {"en": "Theirs"}, "department": "service"}}
    assert (await sam.call("PUT", "/queues/theirs", json=own)).status == 403


async def test_a_queue_is_deleted_once_nothing_leads_to_it(sam: Api, services: Services, bus: Bus) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("spare"), names={"en": "Spare"}))
    answer = await sam.call("DELETE", "/queues/spare?version=1")
    assert (answer.status, (await answer.json())["code"]) == (409, "queue.needed")  # telephony is away

    async def telephony(command: Command) -> CommandResult:
        return Floor(ok=True) if isinstance(command, GetFloor) else CommandResult(ok=True)

    async with bus.serve(telephony, GetFloor, ReloadFloor, TellAsterisk):
        assert (await sam.call("DELETE", "/queues/spare?version=7")).status == 409
        assert (await sam.call("DELETE", "/queues/spare?version=1")).status == 204
        assert (await sam.call("DELETE", "/queues/spare?version=1")).status == 404
        assert (await sam.call("DELETE", "/queues/service?version=1")).status == 409
