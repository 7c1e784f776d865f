"""Asks another system over HTTP for a voice menu: only hosts that the house has allowed, and no further than there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from callwright.resolving import OwnThreads
from ivr.errors import NotAnswered
from ivr.flow.asked import Answered, Fetch
from ivr.flow.elsewhere import picked

MOST_BYTES = 65_536
"""More than that is no answer for a telephone."""
_GIVEN_UP_S = 15.0
"""The menu gives up sooner; this is for what it left behind."""


Keys = Mapping[str, tuple[str, str]]
NO_KEYS: Keys = MappingProxyType({})


class Elsewhere:
    """`hosts` as in `CALLWRIGHT_MENU_HOSTS`: a name or an address, with its port when that is not the usual one.
    `keys`: the header by which each of them knows us, `{host: (name, value)}`; it stands in no menu or export."""

    def __init__(self, hosts: Collection[str], keys: Keys = NO_KEYS) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._keys = {host.lower(): key for host, key in keys.items()}
        self._names = OwnThreads()

    async def fetch(self, asked: Fetch) -> Answered:
        """Raises NotAnswered. Never says the address, in which something may stand that is nobody's business."""
        host = urlsplit(asked.address).netloc.lower()
        if host not in self._hosts:
            raise NotAnswered(why=f"{host} is not among CALLWRIGHT_MENU_HOSTS")
        try:
            return await self._fetched(asked, host)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotAnswered(why=f"{host}: {type(error).__name__}") from None

    async def _fetched(self, asked: Fetch, host: str) -> Answered:
        limit = aiohttp.ClientTimeout(total=_GIVEN_UP_S)
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=self._names),
                timeout=limit,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.request(
                asked.method,
                URL(asked.address, encoded=True),
                json=asked.body,
                headers={"Accept": "application/json"} | dict([self._keys[host]] if host in self._keys else []),
                allow_redirects=False,
            ) as answer,
        ):
            if 400 <= answer.status < 500:
                return Answered(way="refused")
            if not 200 <= answer.status < 300:
                raise NotAnswered(why=f"{host} answered {answer.status}")
            return Answered(way="answered", values=picked(await _read(answer, host), asked.take))


async def _read(answer: aiohttp.ClientResponse, host: str) -> object:
    if answer.status == 204:
        return None
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise NotAnswered(why=f"{host} answered with more than {MOST_BYTES} bytes")
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnswered(why=f"{host} did not answer in JSON") from None
    return found
