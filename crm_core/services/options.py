"""How this house does things: number plan, time zone, how long a session lives. Given once, at composition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    region: str = "CN"
    """Numbers without a country code are read as numbers of this region."""
    area_code: str = "21"
    """Our own area code (without the leading 0), for numbers dialled within the city; empty: there is none."""
    timezone: str = "Asia/Shanghai"
    """For days: ticket numbers, "today"."""
    session_idle: timedelta = timedelta(hours=12)
    session_longest: timedelta = timedelta(days=7)
    login_attempts: int = 5
    """Wrong passwords per login and address before the door stays shut for `login_window`."""
    login_attempts_of_address: int = 100
    """… and from one address whatever the login: one password tried on everybody. A whole office may be behind one."""
    login_attempts_of_login: int = 20
    """… and for one login from wherever they come. A place he has logged in from stays open to him: nobody elsewhere
    can lock him out by guessing."""
    login_window: timedelta = timedelta(minutes=5)
    login_place_known: timedelta = timedelta(days=30)
    """How long a place where somebody has logged in is his."""
    argon2_memory_kib: int = 19_456
    argon2_rounds: int = 2
