"""A playbook: what is heard goes in, what the switchboard wants comes out, time passes by hand and timers go off.

play = Playbook()
play.ready("alice", "bob")
call = play.caller_waits(skills="zh:1")
assert play.wanted(OfferCall).extension == "1001"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from crm_core.domain.floor import FloorAgent, FloorPlan, Queue
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, SkillKey
from crm_core.kernel.messages import Command, CommandResult, Event
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami.vocabulary import AmiEvent
from cti.switchboard import Heard, Promise, Switchboard, Trusted
from routing.states import AgentState
from tests.unit.cti.calls.scenes import SERVER, Asterisk

ALICE, BOB, CAROL = AgentId("alice"), AgentId("bob"), AgentId("carol")
EXTENSIONS = {ALICE: "1001", BOB: "1002", CAROL: "1003"}
SKILLS: Mapping[AgentId, dict[str, int]] = {
    ALICE: {"zh": 5, "en": 4, "repair": 5},
    BOB: {"zh": 5, "consult": 4},
    CAROL: {"en": 5, "complaint": 4},
}
_T = TypeVar("_T")


def floor_plan(
    *, without: Iterable[AgentId] = (), wrap_up_s: int = 60, recorded: bool = True, place_back_s: int = 0
) -> FloorPlan:
    agents = tuple(
        FloorAgent(
            id=agent,
            login=agent,
            name=agent,
            name_en=agent,
            role=Role.AGENT,
            extension=extension,
            sip_secret="",
            phone_kind=PhoneKind.WEBRTC,
            department=None,
            skills={SkillKey(skill): level for skill, level in SKILLS[agent].items()},
            queues=(QueueKey("service"), QueueKey("vip")),
        )
        for agent, extension in EXTENSIONS.items()
        if agent not in set(without)
    )
    service = Queue(key=QueueKey("service"), names={"zh": "服务", "en": "Service"}, wrap_up_s=wrap_up_s)
    queues = (
        replace(service, recorded=recorded, place_back_s=place_back_s),
        Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, priority=5, wrap_up_s=0),
    )
    return FloorPlan(agents=agents, skills=(), queues=queues, dids=(), departments=())


class Playbook:
    def __init__(self, plan: FloorPlan | None = None, *, line: bool = True) -> None:
        self.asterisk = Asterisk()
        self.switchboard = Switchboard(plan or floor_plan(), self.asterisk.now)
        self.effects: list[fx.Effect] = []
        """Everything wanted since the last `forget`."""
        self.told: list[Event] = []
        """Every event published, ever."""
        self.offers: list[fx.OfferCall] = []
        """Every offer wanted, ever."""
        self.replies: list[fx.Reply] = []
        """Every answer given later, ever."""
        self._timers: dict[str, datetime] = {}
        if line:
            self.hear(self.asterisk.snapshot())

    # --- in

    def hear(self, *heard: Heard | Iterable[AmiEvent]) -> list[fx.Effect]:
        """Hands over what was said; lists of events one by one. Answers with what was wanted because of it."""
        wanted: list[fx.Effect] = []
        for one in heard:
            messages: Iterable[Heard] = one if isinstance(one, Iterable) else (one,)
            for message in messages:
                wanted += self._take(self.switchboard.handle(message, self.asterisk.now))
        return wanted

    def hear_effects(self, effects: list[fx.Effect]) -> None:
        """What a call of our own (a restore) wanted."""
        self._take(effects)

    def order(self, command: Command) -> CommandResult:
        """A command that is answered at once."""
        result = self.begin(command)
        assert isinstance(result, CommandResult), "it is answered later"
        return result

    def begin(self, command: Command) -> CommandResult | Promise:
        """A command whose answer may have to wait for Asterisk's: `result` has it then."""
        answer, effects = self.switchboard.obey(command, self.asterisk.now)
        self._take(effects)
        return answer

    def promised(self, command: Command) -> Promise:
        """A command that Asterisk has to carry out."""
        answer = self.begin(command)
        assert isinstance(answer, Promise), answer
        return answer

    def result(self, promise: Promise) -> CommandResult | None:
        """What came of it, as soon as that is known. Nothing is answered twice."""
        answers = [effect.result for effect in self.replies if effect.promise == promise.id]
        assert len(answers) <= 1, answers
        return answers[0] if answers else None

    def wait(self, seconds: float) -> None:
        """Time passes; timers that are due go off in their order."""
        end = self.asterisk.now.timestamp() + seconds
        while due := self._next_timer(end):
            token, when = due
            self.asterisk.now = max(when, self.asterisk.now)
            del self._timers[token]
            self.hear(fx.Woken(token=token))
        self.asterisk.wait(end - self.asterisk.now.timestamp())

    def _next_timer(self, end: float) -> tuple[str, datetime] | None:
        due = [(when, token) for token, when in self._timers.items() if when.timestamp() <= end]
        return (min(due)[1], min(due)[0]) if due else None

    def _take(self, effects: list[fx.Effect]) -> list[fx.Effect]:
        self.effects += effects
        self.offers += [effect for effect in effects if isinstance(effect, fx.OfferCall)]
        self.told += [effect.event for effect in effects if isinstance(effect, fx.Publish)]
        self.replies += [effect for effect in effects if isinstance(effect, fx.Reply)]
        self._timers |= {effect.token: effect.when for effect in effects if isinstance(effect, fx.WakeMeAt)}
        return effects

    # --- usual beginnings

    def ready(self, *agents: AgentId) -> None:
        """Phones registered, agents signed in and ready, one second after the other."""
        for agent in agents:
            self.hear(self.asterisk.registers(EXTENSIONS[agent]))
            assert self.order(c.SetReady(agent=agent)).ok
            self.wait(1)

    def trusted(self) -> None:
        """Asterisk feels our heart."""
        self.hear(Trusted(server=self.asterisk.server))

    def order_pause(self, agent: AgentId) -> None:
        assert self.order(c.SetPaused(agent=agent, reason="break")).ok

    def caller_waits(self, number: str = "13800138000", skills: str = "", queue: str = "service") -> str:
        """The caller's channel; he has just been queued."""
        self.hear(self.asterisk.arrives(number))
        caller = self.asterisk.last
        self.hear(self.asterisk.queues(caller, queue, skills))
        return caller

    def phone_rings(self, caller: str) -> str:
        """Asterisk carries out the offer; the agent's channel."""
        offer = self.offers[-1]
        self.hear(fx.Done(effect=offer), self.asterisk.is_called(caller, offer.extension, offer.offer))
        phone = self.asterisk.last
        self.hear(self.asterisk.rings(phone))
        return phone

    def talks(self, number: str = "13800138000", skills: str = "", queue: str = "service") -> tuple[str, str]:
        """The channels of a caller and of the agent he talks with."""
        caller = self.caller_waits(number, skills, queue)
        phone = self.phone_rings(caller)
        self.hear(self.asterisk.picks_up(phone, caller))
        return caller, phone

    # --- out

    def forget(self) -> None:
        self.effects.clear()

    def wanted(self, kind: type[_T]) -> list[_T]:
        """Effects of this kind since the last `forget`."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def last(self, kind: type[_T]) -> _T:
        return self.wanted(kind)[-1]

    def said(self, kind: type[_T]) -> list[_T]:
        """Events of this kind since the last `forget`."""
        published = [effect.event for effect in self.effects if isinstance(effect, fx.Publish)]
        return [event for event in published if isinstance(event, kind)]

    def topics(self) -> list[str]:
        """What was published since the last `forget`, by name; agents' states as `alice:ready`."""
        return [
            f"{event.agent}:{event.state}" if isinstance(event, e.AgentStateChanged) else event.topic
            for event in (effect.event for effect in self.effects if isinstance(effect, fx.Publish))
        ]

    def call_of(self, caller: str) -> CallId:
        call = self.asterisk.channels[caller].call
        assert call is not None
        return call

    def floor(self) -> c.Floor:
        floor = self.order(c.GetFloor())
        assert isinstance(floor, c.Floor)
        return floor

    def floor_of(self, call: CallId) -> e.LiveCall:
        return next(one for one in self.floor().calls if one.call == call)

    def state(self, agent: AgentId) -> AgentState:
        return next(row.state for row in self.floor().agents if row.agent == agent)

    def reason(self, agent: AgentId) -> str:
        return next(row.reason for row in self.floor().agents if row.agent == agent)


def known(told: list[Event]) -> list[Event]:
    """What the log gives after a restart: last states, all of calls that are not over or somebody wraps up, and what is
    told of places and of callbacks."""
    states = {event.agent: event for event in told if isinstance(event, e.AgentStateChanged)}
    over = {event.call for event in told if isinstance(event, e.CallEnded)}
    over -= {event.call for event in states.values() if event.call is not None}
    kept = set(map(id, states.values()))
    kept |= {id(event) for event in told if event.topic.startswith(("call.place_", "call.callback_"))}
    return [event for event in told if id(event) in kept or (isinstance(event, e.CallEvent) and event.call not in over)]


__all__ = ["ALICE", "BOB", "CAROL", "EXTENSIONS", "SERVER", "OfferId", "Playbook", "floor_plan", "known"]
