"""What somebody should know before a queue is kept as he has written it: nothing of it is forbidden. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from crm_core.domain.floor import FloorAgent, FloorPlan, Queue, RelaxationKind, Strategy
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import Way


class Doubt(StrEnum):
    NOBODY_SERVES = "nobody_serves"
    """Nobody serves the queue."""
    SKILL_OF_NOBODY = "skill_of_nobody"
    """Nobody who serves it has `skill` at `level`."""
    NOBODY_ABLE = "nobody_able"
    """Everything that is asked for is there, but never in one person."""
    ONWARD_TO_NOBODY = "onward_to_nobody"
    """Callers go on to `queue`, which nobody serves."""
    ONWARD_IN_VAIN = "onward_in_vain"
    """Nothing that is agreed ever sends a caller to step `number` of the chain."""
    ORDER_EMPTY = "order_empty"
    """A fixed order that names nobody."""
    ORDER_OF_NOBODY = "order_of_nobody"
    """`extension` of the order is nobody's who serves the queue."""
    STEP_IN_VAIN = "step_in_vain"
    """Step `number` takes away what is not asked for."""
    STEP_TOO_LATE = "step_too_late"
    """Nobody waits until step `number`."""
    PROMPT_MISSING = "prompt_missing"
    """There is no `prompt` in `language`: who speaks it hears nothing there."""
    PROMPT_VALUED = "prompt_valued"
    """The words of `prompt` have values in them, of which nothing is known while he waits."""
    MUSIC_MISSING = "music_missing"
    """There is no recording `prompt` for the music, in no language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    field: str
    """Of the queue."""
    doubt: Doubt
    skill: SkillKey | None = None
    level: int | None = None
    queue: QueueKey | None = None
    extension: str = ""
    number: int = 0
    prompt: str = ""
    language: Language | None = None


def reasons_to_go_on(queue: Queue) -> tuple[OverflowWhy, ...]:
    """For each of these its callers need somewhere to go."""
    full = [OverflowWhy.FULL] if queue.max_waiting else []
    hour_full = [OverflowWhy.HOUR_FULL] if queue.max_per_hour else []
    too_long = [OverflowWhy.TOO_LONG] if queue.max_wait_s else []
    closed = [OverflowWhy.CLOSED] if queue.open_hours is not None or queue.calendar is not None else []
    return (*full, *hour_full, *too_long, *closed, *queue.overflow_when)


def review(
    queue: Queue,
    plan: FloorPlan,
    sounds: Mapping[Language, Collection[str]] = MappingProxyType({}),
    valued: Collection[str] = (),
) -> tuple[Finding, ...]:
    """`sounds`: which prompts there are in the languages of the house; `valued`: those whose words have values in them,
    which only menus know."""
    serving = [agent for agent in plan.agents if queue.key in agent.queues]
    found = [*_of_people(queue, serving), *_of_order(queue, serving), *_of_steps(queue), *_of_chain(queue, plan)]
    return (*found, *_of_prompts(queue, sounds, valued))


def _of_prompts(queue: Queue, sounds: Mapping[Language, Collection[str]], valued: Collection[str]) -> Iterator[Finding]:
    said = [("comfort", queue.comfort)] if queue.comfort else []
    said += [("overflow", step.to) for step in queue.overflow if step.kind is OverflowKind.MESSAGE]
    for field, prompt in dict.fromkeys(said):
        for language, there in sounds.items():
            if prompt not in there:
                yield Finding(field=field, doubt=Doubt.PROMPT_MISSING, prompt=prompt, language=language)
        if prompt in valued:
            yield Finding(field=field, doubt=Doubt.PROMPT_VALUED, prompt=prompt)
    for prompt in queue.music:
        if sounds and not any(prompt in there for there in sounds.values()):
            yield Finding(field="music", doubt=Doubt.MUSIC_MISSING, prompt=prompt)


def _of_people(queue: Queue, serving: list[FloorAgent]) -> Iterator[Finding]:
    ways = queue.wish.ways
    if not serving:
        yield Finding(field="key", doubt=Doubt.NOBODY_SERVES)
    elif not any(_able(agent, way) for agent in serving for way in ways):
        lacking = _lacking(ways, serving)
        for skill, level in lacking:
            yield Finding(field="asks", doubt=Doubt.SKILL_OF_NOBODY, skill=skill, level=level)
        if not lacking:
            yield Finding(field="asks", doubt=Doubt.NOBODY_ABLE)


def _lacking(ways: tuple[Way, ...], serving: list[FloorAgent]) -> list[tuple[SkillKey, int]]:
    asked = dict.fromkeys(level for way in ways for level in way)
    return [one for one in asked if not any(_able(agent, (one,)) for agent in serving)]


def _able(agent: FloorAgent, way: Way) -> bool:
    return all(agent.skills.get(skill, 0) >= level for skill, level in way)


def _of_order(queue: Queue, serving: list[FloorAgent]) -> Iterator[Finding]:
    if queue.strategy is not Strategy.FIXED_ORDER:
        return
    if not queue.ring_order:
        yield Finding(field="ring_order", doubt=Doubt.ORDER_EMPTY)
    known = {agent.extension for agent in serving}
    for extension in queue.ring_order:
        if extension not in known:
            yield Finding(field="ring_order", doubt=Doubt.ORDER_OF_NOBODY, extension=extension)


def _of_steps(queue: Queue) -> Iterator[Finding]:
    wish = queue.wish
    for number, step in enumerate(queue.relaxing, start=1):
        taken = step.kind in (RelaxationKind.LOWER, RelaxationKind.DROP) and step.skill is not None
        if taken and wish.asked(step.skill or SkillKey("")) <= (step.level or 0):
            yield Finding(field="relaxing", doubt=Doubt.STEP_IN_VAIN, number=number, skill=step.skill)
        if 0 < queue.max_wait_s <= step.after_s:
            yield Finding(field="relaxing", doubt=Doubt.STEP_TOO_LATE, number=number)


def _of_chain(queue: Queue, plan: FloorPlan) -> Iterator[Finding]:
    reasons = reasons_to_go_on(queue)
    for number, step in enumerate(queue.overflow, start=1):
        if not any(step.holds_for(why) for why in reasons):
            yield Finding(field="overflow", doubt=Doubt.ONWARD_IN_VAIN, number=number)
    served = {key for agent in plan.agents for key in agent.queues}
    onward = [step.to for step in queue.overflow if step.kind is OverflowKind.QUEUE]
    for to in dict.fromkeys(onward):
        if to not in served:
            yield Finding(field="overflow", doubt=Doubt.ONWARD_TO_NOBODY, queue=QueueKey(to))
