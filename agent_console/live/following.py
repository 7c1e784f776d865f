"""Lets a screen follow one call from its first moment: the demo's panel shows what becomes of the call it placed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from agent_console.live.client import Client
from agent_console.live.protocol import CallSaid, encode
from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Event, to_dict
from cti.events import CallEvent

CALLS_KEPT: Final = 200
LINES_KEPT: Final = 100


@dataclass(slots=True)
class _Followed:
    lines: list[str] = field(default_factory=list)
    followers: set[Client] = field(default_factory=set)


class Following:
    def __init__(self) -> None:
        self._calls: OrderedDict[CallId, _Followed] = OrderedDict()

    def hear(self, event: Event) -> None:
        if not isinstance(event, CallEvent):
            return
        followed = self._followed(event.call)
        line = encode(CallSaid(call=event.call, topic=event.topic, at=event.at, event=to_dict(event)))
        if len(followed.lines) < LINES_KEPT:
            followed.lines.append(line)
        for client in followed.followers:
            client.post(line)

    def follow(self, call: CallId, client: Client) -> None:
        """What happened so far, then everything that happens."""
        followed = self._followed(call)
        if client not in followed.followers:
            followed.followers.add(client)
            for line in followed.lines:
                client.post(line)

    def leave(self, client: Client) -> None:
        for followed in self._calls.values():
            followed.followers.discard(client)

    def _followed(self, call: CallId) -> _Followed:
        found = self._calls.setdefault(call, _Followed())
        while len(self._calls) > CALLS_KEPT:
            self._calls.popitem(last=False)
        return found
