"""What keeps other people's pages and scripts out: form tokens, the origin check, response headers.

Pure: functions of strings and settings; the middlewares carry them out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from agent_console.settings import ConsoleSettings

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
    """Whether a browser's Origin header is our own address. Programs send none and are let through."""
    if origin is None:
        return True
    ours = {host.lower()} | ({urlsplit(public_url).netloc.lower()} if public_url else set())
    try:
        return urlsplit(origin).netloc.lower() in ours
    except ValueError:  # "http://[": no address at all
        return False


def check_origin(request: web.Request, settings: ConsoleSettings) -> None:
    """For websockets, which no form token guards: raises 403 when another site's page opens one with our cookie."""
    if not same_origin(request.headers.get("Origin"), request.host, settings.public_url):
        raise web.HTTPForbidden(text="This connection was opened by a page of another site.")


def content_security_policy(settings: ConsoleSettings, host: str) -> str:
    """Only our own files run. The browser's phone may reach Asterisk's websocket."""
    phone = urlsplit(settings.phone_url(host))
    live = f"{'wss' if settings.https else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "media-src 'self' blob: data:",
            f"connect-src 'self' {live} {phone.scheme}://{phone.netloc}",
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
