"""A past day's calls tried under rules that do not hold yet: on the screens and over REST. Nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from agent_console.errors import TrialFailed, TrialTooLong
from agent_console.trials.child import Trial, compared
from agent_console.trials.trying import TRIALS
from crm_core.domain.floor import Queue
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from crm_core.services.bundle import Services
from cti.events import CallConnected, CallEvent
from routing.simulation.day import Day
from routing.simulation.replay import Rules
from tests.integration.console.stage import Api, Browser, People
from tests.support.past_day import busy_morning

YESTERDAY = datetime(2026, 1, 4, tzinfo=UTC)
ADDRESS = "/floor/queues/service"
DAY = {"trial_day": "2026-01-04"}
SERVICE = QueueKey("service")
HELP = {"relaxing-0-after_s": "15", "relaxing-0-what": "drop:zh", "relaxing-0-level": ""}
CHOSEN = {
    "department": "",
    "strategy": "best_skill",
    "sticky": "nobody",
    "wrap_up": "optional",
    "skill-zh": "",
    "skill-repair": "",
}
"""Selects, as they stand on the page."""


@pytest.fixture
async def past(services: Services, people: People) -> None:
    """Chinese is asked for, which only Alice speaks; Bob serves the queue as well."""
    alice, bob = people.alice.id, people.bob.id
    await services.users.update(alice, skills={SkillKey("zh"): 5}, queues=[SERVICE])
    await services.users.update(bob, queues=[SERVICE])
    await services.calls.apply_all(busy_morning(YESTERDAY, AgentId(alice), [AgentId(bob)], requires={"zh": 1}))


async def test_a_draft_of_a_queue_stands_beside_what_holds(sam: Browser, past: None, services: Services) -> None:
    await sam.get(ADDRESS)
    assert "Sun 4 Jan (36 calls)" in sam.text
    assert (await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN, **HELP, **DAY})).status == 200
    assert "Sun 4 Jan: 36 calls" in sam.text
    assert "Hotline: callers would have waited for" in sam.text
    assert "trial-better" in sam.page
    assert "Of that day's calls 12 gave up" in sam.text
    assert (await services.floor_plans.queue(SERVICE)).version == 1


async def test_what_a_draft_asks_for_is_asked_of_that_days_callers(sam: Browser, past: None) -> None:
    await sam.get(ADDRESS)
    await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN, **DAY, "asks": "repair >= 5"})
    assert "would have given up instead of" in sam.text
    assert "trial-worse" in sam.page


async def test_what_holds_already_cannot_differ(sam: Browser, past: None) -> None:
    await sam.get(ADDRESS)
    await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN, **DAY})
    assert "The draft is what holds already" in sam.text
    assert "trial-better" not in sam.page


async def test_what_is_wrong_in_the_form_is_said_and_nothing_tried(sam: Browser, past: None) -> None:
    await sam.get(ADDRESS)
    await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN, **DAY, "asks": "zh >=", "max_waiting": "3"})
    assert "Nothing was tried" in sam.text
    assert "At its end a level from 1 to 5 is missing." in sam.text
    await sam.get(ADDRESS)
    await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN, **DAY, "max_waiting": "3"})
    assert "but no step here is for that" in sam.text


async def test_a_queue_there_is_not_yet_is_tried_with_the_callers_of_another(
    sam: Browser, past: None, services: Services
) -> None:
    await sam.get("/floor/new-queue")
    assert "Whose callers" in sam.text
    assert "this queue's own" not in sam.text
    form = {**sam.form, **CHOSEN, **HELP, **DAY, "name-en": "Night"}
    await sam.post("/floor/new-queue/trial", {**form, "trial_queue": "service"})
    assert "Hotline: callers would have waited for" in sam.text
    await sam.get("/floor/new-queue")
    await sam.post("/floor/new-queue/trial", {**form, "trial_queue": "gone"})
    assert "Nothing was tried" in sam.text
    assert "There is no queue gone." in sam.text
    assert [queue.key for queue in (await services.floor_plans.load()).queues] == ["service"]


async def test_a_queue_nobody_called_says_so_and_takes_the_callers_of_another(
    sam: Browser, past: None, services: Services
) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("night"), names={"zh": "夜间", "en": "Night"}))
    address = "/floor/queues/night"
    await sam.get(address)
    assert "this queue's own" in sam.text
    form = {**sam.form, **CHOSEN, **HELP, **DAY, "trial_queue": ""}
    await sam.post(f"{address}/trial", form)
    assert "Nobody called Night on that day, so it was hardly tried." in sam.text
    await sam.get(address)
    await sam.post(f"{address}/trial", {**form, "trial_queue": "service"})
    assert "Hotline: callers would have waited for" in sam.text


async def test_over_rest_as_well(program: Api, past: None) -> None:
    terms = {"names": {"en": "Night"}, "relaxing": [{"kind": "drop", "after_s": 15, "skill": "zh"}]}
    sent = {"day": "2026-01-04", "terms": terms}
    assert (await program.call("POST", "/queues/night/trial", json=sent)).status == 404
    tried = await (await program.call("POST", "/queues/night/trial", json={**sent, "calls_of": "service"})).json()
    assert "Hotline: callers would have waited for" in tried["changes"][0]["en"]
    unknown = await program.call("POST", "/queues/night/trial", json={**sent, "calls_of": "gone"})
    assert (unknown.status, (await unknown.json())["code"]) == (404, "queue.not_found")


async def test_skills_are_tried_alike(sam: Browser, past: None, people: People, services: Services) -> None:
    address = f"/floor/skills/{people.bob.id}"
    await sam.get(address)
    form = {"calls_per_hour": "", "queue-service": "1", "skill-repair": "", **DAY}
    await sam.post(f"{address}/trial", {**form, "skill-zh": "2"})
    assert "Hotline: callers would have waited for" in sam.text
    assert "Bob Chen" in sam.text
    await sam.get(address)
    await sam.post(f"{address}/trial", {**form, "skill-zh": "2", "skill-zh-from": "2027-01-01"})
    assert "The draft is what holds already" in sam.text, "the skill does not hold today"
    assert (await services.users.get(people.bob.id)).skills == {}


async def test_where_there_is_no_day_to_try_the_form_says_so(sam: Browser) -> None:
    await sam.get(ADDRESS)
    assert "There is no past day with enough calls yet" in sam.text
    await sam.post(f"{ADDRESS}/trial", {**sam.form, **CHOSEN})
    assert "Please choose one of the last 14 days." in sam.text


@pytest.mark.parametrize(
    ("day", "code"),
    [("2026-01-05", "trial.day_unknown"), ("2025-12-01", "trial.day_unknown"), ("2026-01-03", "trial.too_few_calls")],
)
async def test_a_day_that_cannot_be_tried_is_refused(program: Api, past: None, day: str, code: str) -> None:
    sent = {"day": day, "terms": {"names": {"en": "Hotline"}}}
    answer = await program.call("POST", "/queues/service/trial", json=sent)
    assert (answer.status, (await answer.json())["code"]) == (409, code)


async def test_days_nobody_worked_or_was_answered_on_say_nothing(
    program: Api, services: Services, people: People
) -> None:
    alice = AgentId(people.alice.id)
    told = [one for one in busy_morning(YESTERDAY, alice, calls=40) if isinstance(one, CallEvent)]
    taken = {one.call for one in told if isinstance(one, CallConnected)}
    gave_up = [one for one in told if one.call not in taken]
    await services.calls.apply_all(gave_up)
    sent = {"day": "2026-01-04", "terms": {"names": {"en": "Hotline"}}}
    answer = await program.call("POST", "/queues/service/trial", json=sent)
    assert (await answer.json())["code"] == "trial.nobody_answered"
    await services.calls.apply_all(told)
    answer = await program.call("POST", "/queues/service/trial", json=sent)
    assert (await answer.json())["code"] == "trial.without_agents"


async def test_programs_try_queues_and_abilities(program: Api, past: None, people: People, services: Services) -> None:
    days = (await (await program.call("GET", "/trials/days")).json())["items"]
    assert days == [{"day": "2026-01-04", "calls": 36}]
    terms: dict[str, Any] = {"names": {"en": "Hotline"}, "relaxing": [{"after_s": 15, "kind": "drop", "skill": "zh"}]}
    answer = await program.call("POST", "/queues/service/trial", json={"day": "2026-01-04", "terms": terms})
    assert answer.status == 200, await answer.text()
    found = await answer.json()
    [service] = found["queues"]
    wait = service["measures"]["mean_time_in_line_s"]
    assert (service["queue"], wait["differs"]) == ("service", True)
    assert wait["draft"] < wait["now"]
    assert found["changes"][0]["en"].startswith("Hotline: callers would have waited for")
    assert found["changes"][0]["zh"].startswith("服务热线")
    assert {one["agent"] for one in found["agents"]} == {people.alice.id, people.bob.id}
    can = {"skills": {"zh": {"level": 3}}, "queues": ["service"], "calls_per_hour": None}
    address = f"/agents/{people.bob.id}/abilities/trial"
    answer = await program.call("POST", address, json={"day": "2026-01-04", **can})
    assert answer.status == 200, await answer.text()
    assert (await answer.json())["total"]["abandoned"]["differs"]
    assert (await services.users.get(people.bob.id)).skills == {}
    strange = {"day": "2026-01-04", **can, "queues": ["nowhere"]}
    assert (await (await program.call("POST", address, json=strange)).json())["code"] == "queue.not_found"
    wrong = {"day": "2026-01-04", "terms": {**terms, "asks": "zh >="}}
    answer = await program.call("POST", "/queues/service/trial", json=wrong)
    assert (await answer.json())["code"] == "queue.wish_unreadable"


async def test_one_day_is_tried_at_a_time(program: Api, past: None, server: TestServer) -> None:
    sent = {"day": "2026-01-04", "terms": {"names": {"en": "Hotline"}}}
    assert server.app is not None
    async with server.app[TRIALS]:
        answer = await program.call("POST", "/queues/service/trial", json=sent)
    assert (answer.status, (await answer.json())["code"]) == (409, "trial.busy")


async def test_agents_try_nothing(api: Api, past: None) -> None:
    sent = {"day": "2026-01-04", "terms": {"names": {"en": "Hotline"}}}
    assert (await api.call("POST", "/queues/service/trial", json=sent)).status == 403
    assert (await api.call("GET", "/trials/days")).status == 403


async def test_a_trial_that_takes_too_long_or_fails_is_ended() -> None:
    nobody = Rules(agents=(), queues=())
    trial = Trial(day=Day(length_s=1.0, visits=(), turns=()), now=nobody, draft=nobody)
    with pytest.raises(TrialTooLong):
        await compared(trial, too_long_s=0)
    with pytest.raises(TrialFailed):
        await compared(Trial(day=None, now=nobody, draft=nobody))  # type: ignore[arg-type]
    assert (await compared(trial)).total["offered"].now == 0
