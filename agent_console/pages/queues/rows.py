"""The rows of a queue's form: where callers go on, and what is asked less for after a while. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.good_byes import PROMPTS
from agent_console.words import Sentence, say
from crm_core.domain.floor import Relaxation, RelaxationKind
from crm_core.domain.overflow import MENUS, REASONS, Overflow, OverflowKind
from crm_core.domain.users import HIGHEST_LEVEL, LOWEST_LEVEL
from crm_core.kernel.ids import QueueKey, SkillKey

Form = Mapping[str, str]
_ROWS: Final = {
    "overflow": re.compile(r"overflow-(0|[1-9][0-9]{0,2})-way"),
    "relaxing": re.compile(r"relaxing-(0|[1-9][0-9]{0,2})-what"),
}
_OF_KIND: Final = {
    RelaxationKind.LOWER: "skill",
    RelaxationKind.DROP: "skill",
    RelaxationKind.WIDEN: "queue",
    RelaxationKind.CALL_IN: "department",
}
_NUMBER, _PROMPT = re.compile(r"\+?[0-9]{2,20}"), re.compile(r"[a-z][a-z0-9_]{1,40}")
_LONGEST_S = 3600


def numbers_of(form: Form, rows: str) -> list[int]:
    """Which rows there are, in their order."""
    return sorted(int(match[1]) for name in form if (match := _ROWS[rows].fullmatch(name)))


# ---- where callers go on: `way` is `queue:vip`, `message:closed`, `message:` (one of ours, in `to`) or `number:`


def chain_values(chain: Iterable[Overflow]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, step in enumerate(chain):
        chosen = step.kind in (OverflowKind.QUEUE, *MENUS) or (step.kind is OverflowKind.MESSAGE and step.to in PROMPTS)
        found[f"overflow-{number}-way"] = f"{step.kind}:{step.to if chosen else ''}"
        found[f"overflow-{number}-to"] = "" if chosen else step.to
        found |= {f"overflow-{number}-when-{why}": "1" for why in step.when}
    return found


def chain_of(form: Form) -> tuple[Overflow, ...]:
    """Raises Invalid."""
    numbers = [number for number in numbers_of(form, "overflow") if form[f"overflow-{number}-way"]]
    return tuple(_overflow(form, number) for number in numbers)


def _overflow(form: Form, number: int) -> Overflow:
    name, _, chosen = form[f"overflow-{number}-way"].partition(":")
    kind = next((kind for kind in OverflowKind if kind == name), None)
    to = chosen or re.sub(r"[\s()/-]", "", form.get(f"overflow-{number}-to", ""))
    if kind is None:
        raise _wrong(f"overflow-{number}-way", say("Please choose one of the possible values."))
    if kind is OverflowKind.NUMBER and not _NUMBER.fullmatch(to):
        raise _wrong(f"overflow-{number}-to", say("Which number? Digits only, with a + before them if need be."))
    if kind is OverflowKind.MESSAGE and not _PROMPT.fullmatch(to):
        wanted = say("Which recording? The name of its file, without the ending: small letters, digits, underscores.")
        raise _wrong(f"overflow-{number}-to", wanted)
    to = MENUS.get(kind, to)
    when = tuple(why for why in REASONS if form.get(f"overflow-{number}-when-{why}") == "1")
    return Overflow(kind=kind, to=to, when=when)


# ---- what is asked less for: `what` is `lower:zh`, `drop:zh`, `widen:service` or `call_in:sales`


def steps_values(steps: Iterable[Relaxation]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, step in enumerate(steps):
        of = getattr(step, _OF_KIND[step.kind])
        found[f"relaxing-{number}-after_s"] = str(step.after_s)
        found[f"relaxing-{number}-what"] = f"{step.kind}:{of}"
        found[f"relaxing-{number}-level"] = str(step.level or "")
    return found


def steps_of(form: Form) -> tuple[Relaxation, ...]:
    """Raises Invalid."""
    numbers = [number for number in numbers_of(form, "relaxing") if form[f"relaxing-{number}-what"]]
    return tuple(_relaxation(form, number) for number in numbers)


def _relaxation(form: Form, number: int) -> Relaxation:
    name, _, of = form[f"relaxing-{number}-what"].partition(":")
    kind = next((kind for kind in RelaxationKind if kind == name), None)
    if kind is None or not of:
        raise _wrong(f"relaxing-{number}-what", say("Please choose one of the possible values."))
    after = _number(form, f"relaxing-{number}-after_s", 1, _LONGEST_S)
    match kind:
        case RelaxationKind.LOWER:
            level = _number(form, f"relaxing-{number}-level", LOWEST_LEVEL, HIGHEST_LEVEL)
            return Relaxation(after_s=after, kind=kind, skill=SkillKey(of), level=level)
        case RelaxationKind.DROP:
            return Relaxation(after_s=after, kind=kind, skill=SkillKey(of))
        case RelaxationKind.WIDEN:
            return Relaxation(after_s=after, kind=kind, queue=QueueKey(of))
        case RelaxationKind.CALL_IN:
            return Relaxation(after_s=after, kind=kind, department=of)


def _number(form: Form, field: str, lowest: int, highest: int) -> int:
    text = form.get(field, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and lowest <= int(text) <= highest):
        wanted = say("A number from %(lowest)s to %(highest)s, please.", lowest=lowest, highest=highest)
        raise _wrong(field, wanted)
    return int(text)


def _wrong(field: str, sentence: Sentence) -> Invalid:
    return Invalid((Fault(field=field, code="field.invalid", sentence=sentence),))
