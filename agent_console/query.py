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
    try:
        return words.from_input(request.query.get(name, "")).astimezone(UTC)
    except (ValueError, OverflowError):  # the calendar's last days do not exist in every time zone
        return None


def day_end(request: web.Request, name: str, words: Words) -> datetime | None:
    """The end of a day of a date field: the first moment of the next."""
    start = day_start(request, name, words)
    try:
        return start + timedelta(days=1) if start else None
    except OverflowError:
        return None
