"""What keeps other people's pages and scripts out: form tokens, the origin check, response headers.

Pure: functions of strings and settings; the middlewares carry them out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from agent_console.settings import ConsoleSettings, Network

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def sign(secret_key: str, purpose: str, text: str) -> str:
    """A short proof that `text` came from us, for this purpose only."""
    digest = hmac.digest(secret_key.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:18]).decode()


def proven(secret_key: str, purpose: str, text: str, signature: str) -> bool:
    return hmac.compare_digest(sign(secret_key, purpose, text).encode(), signature.encode())


def csrf_token(secret_key: str, seed: str) -> str:
    """The form token of a session (or of a visitor before log-in)."""
    return sign(secret_key, "csrf", seed)


def csrf_holds(secret_key: str, seed: str, shown: str) -> bool:
    return bool(seed) and proven(secret_key, "csrf", seed, shown)


def same_origin(origin: str | None, host: str, public_url: str = "") -> bool:
    """Whether a browser's Origin header is our own address. Programs send none and are let through.

    At our public address only as it is written: who sits in the line can put a page of his own at `http://` of it."""
    if origin is None:
        return True
    public = urlsplit(public_url.lower())
    try:
        theirs = urlsplit(origin.lower())
    except ValueError:  # "http://[": no address at all
        return False
    if public.netloc and theirs.netloc == public.netloc:
        return theirs.scheme == public.scheme
    return theirs.netloc == host.lower()


def visitor_address(peer: str, forwarded: str, proxies: Iterable[Network]) -> str:
    """Who is on the other end. A proxy of our own tells in X-Forwarded-For, where each adds whom it heard from: the
    last that is no proxy of ours is the visitor. What anybody else writes into that header is not believed."""
    trusted, visitor = tuple(proxies), peer
    for told in reversed(forwarded.split(",")):
        if not _is_among(trusted, visitor):
            break
        if (address := _address(told)) is None:
            break
        visitor = str(address)
    return visitor


def _is_among(networks: tuple[Network, ...], text: str) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Also as some proxies write it, with a port or in brackets; an IPv4 address in IPv6 clothes is that address."""
    plain = text.strip()
    if found := re.fullmatch(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+", plain):
        plain = found[1] or found[2]
    try:
        address = ip_address(plain)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def check_origin(request: web.Request, settings: ConsoleSettings) -> None:
    """For websockets, which no form token guards: raises 403 when another site's page opens one with our cookie."""
    if not same_origin(request.headers.get("Origin"), request.host, settings.public_url):
        raise web.HTTPForbidden(text="This connection was opened by a page of another site.")


def content_security_policy(settings: ConsoleSettings, host: str) -> str:
    """Only our own files run. The browser's phone may reach the websocket of every Asterisk."""
    phones = " ".join(dict.fromkeys(server.origin for server in settings.phones_at(host)))
    live = f"{'wss' if settings.https else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "media-src 'self' blob: data:",
            f"connect-src 'self' {live} {phones}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(settings: ConsoleSettings, host: str) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(settings, host),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
