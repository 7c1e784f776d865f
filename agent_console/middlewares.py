"""What happens around every request, from the outside in: log, headers, errors, who it is, form tokens."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import structlog
from aiohttp import hdrs, web

from agent_console import errors, problems
from agent_console.auth.permissions import allowed
from agent_console.auth.rules import is_public, needed
from agent_console.keys import CLOCK, LANGUAGE, LOGIN, REQUEST_ID, SETTINGS, VISITOR, Login, services, words
from agent_console.metrics import METRICS, route_name
from agent_console.render import carry_flashes, redirect, render, set_cookie
from agent_console.security import (
    CSRF_FIELD,
    CSRF_HEADER,
    SAFE_METHODS,
    csrf_holds,
    same_origin,
    security_headers,
    visitor_address,
)
from agent_console.words import as_language, negotiate
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION_COOKIE: Final = "cw_session"
VISITOR_COOKIE: Final = "cw_visitor"
LANGUAGE_COOKIE: Final = "cw_lang"
API_PREFIX: Final = "/api/v1/"
_QUIET: Final = ("/static/", "/healthz", "/readyz", "/metrics")
_log = structlog.get_logger("agent_console")


def wants_json(request: web.Request) -> bool:
    return request.path.startswith(API_PREFIX) or request.path in ("/healthz", "/readyz")


def client_address(request: web.Request) -> str:
    """Who is on the other end, also behind a proxy of one's own."""
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
    return visitor_address(request.remote or "", forwarded, request.config_dict[SETTINGS].proxies)


@web.middleware
async def log(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives the request its id, measures it and writes one line about it."""
    given = request.headers.get("X-Request-Id", "")
    request[REQUEST_ID] = given if given.isascii() and given.isalnum() and len(given) <= 64 else secrets.token_hex(8)
    clock = request.config_dict[CLOCK]
    started, status = clock.monotonic(), 499
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        _note(request, status, clock.monotonic() - started)


def _note(request: web.Request, status: int, seconds: float) -> None:
    request.config_dict[METRICS].requests(request, status, seconds)
    if request.path.startswith(_QUIET) and status < 500:
        return
    login = request.get(LOGIN)
    _log.info(
        "request",
        action=f"{request.method} {route_name(request)}",
        path=request.path,
        status=status,
        ms=round(seconds * 1000, 1),
        request_id=request[REQUEST_ID],
        user=login.user.login if login else None,
        remote=client_address(request),
    )


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Security headers on every answer; nothing but our static files is kept by browsers and proxies."""
    response = await handler(request)
    if response.prepared:
        return response
    for name, value in security_headers(request.config_dict[SETTINGS], request.host).items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request[REQUEST_ID]
    if request.path.startswith("/static/"):
        keep = "public, max-age=31536000, immutable" if "v" in request.query else "no-cache"
        response.headers["Cache-Control"] = keep
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every error into a page or a problem document."""
    request[LANGUAGE] = _language(request)
    try:
        return await handler(request)
    except CallwrightError as error:
        return _answer(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if (above := _page_above(request, error)) is not None:
            return redirect(above)
        kept: dict[str, str] = {"Allow": error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else {}
        return _answer(request, problems.of_http(error, request), kept)
    except ConnectionError:
        raise
    except Exception:
        _log.exception("unexpected", action=f"{request.method} {request.path}", request_id=request[REQUEST_ID])
        return _answer(request, errors.Unexpected())


def _answer(request: web.Request, error: CallwrightError, kept: Mapping[str, str] | None = None) -> web.StreamResponse:
    status = problems.status_of(error.code)
    if wants_json(request):
        extra = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return problems.problem_response(
            error, words(request), request_id=request[REQUEST_ID], headers={**(kept or {}), **extra}
        )
    if isinstance(error, errors.LoginNeeded):
        return _to_login(request)
    response = render(request, "error.html", status=status, ours=status >= 500, sentence=words(request).error(error))
    response.headers.update(kept or {})
    return response


def _to_login(request: web.Request) -> web.StreamResponse:
    """A page for people leads to the log-in and back again; a partial update makes the whole page go there."""
    back = request.rel_url.path_qs if request.method in SAFE_METHODS else _page_before(request)
    target = str(request.rel_url.with_path("/login").with_query({"next": back} if back != "/" else {}))
    if "HX-Request" in request.headers:
        return web.Response(status=200, headers={"HX-Redirect": "/login"})
    return redirect(target)


def _page_before(request: web.Request) -> str:
    """The page of ours that sent a form, so that one comes back to it after logging in."""
    referer = request.headers.get("Referer")
    if referer is None or not same_origin(referer, request.host):
        return "/"
    before = urlsplit(referer)
    return urlunsplit(("", "", before.path, before.query, ""))


def _page_above(request: web.Request, error: web.HTTPException) -> str | None:
    """Where a form is sent to is often no page of its own, yet stands in the browser when its answer names a mistake:
    whoever then changes the language, logs in anew or presses Enter there wants the page that the form is on."""
    if request.method != hdrs.METH_GET or not isinstance(error, web.HTTPMethodNotAllowed) or wants_json(request):
        return None
    return request.rel_url.raw_path.rpartition("/")[0] or None


def _language(request: web.Request, login: Login | None = None) -> Language:
    """The one a person has chosen for himself, whatever the last one at this browser chose. Else the switch's, else the
    browser's. A program says with each request what it wants to read."""
    own = login.user.language if login else None
    if login and own and login.by_cookie:
        return own
    chosen = as_language(request.cookies.get(LANGUAGE_COOKIE, ""))
    return chosen or negotiate(request.headers.get("Accept-Language", ""), default=own or DEFAULT_LANGUAGE)


@web.middleware
async def identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Finds out who it is (API token or session), and holds the route's rule against it."""
    login = await _login(request)
    if login is not None:
        request[LOGIN] = login
        request[LANGUAGE] = _language(request, login)
    _admit(request, login)
    fresh_visitor = login is None and not request.cookies.get(VISITOR_COOKIE)
    request[VISITOR] = request.cookies.get(VISITOR_COOKIE) or secrets.token_urlsafe(18)
    response = await handler(request)
    if fresh_visitor and not response.prepared and response.content_type == "text/html":
        set_cookie(request, response, VISITOR_COOKIE, request[VISITOR])
    carry_flashes(request, response)
    return response


async def _login(request: web.Request) -> Login | None:
    if request.path.startswith(_QUIET):
        return None
    kind, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if kind:
        return await _token_login(request, kind, token)
    session = request.cookies.get(SESSION_COOKIE, "")
    if not session:
        return None
    comes_back_by_itself = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    user = await services(request).sessions.resolve(session, prolong=not comes_back_by_itself)
    return Login(user=user, session=session) if user else None


async def _token_login(request: web.Request, kind: str, token: str) -> Login | None:
    """API tokens open the API only; screens are for browsers."""
    if kind.lower() != "bearer" or not request.path.startswith(API_PREFIX):
        return None
    user = await services(request).api_tokens.resolve(token.strip())
    return Login(user=user) if user else None


def _admit(request: web.Request, login: Login | None) -> None:
    handler = request.match_info.handler
    if is_public(handler) or request.path.startswith(_QUIET) or request.match_info.http_exception is not None:
        return
    if login is None:
        raise errors.LoginNeeded()
    wanted = needed(handler)
    if wanted is not None and not allowed(login.user, wanted):
        raise errors.Forbidden()


@web.middleware
async def form_tokens(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever changes something by cookie must show the page's token and come from our own pages."""
    if request.method not in SAFE_METHODS and request.match_info.http_exception is None:
        login = request.get(LOGIN)
        if login is None or login.by_cookie:
            await _check_token(request, login.session if login else request.cookies.get(VISITOR_COOKIE, ""))
    return await handler(request)


async def _check_token(request: web.Request, seed: str) -> None:
    settings = request.config_dict[SETTINGS]
    if not same_origin(request.headers.get(hdrs.ORIGIN), request.host, settings.public_url):
        raise errors.FormExpired()
    shown = request.headers.get(CSRF_HEADER, "")
    if not shown and request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        shown = str((await request.post()).get(CSRF_FIELD, ""))
    if not csrf_holds(settings.secret_key, seed, shown):
        raise errors.FormExpired()


ALL: Final = (log, headers, failures, identity, form_tokens)
