"""Who acts in the console's tests: people at browsers, and a program with an API token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape

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

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> ClientResponse:
        return await self._seen(await self.session.get(self.server.make_url(path), headers=headers))

    async def post(self, path: str, form: Mapping[str, str] | None = None, *, follow: bool = True) -> ClientResponse:
        values = {"csrf": self.csrf, **(form or {})}
        url = self.server.make_url(path)
        return await self._seen(await self.session.post(url, data=values, allow_redirects=follow))

    async def log_in(self, login: str, password: str = PASSWORD) -> ClientResponse:
        await self.get("/login")
        return await self.post("/login", {"login": login, "password": password}, follow=False)

    async def _seen(self, response: ClientResponse) -> ClientResponse:
        if response.content_type == "text/html":
            self.text = unescape(await response.text())
            if found := _CSRF.search(self.text):
                self.csrf = found[1]
        return response


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
