"""What agents can do beside what calls ask for: skill keys with levels 1 (a little) to 5 (master)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from crm_core.kernel.ids import SkillKey
from crm_core.kernel.requirements import HIGHEST, LOWEST, Requirements, Way, asking
from routing.reasons import SkillMatch


def requirements(wanted: Mapping[SkillKey, int] | Requirements) -> Requirements:
    """The fixed form of `{skill: lowest level}`; levels outside 1–5 are brought to the nearest that exists."""
    return one_value(wanted if isinstance(wanted, Requirements) else asking(wanted))


@lru_cache(maxsize=16384)
def one_value(wish: Requirements) -> Requirements:
    """Of equal wishes always the same one, which is found in an index without being compared."""
    return wish


def missing(has: Mapping[SkillKey, int], wanted: Requirements) -> SkillMatch | None:
    """None when he is good enough in one way; else the first skill that is not, of the way that he comes closest to."""
    lacks = [_lacks(has, way) for way in wanted.ways]
    if not all(lacks):
        return None
    return min(lacks, key=lambda lack: sum(one.asked - one.has for one in lack))[0]


def matches(has: Mapping[SkillKey, int], wanted: Requirements) -> tuple[SkillMatch, ...]:
    """How the agent's levels stand beside what was asked, in the way that suits him best."""
    return tuple([_match(has, skill, asked) for skill, asked in _way_of(has, wanted)])


def preferred(has: Mapping[SkillKey, int], wanted: Requirements) -> tuple[SkillMatch, ...]:
    """Which preferences he meets."""
    return tuple(_match(has, skill, asked) for skill, asked in wanted.prefers if has.get(skill, 0) >= asked)


def mastery(has: Mapping[SkillKey, int], wanted: Requirements) -> int:
    """How well the agent fits: the sum of his levels in what was asked."""
    return sum([has.get(skill, 0) for skill, _ in _way_of(has, wanted)])


def preference(has: Mapping[SkillKey, int], wanted: Requirements) -> int:
    """How far he meets what is preferred: the first preference counts more than all that follow, and so on."""
    met = 0
    for skill, asked in wanted.prefers:
        met = 2 * met + (has.get(skill, 0) >= asked)
    return met


def _way_of(has: Mapping[SkillKey, int], wanted: Requirements) -> Way:
    """Of those he meets the one he masters best."""
    if len(wanted.ways) == 1:
        return wanted.ways[0]
    return max(wanted.ways, key=lambda way: (not _lacks(has, way), sum(has.get(skill, 0) for skill, _ in way)))


def _lacks(has: Mapping[SkillKey, int], way: Way) -> list[SkillMatch]:
    return [_match(has, skill, asked) for skill, asked in way if has.get(skill, 0) < asked]


def _match(has: Mapping[SkillKey, int], skill: SkillKey, asked: int) -> SkillMatch:
    return _beside(skill, asked, has.get(skill, 0))


@lru_cache(maxsize=4096)
def _beside(skill: SkillKey, asked: int, has: int) -> SkillMatch:
    """Said again and again."""
    return SkillMatch(skill=skill, asked=asked, has=has)


__all__ = [
    "HIGHEST",
    "LOWEST",
    "Requirements",
    "mastery",
    "matches",
    "missing",
    "one_value",
    "preference",
    "preferred",
    "requirements",
]
