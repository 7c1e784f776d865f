"""Click to call: the agent's phone first, then the customer. Asked for once, under an id of our own."""

from __future__ import annotations

import re
from datetime import datetime

from crm_core.kernel.ids import CallId, ServerId
from cti import commands as c
from cti import effects as fx
from cti.ami.vocabulary import ChannelState
from cti.dialling import DialRules
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import FAILED, Answer, Look, Promises, refused
from cti.switchboard.reservations import Reservations
from cti.switchboard.targets import is_busy
from routing.agents import AtWork

_IS_CALLED = (ChannelState.RINGING, ChannelState.UP)


class Placing:
    def __init__(self, house: House, promises: Promises, reservations: Reservations, rules: DialRules) -> None:
        self._house = house
        self._promises = promises
        self._reservations = reservations
        self._rules = rules
        self._made = 0
        self.deeds: Deeds = {c.PlaceCall: self._place}

    def _place(self, command: c.PlaceCall, agent: AtWork, now: datetime) -> Answer:
        if is_busy(agent):
            return refused("agent.has_call", call=agent.call or "")
        digits = self._rules.digits(command.number)
        refusal = self._rules.refusal(digits)
        if refusal is not None:
            return refused(refusal, number=command.number)
        if not any(self._house.lines.values()):
            return refused("link.down")
        extension = self._house.seating.extensions.get(agent.id, "")
        server = min(self._house.reached_by(agent.id), default=None)
        if server is None:
            return refused("phone.unreachable", extension=extension)
        call = self._new_id(server, now)
        out = fx.CallOut(server=server, channel=f"PJSIP/{extension}", call=call, number=digits)
        return self._promises.make(
            [out],
            now,
            kept=self._rings(extension, call),
            undo=lambda then: self._reservations.look(agent.id, call, then),
            also=self._reservations.reserve(agent.id, call, now),
        )

    def _rings(self, extension: str, call: CallId) -> Look:
        """His phone is being called; or it was, and has refused."""
        seen = False

        def look() -> c.CallPlaced | None:
            nonlocal seen
            tracked = self._house.tracked(call)
            legs = list(tracked.of_extension(extension)) if tracked is not None else []
            seen = seen or bool(legs)
            if any(leg.last.state in _IS_CALLED for leg in legs):
                return c.CallPlaced(ok=True, call=call)
            return c.CallPlaced(ok=False, code=FAILED) if seen and not legs else None

        return look

    def _new_id(self, server: ServerId, now: datetime) -> CallId:
        """Begins with the server's name as every call's does; unique over restarts by the time and a count."""
        self._made += 1
        return CallId(re.sub(r"[^A-Za-z0-9_-]", "-", f"{server}-{int(now.timestamp() * 1000)}-{self._made}"))
