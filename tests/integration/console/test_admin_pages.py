"""What an administrator does: people, passwords, API tokens."""

from __future__ import annotations

import re
from datetime import date

import pytest

from agent_console.pages.admin.commands import TellAsterisk
from crm_core.domain.users import Role, Validity
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import AgentId, SkillKey
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import ForceAgentState, ReloadFloor, SignOff
from tests.integration.console.stage import Browser, NewBrowser, People

CAROL = {
    "login": "carol",
    "password": "first password",
    "name": "Carol Smith",
    "role": "agent",
    "extension": "1003",
    "phone_kind": "webrtc",
    "department": "service",
    "language": "en",
    "skill-zh": "",
    "skill-repair": "4",
    "queue-service": "1",
}


async def test_a_colleague_is_added_and_the_floor_learns_of_it(
    admin: Browser, services: Services, bus: Bus, new_browser: NewBrowser
) -> None:
    told: list[Command] = []

    async def telephony(command: Command) -> CommandResult:
        told.append(command)
        return CommandResult(ok=True)

    async with bus.serve(telephony, ReloadFloor):
        await admin.get("/admin/users/new")
        await admin.post("/admin/users/new", CAROL)
    carol = await services.users.by_login("carol")
    assert carol is not None
    assert (carol.extension, carol.skills, carol.queues) == ("1003", {"repair": 4}, ("service",))
    assert told == [ReloadFloor()]
    assert (await new_browser().log_in("carol", "first password")).status == 303


async def test_the_language_may_be_left_to_the_browser(admin: Browser, services: Services) -> None:
    await admin.get("/admin/users/new")
    assert "As the browser says" in admin.text
    await admin.post("/admin/users/new", {**CAROL, "language": ""})
    carol = await services.users.by_login("carol")
    assert carol is not None
    assert carol.language is None


async def test_while_the_telephone_side_is_away_one_is_told(admin: Browser) -> None:
    await admin.get("/admin/users/new")
    await admin.post("/admin/users/new", CAROL)
    assert "carol can log in now" in admin.text
    assert "The telephone side is away" in admin.text


async def test_faults_stand_beside_their_fields(admin: Browser, services: Services) -> None:
    await admin.get("/admin/users/new")
    wrong = {**CAROL, "login": "Carol Smith!", "password": "short", "extension": "front desk"}
    assert (await admin.post("/admin/users/new", wrong)).status == 422
    assert "Small letters, digits, dot, dash and underscore only, please." in admin.text
    assert "Two to eight digits, please." in admin.text
    assert 'value="Carol Smith!"' in admin.text
    taken = {**CAROL, "login": "alice"}
    assert (await admin.post("/admin/users/new", taken)).status == 422
    assert "The login alice is taken." in admin.text
    assert await services.users.by_login("carol") is None


async def test_a_department_that_was_taken_away_meanwhile_is_told_beside_its_field(
    admin: Browser, services: Services
) -> None:
    await admin.get("/admin/users/new")
    assert (await admin.post("/admin/users/new", {**CAROL, "department": "gone"})).status == 422
    assert "There is no department gone." in admin.text
    assert 'value="carol"' in admin.text
    assert await services.users.by_login("carol") is None


async def test_a_skill_may_hold_for_some_days(admin: Browser, services: Services) -> None:
    await admin.get("/admin/users/new")
    days = {"skill-repair-from": "2026-11-28", "skill-repair-until": "2026/12/24", "skill-zh-from": "2026-11-28"}
    await admin.post("/admin/users/new", {**CAROL, **days})
    carol = await services.users.by_login("carol")
    assert carol is not None
    assert carol.validity == {"repair": Validity(first=date(2026, 11, 28), last=date(2026, 12, 24))}
    await admin.get(f"/admin/users/{carol.id}")
    assert 'value="2026-12-24"' in admin.text
    form = {**CAROL, "skill-repair-from": "", "skill-repair-until": ""}
    await admin.post(f"/admin/users/{carol.id}", form)
    assert (await services.users.get(carol.id)).validity == {}


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("tomorrow", "", "Please write the day like 2026-11-28."),
        ("2026-11-28", "2026-11-27", "The last day must not be before the first."),
    ],
)
async def test_days_that_cannot_be_are_told_beside_them(admin: Browser, first: str, last: str, says: str) -> None:
    await admin.get("/admin/users/new")
    wrong = {**CAROL, "skill-repair-from": first, "skill-repair-until": last}
    assert (await admin.post("/admin/users/new", wrong)).status == 422
    assert says in admin.text
    assert f'value="{first}"' in admin.text


async def test_somebody_is_changed(admin: Browser, services: Services, people: People) -> None:
    await admin.get(f"/admin/users/{people.bob.id}")
    assert "陈博" in admin.text
    form = {**CAROL, "name": "陈博", "role": "supervisor", "extension": "1002", "skill-zh": "5", "skill-repair": ""}
    await admin.post(f"/admin/users/{people.bob.id}", form)
    bob = await services.users.get(people.bob.id)
    assert (bob.role, bob.skills) == (Role.SUPERVISOR, {"zh": 5})


async def test_what_a_supervisor_has_changed_meanwhile_is_not_overwritten(
    admin: Browser, services: Services, people: People
) -> None:
    page = f"/admin/users/{people.bob.id}"
    await admin.get(page)
    form = {**CAROL, "name": "陈博", "extension": "1002", "abilities": admin.form["abilities"]}
    await services.users.update(people.bob.id, skills={SkillKey("zh"): 4}, calls_per_hour=3)
    assert (await admin.post(page, {**form, "skill-zh": "5"})).status == 422
    assert "Somebody else has changed what 陈博 can since you opened it." in admin.text
    assert (await services.users.get(people.bob.id)).skills == {"zh": 4}
    await admin.get(page)
    await admin.post(page, {**form, "skill-zh": "5", "abilities": admin.form["abilities"]})
    assert (await services.users.get(people.bob.id)).skills["zh"] == 5


async def test_how_many_calls_an_hour_somebody_gets_is_given_and_taken_back(
    admin: Browser, services: Services, people: People
) -> None:
    page, form = f"/admin/users/{people.bob.id}", {**CAROL, "name": "陈博", "extension": "1002"}
    await admin.get(page)
    await admin.post(page, {**form, "calls_per_hour": "6"})
    assert (await services.users.get(people.bob.id)).calls_per_hour == 6
    [bob] = [agent for agent in (await services.floor_plans.load()).agents if agent.id == people.bob.id]
    assert bob.calls_per_hour == 6
    for wrong in ("0", "many"):
        assert (await admin.post(page, {**form, "calls_per_hour": wrong})).status == 422
        assert "A number from 1 to 1000, or nothing." in admin.text
    await admin.post(page, {**form, "calls_per_hour": ""})
    assert (await services.users.get(people.bob.id)).calls_per_hour is None


async def test_nobody_takes_his_own_rights_away(admin: Browser, services: Services) -> None:
    me = await services.users.by_login("admin")
    assert me is not None
    await admin.get(f"/admin/users/{me.id}")
    form = {**CAROL, "name": "Somebody else", "extension": "", "role": "agent"}
    assert (await admin.post(f"/admin/users/{me.id}", form)).status == 422
    assert "You cannot lock yourself out. Ask another administrator." in admin.text
    assert await services.users.get(me.id) == me
    await admin.post(f"/admin/users/{me.id}", {**form, "role": "admin"})
    assert (await services.users.get(me.id)).name == "Somebody else"


async def test_somebody_is_locked_out_and_let_in_again(admin: Browser, new_browser: NewBrowser, people: People) -> None:
    await admin.get(f"/admin/users/{people.bob.id}")
    await admin.post(f"/admin/users/{people.bob.id}/disabled", {"disabled": "1"})
    assert "Locked" in admin.text
    assert (await new_browser().log_in("bob")).status == 401
    await admin.post(f"/admin/users/{people.bob.id}/disabled", {"disabled": ""})
    assert (await new_browser().log_in("bob")).status == 303


async def test_whoever_is_locked_out_leaves_the_floor_and_asterisk(admin: Browser, bus: Bus, people: People) -> None:
    told: list[Command] = []

    async def house(command: Command) -> CommandResult:
        told.append(command)
        has_call = isinstance(command, SignOff)
        return CommandResult(ok=not has_call, code="agent.has_call" if has_call else "")

    bob = AgentId(people.bob.id)
    async with bus.serve(house, ReloadFloor, SignOff, ForceAgentState, TellAsterisk):
        await admin.get(f"/admin/users/{bob}")
        await admin.post(f"/admin/users/{bob}/disabled", {"disabled": "1"})
    assert told == [SignOff(agent=bob), ForceAgentState(agent=bob, state="offline"), ReloadFloor(), TellAsterisk()]
    assert "bob cannot log in any more." in admin.text
    assert "Asterisk has not been told" not in admin.text


async def test_what_asterisk_does_not_know_yet_is_said(admin: Browser, bus: Bus, people: People) -> None:
    async def house(command: Command) -> CommandResult:
        return CommandResult(ok=not isinstance(command, TellAsterisk), code="asterisk.not_ours")

    bob = people.bob.id
    async with bus.serve(house, ReloadFloor, SignOff, TellAsterisk):
        await admin.get(f"/admin/users/{bob}")
        await admin.post(f"/admin/users/{bob}/disabled", {"disabled": "1"})
        assert "there the phone 1002 stays as it was until somebody runs" in admin.text
        await admin.post(f"/admin/users/{bob}/disabled", {"disabled": ""})
        assert "there the phone 1002 stays as it was until somebody runs" in admin.text
        form = {
            **CAROL,
            "name": "陈博",
            "name_en": "Bob Chen",
            "extension": "1002",
            "queue-service": "",
            "skill-zh": "5",
        }
        await admin.post(f"/admin/users/{bob}", form)
    assert "Saved." in admin.text
    assert "Asterisk has not been told" not in admin.text  # skills are none of its business


async def test_nobody_locks_himself_out(admin: Browser, services: Services, people: People) -> None:
    await admin.get(f"/admin/users/{people.admin.id}")
    await admin.post(f"/admin/users/{people.admin.id}/disabled", {"disabled": "1"})
    assert not (await services.users.get(people.admin.id)).disabled


async def test_a_forgotten_password_is_set_anew(admin: Browser, new_browser: NewBrowser, people: People) -> None:
    await admin.get(f"/admin/users/{people.bob.id}")
    assert (await admin.post(f"/admin/users/{people.bob.id}/password", {"password": "short"})).status == 422
    await admin.post(f"/admin/users/{people.bob.id}/password", {"password": "brand new one"})
    assert (await new_browser().log_in("bob", "brand new one")).status == 303


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    admin: Browser, services: Services, people: People
) -> None:
    await admin.get("/admin/tokens")
    await admin.post("/admin/tokens", {"name": "web shop", "user": people.alice.id})
    found = re.search(r'class="token-once">([^<]+)<', admin.text)
    assert found is not None
    token = found[1].strip()
    user = await services.api_tokens.resolve(token)
    assert user is not None
    assert user.login == "alice"
    await admin.get("/admin/tokens")
    assert token not in admin.text
    kept = (await services.api_tokens.list())[0]
    (told,) = [
        line.body
        for line in await services.event_log.read(topic="audit", limit=1000)
        if line.body["subject"] == kept.id
    ]
    assert (told["by"], told["details"]["user"]) == (people.admin.id, people.alice.id)
    await admin.post(f"/admin/tokens/{kept.id}/revoke")
    assert await services.api_tokens.resolve(token) is None


async def test_the_style_guide_shows_every_piece(alice: Browser) -> None:
    await alice.get("/styleguide")
    for piece in ("state-wrap_up", "tag-danger", "priority-urgent", "cw-empty", "cw-message-warning", "is-invalid"):
        assert piece in alice.text
