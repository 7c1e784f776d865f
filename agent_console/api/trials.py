"""REST: a past day's calls under rules that do not hold yet. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from agent_console.api.floor import in_every_language
from agent_console.api.models import Answer
from agent_console.api.operations import Ask, Operations
from agent_console.api.queues import AbilitiesDraft, TermsInput, abilities_of, draft_of, my_queue
from agent_console.auth.permissions import May, may_shape
from agent_console.errors import Forbidden
from agent_console.explained import names_of_floor
from agent_console.inputs import Id, Input
from agent_console.trials.trying import Tried, in_place_of, past_days, tried, with_abilities, with_queue
from agent_console.trials.words import changes, notes
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import AgentId, QueueKey, UserId
from routing.simulation.comparing import Pair

api = Operations("Floor")
_REFUSALS = (409, 503)


class QueueTrialInput(Input):
    day: date = Field(description="One of `GET /trials/days`.")
    terms: TermsInput  # type: ignore[valid-type]
    calls_of: Id | None = Field(
        default=None,
        description="Whose callers come: another queue's, whose people serve them by these terms. Needed for a queue "
        "that there is not yet; null: the queue's own.",
    )


class AbilitiesTrialInput(AbilitiesDraft):
    day: date = Field(description="One of `GET /trials/days`.")


class TrialDay(Answer):
    day: date
    calls: int = Field(description="So many asked for a person.")


class TrialDays(Answer):
    items: list[TrialDay]


class TrialPair(Answer):
    now: float
    draft: float
    differs: bool = Field(description="By more than the luck of the runs would, and by something that counts.")


class TrialQueue(Answer):
    queue: str = Field(description="Into which the callers came first, wherever they were served.")
    measures: dict[str, TrialPair] = Field(
        description="As of `callwright simulate`: `offered`, `abandoned`, `mean_time_in_line_s`, `p95_wait_s`, …"
    )


class TrialAgent(Answer):
    agent: str
    busy: TrialPair = Field(description="Share of the time at work with a call or its paperwork.")


class Trial(Answer):
    """A day under the rules as they are and under the draft."""

    day: date
    calls: int
    gave_up: int = Field(description="So many of them: of the others it is only known that they had more patience.")
    runs: int = Field(description="Of each; what is not known of the day is drawn anew each time.")
    total: dict[str, TrialPair]
    queues: list[TrialQueue]
    agents: list[TrialAgent]
    busy: dict[str, TrialPair] = Field(description="`min_share`, `mean_share`, `max_share` of all agents.")
    changes: list[dict[str, str]] = Field(description="What would have been otherwise, in each language.")
    notes: list[dict[str, str]] = Field(description="How it was found, and what it cannot know.")


@api.add("GET", "/trials/days", "Past days that can be tried", answers=TrialDays, may=May.SHAPE_FLOOR)
async def list_trial_days(ask: Ask) -> TrialDays:
    found = await past_days(ask.request, await ask.services.floor_plans.load())
    return TrialDays(items=[TrialDay(day=one.day, calls=one.calls) for one in found])


@api.add(
    "POST",
    "/queues/{queue}/trial",
    "Try other terms of a queue with a past day's calls",
    answers=Trial,
    body=QueueTrialInput,
    may=May.SHAPE_FLOOR,
    refusals=_REFUSALS,
)
async def try_queue(ask: Ask, body: QueueTrialInput) -> Trial:
    key = QueueKey(ask.path["queue"])
    plan = await ask.services.floor_plans.load()
    if body.calls_of is None or any(queue.key == key for queue in plan.queues):
        await my_queue(ask)
    draft = in_place_of(plan, QueueKey(body.calls_of or key), draft_of(key, body.terms))
    if not may_shape(ask.user, draft.department):
        raise Forbidden()
    await ask.services.floor_plans.check_queue(draft)
    return await _tried(ask, body.day, plan, with_queue(plan, draft), of=draft.key)


@api.add(
    "POST",
    "/agents/{agent}/abilities/trial",
    "Try with a past day's calls what an agent shall be able to do and serve",
    answers=Trial,
    body=AbilitiesTrialInput,
    may=May.SHAPE_FLOOR,
    refusals=_REFUSALS,
)
async def try_abilities(ask: Ask, body: AbilitiesTrialInput) -> Trial:
    person = await ask.services.users.get(UserId(ask.path["agent"]))
    if not may_shape(ask.user, person.department):
        raise Forbidden()
    plan = await ask.services.floor_plans.load()
    skills, days, queues = abilities_of(body, plan)
    draft = with_abilities(
        ask.request,
        plan,
        AgentId(person.id),
        skills=skills,
        validity=days,
        queues=queues,
        calls_per_hour=body.calls_per_hour,
    )
    return await _tried(ask, body.day, plan, draft)


async def _tried(ask: Ask, day: date, plan: FloorPlan, draft: FloorPlan, *, of: QueueKey | None = None) -> Trial:
    found = await tried(ask.request, day, plan, draft)
    names = names_of_floor(plan)
    return _answer(
        found,
        changes=in_every_language(ask, changes(found, names, same=plan == draft, of=of)),
        notes=in_every_language(ask, notes(found, names)),
    )


def _answer(found: Tried, *, changes: list[dict[str, str]], notes: list[dict[str, str]]) -> Trial:
    compared = found.comparison
    return Trial(
        day=found.day,
        calls=found.calls,
        gave_up=found.gave_up,
        runs=compared.runs,
        total=_pairs(compared.total),
        queues=[TrialQueue(queue=key, measures=_pairs(one)) for key, one in compared.queues.items()],
        agents=[TrialAgent(agent=one, busy=TrialPair.model_validate(pair)) for one, pair in compared.agents.items()],
        busy=_pairs(compared.occupancy),
        changes=changes,
        notes=notes,
    )


def _pairs(found: Mapping[str, Pair]) -> dict[str, TrialPair]:
    return {name: TrialPair.model_validate(pair) for name, pair in found.items()}
