"""Where the application and each request keep what handlers need, with their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from agent_console.settings import Check, ConsoleSettings
from agent_console.words import Words
from crm_core.domain.users import User
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import Clock
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services

SERVICES: Final = web.AppKey("services", Services)
BUS: Final[web.AppKey[Bus]] = web.AppKey("bus")
CLOCK: Final[web.AppKey[Clock]] = web.AppKey("clock")
SETTINGS: Final = web.AppKey("settings", ConsoleSettings)
CHECKS: Final[web.AppKey[tuple[Check, ...]]] = web.AppKey("checks")
WORDS: Final[web.AppKey[Mapping[Language, Words]]] = web.AppKey("words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who makes this request, and by which means."""

    user: User
    session: str = ""
    """The session's token; empty when an API token was shown."""

    @property
    def by_cookie(self) -> bool:
        return bool(self.session)


LOGIN: Final = web.RequestKey("login", Login)
LANGUAGE: Final = web.RequestKey("language", Language)
REQUEST_ID: Final = web.RequestKey("request_id", str)
VISITOR: Final = web.RequestKey("visitor", str)
"""The secret of a browser that has not logged in; its form token hangs on it."""


def current_user(request: web.Request) -> User:
    """The person behind a request; routes that are not public always have one."""
    return request[LOGIN].user


def services(request: web.Request) -> Services:
    return request.config_dict[SERVICES]


def words(request: web.Request) -> Words:
    """The reader's words. Call it `_` where it translates, so that its texts are found."""
    return request.config_dict[WORDS][request[LANGUAGE]]
