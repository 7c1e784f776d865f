"""Supervisors in agents' conversations: they listen, are heard by one or by both, or take the customer over.

What listens is the supervisor's own phone, called for it; it follows that one leg of the agent's and no call of the log
is its own. Every listening is told as an event, by mode, from when to when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from crm_core.kernel.ids import AgentId, CallId, ServerId
from crm_core.kernel.messages import CommandResult
from cti import commands as c
from cti.calls import facts as f
from cti.calls.channel import Leg
from cti.calls.story import Story
from cti.effects import CallPhone, Effect, HangUpChannel, Room, SendPhone
from cti.events import CallMonitored, CallTakenOver, MonitorMode
from cti.switchboard.conversing import leg_in
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import Answer, Promises, refused
from cti.switchboard.recording import Recordings
from cti.switchboard.reservations import Reservations, call_of_unstamped
from cti.switchboard.targets import is_busy
from routing.agents import AtWork

_DIGITS: Mapping[MonitorMode, str] = MappingProxyType(
    {MonitorMode.LISTEN: "1", MonitorMode.WHISPER: "2", MonitorMode.BARGE: "3"}
)
_MODES = {digit: mode for mode, digit in _DIGITS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear:
    """A supervisor's phone that was called to hear an agent."""

    server: ServerId
    leg: str
    """Its unique id."""
    call: CallId
    of: AgentId
    target: str
    """The unique id of the agent's leg."""
    mode: MonitorMode
    up: bool = False
    """It was answered."""

    @property
    def place(self) -> str:
        return f"{_DIGITS[self.mode]}-{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _TakeOver:
    """A supervisor is about to have this agent's customer."""

    leg: str
    call: CallId
    of: AgentId


class Listening:
    def __init__(self, house: House, promises: Promises, recordings: Recordings, reservations: Reservations) -> None:
        self._house = house
        self._promises = promises
        self._reservations = reservations
        self._recordings = recordings
        self._ears: dict[AgentId, _Ear] = {}
        self._taking: dict[AgentId, _TakeOver] = {}
        self.deeds: Deeds = {c.Monitor: self._monitor, c.StopMonitoring: self._stop, c.TakeOver: self._take_over}

    # --- commands

    def _monitor(self, command: c.Monitor, agent: AtWork, now: datetime) -> Answer:
        found = self._conversation_of(agent.id, command.of)
        if isinstance(found, CommandResult):
            return found, []
        story, target = found
        ear = self._ears.get(agent.id)
        if ear is not None and ear.up and ear.server == story.server:
            heard = replace(ear, call=story.call, of=command.of, target=target.uniqueid, mode=command.mode)
            return self._change_over(agent.id, ear, heard, now)
        refusal = self._cannot_be_called(agent.id, story)
        if refusal is not None:
            return refusal
        leg = self._house.new_leg(story.server, now)
        ear = self._ears[agent.id] = _Ear(
            server=story.server, leg=leg, call=story.call, of=command.of, target=target.uniqueid, mode=command.mode
        )
        headers = {"X-CW-Monitor": command.mode.value, "X-CW-Monitored": story.call}
        call_him = self._call_phone(agent.id, story, Room.LISTEN, ear.place, leg=leg, headers=headers)
        return self._called(call_him, agent.id, call_of_unstamped(leg), now)

    def _stop(self, command: c.StopMonitoring, agent: AtWork, now: datetime) -> Answer:
        ear = self._ears.get(agent.id)
        channel = self._channel(ear)
        if ear is None or channel is None:
            return refused("monitor.none")
        hang_up = HangUpChannel(server=ear.server, channel=channel)
        return self._promises.make(
            [hang_up], now, kept=lambda: None if agent.id in self._ears else CommandResult(ok=True)
        )

    def _take_over(self, command: c.TakeOver, agent: AtWork, now: datetime) -> Answer:
        """A phone that listens is there already; another is called first, and the two talk on until it is answered."""
        found = self._conversation_of(agent.id, command.of)
        customer = self._house.customers_channel(found[0].call) if not isinstance(found, CommandResult) else None
        if isinstance(found, CommandResult):
            return found, []
        story, ear = found[0], self._ears.get(agent.id)
        if self._somebody_else_takes(story, agent.id):
            return refused("call.being_taken_over", call=story.call)
        if customer is None:
            return refused("call.not_talking", agent=command.of)
        channel = self._channel(ear)
        if ear is not None and ear.up and channel is not None and ear.server == story.server:
            self._taking[agent.id] = _TakeOver(leg=ear.leg, call=story.call, of=command.of)
            send = SendPhone(server=story.server, channel=channel, call=story.call, room=Room.TAKE_OVER, place=customer)
            return self._promises.make(
                [send],
                now,
                call=story.call,
                kept=lambda: CommandResult(ok=True) if agent.id in story.talking.values() else None,
                undo=lambda _: self._forget(agent.id, ear.leg),
            )
        refusal = self._cannot_be_called(agent.id, story)
        if refusal is not None:
            return refusal
        leg = self._house.new_leg(story.server, now)
        self._taking[agent.id] = _TakeOver(leg=leg, call=story.call, of=command.of)
        headers = {"X-CW-Call": story.call, "X-CW-Take-Over": story.call}
        call_him = self._call_phone(agent.id, story, Room.TAKE_OVER, customer, leg=leg, headers=headers, stamped=True)
        return self._called(call_him, agent.id, story.call, now)

    def _called(self, call_him: CallPhone, supervisor: AgentId, named: CallId, now: datetime) -> Answer:
        """`named`: the call by which this leg will be known. Until it is there he gets no other."""
        return self._promises.make(
            [call_him],
            now,
            call=call_him.call,
            undo=lambda then: [
                *self._forget(supervisor, call_him.channel_id),
                *self._reservations.look(supervisor, named, then),
            ],
            also=self._reservations.reserve(supervisor, named, now),
        )

    def _somebody_else_takes(self, story: Story, supervisor: AgentId) -> bool:
        """Of two who wish for the same customer the first has him; else both would be with him."""
        takers = [taking for who, taking in self._taking.items() if who != supervisor and taking.call == story.call]
        tracker = self._house.tracker(story.server)
        return any(self._promises.has(story.call) or tracker.channel_of(taking.leg) is not None for taking in takers)

    def _conversation_of(self, supervisor: AgentId, of: AgentId) -> tuple[Story, Leg] | CommandResult:
        """The story and the leg by which this agent talks."""
        house = self._house
        if of == supervisor:
            return CommandResult(ok=False, code="target.self")
        at_work = house.engine.agents.get(of)
        if at_work is None:
            return CommandResult(ok=False, code="target.unknown")
        in_hand = [at_work.call] if at_work.call is not None else []
        for call in (*in_hand, *house.stories):
            story, leg = house.stories.get(call), leg_in(house, of, call)
            if story is None or leg is None or of not in story.talking.values():
                continue
            if not house.line_up(story.server):
                return CommandResult(ok=False, code="link.down", params={"server": story.server})
            return story, leg
        return CommandResult(ok=False, code="call.not_talking", params={"agent": of})

    def _cannot_be_called(self, supervisor: AgentId, story: Story) -> Answer | None:
        if supervisor in self._ears or is_busy(self._house.engine.agents[supervisor]):
            return refused("agent.has_call")
        if story.server not in self._house.reached_by(supervisor):
            return refused("phone.unreachable", extension=self._house.seating.extensions[supervisor])
        return None

    def _call_phone(
        self,
        supervisor: AgentId,
        story: Story,
        room: Room,
        place: str,
        *,
        leg: str,
        headers: Mapping[str, str],
        stamped: bool = False,
    ) -> CallPhone:
        return CallPhone(
            server=story.server,
            channel=f"PJSIP/{self._house.seating.extensions[supervisor]}",
            call=story.call,
            room=room,
            place=place,
            channel_id=leg,
            caller=story.ani or "anonymous",
            headers=headers,
            stamped=stamped,
        )

    def _change_over(self, supervisor: AgentId, before: _Ear, ear: _Ear, now: datetime) -> Answer:
        channel = self._channel(before)
        if channel is None:
            return refused("monitor.none")
        send = self._send(ear, channel)
        undo = lambda then: self._hears_again(supervisor, ear, before, then)  # noqa: E731 - as the others, with a name
        answer, effects = self._promises.make([send], now, call=ear.call, undo=undo)
        return answer, [*self._hears(supervisor, ear, now), *effects]

    # --- what is heard of it

    def summoned(self, fact: f.Summoned) -> list[Effect]:
        """A phone that we called was answered, or was not."""
        for supervisor, ear in self._ears.items():
            if ear.leg == fact.leg and not ear.up and fact.answered:
                return self._hears(supervisor, replace(ear, up=True), fact.at)
        return [] if fact.answered else self._drop(fact.leg)

    def leg_gone(self, supervisor: AgentId, at: datetime) -> list[Effect]:
        """His phone has hung up something; perhaps it was this."""
        ear = self._ears.get(supervisor)
        if ear is None or not ear.up or self._channel(ear) is not None:
            return []
        return self._over(supervisor, at)

    def joined(self, story: Story, agent: AgentId | None, at: datetime) -> list[Effect]:
        """A new peer: whoever listens must begin anew to hear him. Or it is the one who takes over."""
        taking = self._taking.get(agent) if agent is not None else None
        if agent is None or taking is None or taking.call != story.call:
            return self._listen_anew(story.call)
        del self._taking[agent]
        effects = [
            *self._over(agent, at),
            self._house.tell(CallTakenOver(call=story.call, at=at, by=agent, of=taking.of)),
        ]
        effects += [
            HangUpChannel(server=story.server, channel=leg) for leg in self._house.legs_of(taking.of, story.call)
        ]
        return effects

    def barged(self, story: Story, by: AgentId | None) -> list[Effect]:
        """Somebody is heard by both, or no longer: for everybody else's ears, and for the recording, a new peer."""
        return [*self._recordings.joined(story), *self._listen_anew(story.call, but=by)]

    def consults(self, story: Story, agent: AgentId | None, at: datetime) -> list[Effect]:
        """The agent has stepped aside: his supervisor hears what he hears and is not left alone with the customer."""
        effects = self._listen_anew(story.call)
        for supervisor, ear in self._of(story.call, MonitorMode.BARGE):
            channel = self._channel(ear)
            if ear.of == agent and channel is not None:
                quiet = replace(ear, mode=MonitorMode.LISTEN)
                effects += [*self._hears(supervisor, quiet, at), self._send(quiet, channel)]
        return effects

    def left(self, story: Story, agent: AgentId | None, at: datetime) -> list[Effect]:
        """The agent is out of it, and so is who listened to him. (Who only listens is let go by Asterisk.)"""
        effects: list[Effect] = []
        for supervisor, ear in self._of(story.call):
            if ear.of == agent:
                effects += [*self._over(supervisor, at), *self._let_go(ear)]
        return effects or self._listen_anew(story.call)

    def ended(self, story: Story, at: datetime) -> list[Effect]:
        """… and with the call everybody."""
        effects: list[Effect] = []
        for supervisor, ear in self._of(story.call):
            effects += [*self._over(supervisor, at), *self._let_go(ear)]
        for supervisor in [who for who, taking in self._taking.items() if taking.call == story.call]:
            del self._taking[supervisor]
        return effects + self._tell_over(story, story.monitors, at)

    def line_up(self, server: ServerId, at: datetime) -> list[Effect]:
        """Who listens now, whatever we heard of it; and who the log thinks does."""
        listeners = {who: leg for leg in self._listeners(server) if (who := self._house.agent_at(leg.extension))}
        effects: list[Effect] = []
        for supervisor, leg in listeners.items():
            effects += self._found(server, supervisor, leg, at)
        for story in [story for story in self._house.stories.values() if story.server == server]:
            effects += self._tell_over(story, [who for who in story.monitors if who not in listeners], at)
        for supervisor, ear in list(self._ears.items()):
            if ear.server == server and self._channel(ear) is None:
                del self._ears[supervisor]
        return effects

    def _found(self, server: ServerId, supervisor: AgentId, leg: Leg, at: datetime) -> list[Effect]:
        digit, _, target = leg.last.exten.partition("-")
        heard = self._house.tracker(server).leg_of(target)
        of = self._house.agent_at(heard.extension) if heard is not None else None
        if heard is None or of is None or digit not in _MODES or heard.call.id not in self._house.stories:
            return []
        ear = _Ear(
            server=server, leg=leg.uniqueid, call=heard.call.id, of=of, target=target, mode=_MODES[digit], up=True
        )
        return self._hears(supervisor, ear, at)

    # --- details

    def _hears(self, supervisor: AgentId, ear: _Ear, at: datetime) -> list[Effect]:
        """From now on, in this mode; what was before is over."""
        self._ears[supervisor] = ear
        story = self._house.stories.get(ear.call)
        known = story.monitors.get(supervisor) if story is not None else None
        if known is not None and (known.of, known.mode) == (ear.of, ear.mode):
            return []
        others = [one for one in self._house.stories.values() if supervisor in one.monitors]
        effects = [told for one in others for told in self._tell_over(one, [supervisor], at)]
        if story is not None:
            begun = CallMonitored(call=ear.call, at=at, by=supervisor, of=ear.of, mode=ear.mode, since=at)
            effects.append(self._house.tell(begun))
        return effects

    def _hears_again(self, supervisor: AgentId, wished: _Ear, before: _Ear, at: datetime) -> list[Effect]:
        """Asterisk did not do it: he hears what he heard, as far as that is still there to be heard."""
        if self._ears.get(supervisor) is not wished or before.call not in self._house.stories:
            return []
        return self._hears(supervisor, before, at)

    def _over(self, supervisor: AgentId, at: datetime) -> list[Effect]:
        ear = self._ears.pop(supervisor, None)
        story = self._house.stories.get(ear.call) if ear is not None else None
        return [] if story is None else self._tell_over(story, [supervisor], at)

    def _tell_over(self, story: Story, supervisors: Iterable[AgentId], at: datetime) -> list[Effect]:
        known = [story.monitors[who] for who in list(supervisors) if who in story.monitors]
        return [self._house.tell(replace(one, at=at, until=at)) for one in known]

    def _let_go(self, ear: _Ear) -> list[Effect]:
        channel = self._channel(ear)
        if ear.mode is not MonitorMode.BARGE or channel is None:
            return []
        return [HangUpChannel(server=ear.server, channel=channel)]

    def _listen_anew(self, call: CallId, *, but: AgentId | None = None) -> list[Effect]:
        """Asterisk leaves a new peer's voice out of a spy that goes on, as out of a recording."""
        return [
            self._send(ear, channel)
            for supervisor, ear in self._of(call)
            if ear.mode is not MonitorMode.BARGE and supervisor != but and (channel := self._channel(ear)) is not None
        ]

    def _of(self, call: CallId, *modes: MonitorMode) -> list[tuple[AgentId, _Ear]]:
        return [
            (who, ear)
            for who, ear in self._ears.items()
            if ear.call == call and ear.up and (not modes or ear.mode in modes)
        ]

    def _send(self, ear: _Ear, channel: str) -> SendPhone:
        return SendPhone(server=ear.server, channel=channel, call=ear.call, room=Room.LISTEN, place=ear.place)

    def _channel(self, ear: _Ear | None) -> str | None:
        return None if ear is None else self._house.tracker(ear.server).channel_of(ear.leg)

    def _listeners(self, server: ServerId) -> list[Leg]:
        return self._house.tracker(server).listeners()

    def _drop(self, leg: str) -> list[Effect]:
        for supervisor in [*self._ears, *self._taking]:
            self._forget(supervisor, leg)
        return []

    def _forget(self, supervisor: AgentId, leg: str) -> list[Effect]:
        """It came to nothing, as far as we know."""
        ear, taking = self._ears.get(supervisor), self._taking.get(supervisor)
        if ear is not None and ear.leg == leg and not ear.up:
            del self._ears[supervisor]
        if taking is not None and taking.leg == leg:
            del self._taking[supervisor]
        return []
