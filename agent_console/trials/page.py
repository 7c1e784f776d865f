"""The part of a form that tries what stands in it with a past day's calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web

from agent_console.errors import ConsoleError, Invalid, TrialDayUnknown
from agent_console.explained import names_of_floor
from agent_console.render import render
from agent_console.trials.trying import DAYS, tried
from agent_console.trials.words import changes, columns, notes, people_rows, queue_rows
from agent_console.words import Sayable, say
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import QueueKey

FIELD = "trial_day"
CALLS_OF = "trial_queue"
"""Whose callers; empty: the queue's own."""


async def trial(
    request: web.Request,
    form: Mapping[str, str],
    plan: FloorPlan,
    draft: FloorPlan,
    *,
    of: QueueKey | None = None,
) -> web.Response:
    """The day of the form under both plans, as a fragment of a page. `of`: the queue that is tried."""
    try:
        found = await tried(request, _day(form), plan, draft)
    except ConsoleError as error:
        return _told(request, (error,))
    names = names_of_floor(plan)
    return render(
        request,
        "trials/result.html",
        faults=(),
        found=found,
        changes=changes(found, names, same=plan == draft, of=of),
        columns=columns(found),
        queues=tuple(queue_rows(found, names)),
        people=tuple(people_rows(found, names)),
        notes=tuple(notes(found, names)),
    )


def not_tried(request: web.Request, error: CallwrightError) -> web.Response:
    """What stands in the form is no draft yet."""
    begin = say("Nothing was tried: something in the form is not right yet.")
    wrong: Sequence[Sayable] = [one.sentence for one in error.faults] if isinstance(error, Invalid) else [error]
    return _told(request, (begin, *wrong))


def _told(request: web.Request, faults: Sequence[Sayable]) -> web.Response:
    """With a good status: htmx would put nothing else on the page."""
    return render(request, "trials/result.html", faults=faults)


def _day(form: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(form.get(FIELD, ""))
    except ValueError:
        raise TrialDayUnknown(most=DAYS) from None
