"""What agents can do and what calls ask for: skill keys with levels 1 (a little) to 5 (master)."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.kernel.ids import SkillKey
from routing.reasons import SkillMatch

LOWEST, HIGHEST = 1, 5

Requirements = tuple[tuple[SkillKey, int], ...]
"""What a call asks for, in one fixed form so that equal wishes are equal values: `((skill, lowest level), …)`."""


def requirements(wanted: Mapping[SkillKey, int]) -> Requirements:
    """The fixed form of `{skill: lowest level}`; levels outside 1–5 are brought to the nearest that exists."""
    return tuple(sorted((skill, min(max(level, LOWEST), HIGHEST)) for skill, level in wanted.items()))


def missing(has: Mapping[SkillKey, int], wanted: Requirements) -> SkillMatch | None:
    """The first skill that is not good enough, or None when all are."""
    for skill, asked in wanted:
        level = has.get(skill, 0)
        if level < asked:
            return SkillMatch(skill=skill, asked=asked, has=level)
    return None


def matches(has: Mapping[SkillKey, int], wanted: Requirements) -> tuple[SkillMatch, ...]:
    """How the agent's levels stand beside what was asked."""
    return tuple(SkillMatch(skill=skill, asked=asked, has=has.get(skill, 0)) for skill, asked in wanted)


def mastery(has: Mapping[SkillKey, int], wanted: Requirements) -> int:
    """How well the agent fits: the sum of his levels in what was asked."""
    return sum([has.get(skill, 0) for skill, _ in wanted])
