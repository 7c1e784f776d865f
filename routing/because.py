"""Why this agent: puts a decision's reason together, small enough to be kept with every call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from math import inf

from crm_core.kernel.ids import AgentId
from routing.agents import AtWork
from routing.groups import Group, Spare
from routing.lines import Caller, Seat
from routing.reasons import Because, Candidate, Exclusion
from routing.skills import matches, missing, preferred

_NAMED = 8
"""How many of those passed over are named; a large floor would drown the reason."""
_OTHERS = 5
"""So many of those who were free as well are kept: whoever comes first after the chosen one."""
_NOT_BY_RANK = ("only_one", "familiar", "least_needed", "ring_all")
_SMALL = 32
"""Up to so many agents, those without the skill are named as well."""


def why(
    caller: Caller,
    chosen: AtWork,
    group: Group,
    *,
    rule: str,
    colleagues: Mapping[AgentId, AtWork],
    now: datetime,
    spare: Spare | None = None,
    asked: Collection[AgentId] = (),
) -> Because:
    """`rule` is what decided, of `least_needed` by `spare`; `asked`: who is asked beside him. Candidates counts all who
    were free and able, the chosen one included, but for those who had missed this call while somebody else was
    there."""
    missed = caller.missed_by if rule != "ring_all" else ()
    return Because(
        rule=rule,
        skills=matches(chosen.profile.skills, caller.requires),
        waited_s=max((now - caller.since).total_seconds(), 0.0),
        idle_s=max((now - chosen.idle_since).total_seconds(), 0.0),
        candidates=max(group.bench.alike((), missed) if missed else len(group.bench), 1),
        level=group.level(caller.missed_by) if rule not in _NOT_BY_RANK else None,
        excluded=tuple(_passed_over(caller, chosen, group, colleagues)[:_NAMED]),
        preferred=preferred(chosen.profile.skills, caller.requires) if caller.requires.prefers else (),
        steps=caller.steps,
        tie=caller.tie if rule == "familiar" else None,
        compared=_compared(caller, chosen, group, colleagues=colleagues, now=now, spare=spare, beside=asked or missed),
    )


def why_all(
    caller: Caller, chosen: Sequence[AtWork], group: Group, *, colleagues: Mapping[AgentId, AtWork], now: datetime
) -> dict[AgentId, Because]:
    """The same of several who are asked at once: whoever of them has missed this call before is asked again."""
    asked = {agent.id for agent in chosen}
    reasons = {
        a.id: why(caller, a, group, rule="ring_all", colleagues=colleagues, now=now, asked=asked) for a in chosen
    }
    return {
        agent: replace(because, excluded=tuple([one for one in because.excluded if one.agent not in asked]))
        for agent, because in reasons.items()
    }


def _compared(
    caller: Caller,
    chosen: AtWork,
    group: Group,
    *,
    colleagues: Mapping[AgentId, AtWork],
    now: datetime,
    spare: Spare | None,
    beside: Collection[AgentId],
) -> tuple[Candidate, ...]:
    """The chosen one and those who come after him; nobody of `beside` was there to be chosen instead."""
    bench, one = group.bench, chosen.id
    if len(bench) < 2:
        return ()
    own: Seat | None = None
    others = []
    for seat in bench.some(len(spare) if spare is not None else _OTHERS + 1 + len(beside)):
        if seat[1] == one:
            own = seat
        elif seat[1] not in beside:
            others.append(seat)
    if not others:
        return ()
    if spare is not None:
        others.sort(key=lambda seat: -spare[seat[1]])
    seats = (own or (group.rank(one, chosen.idle), one), *others[:_OTHERS])
    if caller.requires.prefers:
        found = [
            group.candidate(agent, rank[1:], preferred(colleagues[agent].profile.skills, caller.requires), now)
            for rank, agent in seats
        ]
    else:
        found = [group.candidate(agent, rank, (), now) for rank, agent in seats]
    return tuple([_spared(one, spare[one.agent]) for one in found] if spare is not None else found)


def _spared(one: Candidate, spare: float) -> Candidate:
    return one if spare == inf else replace(one, spare=int(spare))


def _passed_over(caller: Caller, chosen: AtWork, group: Group, colleagues: Mapping[AgentId, AtWork]) -> list[Exclusion]:
    """Those who missed this call first, then the able who are not free, then (on a small floor) those not able."""
    missed, one, server = caller.missed_by, chosen.id, caller.server
    found = [Exclusion(agent=agent, why="missed_this_call") for agent in missed if agent != one]
    for agent in islice(group.able, 2 * _NAMED):
        if agent == one or agent in missed:
            continue
        colleague = colleagues[agent]
        if reason := colleague.why_not(server):
            found.append(colleague.busy if reason == "busy" else not_free(colleague, reason))
            if len(found) >= _NAMED:
                return found
    if len(colleagues) <= _SMALL:
        found += _not_able(caller, group, colleagues)
    return found


def not_free(agent: AtWork, reason: str) -> Exclusion:
    """`reason` as his `why_not` says."""
    had = len(agent.taken) if reason == "hour_full" else len(agent.tickets) if reason == "desk_full" else None
    return _not_free(agent.id, reason, had)


@lru_cache(maxsize=4096)
def _not_free(agent: AgentId, reason: str, had: int | None) -> Exclusion:
    """Said again and again while a floor is busy."""
    return Exclusion(agent=agent, why=reason, has=had)


def _not_able(caller: Caller, group: Group, colleagues: Mapping[AgentId, AtWork]) -> Iterator[Exclusion]:
    for agent, colleague in colleagues.items():
        lack = missing(colleague.profile.skills, caller.requires)
        if agent not in group.able and lack is not None:
            yield Exclusion(agent=agent, why="skill", skill=lack.skill, asked=lack.asked, has=lack.has)
