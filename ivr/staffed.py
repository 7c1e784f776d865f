"""Whether there is somebody for the callers whom a menu sends on. Pure.

Who asks for a queue or a skill that there is not waits for ever: that is a problem, and such a menu is not published.
Where nobody has what is asked for today, somebody may have it tomorrow, or a step of the queue may ask for less: that
is a doubt, which is shown and forbids nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crm_core.domain.floor import FloorAgent, FloorPlan
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.requirements import Requirements, Way, asking, written
from ivr.flow.loader import examine
from ivr.flow.model import Flow, needs_of
from ivr.flow.nodes import Needs
from ivr.flow.problems import Problem, Told, told
from ivr.shelf import Problems
from ivr.used import queues_named


def staff_problems(name: str, document: str, plan: FloorPlan) -> Problems:
    """Of a document that can be read. In a house that has no skills, or no queues, yet nothing is wrong with these."""
    flow, faults = examine(document, name)
    return () if faults else (*_queues(flow, plan), *_skills(flow, plan))


def staff_doubts(name: str, document: str, plan: FloorPlan) -> Problems:
    """Also of a published document. What is wrong already is not doubted as well."""
    flow, faults = examine(document, name)
    if faults or not plan.agents or staff_problems(name, document, plan):
        return ()
    return tuple(_doubts(flow, plan))


def asked_for(name: str, document: str) -> frozenset[str]:
    """The skills that a menu asks for, as far as it can be read."""
    flow, _ = examine(document, name)
    return frozenset(str(skill) for _, needs in needs_of(flow) for skill in (*needs.skills.keys(), *needs.asks.skills))


def _queues(flow: Flow, plan: FloorPlan) -> Iterator[Problem]:
    known = {queue.key for queue in plan.queues}
    for node, queue in queues_named(flow) if known else ():
        if queue not in known:
            says = told("there is no queue “%(name)s”: its callers would wait for nobody", name=queue)
            yield Problem(node=node, field="queue" if node else "defaults.queue", says=says)


def _skills(flow: Flow, plan: FloorPlan) -> Iterator[Problem]:
    known = {skill.key for skill in plan.skills}
    for node, needs in needs_of(flow) if known else ():
        for field, asked in (("skills", needs.skills.keys()), ("asks", needs.asks.skills)):
            for skill in sorted({*asked} - known):
                says = told("there is no skill “%(name)s”: nobody could take the call", name=skill)
                yield Problem(node=node, field=_field(node, field), says=says)


def _field(node: str, field: str) -> str:
    return field if node else f"defaults.{field}"


# Doubts ---------------------------------------------------------------------------------------------------------------


def _doubts(flow: Flow, plan: FloorPlan) -> Iterator[Problem]:
    serving = {queue.key: [one for one in plan.agents if queue.key in one.queues] for queue in plan.queues}
    for node, needs in needs_of(flow):
        queues = _where(flow, needs, serving)
        for queue in queues:
            if needs.queue == queue and not serving[queue]:
                says = told("nobody serves the queue “%(name)s” today", name=queue)
                yield Problem(node=node, field=_field(node, "queue"), says=says)
        people = [one for queue in queues for one in serving[queue]]
        if people:
            yield from _lacking(node, needs, people)
    yield from _languages(flow, [one for queue in _where(flow, Needs(), serving) for one in serving[queue]])


def _languages(flow: Flow, people: list[FloorAgent]) -> Iterator[Problem]:
    for language in flow.languages if people else ():
        if says := _of_nobody(asking({SkillKey(language): flow.language_level}), people):
            yield Problem(field="language_level", says=says)


def _where(flow: Flow, needs: Needs, serving: Mapping[QueueKey, list[FloorAgent]]) -> list[QueueKey]:
    """In which queue he may come to wait; where the node does not say it, in any of those that the menu names."""
    if needs.queue is not None:
        return [needs.queue]
    named = dict.fromkeys(one.queue for _, one in needs_of(flow) if one.queue is not None)
    return [queue for queue in named if queue in serving] or list(serving)


def _lacking(node: str, needs: Needs, people: list[FloorAgent]) -> Iterator[Problem]:
    for field, wish in (("skills", asking(needs.skills)), ("asks", needs.asks)):
        if says := _of_nobody(wish, people):
            yield Problem(node=node, field=_field(node, field), says=says)


def _of_nobody(wish: Requirements, people: list[FloorAgent]) -> Told | None:
    if any(_able(one, way) for one in people for way in wish.ways):
        return None
    asked = dict.fromkeys(level for way in wish.ways for level in way)
    lacking = [one for one in asked if not any(_able(agent, (one,)) for agent in people)]
    if not lacking:
        return told("nobody who would get these calls has all of this today: %(wish)s", wish=written(wish))
    skill, level = lacking[0]
    return told("nobody who would get these calls has “%(skill)s” at level %(level)s today", skill=skill, level=level)


def _able(agent: FloorAgent, way: Way) -> bool:
    return all(agent.skills.get(skill, 0) >= level for skill, level in way)
