"""Who is together in which bridge."""

from __future__ import annotations

from cti.ami.vocabulary import Bridge
from cti.calls.channel import Leg

_WAITING_ROOMS = ("holding_bridge",)
"""Bridges in which nobody hears anybody."""


def is_conversation(bridge: Bridge) -> bool:
    return bridge.technology not in _WAITING_ROOMS


class Rooms:
    """Every bridge in which people talk. A leg is in one at most, and it is the leg that knows in which."""

    def __init__(self) -> None:
        self._rooms: dict[str, dict[str, Leg]] = {}

    def enter(self, leg: Leg, room: str) -> None:
        if leg.room != room:
            self.leave(leg)
        leg.room = room
        self._rooms.setdefault(room, {})[leg.uniqueid] = leg

    def leave(self, leg: Leg) -> None:
        """Out of wherever it is. Leaving a room it is not in is nothing."""
        if leg.room is None:
            return
        inside = self._rooms.get(leg.room, {})
        inside.pop(leg.uniqueid, None)
        if not inside:
            self._rooms.pop(leg.room, None)
        leg.was_in, leg.room = leg.room, None

    def inside(self, room: str) -> list[Leg]:
        """Every leg in this very bridge, wires too."""
        return list(self._rooms.get(room, {}).values())

    def together(self, room: str | None) -> list[Leg]:
        """Everybody who hears what is said in the room, in the order they came: also through Local channels, whose two
        halves are a wire between bridges, and nobody themselves. Supervisors who listen are not counted."""
        people: list[Leg] = []
        rooms = [room] if room is not None else []
        for one in rooms:
            for leg in self._rooms.get(one, {}).values():
                if leg.listens:
                    continue
                if not leg.wire:
                    people.append(leg)
                elif leg.twin is not None and leg.twin.room is not None and leg.twin.room not in rooms:
                    rooms.append(leg.twin.room)
        return people
