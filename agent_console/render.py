"""From a request and values to a page in the reader's language.

One jinja2 environment per language, so that macros, filters and `_()` need no context. Every page gets: `user`,
`may(…)`, `csrf` (the token), `csrf_field` (the hidden input), `flashes`, `path`, `path_qs`, `query`, `theme`; filters
`moment`, `exact`, `ago`, `duration`, `clock`, `day`, `weekday`, `phone`, `number`, `money`, `speak`; globals `_`,
`ngettext`, `words`, `now()`, `static()`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from agent_console.auth.permissions import May, allowed
from agent_console.keys import CLOCK, LANGUAGE, LOGIN, REQUEST_ID, SETTINGS, VISITOR, words
from agent_console.labels import label, number_label, pause_reason
from agent_console.security import CSRF_FIELD, csrf_token, proven, sign
from agent_console.words import Sayable, Words
from crm_core.kernel.clock import Clock
from crm_core.kernel.language import Language

STATIC_FOLDER: Final = Path(__file__).parent / "static"
TEMPLATE_FOLDER: Final = Path(__file__).parent / "templates"
FLASH_COOKIE: Final = "cw_flash"
THEME_COOKIE: Final = "cw_theme"

_ENVIRONMENTS: Final = {language: web.AppKey(f"jinja2_{language.value}", jinja2.Environment) for language in Language}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A message for the next page: `success`, `info`, `warning` or `danger`."""

    level: str
    text: str


FLASHES: Final[web.RequestKey[list[Flash]]] = web.RequestKey("flashes")


def set_up(app: web.Application, spoken: Mapping[Language, Words], clock: Clock) -> None:
    for language, key in _ENVIRONMENTS.items():
        environment = aiohttp_jinja2.setup(
            app,
            app_key=key,
            loader=jinja2.FileSystemLoader(TEMPLATE_FOLDER),
            extensions=["jinja2.ext.i18n"],
            default_helpers=False,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        _furnish(environment, spoken[language], clock)


def _furnish(environment: jinja2.Environment, words: Words, clock: Clock) -> None:
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.translations.gettext, words.translations.ngettext, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(words=words, now=clock.now, static=static_url, May=May)
    environment.filters.update(
        moment=words.moment,
        exact=words.exact,
        clock=words.clock,
        day=words.day,
        weekday=words.weekday,
        ago=lambda at: words.ago(at, clock.now()),
        duration=words.duration,
        phone=words.phone,
        number=words.number,
        money=words.money,
        speak=words.speak,
        input_value=words.input_value,
        with_query=with_query,
        label=lambda value, kind="": words.speak(label(value, kind)),
        number_label=lambda code: words.speak(number_label(code)),
        pause_reason=lambda code: words.speak(pause_reason(code)),
        named=words.named,
        name=words.name,
    )


def static_url(path: str) -> str:
    """The address of a file of ours, changing with its content so that browsers may keep it for ever."""
    file = STATIC_FOLDER / path
    try:
        stamp = file.stat()
    except FileNotFoundError:
        return f"/static/{path}"
    version = hashlib.sha256(f"{stamp.st_mtime_ns}:{stamp.st_size}".encode()).hexdigest()[:10]
    return f"/static/{path}?v={version}"


def with_query(query: Mapping[str, str], **changes: str | None) -> str:
    """The present query string with some values changed (None takes one out)."""
    merged = {**query, **changes}
    return "?" + urlencode({key: value for key, value in merged.items() if value})


def form_token(request: web.Request) -> str:
    return csrf_token(request.config_dict[SETTINGS].secret_key, _seed(request))


def _seed(request: web.Request) -> str:
    login = request.get(LOGIN)
    visitor: str = request.get(VISITOR, "")
    return login.session if login else visitor


def page_context(request: web.Request) -> dict[str, Any]:
    login = request.get(LOGIN)
    user = login.user if login else None
    token = form_token(request)
    return {
        "user": user,
        "may": lambda what: user is not None and allowed(user, May(what)),
        "csrf": token,
        "csrf_field": Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token),
        "flashes": waiting_flashes(request),
        "path": request.path,
        "path_qs": request.rel_url.raw_path_qs,
        "query": dict(request.query),
        "theme": _theme(request),
        "request_id": request.get(REQUEST_ID, ""),
        "demo": request.config_dict[SETTINGS].demo,
        "partial": "HX-Request" in request.headers,
    }


def _theme(request: web.Request) -> str:
    """Chosen in the menu and kept by the browser; empty: as the system says."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""


def render(request: web.Request, template: str, *, status: int = 200, **context: object) -> web.Response:
    """The page as a response."""
    key = _ENVIRONMENTS[request[LANGUAGE]]
    return aiohttp_jinja2.render_template(
        template, request, {**page_context(request), **context}, app_key=key, status=status
    )


def redirect(path: str) -> web.Response:
    """After a form: look at this page now."""
    return web.Response(status=303, headers={"Location": path})


def local_path(path: str, default: str = "/") -> str:
    """A path to go back to, only ever within this site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else default


# Messages for the next page -------------------------------------------------------------------------------------------


def flash(request: web.Request, said: Sayable, level: str = "success") -> None:
    """What is said already, as of the other language's words, is not said twice."""
    one, before = Flash(level=level, text=words(request).speak(said)), request.get(FLASHES, [])
    request[FLASHES] = before if one in before else [*before, one]


def waiting_flashes(request: web.Request) -> list[Flash]:
    """What the last request left, and what this one has said itself."""
    return [*_carried(request), *request.get(FLASHES, [])]


def _carried(request: web.Request) -> list[Flash]:
    packed, _, signature = request.cookies.get(FLASH_COOKIE, "").rpartition(".")
    if not packed or not proven(request.config_dict[SETTINGS].secret_key, "flash", packed, signature):
        return []
    return [Flash(level=level, text=text) for level, text in json.loads(urlsafe_b64decode(packed))]


def carry_flashes(request: web.Request, response: web.StreamResponse) -> None:
    """Middleware's part: a redirect takes the messages along, a page has shown them."""
    if response.prepared:
        return
    if response.status in (302, 303) and (said := request.get(FLASHES)):
        packed = urlsafe_b64encode(json.dumps([(one.level, one.text) for one in said]).encode()).decode()
        signature = sign(request.config_dict[SETTINGS].secret_key, "flash", packed)
        set_cookie(request, response, FLASH_COOKIE, f"{packed}.{signature}", max_age=60)
    elif FLASH_COOKIE in request.cookies and response.content_type == "text/html" and response.status < 300:
        response.del_cookie(FLASH_COOKIE, path="/")


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, *, max_age: int | None = None
) -> None:
    """HttpOnly, SameSite=Lax, and Secure when browsers come by https."""
    secure = request.config_dict[SETTINGS].https
    response.set_cookie(name, value, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=secure)


def now_of(request: web.Request) -> datetime:
    return request.config_dict[CLOCK].now()
