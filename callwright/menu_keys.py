"""By which header the systems that menus ask know us: `CALLWRIGHT_MENU_KEYS`. Pure."""

from __future__ import annotations

import re

_KEY = re.compile(r"([A-Za-z0-9.-]+(?::\d{1,5})?)\s+([A-Za-z0-9-]+):\s*([!-~](?:[ -~]*[!-~])?)")


def read_menu_keys(text: str) -> dict[str, tuple[str, str]]:
    """`crm.example.com Authorization: Bearer s3cret | …` as `{host: (header, value)}`. Raises ValueError, which says
    nothing of what was written: it is secret."""
    found = {}
    for number, one in enumerate((one.strip() for one in text.split("|") if one.strip()), 1):
        key = _KEY.fullmatch(one)
        if key is None:
            raise ValueError(f"number {number} should be such as crm.example.com Authorization: Bearer s3cret")
        found[key[1]] = (key[2], key[3])
    return found
