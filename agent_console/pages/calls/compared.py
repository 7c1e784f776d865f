"""Who else was free when somebody was asked, with what counted for each: a small table. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from agent_console.pages.calls.reasons import Names
from agent_console.words import Duration, Sentence, say
from routing.reasons import Because, Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    who: Sentence
    cells: tuple[Sentence, ...]
    """One for each head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    heads: tuple[Sentence, ...]
    """What the queue looked at, what comes first by its rule first."""
    rows: tuple[Row, ...]
    """The one who was asked, then the others in the order in which they would have been."""
    others: int
    """How many others were free …"""
    unnamed: int
    """… and how many of them have no row."""

    def names_only(self) -> Compared:
        """For whom the figures of colleagues are not."""
        return replace(self, heads=(), rows=tuple([replace(row, cells=()) for row in self.rows]))


Cell = Callable[[Candidate, Names], Sentence]
_NOTHING: Final = Sentence(text="–")


def _as_it_is(value: object) -> Sentence:
    return Sentence(text="%(value)s", params={"value": value})


def _number(value: int | None) -> Sentence:
    return _NOTHING if value is None else _as_it_is(value)


def _preferred(one: Candidate, names: Names) -> Sentence:
    """Which of the preferences he meets."""
    met = [say("%(skill)s %(level)s", skill=names.skill(has.skill), level=has.has) for has in one.preferred]
    return reduce(lambda some, more: say("%(one)s and %(two)s", one=some, two=more), met) if met else _NOTHING


def _spare(one: Candidate, _names: Names) -> Sentence:
    """He sits there himself."""
    return say("nobody asks") if one.spare is None else _as_it_is(max(one.spare - 1, 0))


def _busy(one: Candidate, _names: Names) -> Sentence:
    return _NOTHING if one.busy is None else _as_it_is(f"{round(one.busy * 100)}%")


def _turn(one: Candidate, _names: Names) -> Sentence:
    return _NOTHING if one.turn_s is None else _as_it_is(Duration(seconds=one.turn_s))


_COLUMNS: Final[tuple[tuple[Callable[[Candidate], bool], Sentence, Cell], ...]] = (
    (lambda one: bool(one.preferred), say("Preferred skills they have"), _preferred),
    (lambda one: one.spare is not None, say("Colleagues free for the other calls they take"), _spare),
    (lambda one: bool(one.skill), say("Levels in what is asked for"), lambda one, _: _number(one.skill)),
    (lambda one: one.busy is not None, say("On calls lately"), _busy),
    (lambda one: one.turn_s is not None, say("Since the last call"), _turn),
    (lambda one: one.place is not None, say("Place in the order"), lambda one, _: _number(one.place)),
    (lambda _one: True, say("Free for"), lambda one, _: _as_it_is(Duration(seconds=one.idle_s))),
)
"""When each is there, what it is called, and what stands in it."""


def who_was_free(because: Because, names: Names, *, figures: bool = True) -> Compared | None:
    """Without `figures` only who they are. None: nobody else was, or it was decided when this was not kept yet."""
    there = because.compared
    if len(there) < 2:
        return None
    columns = [(head, cell) for is_there, head, cell in _COLUMNS if any(map(is_there, there))]
    others = max(because.candidates, len(there)) - 1
    table = Compared(
        heads=tuple([head for head, _ in columns]),
        rows=tuple(
            [
                Row(who=_as_it_is(names.agent(one.agent)), cells=tuple([cell(one, names) for _, cell in columns]))
                for one in there
            ]
        ),
        others=others,
        unnamed=others - (len(there) - 1),
    )
    return table if figures else table.names_only()
