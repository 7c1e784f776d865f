"""What the composition tells the console about where and how it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
Check = tuple[str, Callable[[], Awaitable[str | None]]]
"""A named question to a part of the product: None when it is well, else the reason in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    secret_key: str
    """Signs cookies and form tokens."""
    recordings: Path
    """The folder with the sound of the calls."""
    public_url: str = ""
    """How browsers reach us when a proxy stands in front; `https://…` makes cookies Secure."""
    proxies: tuple[Network, ...] = ()
    """Where proxies of one's own stand: whose X-Forwarded-For is believed."""
    timezone: str = "Asia/Shanghai"
    """Whose time the screens show."""
    sip_ws_url: str = ""
    """How browsers reach Asterisk's websocket; empty: see `phone_url`."""
    sip_ws_port: int = 8088
    demo: bool = False
    """The demo world: the log-in page names the demo logins, `/demo` places test calls."""

    def phone_url(self, host: str) -> str:
        """Asterisk's websocket for a browser that reaches the console as `host`: as set; else behind an https address
        `/ws` of the same; else the same host on Asterisk's own port."""
        if self.sip_ws_url:
            return self.sip_ws_url
        if self.https:
            return f"wss://{urlsplit(self.public_url).netloc}/ws"
        name, colon, port = host.rpartition(":")
        return f"ws://{name if colon and port.isdigit() else host}:{self.sip_ws_port}/ws"

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")
