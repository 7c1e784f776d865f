"""A phone that is called so that somebody speaks a prompt into it: his own, or a number that he types.

It is nobody's call: it has no stamp and no story, and so no place in the log or in any figure. An agent's phone is
busy meanwhile, as with every call of his own, and free again when its leg is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from crm_core.kernel.ids import AgentId, ServerId
from cti import commands as c
from cti import effects as fx
from cti.ami.vocabulary import ChannelState
from cti.causes import NOT_TO_BE_HAD, REJECTED
from cti.dialling import DialRules
from cti.events import Outcome, PromptCallOver
from cti.switchboard.house import House
from cti.switchboard.promises import Answer, Promises, done, refused
from cti.switchboard.reservations import ON_ITS_WAY_S, Reservations, call_of_unstamped
from cti.switchboard.targets import is_busy

TIMER = "prompt"
"""By now the phone should be being called."""
RING_S = 25.0
LATE_S = 60.0
"""So long after we gave up waiting for a phone it may still begin to ring: for nothing, and it is hung up."""
_MARK = "-cw-take-"
"""In the unique ids of these legs: in them a later life of ours knows those of its former one."""
_BUSY = 17
_WHY: Mapping[int, Outcome] = MappingProxyType(
    {_BUSY: Outcome.BUSY, REJECTED: Outcome.REJECTED, **dict.fromkeys(NOT_TO_BE_HAD, Outcome.FAILED)}
)


@dataclass(slots=True, kw_only=True, eq=False)
class _Summons:
    server: ServerId
    leg: str
    """The unique id it will have."""
    seen: bool = False
    answered: bool = False
    unwanted: bool = False
    """It is to be hung up as soon as it is there."""
    cause: int = 0


class PromptCalls:
    def __init__(
        self,
        house: House,
        promises: Promises,
        reservations: Reservations,
        rules: DialRules,
        our_number: Callable[[], str],
    ) -> None:
        """`our_number`: the first that leads to us."""
        self._house, self._promises, self._our_number = house, promises, our_number
        self._reservations, self._rules = reservations, rules
        self._open: dict[str, _Summons] = {}
        """Take -> the phone that is called for it."""
        self._late: dict[str, tuple[ServerId, datetime]] = {}
        """Legs that may still come into being, of takes that are over: where, and until when."""

    # --- commands

    def call(self, command: c.CallForPrompt, now: datetime) -> Answer:
        return self._outside(command, now) if command.number.strip() else self._own_phone(command, now)

    def end(self, command: c.EndPromptCall, now: datetime) -> Answer:
        summons = self._open.get(command.take)
        if summons is None:
            return refused("call.unknown", call=command.take)
        channel = self._channel(summons)
        if channel is None:
            summons.unwanted = True
            return done([])
        return self._promises.make([fx.HangUpChannel(server=summons.server, channel=channel)], now)

    def _own_phone(self, command: c.CallForPrompt, now: datetime) -> Answer:
        agent = self._house.engine.agents.get(command.agent)
        extension = self._house.seating.extensions.get(command.agent, "")
        if agent is None or not extension:
            return refused("agent.unknown", agent=command.agent)
        if is_busy(agent):
            return refused("agent.has_call", call=agent.call or "")
        if not any(self._house.lines.values()):
            return refused("link.down")
        server = min(filter(self._house.line_up, self._house.reached_by(command.agent)), default=None)
        if server is None:
            return refused("phone.unreachable", extension=extension)
        leg = self._house.new_leg(server, now, mark=_MARK)
        call = self._summons(command, leg, server=server, dial=f"PJSIP/{extension}", caller=extension, shows=True)
        return self._asked(call, now, agent=command.agent)

    def _outside(self, command: c.CallForPrompt, now: datetime) -> Answer:
        """As a number is clicked: by the house's numbering plan, and never what nobody may dial."""
        digits = self._rules.digits(command.number)
        refusal = self._rules.refusal(digits)
        if refusal is not None:
            return refused(refusal, number=command.number)
        server = min(filter(self._house.line_up, self._house.lines), default=None)
        if server is None:
            return refused("link.down")
        leg = self._house.new_leg(server, now, mark=_MARK)
        dial = f"PJSIP/{digits}@{self._rules.line_out}"
        shown = self._rules.shown or self._our_number() or "anonymous"
        return self._asked(self._summons(command, leg, server=server, dial=dial, caller=shown), now)

    def _summons(
        self, command: c.CallForPrompt, leg: str, *, server: ServerId, dial: str, caller: str, shows: bool = False
    ) -> fx.CallPhone:
        """`shows`: its screen is told what it rings for."""
        return fx.CallPhone(
            server=server,
            channel=dial,
            call=call_of_unstamped(leg),
            room=fx.Room.RECORD,
            place=command.take,
            channel_id=leg,
            caller=caller,
            headers={"X-CW-Prompt": command.prompt} if shows else {},
            ring_s=RING_S,
        )

    def _asked(self, call: fx.CallPhone, now: datetime, *, agent: AgentId | None = None) -> Answer:
        take = call.place
        self._open[take] = _Summons(server=call.server, leg=call.channel_id)
        look = fx.WakeMeAt(when=now + timedelta(seconds=ON_ITS_WAY_S), token=f"{TIMER}:{take}")
        also = [look, *(self._reservations.reserve(agent, call.call, now) if agent is not None else [])]

        def undo(then: datetime) -> list[fx.Effect]:
            freed = self._reservations.look(agent, call.call, then) if agent is not None else []
            return [*freed, *self._never_came(take, then)]

        return self._promises.make([call], now, undo=undo, also=also)

    # --- what is heard of it

    def look(self, now: datetime) -> list[fx.Effect]:
        """Its leg tells how far it has come; a leg that was there and is no more is over."""
        late = [effect for leg in list(self._late) for effect in self._look_at_late(leg, now)]
        open_ = [effect for take, summons in list(self._open.items()) for effect in self._look_at(take, summons, now)]
        return [*late, *open_]

    def _look_at_late(self, leg: str, now: datetime) -> list[fx.Effect]:
        """Asterisk was slow, or our line broke before it said what became of it: nobody wants that phone any more."""
        server, until = self._late[leg]
        channel = self._house.tracker(server).channel_of(leg) if self._house.line_up(server) else None
        if channel is None and now < until:
            return []
        del self._late[leg]
        return [] if channel is None else [fx.HangUpChannel(server=server, channel=channel)]

    def _look_at(self, take: str, summons: _Summons, now: datetime) -> list[fx.Effect]:
        leg = self._house.tracker(summons.server).leg_of(summons.leg)
        if leg is not None:
            summons.seen = True
            summons.answered |= leg.last.state is ChannelState.UP
            summons.cause = leg.cause or summons.cause
            stop, summons.unwanted = summons.unwanted, False
            return [fx.HangUpChannel(server=summons.server, channel=leg.name)] if stop else []
        return self._over(take, now) if summons.seen and self._house.line_up(summons.server) else []

    def line_up(self, server: ServerId) -> list[fx.Effect]:
        """Whoever still speaks for a take of our former life would do so in vain, and a phone rings in vain."""
        known = {summons.leg for summons in self._open.values()} | set(self._late)  # of these `look` thinks
        tracker = self._house.tracker(server)
        found = [*tracker.legs_in(fx.Room.RECORD), *tracker.legs_named(_MARK)]
        legs = [leg for leg in dict.fromkeys(found) if leg.uniqueid not in known]
        return [fx.HangUpChannel(server=server, channel=leg.name) for leg in legs]

    def not_there(self, take: str, now: datetime) -> list[fx.Effect]:
        """Some seconds later: no phone is being called."""
        summons = self._open.get(take)
        return [] if summons is None or summons.seen else self._over(take, now)

    def _never_came(self, take: str, now: datetime) -> list[fx.Effect]:
        """Asterisk refused, or did not say: whether there is a leg, what is heard tells."""
        summons = self._open.get(take)
        return [] if summons is None or self._channel(summons) is not None else self.not_there(take, now)

    def _over(self, take: str, now: datetime) -> list[fx.Effect]:
        summons = self._open.pop(take)
        if not summons.seen:
            self._late[summons.leg] = (summons.server, now + timedelta(seconds=LATE_S))
        why = _WHY.get(summons.cause, Outcome.NO_ANSWER) if summons.seen else Outcome.FAILED
        return [fx.Publish(event=PromptCallOver(at=now, take=take, answered=summons.answered, why=why))]

    def _channel(self, summons: _Summons | None) -> str | None:
        return None if summons is None else self._house.tracker(summons.server).channel_of(summons.leg)
