"""What is wrong with a scenario: all of it at once, each with its place in the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from crm_core.kernel.ids import QueueKey, SkillKey
from routing.simulation.line_checks import MOST_PLACES, MOST_S, circle, line_faults
from routing.simulation.scenario import HOUR_S, CallType, Hours, Line, Scenario, Spread, SpreadKind, Team, time_of_day
from routing.skills import HIGHEST, LOWEST

_MOST_CALLS = 20_000_000
"""A run; more is a slip of the finger, and would fill the memory."""
_MOST_AGENTS = 20_000
_MOST_HOURS = 100_000
_MOST_AN_HOUR = 1000
_LEAST_S = 0.001
"""Lengths of time; beyond them, and beyond MOST_S, no clock and no formula can follow."""


def faults(scenario: Scenario) -> list[str]:
    """`place: what is wrong with it`; empty when it can be run."""
    queues = {line.key: line for line in scenario.queues}
    found = [*_whole(scenario), *_twice(scenario), *_at("queues", circle(scenario))]
    for number, line in enumerate(scenario.queues):
        found += _at(f"queues.{number}", line_faults(line, scenario))
    for number, call_type in enumerate(scenario.call_types):
        found += _at(f"call_types.{number}", _call_type(call_type, scenario, queues))
    for number, team in enumerate(scenario.agents):
        found += _at(f"agents.{number}", _team(team, queues))
    return found


def _at(place: str, found: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{place}.{where}: {what}" for where, what in found]


def _whole(scenario: Scenario) -> Iterator[str]:
    if not 0 < scenario.hours <= _MOST_HOURS:
        yield f"hours: must be more than 0, and at most {_MOST_HOURS}"
    if not 0 <= scenario.warm_up_hours < max(scenario.hours, 1e-9):
        yield "warm_up_hours: must be less than hours, and not negative"
    if not 1 <= scenario.runs <= 1000:
        yield "runs: must be from 1 to 1000"
    if time_of_day(scenario.starts) is None:
        yield f'starts: "{scenario.starts}" is no time such as "08:30"'
    if scenario.places is not None and not 0 <= scenario.places <= MOST_PLACES:
        yield f"places: must be from 0 to {MOST_PLACES}"
    if scenario.headcount > _MOST_AGENTS:
        yield f"agents: more than {_MOST_AGENTS} of them"
    for name in ("queues", "call_types", "agents"):
        if not getattr(scenario, name):
            yield f"{name}: there must be at least one"


def _twice(scenario: Scenario) -> Iterator[str]:
    keys: dict[str, list[str]] = {
        "queues": [line.key for line in scenario.queues],
        "call_types": [call_type.key for call_type in scenario.call_types],
        "agents": [agent for team in scenario.agents if 0 < team.count <= _MOST_AGENTS for agent in team.members],
    }
    for name, given in keys.items():
        for key, times in Counter(given).items():
            if times > 1:
                yield f'{name}: the key "{key}" stands there {times} times'
            if not key.strip():
                yield f"{name}: a key is empty"


def _call_type(call_type: CallType, scenario: Scenario, queues: Collection[QueueKey]) -> Iterator[tuple[str, str]]:
    if call_type.queue not in queues:
        yield "queue", f'there is no queue "{call_type.queue}"'
    yield from _levels("requires", call_type.requires)
    waits_for_others = any(one.relaxing or one.overflow for one in scenario.queues if one.key == call_type.queue)
    if not waits_for_others and not any(_able(team, call_type) for team in scenario.agents):
        yield "requires", "no agent of this queue has the skills asked for"
    yield from _coming(call_type, scenario)
    for name in ("service", "after_call", "patience"):
        spread: Spread | None = getattr(call_type, name)
        if spread is not None:
            yield from _spread(name, spread)


def _able(team: Team, call_type: CallType) -> bool:
    has = team.skills
    return call_type.queue in team.queues and all(has.get(key, 0) >= level for key, level in call_type.requires.items())


def _coming(call_type: CallType, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """How they come: one way, in order, and not more than can be kept."""
    ways = (call_type.per_hour is not None) + bool(call_type.profile) + bool(call_type.arrivals)
    if ways != 1:
        yield "per_hour", "give exactly one of per_hour, profile and arrivals"
    paces = [call_type.per_hour or 0.0, *(pace.per_hour for pace in call_type.profile)]
    if min(paces) < 0:
        yield "per_hour", "must not be negative"
    if max(paces) * max(scenario.hours, 0) > _MOST_CALLS:
        yield "per_hour", f"that is more than {_MOST_CALLS} calls a run"
    times = [time_of_day(pace.since) for pace in call_type.profile]
    if None in times:
        yield "profile", 'each since is a time such as "08:30"'
    elif times != sorted({time for time in times if time is not None}):
        yield "profile", "must be in order of the time of the day, each once"
    if any(not 0 <= at <= scenario.hours * HOUR_S for at in call_type.arrivals):
        yield "arrivals", "each is seconds since the beginning of the run, and not after its end"


def _spread(name: str, spread: Spread) -> Iterator[tuple[str, str]]:
    least = 0.0 if spread.kind is SpreadKind.DETERMINISTIC and name != "patience" else _LEAST_S
    if not least <= spread.mean_s <= MOST_S:
        yield f"{name}.mean_s", f"must be from {least:g} to {MOST_S:.0f}"
    if (spread.kind is SpreadKind.LOGNORMAL) != (spread.sd_s is not None):
        yield f"{name}.sd_s", "lognormal needs it, and only lognormal"
    elif spread.sd_s is not None and not 0 <= spread.sd_s <= MOST_S:
        yield f"{name}.sd_s", f"must be from 0 to {MOST_S:.0f}"


def _team(team: Team, queues: dict[QueueKey, Line]) -> Iterator[tuple[str, str]]:
    if not 1 <= team.count <= _MOST_AGENTS:
        yield "count", f"must be from 1 to {_MOST_AGENTS}"
    yield from _levels("skills", team.skills)
    for key in team.queues:
        if key not in queues:
            yield "queues", f'there is no queue "{key}"'
        elif team.ring_s >= queues[key].ring_s > 0:
            yield "ring_s", f'they would never answer in time: the queue "{key}" rings {queues[key].ring_s:g} s'
    if team.calls_per_hour is not None and not 1 <= team.calls_per_hour <= _MOST_AN_HOUR:
        yield "calls_per_hour", f"must be from 1 to {_MOST_AN_HOUR}"
    if team.ring_s < 0:
        yield "ring_s", "must not be negative"
    if team.shift is not None:
        yield from _hours("shift", team.shift)
    for number, pause in enumerate(team.breaks):
        yield from _hours(f"breaks.{number}", pause)
    yield from _apart(team)


def _apart(team: Team) -> Iterator[tuple[str, str]]:
    """Who comes back from a break is at work: so no other break, nor the time off, may hold him then."""
    end = -1.0
    for number, pause in enumerate(team.breaks):
        since, until = time_of_day(pause.since), time_of_day(pause.until)
        if since is None or until is None:
            return
        if since <= end:
            yield f"breaks.{number}", "breaks are in order of the time of the day, with time at work between"
        end = until
        if team.shift is not None and not _within(team.shift, since, until):
            yield f"breaks.{number}", "must lie within the shift, and end before it does"


def _within(shift: Hours, since: float, until: float) -> bool:
    begins, ends = time_of_day(shift.since), time_of_day(shift.until)
    return begins is None or ends is None or (begins <= since and until < ends)


def _hours(name: str, hours: Hours) -> Iterator[tuple[str, str]]:
    since, until = time_of_day(hours.since), time_of_day(hours.until)
    for key, text, time in (("since", hours.since, since), ("until", hours.until, until)):
        if time is None:
            yield f"{name}.{key}", f'"{text}" is no time such as "08:30"'
    if since is not None and until is not None and since >= until:
        yield name, "must end after it begins, on the same day"


def _levels(name: str, levels: Mapping[SkillKey, int]) -> Iterator[tuple[str, str]]:
    for key, level in levels.items():
        if not LOWEST <= level <= HIGHEST:
            yield f"{name}.{key}", f"a level is {LOWEST} to {HIGHEST}"
