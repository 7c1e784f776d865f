"""Reading the query string of a list: a wrong filter is no filter, never an error page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from agent_console.words import Words

_LONGEST = 200
_E = TypeVar("_E", bound=StrEnum)


def text(request: web.Request, name: str) -> str:
    return "".join(one for one in request.query.get(name, "")[:_LONGEST] if one.isprintable()).strip()


def choice(request: web.Request, name: str, kind: type[_E]) -> _E | None:
    return next((one for one in kind if one.value == request.query.get(name)), None)


def chosen(request: web.Request, name: str, kind: type[_E]) -> tuple[_E, ...]:
    """One value, or none at all."""
    found = choice(request, name, kind)
    return (found,) if found is not None else ()


def day_start(request: web.Request, name: str, words: Words) -> datetime | None:
    """A day of a date field, from its first moment on."""
    return _moment(request, name, words, timedelta())


def day_end(request: web.Request, name: str, words: Words) -> datetime | None:
    """The end of a day of a date field: the first moment of the next."""
    return _moment(request, name, words, timedelta(days=1))


def _moment(request: web.Request, name: str, words: Words, later: timedelta) -> datetime | None:
    """`later` by the clock on the wall: the day on which the clocks change has 23 hours, or 25."""
    try:
        return (words.from_day(request.query.get(name, "")) + later).astimezone(UTC)
    except (ValueError, OverflowError):  # the calendar's last days do not exist in every time zone
        return None
