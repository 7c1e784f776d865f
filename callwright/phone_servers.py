"""CALLWRIGHT_SIP_WS_URL: where the phones in browsers register, one address or one for each Asterisk."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from agent_console.settings import PhoneServer

_NAMED: Final = re.compile(r"([^=:/]*)=(.*)", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


def read_phone_servers(text: str, public_url: str = "") -> tuple[PhoneServer, ...]:
    """`wss://…` or, of several, `hall-1=wss://…, hall-2=wss://…`. Raises ValueError with what is wrong."""
    words = text.replace(",", " ").split()
    servers = tuple(_server(word, alone=len(words) == 1, page=public_url) for word in words)
    _only_once("the name", (server.name for server in servers))
    _only_once("the address", (server.url for server in servers))
    return servers


def _server(word: str, *, alone: bool, page: str) -> PhoneServer:
    """One of several without a name of its own is called by its address."""
    named = _NAMED.fullmatch(word)
    name, url = named.groups() if named else ("", word)
    if named and not _NAME.fullmatch(name):
        sample = "at most 32 letters, digits, dots and hyphens, such as hall-2=wss://calls.example.com/ws-2"
        raise ValueError(f"{name!r} should be the name of an Asterisk: {sample}")
    if not is_address(url, "ws", "wss"):
        raise ValueError("should begin with wss:// (or ws:// without TLS), such as wss://calls.example.com/ws")
    if url.startswith("ws://") and page.startswith("https://"):
        raise ValueError("should begin with wss://: browsers open no ws:// from a page that came over https://")
    return PhoneServer(name=name or ("" if alone else url.partition("://")[2]), url=url)


def _only_once(what: str, words: Iterable[str]) -> None:
    twice = next((word for word, times in Counter(words).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"has {what} {twice} twice; each Asterisk stands there once")


def is_address(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
