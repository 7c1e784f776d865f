"""Who acts in the console's tests: people at browsers, and a program with an API token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestServer

from crm_core.domain.users import User

PASSWORD = "correct horse"
_CSRF = re.compile(r'<meta name="csrf" content="([^"]+)">')


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    alice: User
    bob: User
    sam: User
    admin: User


@dataclass(slots=True)
class Browser:
    """Somebody at a browser: keeps cookies, reads the form token from the page it saw last."""

    server: TestServer
    session: ClientSession
    csrf: str = ""
    text: str = ""
    page: str = ""
    """The page as it came; `text` is the same, readable."""

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> ClientResponse:
        return await self.seen(await self.session.get(self.server.make_url(path), headers=headers))

    async def post(self, path: str, form: Mapping[str, str] | None = None, *, follow: bool = True) -> ClientResponse:
        values = {"csrf": self.csrf, **(form or {})}
        url = self.server.make_url(path)
        return await self.seen(await self.session.post(url, data=values, allow_redirects=follow))

    @property
    def form(self) -> dict[str, str]:
        """Every field of the page's forms but selects, as it stands there now."""
        return _Fields.of(self.page)

    async def log_in(self, login: str, password: str = PASSWORD) -> ClientResponse:
        await self.get("/login")
        return await self.post("/login", {"login": login, "password": password}, follow=False)

    async def seen(self, response: ClientResponse) -> ClientResponse:
        if response.content_type == "text/html":
            self.page = await response.text()
            self.text = unescape(self.page)
            if found := _CSRF.search(self.text):
                self.csrf = found[1]
        return response


class _Fields(HTMLParser):
    """What the browser would send of inputs and text areas; templates of rows to come are none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._writing, self._templates = "", 0

    @classmethod
    def of(cls, page: str) -> dict[str, str]:
        reader = cls()
        reader.feed(page)
        return {name: value.removeprefix("\n") for name, value in reader.found.items() if name != "csrf"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name, unticked = told.get("name") or "", told.get("type") == "checkbox" and "checked" not in told
        self._templates += tag == "template"
        if self._templates or not name or unticked or tag not in ("input", "textarea"):
            return
        self.found[name] = told.get("value") or ""
        self._writing = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.found[self._writing] += data

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        self._writing = "" if tag == "textarea" else self._writing


NewBrowser = Callable[[], Browser]


@dataclass(slots=True)
class Api:
    """A program with an API token."""

    server: TestServer
    session: ClientSession
    token: str

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        data: object = None,
    ) -> ClientResponse:
        shown = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **(headers or {})}
        url = self.server.make_url(f"/api/v1{path}")
        return await self.session.request(method, url, json=json, data=data, headers=shown)
