"""What Asterisk asks for when it connects: the `agi_…` headers and the address `ivr?flow=main&call=…&back=1`. Pure.

A header is believed at its first appearance only. Asterisk puts the caller's number into these lines as it came over
SIP; seen on 22.10.1, `From: <sip:%0a…>` becomes a line break, and a stranger writes headers, ends them early and makes
up answers to our first commands. The address stands before the caller's number and so cannot be forged; the made-up
answers are dealt with by `AgiVerbs.synchronise`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from crm_core.kernel.ids import CallId
from ivr.fastagi.errors import PeerBroken, RequestRefused

MENU, TAKE = "ivr", "prompt"
"""What there is: a caller's menu, and a prompt that somebody speaks into his phone (`call` names the take)."""
_CALL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    path: str
    flow: str
    call: CallId
    dnis: str
    """The number the caller dialled, as our dialplan knows it; empty where it does not say."""
    headers: Mapping[str, str]
    language: str = ""
    """In which he was spoken to so far; empty: in none yet."""
    back: bool = False
    """He was handed over to somebody, and nobody took the call."""
    after_call: bool = False
    """He has talked with an agent, who has hung up: `flow` is the menu for behind it, whatever number he dialled."""


def parse_headers(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise PeerBroken(why=f"{line[:80]!r} is no AGI header")
        found.setdefault(name.strip(), value.strip())
    if found.get("agi_network") != "yes":
        raise PeerBroken(why="it does not begin as FastAGI does")
    return found


def parse_request(headers: Mapping[str, str]) -> Request:
    """`agi_request: agi://host:port/ivr?flow=main&call=…`. Without a usable call id, Asterisk's own one serves."""
    try:
        address = urlsplit(headers.get("agi_request", ""))
        # the dialplan writes values as they are, and a + begins a number: it is no blank
        query = parse_qs(address.query.replace("+", "%2B"), max_num_fields=16)
    except ValueError:
        raise RequestRefused(why="its address cannot be read") from None
    path = address.path.strip("/")
    if path not in (MENU, TAKE):
        raise RequestRefused(why=f"there is nothing at {path[:80]!r}")
    named = query.get("call", [""])[0] or headers.get("agi_uniqueid", "")
    if not _CALL.fullmatch(named):
        raise RequestRefused(why="it names no call")
    return Request(
        path=path,
        flow=query.get("flow", ["main"])[0][:80],
        call=CallId(named),
        dnis=query.get("dnis", [""])[0][:40],
        headers=headers,
        language=query.get("lang", [""])[0][:8],
        back=query.get("back") == ["1"],
        after_call=query.get("after") == ["1"],
    )
