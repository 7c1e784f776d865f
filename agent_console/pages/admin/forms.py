"""The form of a colleague. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, StringConstraints

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.inputs import Input, Line, SeenLine, checked
from agent_console.words import say
from crm_core.domain.floor import FloorPlan
from crm_core.domain.users import HIGHEST_LEVEL, LOWEST_LEVEL, SHORTEST_PASSWORD, PhoneKind, Role, Validity
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.services.users import MOST_CALLS_PER_HOUR, MOST_TICKETS_AT_ONCE

_OWN: Final = (
    "name", "name_en", "role", "extension", "phone_kind", "department", "language", "calls_per_hour", "tickets_at_once",
)  # fmt: skip
_OPTIONAL: Final = frozenset({"extension", "department", "language", "calls_per_hour"})
_M = TypeVar("_M", bound=Input)


class PersonInput(Input):
    name: SeenLine
    name_en: Line = ""
    role: Role = Role.AGENT
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")] | None = None
    phone_kind: PhoneKind = PhoneKind.WEBRTC
    department: str | None = None
    language: Language | None = None
    calls_per_hour: Annotated[int, Field(ge=1, le=MOST_CALLS_PER_HOUR)] | None = None
    tickets_at_once: Annotated[int, Field(ge=0, le=MOST_TICKETS_AT_ONCE)] = 1


class LimitInput(Input):
    calls_per_hour: Annotated[int, Field(ge=1, le=MOST_CALLS_PER_HOUR)] | None = None
    tickets_at_once: Annotated[int, Field(ge=0, le=MOST_TICKETS_AT_ONCE)] = 1


class NewPersonInput(PersonInput):
    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,40}$")]
    password: str = Field(min_length=1)


def read_person(form: Mapping[str, str], *, present: Role | None = None) -> dict[str, Any]:
    """The arguments of `Users.update`. Raises Invalid. `present`: the role of somebody who fills it in for himself."""
    found = _clear(PersonInput, _given(form))
    if present is not None and found.role is not present:
        alone = say("You cannot lock yourself out. Ask another administrator.")
        raise Invalid((Fault(field="role", code="role.own", sentence=alone),))
    return found.model_dump()


def read_limits(form: Mapping[str, str]) -> dict[str, Any]:
    """How much of what he may be given; what the form does not have is not named. Raises Invalid."""
    found = {"calls_per_hour": form.get("calls_per_hour") or None}
    if "tickets_at_once" in form:
        found["tickets_at_once"] = form["tickets_at_once"]
    return _clear(LimitInput, found).model_dump(exclude_unset=True)


def read_new_person(form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `Users.create`. Raises Invalid."""
    found = _clear(
        NewPersonInput, {**_given(form), "login": form.get("login", ""), "password": form.get("password", "")}
    )
    if wrong := password_fault(found.password):
        raise Invalid((wrong,))
    return found.model_dump()


def password_fault(password: str) -> Fault | None:
    if len(password) >= SHORTEST_PASSWORD:
        return None
    short = say("At least %(least)s characters, please.", least=SHORTEST_PASSWORD)
    return Fault(field="password", code="password.short", sentence=short)


def _clear(model: type[_M], values: Mapping[str, Any]) -> _M:
    """Own sentences where a pattern alone would not tell what is wanted."""
    try:
        return checked(model, values)
    except Invalid as error:
        raise Invalid(tuple(_in_words(fault) for fault in error.faults)) from None


def _in_words(fault: Fault) -> Fault:
    if fault.field == "calls_per_hour":
        number = say("A number from 1 to %(most)s, or nothing.", most=MOST_CALLS_PER_HOUR)
        return Fault(field=fault.field, code=fault.code, sentence=number)
    if fault.code != "string_pattern_mismatch":
        return fault
    wanted = {
        "extension": say("Two to eight digits, please."),
        "login": say("Small letters, digits, dot, dash and underscore only, please."),
    }
    return Fault(field=fault.field, code=fault.code, sentence=wanted.get(fault.field, fault.sentence))


def _given(form: Mapping[str, str]) -> dict[str, Any]:
    return {name: (form[name] or None) if name in _OPTIONAL else form[name] for name in _OWN if name in form}


def read_skills(form: Mapping[str, str], plan: FloorPlan) -> dict[SkillKey, int]:
    """`skill-zh=5`; nothing or 0 is "has it not"."""
    levels = {skill.key: form.get(f"skill-{skill.key}", "") for skill in plan.skills}
    return {
        skill: int(level)
        for skill, level in levels.items()
        if level.isdecimal() and LOWEST_LEVEL <= int(level) <= HIGHEST_LEVEL
    }


def read_validity(form: Mapping[str, str], skills: Mapping[SkillKey, int]) -> dict[SkillKey, Validity]:
    """`skill-zh-from`, `skill-zh-until`: of the skills he has, the days of those that do not hold for ever."""
    found = {
        skill: Validity(first=_day(form, f"skill-{skill}-from"), last=_day(form, f"skill-{skill}-until"))
        for skill in skills
    }
    for skill, days in found.items():
        if days.first and days.last and days.last < days.first:
            reversed_ = say("The last day must not be before the first.")
            raise Invalid((Fault(field=f"skill-{skill}-until", code="field.days_reversed", sentence=reversed_),))
    return {skill: days for skill, days in found.items() if days != Validity()}


def _day(form: Mapping[str, str], field: str) -> date | None:
    text = form.get(field, "").strip()
    try:
        return date.fromisoformat(text.replace("/", "-")) if text else None
    except ValueError:
        wanted = say("Please write the day like 2026-11-28.")
        raise Invalid((Fault(field=field, code="field.invalid", sentence=wanted),)) from None


def read_queues(form: Mapping[str, str], plan: FloorPlan) -> tuple[QueueKey, ...]:
    return tuple(queue.key for queue in plan.queues if form.get(f"queue-{queue.key}"))
