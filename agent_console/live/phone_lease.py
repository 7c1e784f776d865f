"""Which of an agent's browsers holds the phone. Pure.

Whoever has it keeps it until the agent says otherwise, or until his browser has been gone for `GRACE_S`: a reload, or
the change from one of its tabs to another, is no reason for a second browser to take a call out of his hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GRACE_S: Final = 5.0


@dataclass(slots=True)
class PhoneLease:
    holder: str = ""
    """The browser's own name for itself; empty: nobody."""
    _screen: object | None = None
    """The one of its screens that claimed; None while that is gone."""

    def claim(self, holder: str, screen: object, *, force: bool) -> bool:
        if self.holder not in ("", holder) and not force:
            return False
        self.holder, self._screen = holder, screen
        return True

    def is_at(self, screen: object) -> bool:
        """Whether this one is the phone."""
        return self._screen is screen

    def left(self, screen: object) -> bool:
        """This screen is gone. True when it held the phone: ask for `expire` after the grace."""
        if self._screen is not screen:
            return False
        self._screen = None
        return True

    def expire(self) -> bool:
        """The grace is over. True when nobody came back: the phone is free."""
        if self._screen is not None or not self.holder:
            return False
        self.holder = ""
        return True
