"""Logging in and out, passwords, form tokens, languages, and what everybody is kept from."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from agent_console.app import make_app
from agent_console.auth.rules import is_public
from agent_console.settings import ConsoleSettings
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services
from tests.integration.console.stage import PASSWORD, Browser, NewBrowser, People

PUBLIC = {"/login", "/language", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}


async def test_a_page_leads_to_the_log_in_and_back_again(new_browser: NewBrowser, people: People) -> None:
    browser = new_browser()
    response = await browser.get("/tickets?view=mine")
    assert (response.status, response.url.path) == (200, "/login")
    answer = await browser.post(
        "/login", {"login": "alice", "password": PASSWORD, "next": "/tickets?view=mine"}, follow=False
    )
    assert answer.headers["Location"] == "/tickets?view=mine"


async def test_the_start_page_goes_by_role(new_browser: NewBrowser, people: People) -> None:
    homes = {}
    for login in ("alice", "sam", "admin"):
        homes[login] = (await new_browser().log_in(login)).headers["Location"]
    assert homes == {"alice": "/desk", "sam": "/board", "admin": "/board"}


async def test_a_wrong_password_is_said_in_a_sentence_and_the_login_is_kept(new_browser: NewBrowser) -> None:
    browser = new_browser()
    response = await browser.log_in("alice", "wrong")
    assert response.status == 401
    assert "Login or password is wrong." in browser.text
    assert 'value="alice"' in browser.text


async def test_after_many_attempts_one_is_told_how_long_to_wait(new_browser: NewBrowser) -> None:
    browser = new_browser()
    for _ in range(5):
        await browser.log_in("alice", "wrong")
    response = await browser.log_in("alice", PASSWORD)
    assert response.status == 429
    assert "Too many attempts; try again in 300 seconds." in browser.text


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("behind_a_proxy", [False, True])
async def test_only_a_proxy_of_ours_is_believed_who_calls(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings, behind_a_proxy: bool
) -> None:
    proxies = (ip_network("127.0.0.0/8"),) if behind_a_proxy else ()
    app = make_app(services, bus, clock, replace(settings, public_url="http://calls.example", proxies=proxies))
    async with TestServer(app) as server, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        browser = Browser(server, session)
        await browser.get("/login")
        wrong, url = {"csrf": browser.csrf, "login": "alice", "password": "wrong"}, server.make_url("/login")
        told = [
            (await session.post(url, data=wrong, headers={"X-Forwarded-For": f"198.51.100.{number}"})).status
            for number in range(8)
        ]
    assert set(told) == ({401} if behind_a_proxy else {401, 429})


async def test_the_session_cookie_is_for_this_site_and_no_script(new_browser: NewBrowser, people: People) -> None:
    cookie = (await new_browser().log_in("alice")).headers.getall("Set-Cookie")
    session = next(one for one in cookie if one.startswith("cw_session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Secure" not in session


async def test_behind_https_the_cookies_travel_encrypted_only(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings, people: People
) -> None:
    app = make_app(services, bus, clock, replace(settings, public_url="https://calls.example"))
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/login")
    assert "Secure" in response.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in response.headers


async def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(alice: Browser) -> None:
    csrf = alice.csrf
    await alice.post("/logout")
    url = alice.server.make_url("/tickets/new")
    response = await alice.session.post(
        url, data={"csrf": csrf, "subject": "x"}, headers={"Referer": str(url)}, allow_redirects=False
    )
    assert response.headers["Location"] == "/login?next=/tickets/new"


async def test_after_logging_out_nothing_opens(alice: Browser) -> None:
    await alice.post("/logout")
    assert (await alice.get("/customers")).url.path == "/login"


async def test_a_form_without_its_token_changes_nothing(alice: Browser, services: Services) -> None:
    response = await alice.post("/tickets/new", {"csrf": "guessed", "subject": "forged"})
    assert response.status == 403
    assert "no longer valid" in alice.text
    assert (await services.tickets.search()).items == ()


async def test_a_form_of_another_site_changes_nothing(alice: Browser, services: Services) -> None:
    response = await alice.session.post(
        alice.server.make_url("/tickets/new"),
        data={"csrf": alice.csrf, "subject": "forged"},
        headers={"Origin": "https://evil.example"},
    )
    assert response.status == 403
    assert (await services.tickets.search()).items == ()


async def test_the_log_in_form_has_a_token_as_well(new_browser: NewBrowser, people: People) -> None:
    browser = new_browser()
    response = await browser.session.post(
        browser.server.make_url("/login"), data={"login": "alice", "password": PASSWORD}, allow_redirects=False
    )
    assert response.status == 403


async def test_changing_ones_password_keeps_one_in_and_others_out(new_browser: NewBrowser, alice: Browser) -> None:
    elsewhere = new_browser()
    await elsewhere.log_in("alice")
    wanted = "a better password"
    response = await alice.post("/password", {"present": PASSWORD, "wanted": wanted, "again": wanted})
    assert response.url.path == "/password"
    assert "Your password was changed." in alice.text
    assert (await elsewhere.get("/customers")).url.path == "/login"
    assert (await new_browser().log_in("alice", wanted)).status == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"present": "wrong", "wanted": "long enough", "again": "long enough"}, "Login or password is wrong."),
        ({"present": PASSWORD, "wanted": "short", "again": "short"}, "At least 8 characters, please."),
        ({"present": PASSWORD, "wanted": "long enough", "again": "other one"}, "not the same"),
    ],
)
async def test_a_password_that_cannot_be_taken(alice: Browser, form: dict[str, str], said: str) -> None:
    assert (await alice.post("/password", form)).status == 422
    assert said in alice.text


async def test_the_language_is_switched_and_remembered(alice: Browser, services: Services, people: People) -> None:
    await alice.post("/language", {"language": "zh", "next": "/tickets"})
    assert "新建工单" in alice.text
    assert '<html lang="zh-CN">' in alice.text
    assert (await services.users.get(people.alice.id)).language is Language.ZH


async def test_ones_own_language_beats_the_browsers_and_the_one_who_sat_here_before(
    new_browser: NewBrowser, services: Services, people: People
) -> None:
    await services.users.set_language(people.bob.id, Language.ZH)
    browser = new_browser()  # with the cookie of somebody who reads English
    await browser.log_in("bob")
    await browser.get("/tickets", headers={"Accept-Language": "en"})
    assert "新建工单" in browser.text
    await browser.post("/language", {"language": "en", "next": "/tickets"})
    assert "New ticket" in browser.text
    elsewhere = new_browser()
    elsewhere.session.cookie_jar.clear()
    await elsewhere.log_in("bob")
    await elsewhere.get("/tickets", headers={"Accept-Language": "zh-CN"})
    assert "New ticket" in elsewhere.text


async def test_who_has_chosen_no_language_reads_his_browsers(new_browser: NewBrowser, people: People) -> None:
    browser = new_browser()
    browser.session.cookie_jar.clear()
    await browser.log_in("alice")
    for accepted, shown in (("en-GB,en", "New ticket"), ("zh-CN", "新建工单")):
        await browser.get("/tickets", headers={"Accept-Language": accepted})
        assert shown in browser.text


async def test_before_logging_in_the_browsers_language_counts(new_browser: NewBrowser) -> None:
    browser = new_browser()
    browser.session.cookie_jar.clear()
    await browser.get("/login", headers={"Accept-Language": "en-GB,en"})
    assert "Password" in browser.text
    await browser.get("/login", headers={"Accept-Language": "fr"})
    assert "密码" in browser.text


async def test_every_address_says_who_may_enter(
    services: Services, bus: Bus, clock: ManualClock, settings: ConsoleSettings
) -> None:
    app: web.Application = make_app(services, bus, clock, settings)
    routes = [route for route in app.router.routes() if is_public(route.handler)]
    public = {route.resource.canonical for route in routes if route.resource is not None}
    assert public == PUBLIC


@pytest.mark.parametrize("path", ["/admin/users", "/admin/tokens", "/admin/users/new", "/board"])
async def test_an_agent_is_kept_out_of_other_peoples_rooms(alice: Browser, path: str) -> None:
    assert (await alice.get(path)).status == 403
    assert "Your role does not allow this." in alice.text


async def test_an_unknown_address_is_a_page_that_leads_back(alice: Browser) -> None:
    assert (await alice.get("/nothing/here")).status == 404
    assert "There is nothing at this address." in alice.text


async def test_pages_carry_their_security_headers(alice: Browser) -> None:
    headers = (await alice.get("/customers")).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-Id"]


async def test_whoever_is_locked_out_is_out_at_once(alice: Browser, services: Services, people: People) -> None:
    await services.users.set_disabled(people.alice.id, True)
    assert (await alice.get("/customers")).url.path == "/login"


async def test_a_partial_update_after_the_session_ended_leads_the_whole_page_to_the_log_in(alice: Browser) -> None:
    await alice.post("/logout")
    response = await alice.get("/customers?q=x", headers={"HX-Request": "true", "HX-Target": "list"})
    assert response.headers["HX-Redirect"] == "/login"
