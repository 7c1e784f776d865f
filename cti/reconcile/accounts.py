"""A row of Asterisk's CDR, and all rows of one call together: a call with several offers has a row each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    call: str
    """Our conversation id; empty when the row has none."""
    server: str
    """The Asterisk's system name, which its unique ids begin with; empty when they do not."""
    start: float
    end: float
    answered: bool
    """Two parties were connected: a menu or music that answered is no party."""
    channel: str
    caller: str = ""
    internal: bool = False
    """A colleague called, by our dialplan."""
    first: str = ""
    """The conversation that Asterisk says it belongs to (Linkedid); the helpers of a consultation have only this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What Asterisk says of one call."""

    call: str
    server: str
    start: float
    end: float
    answered: bool
    caller: str = ""
    internal: bool = False
    rows: int = 1
