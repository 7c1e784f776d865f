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
class PhoneServer:
    """An Asterisk that the phones in browsers register at."""

    name: str = ""
    """What its people call it; empty where it is the only one."""
    url: str
    """Its websocket."""

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    secret_key: str
    """Signs cookies and form tokens."""
    recordings: Path
    """The folder with the sound of the calls."""
    sounds: Path | None = None
    """Where the voice menus' prompts lie; None: only those of our own catalogue are known."""
    voice_command: str = ""
    """The synthesiser that speaks them; empty: espeak-ng."""
    public_url: str = ""
    """How browsers reach us when a proxy stands in front; `https://…` makes cookies Secure."""
    proxies: tuple[Network, ...] = ()
    """Where proxies of one's own stand: whose X-Forwarded-For is believed."""
    timezone: str = "Asia/Shanghai"
    """Whose time the screens show."""
    phone_servers: tuple[PhoneServer, ...] = ()
    """How browsers reach Asterisk's websocket, each one's where there are several; empty: see `phones_at`."""
    sip_ws_port: int = 8088
    demo: bool = False
    """The demo world: the log-in page names the demo logins, `/demo` places test calls."""

    def phones_at(self, host: str) -> tuple[PhoneServer, ...]:
        """Where the phone of a browser registers that reaches the console as `host`: as set; else behind an https
        address at `/ws` of the same; else at the same host on Asterisk's own port."""
        if self.phone_servers:
            return self.phone_servers
        if self.https:
            return (PhoneServer(url=f"wss://{urlsplit(self.public_url).netloc}/ws"),)
        name, colon, port = host.rpartition(":")
        return (PhoneServer(url=f"ws://{name if colon and port.isdigit() else host}:{self.sip_ws_port}/ws"),)

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")
