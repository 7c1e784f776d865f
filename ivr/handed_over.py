"""Where callers stood in their menus who were handed over to somebody: should nobody take the call, they go on there.

It is kept in memory only, for some minutes: after a restart of ours such a caller goes on to a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CallId
from ivr.flow.messages import State

KEPT_S = 300.0
"""Longer than any phone rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    flow: str
    state: State
    since: float


class HandedOver:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places: dict[CallId, _Place] = {}

    def keep(self, call: CallId, flow: str, state: State) -> None:
        now = self._clock.monotonic()
        self._places = {one: place for one, place in self._places.items() if now - place.since < KEPT_S}
        self._places[call] = _Place(flow=flow, state=state, since=now)

    def fetch(self, call: CallId, flow: str) -> State | None:
        """Once."""
        place = self._places.pop(call, None)
        if place is None or place.flow != flow or self._clock.monotonic() - place.since >= KEPT_S:
            return None
        return place.state
