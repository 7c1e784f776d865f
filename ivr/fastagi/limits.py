"""How much a peer may ask of us: everything that could grow or last for ever has a bound."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    sessions: int = 500
    """Callers in menus at the same time; one more is sent on to the queue at once."""
    line_bytes: int = 8192
    headers: int = 64
    stray_lines: int = 64
    """Lines that answer no question of ours, before we stop believing the peer."""
    request_s: float = 5.0
    """For all headers together."""
    answer_s: float = 5.0
    """For the answer to a command that takes no time, and on top of the time of one that does."""
    prompt_s: float = 240.0
    """For playing one prompt, which is more than any recording or article takes."""
    session_s: float = 900.0
    """For a whole visit to the menu."""
