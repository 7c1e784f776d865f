"""Turns what Asterisk wrote into the values of `cti.ami.vocabulary`. Nothing here ever raises for what was written.

Two ways lead to the same value. The general one reads every header. The quick one knows from earlier events in which
order Asterisk writes the headers of this kind, and picks what is needed with one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from crm_core.kernel.ids import ServerId
from cti.ami import vocabulary as ami
from cti.ami.kinds import KINDS, USER_EVENT, Kind
from cti.ami.parts import Header, Part, constant, leg
from cti.ami.swift import swift
from cti.ami.vocabulary import AmiEvent, Headers

LAYOUTS_KEPT = 4
"""Orders of headers remembered of each kind of event; more would be somebody playing with us."""
LONGEST_NAME = 200
"""Characters kept of what is no event we know: it goes into the log, and a stranger may have written it."""


# --- the general way


def parse_headers(text: str) -> dict[str, str]:
    """Every header of one message; empty ones are kept, values of repeated ones joined by a newline."""
    headers: dict[str, str] = {}
    for line in text.split("\r\n"):
        key, _, value = line.partition(":")
        if value[:1] == " ":
            value = value[1:]
        headers[key] = f"{headers[key]}\n{value}" if key in headers else value
    return headers


def parse_event(headers: Headers, *, server: ServerId, received: datetime) -> AmiEvent:
    """One event's headers as a typed value. `received` stands in for a missing Timestamp."""
    name, at = headers.get("Event", ""), time_of(headers.get("Timestamp", ""), received)
    forged = _written_twice(headers)
    if forged:
        return ami.Unknown(server=server, at=at, name=f"{name} with two {forged}", fields=headers)
    try:
        if name == USER_EVENT and USER_EVENT in headers:
            return _user_event(headers, server, at)
        kind = KINDS.get(name)
        if kind is not None:
            return kind.make(server, at, *(read_part(headers, part) for part in kind.parts))
    except (KeyError, ValueError):
        pass  # it lacks what it must carry, or has a number of thousands of digits
    unknown = name or next(iter(headers), "")
    return ami.Unknown(server=server, at=at, name=unknown[:LONGEST_NAME], fields=headers)


def _written_twice(headers: Headers) -> str:
    """A header that Asterisk writes only once: somebody's line break in a name or number made the other.

    Twice may come a channel variable, each for another variable, and the Priority of our own dialplan's words.
    """
    for header, value in headers.items():
        if "\n" not in value or (header == _OWN_TWIN and USER_EVENT in headers):
            continue
        variables = [line.partition("=")[0] for line in value.split("\n")]
        if not header.endswith("ChanVariable") or len(set(variables)) < len(variables):
            return header
    return ""


def parse_block(text: str, *, server: ServerId, received: datetime) -> AmiEvent:
    """One event's text as a typed value."""
    return parse_event(parse_headers(text), server=server, received=received)


def read_part(headers: Headers, part: Part) -> Any:
    """KeyError when it must be there and is not."""
    if not all(name in headers for name in part.needs):
        if part.may_lack:
            return None
        raise KeyError(part.needs)
    return part.build(*(header.clean(headers.get(header.name, "")) for header in part.headers))


def time_of(stamp: str, otherwise: datetime) -> datetime:
    """`1795341784.237960` as an aware datetime."""
    try:
        return datetime.fromtimestamp(float(stamp), UTC) if stamp else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise


_CALLING_LEG = leg(may_lack=True)
_OWN_TWIN = "Priority"
"""Of a CwQueued: first the leg's place in the dialplan, then the caller's priority."""


def _user_event(headers: Headers, server: ServerId, at: datetime) -> AmiEvent:
    """The dialplan's own words come last, some under the same names as headers of the leg."""
    of_leg = {key: value if key == "ChanVariable" else value.partition("\n")[0] for key, value in headers.items()}
    names = list(headers)
    own = set(names[names.index(USER_EVENT) + 1 :])
    said = {
        key: value.rpartition("\n")[2]
        for key, value in headers.items()
        if key in own or ("\n" in value and key != "ChanVariable")
    }
    channel = read_part(of_leg, _CALLING_LEG)
    return ami.UserEvent(server=server, at=at, name=headers[USER_EVENT], channel=channel, fields=said)


# --- the quick way


class Parser:
    """Reads the events of one Asterisk, and learns on the way how it writes them."""

    def __init__(self) -> None:
        self._layouts: dict[str, list[_Layout]] = {name: [] for name in (*KINDS, USER_EVENT)}

    def parse(self, text: str, *, server: ServerId, now: Callable[[], datetime]) -> AmiEvent:
        """The same as `parse_block`; `now` is asked only for an event without a Timestamp."""
        name = text[7 : text.find("\r\n")]
        if name == USER_EVENT:
            return self._user_event(text, server, now)
        return self._by_layout(name, text, server) or parse_block(text, server=server, received=now())

    def _user_event(self, text: str, server: ServerId, now: Callable[[], datetime]) -> AmiEvent:
        """Only what stands above the dialplan's own words has a layout."""
        above, begun, words = text.partition(f"\r\n{USER_EVENT}: ")
        event = self._by_layout(USER_EVENT, above, server) if begun else None
        if not isinstance(event, ami.UserEvent):
            return parse_block(text, server=server, received=now())
        name, _, said = words.partition("\r\n")
        fields = parse_headers(said) if said else {}
        if "\n" in words.replace("\r\n", "") or _clash(above, fields):
            return parse_block(text, server=server, received=now())
        return ami.UserEvent(server=server, at=event.at, name=name, channel=event.channel, fields=fields)

    def _by_layout(self, name: str, text: str, server: ServerId) -> AmiEvent | None:
        layouts = self._layouts.get(name)
        if layouts is None:
            return None
        for layout in layouts:
            found = layout.match(text)
            if found is not None:
                return layout.read(found, server)
        if len(layouts) < LAYOUTS_KEPT:
            layouts += _learn(name, text)
        return None


def _clash(above: str, fields: Headers) -> bool:
    """Whether a header stands among the dialplan's own words that was written before."""
    return any(
        "\n" in value or (header != _OWN_TWIN and f"\r\n{header}:" in above) for header, value in fields.items()
    ) or not fields.keys().isdisjoint(("Event", USER_EVENT))


_IGNORED = r"[^\r\n]*"
_STAMP = Header("Timestamp", r"(\d{1,10}(?:\.\d{1,6})?)")


class _Layout:
    """One order in which one kind of event is written. Raises KeyError for an event that lacks what it must carry."""

    __slots__ = ("_make", "_readers", "_stamp", "match")

    def __init__(self, kind: Kind, names: Sequence[str]) -> None:
        wanted = {header.name: header for part in kind.parts for header in part.headers} | {_STAMP.name: _STAMP}
        captured = [name for name in names if name in wanted]
        places = {name: place for place, name in enumerate(captured)}
        self.match = re.compile("\r\n".join(_line(name, wanted.get(name)) for name in names) + "()").fullmatch
        self._make = kind.make
        self._stamp = places[_STAMP.name]
        self._readers = [_reader(part, places) for part in kind.parts]

    def read(self, found: re.Match[str], server: ServerId) -> AmiEvent:
        values = found.groups()
        at = datetime.fromtimestamp(float(values[self._stamp]), UTC)
        return self._make(server, at, *[build(*pick(values)) for build, pick in self._readers])


_ABOVE_OUR_WORDS = Kind(swift(ami.UserEvent), (constant(""), leg(may_lack=True), constant({})))


def _learn(name: str, text: str) -> list[_Layout]:
    """The layout of this event; none where headers repeat, or are not written as Asterisk writes them."""
    lines = text.split("\r\n")
    names = [line.partition(":")[0] for line in lines]
    plain = all(line.startswith(f"{header}: ") for line, header in zip(lines, names, strict=True))
    if not plain or len(set(names)) != len(names):
        return []
    try:
        layout = _Layout(KINDS.get(name, _ABOVE_OUR_WORDS), names)
    except KeyError:
        return []
    return [layout] if layout.match(text) else []


def _line(name: str, header: Header | None) -> str:
    pattern = header.pattern if header is not None else _IGNORED
    return f"{re.escape(name)}: {pattern}"


def _reader(part: Part, places: Mapping[str, int]) -> tuple[Callable[..., Any], Callable[[Sequence[str]], Any]]:
    """What builds the part, and what picks its values; the last of all values is the empty one of absent headers."""
    if not all(name in places for name in part.needs):
        if not part.may_lack:
            raise KeyError(part.needs)
        return lambda: None, _nothing
    picked = [places.get(header.name, -1) for header in part.headers]
    if not picked:
        return part.build, _nothing
    if len(picked) == 1:
        return part.build, itemgetter(slice(picked[0], picked[0] + 1 or None))
    return part.build, itemgetter(*picked)


def _nothing(_: Sequence[str]) -> tuple[()]:
    return ()
