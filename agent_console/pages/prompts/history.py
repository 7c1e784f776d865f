"""What became of a prompt, line by line: who wrote, recorded and spoke it. Pure: from the log to sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent_console.words import Named, Sentence, names_of, say
from crm_core.domain.log import LoggedEvent
from crm_core.domain.users import User
from crm_core.kernel.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    at: datetime
    sentence: Sentence
    text: str = ""
    """The words as they were written."""


_LANGUAGES: Final = {"zh": say("Chinese"), "en": say("English")}
_SAID: Final[Mapping[str, str]] = {
    "prompt.made": say("%(name)s made it.").text,
    "prompt.written": say("%(name)s wrote other words in %(language)s.").text,
    "prompt.recorded": say("%(name)s recorded it in %(language)s.").text,
    "prompt.recorded_by_phone": say("%(name)s recorded it in %(language)s by phone.").text,
    "prompt.phone_hung_up": say("%(name)s hung up while %(other)s recorded it in %(language)s by phone.").text,
    "prompt.spoken": say("%(name)s let the synthesiser speak it in %(language)s.").text,
    "prompt.taken_away": say("%(name)s took it away.").text,
    "prompt.taken_back": say("%(name)s took an earlier recording in %(language)s again.").text,
}
"""How each change is told; what is not here is left out."""


def history(logged: Iterable[LoggedEvent], people: Mapping[UserId, User]) -> tuple[Line, ...]:
    """The newest first."""
    lines = [_line(one, people) for one in logged if one.body.get("action") in _SAID]
    return tuple(reversed(lines))


def _line(logged: LoggedEvent, people: Mapping[UserId, User]) -> Line:
    details = logged.body.get("details") or {}

    def named(user: object) -> Named | Sentence:
        found = people.get(UserId(str(user)))
        return names_of(found) if found else say("a colleague who has left")

    params = {
        "name": named(logged.body.get("by")),
        "other": named(details.get("of")),
        "language": _LANGUAGES.get(str(details.get("language")), say("Chinese")),
    }
    sentence = Sentence(text=_SAID[str(logged.body["action"])], params=params)
    return Line(at=logged.at, sentence=sentence, text=str(details.get("text", "")))
