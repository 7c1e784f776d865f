"""REST: the people, their states, and everything live; states and the floor come over the bus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum

from pydantic import Field

from agent_console.api import models
from agent_console.api.control import call_named
from agent_console.api.operations import Ask, ListQuery, Operations, SearchText
from agent_console.auth.permissions import May, allowed, may_ask_about
from agent_console.control import directed
from agent_console.errors import Forbidden, refusal
from agent_console.explained import idle_reason, names_of_floor, no_calls, still_waits, wait_reason
from agent_console.floor import floor_now, state_command
from agent_console.inputs import Input, Line
from agent_console.keys import BUS, WORDS
from agent_console.words import Sentence
from crm_core.domain.told_waits import WaitAccuracy
from crm_core.domain.users import Role, User
from crm_core.kernel.ids import AgentId, UserId
from crm_core.kernel.messages import Command
from crm_core.services.service_levels import QueueLevels

api = Operations("Floor")
_AWAY = (503, 504)


class AgentQuery(ListQuery):
    q: SearchText = ""
    role: Role | None = None


class WantedState(StrEnum):
    READY = "ready"
    PAUSED = "paused"
    OFFLINE = "offline"


class StateInput(Input):
    state: WantedState
    reason: Line = Field(default="", description="Needed for a pause: `break`, `lunch`, … or one's own word.")


@api.add("GET", "/me", "Who I am and what I may do", answers=models.Me)
async def get_me(ask: Ask) -> models.Me:
    permissions = [one.value for one in May if allowed(ask.user, one)]
    return models.Me(user=models.Agent.model_validate(ask.user), permissions=permissions)


@api.add("GET", "/agents", "The people who work here", answers=models.AgentPage, query=AgentQuery)
async def list_agents(ask: Ask, query: AgentQuery) -> models.AgentPage:
    page = await ask.services.users.list(role=query.role, text=query.q.strip(), cursor=query.cursor, limit=query.limit)
    return models.AgentPage.model_validate(page)


@api.add("GET", "/agents/{agent}", "One of them", answers=models.Agent)
async def get_agent(ask: Ask) -> models.Agent:
    return models.Agent.model_validate(await ask.services.users.get(UserId(ask.path["agent"])))


@api.add(
    "POST",
    "/agents/{agent}/state",
    "Set an agent ready, paused or offline",
    status=204,
    body=StateInput,
    refusals=_AWAY,
)
async def set_agent_state(ask: Ask, body: StateInput) -> None:
    agent = await directed(ask.services, ask.user, ask.path["agent"])
    result = await ask.request.config_dict[BUS].request(command_for(ask.user, agent, body))
    if not result.ok:
        raise refusal(result)


def command_for(user: User, agent: AgentId, wanted: StateInput) -> Command:
    return state_command(user, agent, wanted.state.value, wanted.reason)


@api.add("GET", "/agents/{agent}/why-no-calls", "Why an agent gets no calls", answers=models.WhyNoCalls, refusals=_AWAY)
async def why_no_calls(ask: Ask) -> models.WhyNoCalls:
    agent = UserId(ask.path["agent"])
    if not may_ask_about(ask.user, agent):
        raise Forbidden()
    await ask.services.users.get(agent)
    reason = await idle_reason(ask.request.config_dict[BUS], AgentId(agent))
    names = names_of_floor(await ask.services.floor_plans.load())
    said = in_every_language(ask, no_calls(reason, names))
    return models.WhyNoCalls.model_validate({**asdict(reason), "sentences": said})


@api.add(
    "GET",
    "/calls/{call}/why-waiting",
    "Why a caller is still waiting",
    answers=models.WhyWaits,
    may=May.SEE_FLOOR,
    refusals=_AWAY,
)
async def why_waiting(ask: Ask) -> models.WhyWaits:
    reason = await wait_reason(ask.request.config_dict[BUS], call_named(ask))
    names = names_of_floor(await ask.services.floor_plans.load())
    said = in_every_language(ask, still_waits(reason, names))
    return models.WhyWaits.model_validate({**asdict(reason), "sentences": said})


def in_every_language(ask: Ask, said: Iterable[Sentence]) -> list[dict[str, str]]:
    every = ask.request.config_dict[WORDS]
    return [{str(language): words.speak(one) for language, words in every.items()} for one in said]


@api.add("GET", "/floor", "Everything live, right now", answers=models.Floor, may=May.SEE_FLOOR, refusals=_AWAY)
async def get_floor(ask: Ask) -> models.Floor:
    return models.Floor.model_validate(await floor_now(ask.request))


@api.add("GET", "/queues", "The queues and who waits in them", answers=models.Queues, may=May.SEE_FLOOR, refusals=_AWAY)
async def list_queues(ask: Ask) -> models.Queues:
    floor = await floor_now(ask.request)
    plan = await ask.services.floor_plans.load()
    terms = {queue.key: models.QueueTerms.model_validate(queue) for queue in plan.queues}
    answered, told = await ask.services.service_levels.now(), await ask.services.told_waits.lately()
    rows = [
        {
            **asdict(queue),
            "terms": terms.get(queue.queue),
            "told_waits": models.ToldWaits.model_validate(told.get(queue.queue, WaitAccuracy())),
            **_levels(answered.get(queue.queue, QueueLevels())),
        }
        for queue in floor.queues
    ]
    return models.Queues(items=[models.QueueWithTerms.model_validate(row) for row in rows])


def _levels(levels: QueueLevels) -> dict[str, models.ServiceLevel]:
    return {
        "today": models.ServiceLevel.model_validate(levels.today),
        "last_half_hour": models.ServiceLevel.model_validate(levels.lately),
    }
