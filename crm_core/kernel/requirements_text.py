"""Reads `repair >= 3 and (zh >= 2 or en >= 3) prefer zh >= 4`. What cannot be read is told with its place.

    wish   =  [either] ["prefer" level {"," level}]
    either =  every {"or" every}
    every  =  one {"and" one}
    one    =  level | "(" either ")"
    level  =  skill [">=" 1 … 5]            without a level: 1

A dialplan knows nothing of blanks and commas in values, so there are shorter words for the same: `:` is `>=`, `/` is
`and`, `|` is `or`, `~` is `prefer`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from crm_core.kernel.ids import SkillKey
from crm_core.kernel.requirements import (
    HIGHEST,
    LOWEST,
    MOST_PREFERENCES,
    MOST_SKILLS,
    MOST_WAYS,
    NOTHING,
    Requirements,
    Way,
    either,
    together,
)

LONGEST, DEEPEST = 1000, 12
_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9_-]+)|(?P<sign>>=|[≥:()（）/,，&|~])|(?P<odd>\S))")
_SIGNS = {"≥": ">=", ":": ">=", "/": "and", "&": "and", "|": "or", "~": "prefer", "，": ",", "（": "(", "）": ")"}
WORDS = ("and", "or", "prefer")
"""What joins skills, and so is the key of none."""


class Problem(StrEnum):
    SKILL_EXPECTED = "skill_expected"
    LEVEL_EXPECTED = "level_expected"
    BRACKET_EXPECTED = "bracket_expected"
    """One that was opened is not closed."""
    LINK_EXPECTED = "link_expected"
    """`and`, `or` or `prefer`."""
    TOO_MUCH = "too_much"


_SENTENCES = {
    Problem.SKILL_EXPECTED: "the key of a skill is expected",
    Problem.LEVEL_EXPECTED: "a level from 1 to 5 is expected",
    Problem.BRACKET_EXPECTED: "a closing bracket is expected",
    Problem.LINK_EXPECTED: "“and”, “or” or “prefer” is expected",
    Problem.TOO_MUCH: "this asks for too many things at once",
}


class Unreadable(ValueError):
    """`position` counts signs from 1."""

    def __init__(self, problem: Problem, position: int, text: str) -> None:
        self.problem, self.position, self.text = problem, position, text
        super().__init__(f"at sign {position}: {_SENTENCES[problem]}")


def read(text: str) -> Requirements:
    if len(text) > LONGEST:
        raise Unreadable(Problem.TOO_MUCH, LONGEST + 1, text)
    return _Reader(text).wish()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        found = [(each[each.lastgroup or ""], each.start(each.lastgroup or "") + 1) for each in _TOKEN.finditer(text)]
        self._tokens = [*((_SIGNS.get(word, word), place) for word, place in found), ("", len(text) + 1)]
        self._at = self._depth = 0

    def wish(self) -> Requirements:
        ways = list(NOTHING.ways) if self._sees("", "prefer") else self._either()
        prefers = self._preferences() if self._takes("prefer") else []
        if not self._sees(""):
            raise self._problem(Problem.LINK_EXPECTED)
        return either(ways, prefers)

    def _either(self) -> list[Way]:
        ways = self._every()
        while self._takes("or"):
            ways = self._bounded(ways + self._every())
        return ways

    def _every(self) -> list[Way]:
        ways = self._one()
        while self._takes("and", ","):
            more = self._one()
            both = [together(one, two) for one in ways for two in more]
            ways = self._bounded(both)
        return ways

    def _one(self) -> list[Way]:
        if not self._takes("("):
            return [(self._level(),)]
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._problem(Problem.TOO_MUCH)
        ways = self._either()
        if not self._takes(")"):
            raise self._problem(Problem.BRACKET_EXPECTED)
        self._depth -= 1
        return ways

    def _preferences(self) -> list[tuple[SkillKey, int]]:
        found = [self._level()]
        while self._takes(",", "and", "prefer"):
            found.append(self._level())
        if len(found) > MOST_PREFERENCES:
            raise self._problem(Problem.TOO_MUCH)
        return found

    def _level(self) -> tuple[SkillKey, int]:
        word, _ = self._tokens[self._at]
        if word.lower() in WORDS or not re.fullmatch(r"[A-Za-z0-9_-]+", word):
            raise self._problem(Problem.SKILL_EXPECTED)
        self._at += 1
        return SkillKey(word), self._number() if self._takes(">=") else LOWEST

    def _number(self) -> int:
        word, _ = self._tokens[self._at]
        if not re.fullmatch("[0-9]", word) or not LOWEST <= int(word) <= HIGHEST:
            raise self._problem(Problem.LEVEL_EXPECTED)
        self._at += 1
        return int(word)

    def _bounded(self, ways: list[Way]) -> list[Way]:
        """Kept small as it grows: what is covered goes at once."""
        kept = list(either(ways).ways)
        if len(kept) > MOST_WAYS or any(len(way) > MOST_SKILLS for way in kept):
            raise self._problem(Problem.TOO_MUCH)
        return kept

    def _sees(self, *words: str) -> bool:
        return self._tokens[self._at][0].lower() in words

    def _takes(self, *words: str) -> bool:
        seen = self._sees(*words)
        self._at += seen
        return seen

    def _problem(self, problem: Problem) -> Unreadable:
        return Unreadable(problem, self._tokens[self._at][1], self._text)
