"""Skills and departments: the words by which people and queues of the house are told apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crm_core.domain.floor import Names, Queue
from crm_core.kernel.language import Language
from crm_core.kernel.requirements import NOTHING, Requirements
from crm_core.kernel.requirements_text import Unreadable, read


class TermKind(StrEnum):
    SKILL = "skill"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseTerm:
    kind: TermKind
    key: str
    names: Names
    people: int = 0
    """Who have the skill, on whatever days, or belong to the department."""
    queues: tuple[str, ...] = ()
    """Keys of those that name it."""
    tickets: int = 0
    """That are the department's, be they closed."""

    @property
    def spoken(self) -> bool:
        """A language: every caller's own is asked for, so it stays."""
        return self.kind is TermKind.SKILL and self.key in set(Language)

    @property
    def needed(self) -> bool:
        return self.spoken or bool(self.people or self.queues or self.tickets)


def naming(kind: TermKind, key: str, queues: Iterable[Queue]) -> tuple[str, ...]:
    """The keys of the queues that speak of it."""
    words = _skills if kind is TermKind.SKILL else _departments
    return tuple(str(queue.key) for queue in queues if key in set(words(queue)))


def _skills(queue: Queue) -> Iterator[str | None]:
    yield from queue.skills
    yield from _wish(queue.asks).skills
    yield from (step.skill for step in queue.relaxing)


def _departments(queue: Queue) -> Iterator[str | None]:
    yield queue.department
    yield from (step.department for step in queue.relaxing)


def _wish(text: str) -> Requirements:
    try:
        return read(text)
    except Unreadable:  # kept before it was looked at so closely
        return NOTHING
