"""What is wrong with one value of a form or a request: where, a stable code, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from agent_console.words import N_, Sentence, say

_EMPTY: Final = say("Please fill this in.")
_SENTENCES: Final[Mapping[str, Sentence]] = {
    "missing": _EMPTY,
    "string_too_short": _EMPTY,
    "string_type": say("This should be a text."),
    "int_parsing": say("This should be a whole number."),
    "int_type": say("This should be a whole number."),
    "bool_parsing": say("This should be yes or no."),
    "datetime_parsing": say("This should be a day and a time."),
    "datetime_type": say("This should be a day and a time."),
    "datetime_from_date_parsing": say("This should be a day and a time."),
    "date_parsing": say("This should be a day, such as 2026-11-28."),
    "date_from_datetime_parsing": say("This should be a day, such as 2026-11-28."),
    "timezone_aware": say("This time needs its time zone."),
    "enum": say("Please choose one of the possible values."),
    "literal_error": say("Please choose one of the possible values."),
    "extra_forbidden": say("This field is not known."),
    "string_pattern_mismatch": say("This does not have the right form."),
    "too_short": say("At least one is needed."),
}
_AT_LEAST: Final = N_("At least %(bound)s, please.")
_AT_MOST: Final = N_("At most %(bound)s, please.")
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "string_too_long": (N_("At most %(bound)s characters, please."), "max_length"),
    "too_long": (N_("At most %(bound)s of these, please."), "max_length"),
    "greater_than_equal": (_AT_LEAST, "ge"),
    "less_than_equal": (_AT_MOST, "le"),
}
_OTHER: Final = say("This value cannot be used.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    field: str
    """The dotted path of the value, e.g. `numbers.0.number`; empty for the whole."""
    code: str
    sentence: Sentence


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """Pydantic's findings in our words."""
    return tuple(
        Fault(
            field=".".join(str(part) for part in one["loc"]),
            code=one["type"],
            sentence=_sentence(one["type"], one.get("ctx", {}), one["msg"]),
        )
        for one in error.errors(include_url=False, include_input=False)
    )


def _sentence(kind: str, context: dict[str, Any], message: str) -> Sentence:
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind in _BOUNDS:
        text, bound = _BOUNDS[kind]
        return say(text, bound=context[bound])
    if "." in kind:  # an own code: its message is a marked English sentence
        return Sentence(text=message, params=context)
    return _OTHER


def by_field(faults: Iterable[Fault]) -> dict[str, Sentence]:
    """The first fault of each field, for the form."""
    found: dict[str, Sentence] = {}
    for fault in faults:
        found.setdefault(fault.field, fault.sentence)
    return found
