"""Who else is at this Asterisk's manager by our user's name, from `manager show connected`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

OLD_S = 2
"""A session of our user's that is older than this, when we have just logged in, is not ours."""
_SHOWN = 15
"""Signs of a user's name in that list."""
_SESSION = re.compile(r"^ *(\S+) +\S+ +\d+ +(\d+) +(\d+) +\d+", re.MULTILINE)
"""A line: user, address, start, for how many seconds, file descriptor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    old: tuple[str, ...]
    """File descriptors of those that are not ours."""
    young: int
    """How many are so young that any of them may be ours."""

    @property
    def ours_alone(self) -> bool:
        """Once the old ones are ended."""
        return self.young <= 1


def sessions_of(user: str, shown: str) -> Sessions:
    found = [(int(seconds), number) for name, seconds, number in _SESSION.findall(shown) if name == user[:_SHOWN]]
    return Sessions(
        old=tuple(number for seconds, number in found if seconds >= OLD_S),
        young=sum(seconds < OLD_S for seconds, _ in found),
    )
