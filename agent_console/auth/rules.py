"""How a route says who may enter. A route that says nothing needs a log-in; only `@public` ones do without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from agent_console.auth.permissions import May

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_H = TypeVar("_H", bound=Handler)

_PUBLIC = "callwright_public"
_NEEDS = "callwright_needs"


def public(handler: _H) -> _H:
    """No log-in needed."""
    setattr(handler, _PUBLIC, True)
    return handler


def needs(what: May) -> Callable[[_H], _H]:
    """Only for people whose role allows this."""

    def mark(handler: _H) -> _H:
        setattr(handler, _NEEDS, what)
        return handler

    return mark


def is_public(handler: object) -> bool:
    return getattr(handler, _PUBLIC, False) is True


def needed(handler: object) -> May | None:
    found = getattr(handler, _NEEDS, None)
    return found if isinstance(found, May) else None
