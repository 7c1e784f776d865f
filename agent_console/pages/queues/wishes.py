"""What a call of a queue asks for, as it is typed: read, or told what is wrong with it and where. Pure."""

from __future__ import annotations

from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.words import N_, Sentence, say
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.requirements_text import Problem, Unreadable, read

_AT: Final = {
    Problem.SKILL_EXPECTED: N_("At sign %(position)s, at “%(rest)s”: the key of a skill is expected."),
    Problem.LEVEL_EXPECTED: N_("At sign %(position)s, at “%(rest)s”: a level from 1 to 5 is expected."),
    Problem.BRACKET_EXPECTED: N_("At sign %(position)s, at “%(rest)s”: a closing bracket is expected."),
    Problem.LINK_EXPECTED: N_("At sign %(position)s, at “%(rest)s”: “and”, “or” or “prefer” is expected."),
}
_AT_THE_END: Final = {
    Problem.SKILL_EXPECTED: say("At its end the key of a skill is missing."),
    Problem.LEVEL_EXPECTED: say("At its end a level from 1 to 5 is missing."),
    Problem.BRACKET_EXPECTED: say("At its end a closing bracket is missing."),
    Problem.LINK_EXPECTED: say("At its end “and”, “or” or “prefer” is missing."),
}
_REST = 12


def asks_of(text: str, plan: FloorPlan) -> str:
    """Raises Invalid."""
    try:
        wish = read(text)
    except Unreadable as error:
        code = "queue.wish_too_large" if error.problem is Problem.TOO_MUCH else "queue.wish_unreadable"
        raise _wrong(code, unreadable(error)) from None
    known = {skill.key: skill for skill in plan.skills}
    if strange := sorted(wish.skills - set(known)):
        raise _wrong("skill.not_found", _unknown(strange[0], plan))
    return text


def unreadable(error: Unreadable) -> Sentence:
    if error.problem is Problem.TOO_MUCH:
        return say("That asks for too many things at once.")
    rest = error.text[error.position - 1 :].strip()
    if not rest:
        return _AT_THE_END[error.problem]
    shown = rest if len(rest) <= _REST else rest[:_REST] + "…"
    return Sentence(text=_AT[error.problem], params={"position": error.position, "rest": shown})


def _unknown(key: str, plan: FloorPlan) -> Sentence:
    if not plan.skills:
        return say("There is no skill “%(skill)s”, nor any other yet.", skill=key)
    there = Sentence(text=plan.skills[0].key)
    for skill in plan.skills[1:]:
        there = say("%(first)s, %(second)s", first=there, second=skill.key)
    return say("There is no skill “%(skill)s”. There are: %(there)s.", skill=key, there=there)


def _wrong(code: str, sentence: Sentence) -> Invalid:
    return Invalid((Fault(field="asks", code=code, sentence=sentence),))
