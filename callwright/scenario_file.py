"""A scenario of `callwright simulate` as a JSON document: read with all that is wrong with it, and written."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from crm_core.kernel.errors import CallwrightError
from routing.simulation.checks import faults
from routing.simulation.scenario import Scenario

_SHOWN = 20
"""A document of quite another kind would be wrong in a thousand places."""
_FORM = TypeAdapter(Scenario)


class ScenarioWrong(CallwrightError):
    """{file} cannot be simulated:{list}{hint}"""

    code = "scenario.wrong"


def read_scenario(text: str, *, file: str) -> Scenario:
    """Raises ScenarioWrong, with the place of each mistake."""
    try:
        scenario = _FORM.validate_json(text)
    except ValidationError as error:
        raise _wrong(file, [_sentence(one["loc"], one["type"], one["msg"]) for one in error.errors()]) from None
    return checked(scenario, file=file)


def checked(scenario: Scenario, *, file: str) -> Scenario:
    """Raises ScenarioWrong."""
    if found := faults(scenario):
        raise _wrong(file, found)
    return scenario


def written(scenario: Scenario) -> str:
    """As one would write it by hand: without what goes without saying."""
    content = _FORM.dump_python(scenario, mode="json", exclude_defaults=True)
    return json.dumps(content, ensure_ascii=False, indent=2)


def _wrong(file: str, found: list[str]) -> ScenarioWrong:
    more = len(found) - _SHOWN
    lines = [*found[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    hint = "\nA document of the right form: callwright simulate --example working-day"
    return ScenarioWrong(file=file, list="".join(f"\n  {line}" for line in lines), hint=hint)


def _sentence(place: tuple[int | str, ...], kind: str, words: str) -> str:
    where = ".".join(str(part) for part in place) or "the document"
    match kind:
        case "missing":
            return f"{where}: is missing"
        case "unexpected_keyword_argument":
            return f"{where}: there is no such key"
        case _:
            return f"{where}: {words[:1].lower()}{words[1:]}"
