"""What a supervisor says of agents: skills with their days, queues, calls an hour."""

from __future__ import annotations

from datetime import date

from crm_core.domain.floor import Department
from crm_core.domain.users import Validity
from crm_core.kernel.bus import Bus
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import ReloadFloor
from tests.integration.console.stage import Browser, People

LEVELS = {"skill-zh": "5", "skill-repair": "2"}


async def test_a_supervisor_says_what_somebody_can(sam: Browser, people: People, services: Services, bus: Bus) -> None:
    told: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        told.append(command)
        return CommandResult(ok=True)

    address = f"/floor/skills/{people.alice.id}"
    await sam.get(address)
    changes = {**LEVELS, "skill-repair-until": "2020-01-31", "queue-service": "1", "calls_per_hour": "6"}
    async with bus.serve(telephony, ReloadFloor):
        assert (await sam.post(address, {**sam.form, **changes})).status == 200
    assert told == [ReloadFloor()]
    alice = await services.users.get(people.alice.id)
    assert (alice.skills, alice.queues, alice.calls_per_hour) == ({"zh": 5, "repair": 2}, ("service",), 6)
    assert alice.validity == {"repair": Validity(last=date(2020, 1, 31))}
    assert "Saved: Alice Wang." in sam.text
    assert "(2)" in sam.text  # it does not hold today


async def test_what_cannot_be_is_named_at_its_field(sam: Browser, people: People) -> None:
    address = f"/floor/skills/{people.alice.id}"
    await sam.get(address)
    assert (await sam.post(address, {**sam.form, **LEVELS, "calls_per_hour": "many"})).status == 422
    assert "A number from 1 to" in sam.text
    days = {"skill-zh-from": "2026-02-01", "skill-zh-until": "2026-01-01", "calls_per_hour": ""}
    assert (await sam.post(address, {**sam.form, **LEVELS, **days})).status == 422
    assert "The last day must not be before the first." in sam.text


async def test_what_another_has_changed_meanwhile_is_not_overwritten_unseen(
    sam: Browser, people: People, services: Services
) -> None:
    address = f"/floor/skills/{people.alice.id}"
    await sam.get(address)
    await services.users.update(people.alice.id, calls_per_hour=3)
    assert (await sam.post(address, {**sam.form, **LEVELS})).status == 409
    assert "Somebody else has changed this person" in sam.text
    assert (await services.users.get(people.alice.id)).skills == {}
    await sam.post(address, {**sam.form, **LEVELS, "calls_per_hour": "3"})
    alice = await services.users.get(people.alice.id)
    assert (alice.skills, alice.calls_per_hour) == ({"zh": 5, "repair": 2}, 3)


async def test_people_of_another_department_are_looked_after_there(
    sam: Browser, people: People, services: Services, alice: Browser
) -> None:
    assert (await alice.get("/floor/skills")).status == 403
    await services.floor_plans.put_department(Department(key="sales", names={"en": "Sales"}))
    await services.users.update(people.sam.id, department="sales")
    await services.users.update(people.bob.id, department="service")
    assert (await sam.get(f"/floor/skills/{people.bob.id}")).status == 403
