"""A call retold from what was told about it: the call log is nothing but this, kept.

The core stands below `cti` and must not import its events, so it reads them as lines of the log: by topic and by field
name, which are stable (`cti/events.py`; a contract test holds the two together). Unknown topics and fields are passed
over. The lines may come in any order and any number of times: they are sorted first, and a known value is never
blanked by a later line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from crm_core.domain.calls import CallDirection, CallOutcome, CallRecord, Leg, Step, Transfer
from crm_core.domain.log import LoggedEvent
from crm_core.domain.menu_walks import WALKED, Walk, walk_of
from crm_core.domain.service_level import Stay, stays_of
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.phone import PhoneNumber

LONGEST_WORD = 100
"""Characters kept of anything a line or a caller sent; the log keeps it whole."""

ARRIVAL, END = "call.arrived", "call.ended"
ABOUT_SOUND = "recording."

_ORDER = (
    *(ARRIVAL, "call.stepped", WALKED, "call.queued", "call.place_given_back"),
    *("call.callback_began", "call.told_wait", "call.relaxed", "call.overflowed"),
    *("call.offered", "call.ringing", "call.offer_failed", "call.missed"),
    *("call.callback_accepted", "call.answered", "call.connected", "recording.started", "call.held", "call.resumed"),
    *("recording.paused", "recording.resumed", "call.muted", "call.digits_sent", "call.monitored"),
    *("call.consulted", "call.returned", "call.disconnected", "call.transferred", "call.taken_over"),
    *("call.parked", "call.unparked", "call.fell_to_safety", "recording.stopped"),
    *("call.callback_promised", "call.place_kept", END, "call.wrapped_up"),
    *("call.callback_tried", "call.callback_done", "call.callback_given_up"),
)
"""What comes first when two lines carry the same time."""

_RANK = {topic: rank for rank, topic in enumerate(_ORDER)}

_W = TypeVar("_W", CallDirection, CallOutcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A recording as the call's story tells it."""

    file: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the events say of a call; what people added to it (customer, disposition, note) is not in here."""

    call: CallRecord
    legs: tuple[Leg, ...]
    sounds: tuple[Sound, ...]
    stays: tuple[Stay, ...] = ()
    """Its times in queues."""
    walk: Walk | None = None


def tells_of_a_call(line: LoggedEvent) -> bool:
    return line.call is not None and line.topic in _RANK


def retell(lines: Iterable[LoggedEvent], number_of: Callable[[str], PhoneNumber]) -> Story | None:
    """The story of one call; None when no line tells of a call. `number_of` is the house's number plan."""
    known = {line.message_id: line for line in lines if tells_of_a_call(line)}
    told = sorted(without_guesses(known.values()), key=lambda line: (line.at, _RANK[line.topic], line.message_id))
    if not told:
        return None
    teller = _Teller(call=CallId(told[0].call or ""), started_at=told[0].at)
    for line in told:
        teller.hear(line)
    return replace(teller.story(number_of), stays=stays_of(told), walk=walk_of(told))


GUESSED = {ARRIVAL: "entered_by", END: "closed_by"}
"""The field that says that nobody heard this."""


def without_guesses(lines: Iterable[LoggedEvent]) -> list[LoggedEvent]:
    """A beginning and an end that nobody heard give way to true ones, however late they come; else to a later guess."""
    kept = list(lines)
    for topic, mark in GUESSED.items():
        kept = _without(kept, topic, mark)
    return kept


def _without(lines: list[LoggedEvent], topic: str, mark: str) -> list[LoggedEvent]:
    guesses = [line for line in lines if line.topic == topic and line.body.get(mark)]
    if not guesses:
        return lines
    true_one = any(line.topic == topic for line in lines if line not in guesses)
    best = None if true_one else max(guesses, key=lambda line: (line.position or sys.maxsize, line.message_id))
    return [line for line in lines if line is best or line not in guesses]


@dataclass(slots=True, kw_only=True)
class _LegSoFar:
    key: str
    agent: AgentId | None = None
    party: str = ""
    queue: QueueKey | None = None
    offered_at: datetime | None = None
    ringing_at: datetime | None = None
    connected_at: datetime | None = None
    left_at: datetime | None = None
    failure: str = ""
    by_safety_queue: bool = False
    because: dict[str, Any] | None = None
    advised: bool = False
    """Answered, to speak with a colleague and not with the customer."""
    wrap_up_s: float | None = None

    @property
    def over(self) -> bool:
        return self.left_at is not None

    def is_of(self, agent: AgentId | None, party: str) -> bool:
        return (agent is not None and self.agent == agent) or (bool(party) and self.party == party)

    def done(self) -> Leg:
        return Leg(
            key=self.key,
            agent=self.agent,
            party=self.party,
            queue=self.queue,
            offered_at=self.offered_at,
            ringing_at=self.ringing_at,
            connected_at=self.connected_at,
            left_at=self.left_at,
            failure=self.failure,
            by_safety_queue=self.by_safety_queue,
            because=self.because,
            wrap_up_s=self.wrap_up_s,
        )


@dataclass(slots=True, kw_only=True)
class _Teller:
    """Hears the lines in order of time and keeps what is worth keeping."""

    call: CallId
    started_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    path: list[Step] = field(default_factory=list)
    legs: dict[str, _LegSoFar] = field(default_factory=dict)
    agents: list[AgentId] = field(default_factory=list)
    sounds: dict[str, Sound] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)

    def hear(self, line: LoggedEvent) -> None:  # noqa: PLR0912 - one line a topic
        match line.topic:
            case "call.arrived":
                self._learn(line.body, "server", "ani", "ani_name", "dnis")
                self._fact("direction", _word(CallDirection, line.body.get("direction")))
            case "call.stepped":
                self._stepped(line)
            case "call.queued":
                self.facts.setdefault("queued_at", line.at)
                self._learn(line.body, "queue", "language", "intent", "requires", "priority")
            case "call.callback_began":
                self._learn(line.body, "queue")
            case "call.ringing" if not line.body.get("offer"):
                self._rings(line)
            case "call.offered" | "call.ringing" | "call.offer_failed":
                self._offer(line)
            case "call.missed":
                self._missed(line)
            case "call.answered":
                self._called(line).advised = True
            case "call.connected":
                self._connected(line)
            case "call.disconnected":
                self._disconnected(line)
            case "call.transferred":
                self._transferred(line)
            case "call.fell_to_safety":
                self.facts["fell_to_safety"] = True
                self._fact("queue", _text(line.body, "queue") or None)
            case "recording.started" | "recording.stopped":
                self._sound(line)
            case "call.ended":
                self._ended(line)
            case "call.wrapped_up":
                self._wrapped_up(line)
            case _:
                pass

    def story(self, number_of: Callable[[str], PhoneNumber]) -> Story:
        outbound = self.facts.get("direction") is CallDirection.OUTBOUND
        outside = self.facts.get("dnis" if outbound else "ani", "")
        call = CallRecord(
            id=self.call,
            number=number_of(outside),
            started_at=self.started_at,
            path=tuple(self.path),
            agents=tuple(self.agents),
            recorded=bool(self.sounds),
            transfers=tuple(self.transfers),
            **self.facts,
        )
        legs = tuple(leg.done() for leg in self.legs.values())
        return Story(call=call, legs=legs, sounds=tuple(self.sounds.values()))

    # ---- what each line teaches

    def _learn(self, body: Mapping[str, Any], *names: str) -> None:
        for name in names:
            self._fact(name, _short(body.get(name)))

    def _fact(self, name: str, value: Any) -> None:
        """A later word replaces an earlier one; silence replaces nothing."""
        if value or (name not in self.facts and value is not None):
            self.facts[name] = value

    def _stepped(self, line: LoggedEvent) -> None:
        flow, node, entered, label = (_text(line.body, name) for name in ("flow", "node", "entered", "label"))
        self.path.append(Step(at=line.at, flow=flow, node=node, entered=entered, label=label))

    def _offer(self, line: LoggedEvent) -> None:
        leg = self._leg(_text(line.body, "offer") or f"{_text(line.body, 'agent')}@{line.at.isoformat()}")
        leg.agent = _agent(line.body) or leg.agent
        match line.topic:
            case "call.offered":
                leg.offered_at = line.at
                leg.party = _text(line.body, "extension") or leg.party
                leg.queue = QueueKey(_text(line.body, "queue")) or leg.queue
                leg.because = line.body.get("because") or leg.because
            case "call.ringing":
                leg.ringing_at = leg.ringing_at or line.at
            case _:
                leg.failure = _text(line.body, "why") or "failed"
                leg.left_at = line.at

    def _called(self, line: LoggedEvent) -> _LegSoFar:
        """The part of a party that no offer names: what is open of it, else a new one."""
        agent, party = _agent(line.body), _text(line.body, "party")
        open_ones = (leg for leg in self.legs.values() if not leg.over and not leg.connected_at)
        leg = next((leg for leg in open_ones if not leg.offered_at and leg.is_of(agent, party)), None)
        leg = leg or self._leg(f"{party or agent}@{line.at.isoformat()}")
        leg.agent, leg.party = agent or leg.agent, party or leg.party
        return leg

    def _rings(self, line: LoggedEvent) -> None:
        leg = self._called(line)
        leg.ringing_at = leg.ringing_at or line.at

    def _missed(self, line: LoggedEvent) -> None:
        leg = self._called(line)
        leg.failure, leg.left_at = _text(line.body, "why") or "failed", line.at

    def _connected(self, line: LoggedEvent) -> None:
        agent, offer = _agent(line.body), _text(line.body, "offer")
        leg = self._leg(offer) if offer else self._called(line)
        leg.agent, leg.party = agent or leg.agent, _text(line.body, "party") or leg.party
        leg.connected_at, leg.failure, leg.left_at = leg.connected_at or line.at, "", None
        leg.by_safety_queue = leg.by_safety_queue or bool(line.body.get("by_safety_queue"))
        self.facts.setdefault("connected_at", line.at)
        self._spoke_with(agent)

    def _disconnected(self, line: LoggedEvent) -> None:
        agent, party = _agent(line.body), _text(line.body, "party")
        for leg in reversed(self.legs.values()):
            if (leg.connected_at or leg.advised) and not leg.over and leg.is_of(agent, party):
                leg.left_at = line.at
                return

    def _transferred(self, line: LoggedEvent) -> None:
        kind, by, to, outcome = (_text(line.body, name) for name in ("kind", "by", "to", "outcome"))
        by_agent, to_agent = _agent(line.body, "by_agent"), _agent(line.body, "to_agent")
        self.transfers.append(
            Transfer(at=line.at, kind=kind, by=by, to=to, outcome=outcome, by_agent=by_agent, to_agent=to_agent)
        )

    def _wrapped_up(self, line: LoggedEvent) -> None:
        """In several stretches when other calls came in between."""
        took, agent = float(line.body.get("wrap_up_s") or 0.0), _agent(line.body)
        self.facts["wrap_up_s"] = self.facts.get("wrap_up_s", 0.0) + took
        his = [leg for leg in self.legs.values() if leg.connected_at and leg.agent == agent]
        if his:
            his[-1].wrap_up_s = (his[-1].wrap_up_s or 0.0) + took

    def _sound(self, line: LoggedEvent) -> None:
        file = _text(line.body, "file")
        if not file:
            return
        started = self.sounds[file].started_at if file in self.sounds else line.at
        stopped = line.at if line.topic == "recording.stopped" else None
        self.sounds[file] = Sound(file=file, started_at=started, ended_at=stopped)

    def _ended(self, line: LoggedEvent) -> None:
        self.facts["ended_at"] = line.at
        self._fact("outcome", _word(CallOutcome, line.body.get("outcome")))
        self._learn(line.body, "hung_up_by", "cause", "wait_s", "ring_s", "talk_s", "hold_s", "consult_s", "into")
        self._learn(line.body, "closed_by", "sip_cause")
        for agent in line.body.get("agents") or ():
            self._spoke_with(AgentId(str(agent)[:LONGEST_WORD]))
        for leg in self.legs.values():
            if not leg.over:
                leg.left_at = line.at
                leg.failure = leg.failure or ("" if leg.connected_at or leg.advised else "caller_gone")

    def _leg(self, key: str) -> _LegSoFar:
        return self.legs.setdefault(key, _LegSoFar(key=key))

    def _spoke_with(self, agent: AgentId | None) -> None:
        if agent and agent not in self.agents:
            self.agents.append(agent)


def _agent(body: Mapping[str, Any], name: str = "agent") -> AgentId | None:
    return AgentId(_text(body, name)) or None


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return str(value)[:LONGEST_WORD] if value is not None else ""


def _short(value: Any) -> Any:
    return value[:LONGEST_WORD] if isinstance(value, str) else value


def _word(kind: type[_W], value: Any) -> _W | None:
    """A word we know; one from a newer sender is passed over."""
    return kind(value) if isinstance(value, str) and value in kind.__members__.values() else None
