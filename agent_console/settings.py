"""What the composition tells the console about where and how it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

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
    trust_proxy: bool = False
    """Believe X-Forwarded-For (only behind a proxy of one's own)."""
    timezone: str = "Asia/Shanghai"
    """Whose time the screens show."""
    home_region: str = "CN"
    """Phone numbers of this country are shown without the country code."""
    sip_ws_url: str = ""
    """How browsers reach Asterisk's websocket; empty: the console's own host on `sip_ws_port`."""
    sip_ws_port: int = 8088
    demo: bool = False
    """The demo world: the log-in page names the demo logins, `/demo` places test calls."""

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")
