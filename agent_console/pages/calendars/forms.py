"""The form of a calendar: what stands in it for a calendar, and the calendar it was filled in for. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from agent_console.errors import Invalid
from agent_console.faults import Fault
from agent_console.pages.menus.forms import hours_text, read_hours
from agent_console.words import Sentence, say
from crm_core.domain.calendars import SharedCalendar
from crm_core.kernel.language import Language

_LONGEST_NAME = 60
_LONGEST_HOURS = 20_000
"""Some hundred holidays: who calls waits while they are looked through."""


def values_of(calendar: SharedCalendar, language: Language) -> dict[str, str]:
    return {
        "key": calendar.key,
        "timezone": calendar.timezone,
        "open_hours": hours_text(calendar.hours, language),
        **{f"name-{spoken}": name for spoken, name in calendar.names.items()},
    }


def read_calendar(form: Mapping[str, str], key: str) -> SharedCalendar:
    """Raises Invalid with everything that is wrong."""
    faults: list[Fault] = []
    names = {one.value: " ".join(form.get(f"name-{one}", "").split()) for one in Language}
    if not any(names.values()):
        faults.append(_fault(f"name-{Language.ZH}", say("Please give the calendar a name.")))
    for spoken, name in names.items():
        if len(name) > _LONGEST_NAME:
            faults.append(_fault(f"name-{spoken}", say("At most %(bound)s characters, please.", bound=_LONGEST_NAME)))
    hours, written = None, form.get("open_hours", "")
    try:
        if len(written) > _LONGEST_HOURS:
            faults.append(_fault("open_hours", say("At most %(bound)s characters, please.", bound=_LONGEST_HOURS)))
        elif (hours := read_hours(written)) is None:
            faults.append(_fault("open_hours", say("When is it open?")))
    except Invalid as error:
        faults.extend(error.faults)
    if faults or hours is None:
        raise Invalid(tuple(faults))
    return SharedCalendar(
        key=key,
        names={spoken: name for spoken, name in names.items() if name},
        timezone=form.get("timezone", "").strip(),
        hours=hours,
    )


def _fault(field: str, sentence: Sentence) -> Fault:
    return Fault(field=field, code="field.invalid", sentence=sentence)
