"""The form of a number: what stands in it for a number, and the number it was filled in for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.pages.menus.forms import hours_text, read_hours
from agent_console.words import Sentence, say
from crm_core.domain.floor import Did, DidTarget
from crm_core.kernel.language import Language

_LONGEST_NAME: Final = 60
_BETWEEN: Final = re.compile(r"[\s().\-]+")
"""What people write between the digits."""


def values_of(did: Did, language: Language) -> dict[str, str]:
    return {
        "number": did.number,
        "to": way(did.target, did.to),
        "answer": "1" if did.answer else "",
        "calendar": did.calendar or "",
        "open_hours": hours_text(did.open_hours, language),
        "closed_to": did.closed_to or "",
        **{f"name-{spoken}": name for spoken, name in did.names.items()},
    }


def way(target: DidTarget, to: str) -> str:
    """As it is chosen in the form."""
    return f"{target}:{to}"


def typed_number(text: str) -> str:
    """Without what stands between its digits."""
    return _BETWEEN.sub("", text)


def read_number(form: Mapping[str, str], number: str) -> Did:
    """Raises Invalid with everything that is wrong."""
    faults: list[Fault] = []
    names = {one.value: " ".join(form.get(f"name-{one}", "").split()) for one in Language}
    for spoken, name in names.items():
        if len(name) > _LONGEST_NAME:
            faults.append(_fault(f"name-{spoken}", say("At most %(bound)s characters, please.", bound=_LONGEST_NAME)))
    target, _, to = form.get("to", "").partition(":")
    if target not in set(DidTarget) or not to:
        faults.append(_fault("to", say("Where do its callers go?")))
    menu, hours = target == DidTarget.IVR, None
    calendar, closed_to = form.get("calendar") or None, form.get("closed_to") or None
    try:
        hours = read_hours(form.get("open_hours", ""))
    except Invalid as error:
        faults.extend(error.faults)
    else:
        faults.extend(_unfitting(menu, hours is not None, calendar is not None, closed_to is not None))
    if faults:
        raise Invalid(tuple(faults))
    return Did(
        number=number,
        target=DidTarget(target),
        to=to,
        names={spoken: name for spoken, name in names.items() if name},
        answer=menu or bool(form.get("answer")),
        open_hours=hours,
        calendar=calendar,
        closed_to=closed_to,
    )


def _unfitting(menu: bool, hours: bool, calendar: bool, elsewhere: bool) -> list[Fault]:
    """What does not go together."""
    if not menu and (hours or calendar or elsewhere):
        return [_fault("open_hours", say("A queue has hours of its own: they are set with the queue."))]
    if hours and calendar:
        return [_fault("calendar", say("Choose a calendar or write hours of its own, not both."))]
    if (hours or calendar) and not elsewhere:
        return [_fault("closed_to", say("Where do callers go outside of the hours?"))]
    if elsewhere and not (hours or calendar):
        return [_fault("open_hours", say("When is it open?"))]
    return []


def _fault(field: str, sentence: Sentence) -> Fault:
    return Fault(field=field, code="field.invalid", sentence=sentence)
