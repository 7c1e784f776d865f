"""A recording as it lies in a file: raw AMI text, or a JSON list of event objects. It may be cut anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import ServerId
from cti.ami.kinds import WANTED
from cti.ami.parsing import parse_event, parse_headers
from cti.ami.vocabulary import AmiEvent, Unknown

_OF_CALLS = WANTED - {"DeviceStateChange", "ContactStatus", "FullyBooted", "Shutdown"}
_BEGINNING = datetime.fromtimestamp(0, UTC)
_STEP = timedelta(microseconds=1)
"""Between two events of a recording that tells no times, so that they keep their order."""
_END = datetime.max.replace(tzinfo=UTC) - _STEP


class Unreadable(CallwrightError):
    """{file} is no recording of AMI events: {why}."""

    code = "replay.unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    events: tuple[AmiEvent, ...]
    """Those that say something of calls, in the order of the file."""
    timed: bool
    """Whether the events carry times."""
    repeated: frozenset[int] = field(default=frozenset())
    """Places in `events` of those that stand in the file twice."""
    server: ServerId


def read_text(text: str, *, file: str = "-") -> Recording:
    """Raw AMI: blocks of headers, with CR LF or LF, answers and actions between them, comments above them.

    A last line without its end was cut: half a name would be another's, so its block is left out."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not line.startswith("#")]
    blocks = [block.strip("\n") for block in "\n".join(lines).split("\n\n")]
    messages = [parse_headers(block.replace("\n", "\r\n")) for block in blocks if block]
    whole = messages[:-1] if lines[-1:] not in ([], [""]) else messages
    events = [message for message in whole if "Event" in message]
    if messages and not any("Event" in message for message in messages):
        raise Unreadable(file=file, why="not one block of it is an event")
    return _recording(events, file)


def read_events(text: str, *, file: str = "-") -> Recording:
    """A JSON list of objects, each an event's headers."""
    try:
        found = json.loads(text)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Unreadable(file=file, why="not a list of objects")
        events = [_headers(one) for one in found if "Event" in one]
    except RecursionError:
        raise Unreadable(file=file, why="its JSON is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(file=file, why=f"not JSON ({error})") from None
    if found and not events:
        raise Unreadable(file=file, why="not one object of it is an event")
    return _recording(events, file)


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Repeated headers may come as lists."""
    return {
        str(name): "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        for name, value in event.items()
    }


def _recording(messages: Sequence[Mapping[str, str]], file: str) -> Recording:
    wanted = [message for message in messages if message["Event"] in _OF_CALLS]
    timed = any(_is_time(message.get("Timestamp", "")) for message in wanted)
    server = next((message["SystemName"] for message in wanted if message.get("SystemName")), "asterisk")
    events: list[AmiEvent] = []
    repeated: set[int] = set()
    seen: set[tuple[tuple[str, str], ...]] = set()
    at = _BEGINNING
    for place, message in enumerate(wanted):
        event = parse_event(message, server=ServerId(server), received=min(at, _END) + _STEP)
        events.append(event)
        at = event.at
        words = tuple(message.items())
        if words in seen:
            repeated.add(place)
        seen = {*seen, words} if timed else {words}
    if messages and all(isinstance(event, Unknown) for event in events):
        why = f"of its {len(messages)} events not one tells of a call (Newchannel, DialBegin, Hangup and the like)"
        raise Unreadable(file=file, why=why)
    return Recording(events=tuple(events), timed=timed, repeated=frozenset(repeated), server=ServerId(server))


def _is_time(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False
