"""What is wrong with a queue of a scenario, and with the way its callers go on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from crm_core.kernel.ids import QueueKey
from crm_core.kernel.requirements_text import Unreadable, read
from routing.simulation.limits import Way, Why
from routing.simulation.scenario import GoesOn, Less, LessKind, Line, Scenario
from routing.skills import HIGHEST, LOWEST

MOST_PLACES = 100_000
MOST_S = 30 * 86_400.0
_LONGEST_WAIT_S = 86_400.0
_MOST_WEIGHT = 100.0
_NEEDS = {
    LessKind.LOWER: {"skill", "level"},
    LessKind.DROP: {"skill"},
    LessKind.WIDEN: {"queue"},
    LessKind.CALL_IN: {"department"},
}

Found = Iterator[tuple[str, str]]


def line_faults(line: Line, scenario: Scenario) -> Found:
    yield from _numbers(line)
    yield from _wish(line)
    queues = {other.key for other in scenario.queues}
    departments = {team.department for team in scenario.agents if team.department}
    for number, less in enumerate(line.relaxing):
        yield from ((f"relaxing.{number}.{where}", what) for where, what in _less(less, line, queues, departments))
    for number, step in enumerate(line.overflow):
        yield from ((f"overflow.{number}.to", what) for what in _step(step, line, queues))
    if set(line.overflow_when) - {Why.NOBODY, Why.PAUSED}:
        yield "overflow_when", "may be nobody and paused; for the other reasons callers go on by the limits"
    for why in reasons_to_go_on(line):
        if not any(not step.when or why in step.when for step in line.overflow):
            yield "overflow", f"callers shall go on ({why}), but no step is for that"


def reasons_to_go_on(line: Line) -> tuple[Why, ...]:
    """For each of these its callers need somewhere to go."""
    full = (Why.FULL,) if line.max_waiting else ()
    hour_full = (Why.HOUR_FULL,) if line.max_per_hour else ()
    too_long = (Why.TOO_LONG,) if line.max_wait_s else ()
    return (*full, *hour_full, *too_long, *line.overflow_when)


def circle(scenario: Scenario) -> Found:
    """Queues that send a caller round."""
    goes_to = {
        line.key: [QueueKey(step.to) for step in line.overflow if step.kind is Way.QUEUE] for line in scenario.queues
    }
    for start in goes_to:
        if way := _way_back(goes_to, start, (start,)):
            yield "overflow", f"callers would go round in a circle: {' → '.join(way)}"
            return


def _way_back(
    goes_to: Mapping[QueueKey, Collection[QueueKey]], start: QueueKey, way: tuple[QueueKey, ...]
) -> tuple[QueueKey, ...]:
    for to in goes_to.get(way[-1], ()):
        if to == start:
            return (*way, to)
        if to not in way and (found := _way_back(goes_to, start, (*way, to))):
            return found
    return ()


def _numbers(line: Line) -> Found:
    if not 0 < line.ring_s <= MOST_S:
        yield "ring_s", f"must be more than 0, and at most {MOST_S:.0f}"
    for name in ("within_s", "crowd_s", "ageing_s"):
        if not 0 <= getattr(line, name) <= MOST_S:
            yield name, f"must be from 0 to {MOST_S:.0f}"
    if line.places is not None and not 0 <= line.places <= MOST_PLACES:
        yield "places", f"must be from 0 to {MOST_PLACES}"
    if line.wrap_up_limit_s is not None and not 0 < line.wrap_up_limit_s <= MOST_S:
        yield "wrap_up_limit_s", f"must be more than 0, and at most {MOST_S:.0f}"
    if not 1 <= line.weight <= _MOST_WEIGHT:
        yield "weight", f"must be from 1 to {_MOST_WEIGHT:.0f}"
    if not 0 <= line.max_waiting <= MOST_PLACES:
        yield "max_waiting", f"must be from 0 (no limit) to {MOST_PLACES}"
    if not 0 <= line.max_per_hour <= MOST_PLACES:
        yield "max_per_hour", f"must be from 0 (no limit) to {MOST_PLACES}"
    if not 0 <= line.max_wait_s <= _LONGEST_WAIT_S:
        yield "max_wait_s", f"must be from 0 (no limit) to {_LONGEST_WAIT_S:.0f}"


def _wish(line: Line) -> Found:
    for key, level in line.skills.items():
        if not LOWEST <= level <= HIGHEST:
            yield f"skills.{key}", f"a level is {LOWEST} to {HIGHEST}"
    try:
        read(line.asks)
    except Unreadable as error:
        yield "asks", f"cannot be read {error}"


def _less(less: Less, line: Line, queues: Collection[QueueKey], departments: Collection[str]) -> Found:
    if not 0 < less.after_s <= MOST_S:
        yield "after_s", f"must be more than 0, and at most {MOST_S:.0f}"
    has = {name for name in ("skill", "level", "queue", "department") if getattr(less, name) is not None}
    if has != (needs := _NEEDS[less.kind]):
        yield "kind", f"{less.kind} needs {' and '.join(sorted(needs))}, and nothing else"
        return
    if less.level is not None and not LOWEST <= less.level <= HIGHEST:
        yield "level", f"a level is {LOWEST} to {HIGHEST}"
    if less.queue is not None and less.queue not in queues:
        yield "queue", f'there is no queue "{less.queue}"'
    if less.queue == line.key:
        yield "queue", "its own agents may take the call already"
    if less.department is not None and less.department not in departments:
        yield "department", f'no agent is of the department "{less.department}"'


def _step(step: GoesOn, line: Line, queues: Collection[QueueKey]) -> Iterator[str]:
    if step.kind is not Way.QUEUE:
        if not step.to.strip():
            yield "is empty"
    elif step.to not in queues:
        yield f'there is no queue "{step.to}"'
    elif step.to == line.key:
        yield "callers are in this queue already"
