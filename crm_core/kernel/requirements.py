"""What a call asks for: one of several ways to be able enough, and what would be nice beside it. Equal wishes are equal
values, whatever they were written like, so that callers who ask for the same can wait in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crm_core.kernel.ids import SkillKey

LOWEST, HIGHEST = 1, 5
MOST_WAYS, MOST_SKILLS, MOST_PREFERENCES = 16, 16, 8

_LEVEL = r"[\w-]+:[1-5]"
_PACKED = re.compile(rf"(?:{_LEVEL}(?:[/|]{_LEVEL})*)?(?:~{_LEVEL})*", re.ASCII)

Way = tuple[tuple[SkillKey, int], ...]
"""Everything of this: `((skill, lowest level), …)`, by skill, each once."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """Made by `asking` and `either`, which see to the fixed form."""

    ways: tuple[Way, ...] = ((),)
    """One of these must be met; none of them follows from another. `((),)` asks for nothing."""
    prefers: Way = ()
    """Whoever meets the first of these is asked first, then the second decides, and so on; nobody is shut out."""
    _hash: int = field(init=False, repr=False, compare=False, default=0)
    """Callers are looked up by their wish at every event."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.ways, self.prefers)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def plain(self) -> bool:
        """Whether `{skill: lowest level}` says it all."""
        return len(self.ways) == 1 and not self.prefers

    @property
    def levels(self) -> dict[SkillKey, int]:
        """What every way asks for at least; all there is of a plain wish."""
        first, *others = (dict(way) for way in self.ways)
        shared = {skill: [level, *(way.get(skill, 0) for way in others)] for skill, level in first.items()}
        return {skill: lowest for skill, asked in shared.items() if (lowest := min(asked)) > 0}

    @property
    def skills(self) -> frozenset[SkillKey]:
        """Every skill that is named."""
        return frozenset(skill for way in (*self.ways, self.prefers) for skill, _ in way)

    def asked(self, skill: SkillKey) -> int:
        """The highest level that any way asks for; 0: it is not asked for."""
        return max((level for way in self.ways for known, level in way if known == skill), default=0)

    def changed(self, change: Callable[[SkillKey, int], int]) -> Requirements:
        """With other levels; 0 drops a skill. What is preferred stays."""
        ways = [[(skill, change(skill, level)) for skill, level in way] for way in self.ways]
        return either([_way((skill, level) for skill, level in way if level > 0) for way in ways], self.prefers)

    def and_also(self, other: Requirements) -> Requirements:
        """Both wishes at once; more ways than MOST_WAYS are more than anybody keeps: then only the shared levels of
        the second count."""
        others = other.ways
        if len(self.ways) * len(others) > MOST_WAYS:
            others = (_way(other.levels.items()),)
        return either([together(one, two) for one in self.ways for two in others], [*self.prefers, *other.prefers])

    def beside(self, other: Requirements) -> Requirements | None:
        """What makes this one together with `other`, where that can be told; of a level both asked for, `other` did."""
        ways = [tuple(one for one in way if one[1] > other.asked(one[0])) for way in self.ways]
        own = either(ways, [one for one in self.prefers if one not in other.prefers])
        return own if own.and_also(other) == self else None


NOTHING = Requirements()


def asking(wanted: Mapping[SkillKey, int]) -> Requirements:
    """`{skill: lowest level}`; levels outside 1 to 5 are brought to the nearest that exists."""
    return Requirements((_way((skill, min(max(level, LOWEST), HIGHEST)) for skill, level in wanted.items()),))


def either(ways: Iterable[Way], prefers: Iterable[tuple[SkillKey, int]] = ()) -> Requirements:
    """One of these ways is enough; a way that asks for all another asks for, and more, adds nothing."""
    sought = sorted(set(ways), key=lambda way: (len(way), way))
    kept = [way for way in sought if not any(_follows(way, other) for other in sought if other is not way)]
    return Requirements(tuple(kept) or ((),), tuple(dict.fromkeys(prefers)))


def together(one: Way, two: Way) -> Way:
    """Both at once."""
    return _way([*one, *two])


def packed(wanted: Requirements) -> str:
    """`repair:3/zh:2|repair:3/en:3~zh:4`: passes through a dialplan unharmed, and is read like any other form."""
    ways = "|".join("/".join(f"{skill}:{level}" for skill, level in way) for way in wanted.ways)
    return ways + "".join(f"~{skill}:{level}" for skill, level in wanted.prefers)


def unpacked(text: str) -> Requirements | None:
    """What `packed` made, however long: the limits are for what people write, and two wishes of theirs may have become
    one. None for what it did not make."""
    if not _PACKED.fullmatch(text):
        return None
    ways, *prefers = text.split("~")
    return either([_levels(way) for way in ways.split("|")], [one for text in prefers for one in _levels(text)])


def _levels(text: str) -> Way:
    found = (one.rpartition(":") for one in text.split("/"))
    return _way((SkillKey(skill), int(level)) for skill, _, level in found) if text else ()


def written(wanted: Requirements) -> str:
    """As a person would write it: `repair >= 3 and en >= 3 or repair >= 3 and zh >= 2 prefer zh >= 4`."""
    ways = " or ".join(" and ".join(_level(*one) for one in way) for way in wanted.ways)
    prefers = ", ".join(_level(*one) for one in wanted.prefers)
    return f"{ways} prefer {prefers}".strip() if prefers else ways


def _level(skill: SkillKey, level: int) -> str:
    return f"{skill} >= {level}"


def _way(levels: Iterable[tuple[SkillKey, int]]) -> Way:
    """Of a skill that is asked for twice the higher level counts."""
    found: dict[SkillKey, int] = {}
    for skill, level in levels:
        found[skill] = max(level, found.get(skill, 0))
    return tuple(sorted(found.items()))


def _follows(way: Way, other: Way) -> bool:
    """Whether who meets `way` meets the other as well."""
    has = dict(way)
    return all(has.get(skill, 0) >= level for skill, level in other)
