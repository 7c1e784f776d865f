"""What became of a promise, line by line: who made it, moved it, took it, kept it. Pure: from the log to sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent_console.words import Named, Sentence, names_of, say
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.kernel.ids import CallId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    at: datetime
    mark: str
    """Which picture goes with it: `scheduled`, `rescheduled`, `assigned`, `done`, `cancelled`, `missed`."""
    sentence: Sentence
    text: str = ""
    """What was written down with it."""
    call: CallId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    by: Named | Sentence
    by_id: str | None
    details: Mapping[str, Any]
    people: Mapping[UserId, User]

    @property
    def before(self) -> Mapping[str, Any]:
        found = self.details.get("before")
        return found if isinstance(found, dict) else {}

    def person(self, value: object) -> Named | Sentence:
        user = self.people.get(UserId(str(value)))
        return names_of(user) if user else say("a colleague who has left")

    def time(self) -> datetime | str:
        return _moment(self.details.get("due_at"))


def history(logged: Iterable[LoggedEvent], people: Mapping[UserId, User]) -> tuple[Line, ...]:
    """Oldest first. What this program does not know is left out."""
    return tuple(line for line in (_line(one, people) for one in logged) if line is not None)


def _line(logged: LoggedEvent, people: Mapping[UserId, User]) -> Line | None:
    mark = str(logged.body.get("action", "")).removeprefix("callback.")
    details, by = logged.body.get("details"), logged.body.get("by")
    if mark not in _SAID or not isinstance(details, dict):
        return None
    user = people.get(UserId(str(by)))
    told = _Told(by=names_of(user) if user else say("The system"), by_id=by, details=details, people=people)
    call = details.get("done_call")
    return Line(
        at=logged.at,
        mark=mark,
        sentence=_SAID[mark](told),
        text=str(details.get("note") or details.get("why") or ""),
        call=CallId(str(call)) if call else None,
    )


def _scheduled(told: _Told) -> Sentence:
    if told.details.get("assignee") in (None, told.by_id):
        return say("%(name)s promised a call for %(time)s.", name=told.by, time=told.time())
    other = told.person(told.details["assignee"])
    return say(
        "%(name)s promised a call for %(time)s and gave it to %(other)s.", name=told.by, time=told.time(), other=other
    )


def _rescheduled(told: _Told) -> Sentence:
    if "due_at" in told.before:
        before = _moment(told.before["due_at"])
        return say("%(name)s moved it from %(before)s to %(time)s.", name=told.by, before=before, time=told.time())
    if "why" in told.before:
        return say("%(name)s wrote down another reason.", name=told.by)
    return say("%(name)s moved it to %(time)s.", name=told.by, time=told.time())


def _assigned(told: _Told) -> Sentence:
    whose = told.details.get("assignee")
    if whose is None:
        return say("%(name)s left it to whoever is free.", name=told.by)
    if whose == told.by_id:
        return say("%(name)s took it over.", name=told.by)
    return say("%(name)s gave it to %(other)s.", name=told.by, other=told.person(whose))


def _moment(value: object) -> datetime | str:
    """As it was kept; the reader's words say it in his form."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return str(value or "")


_SAID: Final[Mapping[str, Callable[[_Told], Sentence]]] = {
    "scheduled": _scheduled,
    "rescheduled": _rescheduled,
    "assigned": _assigned,
    "done": lambda told: say("%(name)s called back.", name=told.by),
    "cancelled": lambda told: say("%(name)s cancelled it.", name=told.by),
    "missed": lambda _told: say("Nobody called back in time."),
}
"""How each change is told; what is not here is left out."""
