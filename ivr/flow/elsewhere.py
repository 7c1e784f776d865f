"""Another system's address, filled with what is known, and what is taken from its answer. Pure.

The host is written out in the flow: what a caller types may choose a page of a server, never the server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/([A-Za-z0-9._~!*'(),;:@&=+$/?%-]|\{[a-z][a-z0-9_]{0,39}\})*"
)
PATH = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,7}")
"""Where in a JSON answer something stands: `order.lines.0.state`."""
LONGEST_TAKEN = 200
_UPWARDS = re.compile(r"[/\\]\.\.?(?:[/\\;]|$)")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


def places(address: str) -> tuple[str, ...]:
    """The values that are filled in."""
    return tuple(_PLACE.findall(address))


def filled(address: str, values: Mapping[str, str]) -> str | None:
    """Whatever a value holds, it stays where it was put: `/`, `?` and the like are written as %2F, %3F. None: it would
    lead to another page all the same, for servers read `..` as a step upwards, however its dots and slashes are
    written. (Who calls is what he says: his number may be `..`, or `x/../y`.)"""
    whole = _PLACE.sub(lambda place: quote(values.get(place[1], ""), safe="").replace(".", "%2E"), address)
    return None if _UPWARDS.search(unquote(urlsplit(whole).path)) else whole


def picked(answer: Any, take: Mapping[str, str]) -> dict[str, str]:
    """Texts by the names they are wanted under; empty where there is none."""
    return {name: _text(_at(answer, path.split("."))) for name, path in take.items()}


def _at(answer: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    if not isinstance(found, str | int | float):
        return ""
    return "".join(sign for sign in str(found) if sign.isprintable())[:LONGEST_TAKEN]
