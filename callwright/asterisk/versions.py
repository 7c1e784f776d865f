"""Which Asterisk we work with."""

from __future__ import annotations

import re

OLDEST = 18
"""The first Asterisk we work with."""
TESTED = "22.10.1"
"""The one our tests ran with last. Debian's rolling suite keeps no older ones: another is told of, not refused."""


def version_numbers(version: str) -> tuple[int, ...]:
    """`22.10.1+dfsg` -> (22, 10, 1); `certified/18.9-cert5` -> (18, 9); nonsense -> ()."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
