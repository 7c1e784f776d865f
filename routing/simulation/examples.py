"""Scenarios to begin with, as `callwright simulate --example NAME` prints them."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from crm_core.kernel.ids import AgentId, QueueKey, SkillKey
from routing.simulation.scenario import CallType, Hours, Line, Pace, Scenario, Spread, SpreadKind, Team
from routing.strategies import StrategyName

TYPES, AGENTS, LOAD, SERVICE_S = 6, 90, 84, 600.0
_SKILLS = tuple(SkillKey(f"type-{number}") for number in range(1, TYPES + 1))
_SERVICE = QueueKey("service")


def wallace_whitt(
    skills: int,
    *,
    places: int | None = None,
    patience_s: float | None = None,
    strategy: StrategyName = StrategyName.LEAST_NEEDED,
    crowd_s: float = 20.0,
    hours: float = 220.0,
    runs: int = 5,
) -> Scenario:
    """Wallace and Whitt, "A staffing algorithm for call centers with skill-based routing" (2005): six equal types of
    calls, 90 agents with so many skills each, every set of skills as often as every other.
    """
    patience = Spread(mean_s=patience_s) if patience_s is not None else None
    return Scenario(
        name=f"Wallace & Whitt (2005), {skills} of {TYPES} skills each",
        runs=runs,
        hours=hours,
        warm_up_hours=min(20.0, hours / 10),
        places=places,
        queues=(Line(key=_SERVICE, strategy=strategy, crowd_s=crowd_s),),
        call_types=tuple(
            CallType(
                key=skill,
                queue=_SERVICE,
                requires={skill: 1},
                per_hour=LOAD / TYPES * 3600 / SERVICE_S,
                service=Spread(mean_s=SERVICE_S),
                patience=patience,
            )
            for skill in _SKILLS
        ),
        agents=tuple(
            Team(key=_name(able), count=count, skills={_SKILLS[one]: 1 for one in able}, queues=(_SERVICE,))
            for able, count in balanced(TYPES, skills, AGENTS).items()
        ),
    )


def _name(able: tuple[int, ...]) -> AgentId:
    return AgentId("knows-" + "-".join(str(one + 1) for one in able))


def balanced(types: int, skills: int, agents: int) -> dict[tuple[int, ...], int]:
    """Sets of skills -> how many agents: each set equally often; what is left over as evenly as it can be."""
    sets = list(combinations(range(types), skills))
    given = dict.fromkeys(sets, agents // len(sets))
    seen: Counter[tuple[int, ...]] = Counter()
    rest = list(sets)
    for _ in range(agents % len(sets)):
        able = min(rest, key=lambda one: (sum(seen[(skill,)] for skill in one), sum(seen[two] for two in _pairs(one))))
        rest.remove(able)
        given[able] += 1
        seen.update([(skill,) for skill in able])
        seen.update(_pairs(able))
    return {able: count for able, count in given.items() if count}


def _pairs(able: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(combinations(able, 2))


def working_day() -> Scenario:
    """A small service floor from eight to six: two languages, repairs, a busy morning, lunch in turns."""
    service, repair = QueueKey("service"), QueueKey("repair")
    zh, en, fix = SkillKey("zh"), SkillKey("en"), SkillKey("repair")
    talk = Spread(kind=SpreadKind.LOGNORMAL, mean_s=240.0, sd_s=180.0)
    paperwork, patience = Spread(kind=SpreadKind.DETERMINISTIC, mean_s=30.0), Spread(mean_s=180.0)
    shift = Hours(since="08:00", until="18:00")
    early, late = (Hours(since="11:30", until="12:15"),), (Hours(since="12:15", until="13:00"),)

    def calls(key: str, queue: QueueKey, paces: tuple[float, ...], **requires: int) -> CallType:
        return CallType(
            key=key,
            queue=queue,
            requires={SkillKey(skill): level for skill, level in requires.items()},
            profile=tuple(
                Pace(since=since, per_hour=pace)
                for since, pace in zip(("08:00", "09:00", "11:30", "14:00"), paces, strict=True)
            ),
            service=talk,
            after_call=paperwork,
            patience=patience,
        )

    def team(key: str, count: int, rest: tuple[Hours, ...], **skills: int) -> Team:
        return Team(
            key=AgentId(key),
            count=count,
            skills={SkillKey(skill): level for skill, level in skills.items()},
            queues=(service, repair),
            ring_s=3.0,
            shift=shift,
            breaks=rest,
        )

    return Scenario(
        name="A working day",
        runs=20,
        hours=10.0,
        starts="08:00",
        queues=(Line(key=service), Line(key=repair, priority=1, places=10)),
        call_types=(
            calls("chinese", service, (40, 80, 50, 60), **{zh: 1}),
            calls("english", service, (6, 15, 10, 12), **{en: 2}),
            calls("repair", repair, (10, 25, 12, 18), **{zh: 1, fix: 3}),
        ),
        agents=(
            team("generalist", 5, early, **{zh: 5}),
            team("bilingual", 3, late, **{zh: 4, en: 4}),
            team("technician", 3, late, **{zh: 5, fix: 5}),
        ),
    )
