"""Log in, log out, one's own password, the language of the screens."""

from __future__ import annotations

from aiohttp import web

from agent_console.auth.leaving import look_again, take_off_the_floor
from agent_console.auth.permissions import home_of
from agent_console.auth.rules import public
from agent_console.forms import fields
from agent_console.keys import BUS, CLOCK, LOGIN, current_user, services
from agent_console.middlewares import LANGUAGE_COOKIE, SESSION_COOKIE, client_address
from agent_console.problems import status_of
from agent_console.render import flash, local_path, redirect, render, set_cookie
from agent_console.words import Sayable, as_language, say
from crm_core.domain.users import SHORTEST_PASSWORD, User
from crm_core.kernel.errors import CallwrightError

_LANGUAGE_KEPT_S = 365 * 24 * 3600
routes = web.RouteTableDef()


@routes.get("/")
async def front(request: web.Request) -> web.Response:
    return redirect(home_of(current_user(request)))


@routes.get("/login")
@public
async def login_page(request: web.Request) -> web.Response:
    target = local_path(request.query.get("next", "/"))
    if request.get(LOGIN):
        return redirect(target)
    return render(request, "auth/login.html", target=target, login="", fault=None)


@routes.post("/login")
@public
async def log_in(request: web.Request) -> web.Response:
    form = await fields(request)
    login, password = form.get("login", "").strip(), form.get("password", "")
    target = local_path(form.get("next", "/"))
    try:
        user = await services(request).users.authenticate(login, password, ip=client_address(request))
    except CallwrightError as error:
        status = status_of(error.code)
        return render(request, "auth/login.html", status=status, target=target, login=login, fault=error)
    return await _enter(request, user, target if target != "/" else home_of(user))


async def _enter(request: web.Request, user: User, target: str) -> web.Response:
    browser = request.headers.get("User-Agent", "")[:200]
    token = await services(request).sessions.start(user.id, ip=client_address(request), user_agent=browser)
    response = redirect(target)
    set_cookie(request, response, SESSION_COOKIE, token)
    return response


@routes.post("/logout")
async def log_out(request: web.Request) -> web.Response:
    """Out of everything: this browser's screens close, and no call comes any more."""
    login = request[LOGIN]
    await services(request).sessions.end(login.session)
    look_again(request.config_dict[BUS], request.config_dict[CLOCK], login.user.id)
    await take_off_the_floor(request.config_dict[BUS], login.user)
    response = redirect("/login")
    response.del_cookie(SESSION_COOKIE, path="/")
    return response


@routes.post("/language")
@public
async def choose_language(request: web.Request) -> web.Response:
    """Remembered with the person and in the browser."""
    form = await fields(request)
    chosen = as_language(form.get("language", ""))
    response = redirect(local_path(form.get("next", "/")))
    if chosen:
        set_cookie(request, response, LANGUAGE_COOKIE, chosen.value, max_age=_LANGUAGE_KEPT_S)
        if login := request.get(LOGIN):
            await services(request).users.set_language(login.user.id, chosen)
    return response


@routes.get("/password")
async def password_page(request: web.Request) -> web.Response:
    return render(request, "auth/password.html", faults={})


@routes.post("/password")
async def change_password(request: web.Request) -> web.Response:
    form = await fields(request)
    present, wanted = form.get("present", ""), form.get("wanted", "")
    faults = password_faults(present, wanted, form.get("again", ""))
    if not faults:
        faults = await _change(request, present, wanted)
    if faults:
        return render(request, "auth/password.html", status=422, faults=faults)
    flash(request, say("Your password was changed."))
    return await _enter(request, current_user(request), "/password")


async def _change(request: web.Request, present: str, wanted: str) -> dict[str, Sayable]:
    user = current_user(request)
    try:
        await services(request).users.authenticate(user.login, present, ip=client_address(request))
    except CallwrightError as error:
        return {"present": error}
    await services(request).users.change_password(user.id, wanted, by=user.id)
    look_again(request.config_dict[BUS], request.config_dict[CLOCK], user.id)
    return {}


def password_faults(present: str, wanted: str, again: str) -> dict[str, Sayable]:
    """What is wrong with the form, by field. Pure."""
    faults: dict[str, Sayable] = {}
    if not present:
        faults["present"] = say("Please fill this in.")
    if len(wanted) < SHORTEST_PASSWORD:
        faults["wanted"] = say("At least %(least)s characters, please.", least=SHORTEST_PASSWORD)
    if wanted != again:
        faults["again"] = say("The two new passwords are not the same.")
    return faults
