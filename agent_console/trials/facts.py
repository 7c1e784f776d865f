"""A day as it was, read off the log: callers and what became of them, agents and when they were there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crm_core.domain.call_story import without_guesses
from crm_core.domain.floor import QueueVersion
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.requirements import Requirements
from cti.events import wish_of
from routing.agents import Wish, wish_behind
from routing.simulation.day import Day, Talk, Turn, Visit
from routing.states import AgentState

_WITH_A_CALL = frozenset({AgentState.TALKING, AgentState.WRAP_UP})

Taken = tuple[AgentId, CallId]
"""Who talked with whom out of a queue."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    """Somebody asked for a person, as far as it is told."""

    call: CallId
    at: datetime
    since: datetime
    queue: QueueKey
    requires: Requirements
    priority: int
    offered: tuple[AgentId, datetime] | None = None
    over_at: datetime | None = None
    """He was answered, gave up, or was let go."""
    taker: AgentId | None = None
    gave_up: bool = False
    talked_until: datetime | None = None
    after_s: float = 0.0

    @property
    def waits(self) -> bool:
        return self.over_at is None

    def visit(self, begins: datetime, last_told: datetime) -> Visit:
        over_at = self.over_at or last_told
        rang_at = self.offered[1] if self.offered is not None and self.offered[0] == self.taker else over_at
        talk = Talk(
            rang_s=_s(over_at - rang_at),
            service_s=_s((self.talked_until or last_told) - over_at),
            after_s=self.after_s,
        )
        return Visit(
            at=_s(self.at - begins),
            since=min((self.since - begins).total_seconds(), _s(self.at - begins)),
            queue=self.queue,
            requires=self.requires,
            priority=self.priority,
            waited_s=_s(over_at - self.at),
            gave_up=self.gave_up,
            talk=talk if self.taker is not None else None,
        )


def asked_by_queue(versions: Sequence[QueueVersion], begins: datetime, ends: datetime) -> tuple[Requirements, ...]:
    """What a queue asked for on behalf of its callers while the day lasted, the last first; of one that is younger than
    the day what it asked for at first. `versions`: the newest first."""
    until = [one for one in versions if one.at is None or one.at < ends] or list(versions[-1:])
    since = next((place for place, one in enumerate(until) if one.at is None or one.at <= begins), len(until))
    return tuple(dict.fromkeys(one.queue.wish for one in until[: since + 1]))


def of_his_own(visit: Visit, asked: Sequence[Requirements]) -> Visit:
    """Told is what a caller and his queue asked for together."""
    for wish in asked:
        if (own := visit.requires.beside(wish)) is not None:
            return replace(visit, requires=own)
    return visit


def visits_of(lines: Sequence[LoggedEvent], begins: datetime) -> Iterator[tuple[Visit, Taken | None]]:
    """Of one call, its lines in order: each time it asked for a person, and who took it."""
    told = without_guesses(lines)
    if not told:
        return
    for asked in _asked(told):
        taken = (asked.taker, asked.call) if asked.taker is not None else None
        yield asked.visit(begins, told[-1].at), taken


def _asked(told: Sequence[LoggedEvent]) -> list[_Asked]:
    found: list[_Asked] = []
    for line in told:
        if line.topic == "call.queued":
            _queued(found, line)
        elif found:
            _goes_on(found, found[-1], line)
    return found


def _queued(found: list[_Asked], line: LoggedEvent) -> None:
    """Another queue while he waits is the same wait; after a conversation it is another."""
    body, last = line.body, found[-1] if found else None
    if last is not None and last.taker is None:
        last.over_at = None  # a number outside did not take him
        return
    if last is not None:
        last.talked_until = last.talked_until or line.at
    since = _moment(body.get("since")) or line.at
    found.append(
        _Asked(
            call=CallId(line.call or ""),
            at=line.at,
            since=min(since, line.at),
            queue=QueueKey(str(body.get("queue", ""))),
            requires=wish_of(str(body.get("asks") or ""), body.get("requires") or {}),
            priority=int(body.get("priority") or 0),
        )
    )


def _goes_on(found: Sequence[_Asked], now: _Asked, line: LoggedEvent) -> None:  # noqa: PLR0912 - a table
    body, agent = line.body, AgentId(str(line.body.get("agent") or ""))
    match line.topic:
        case "call.place_given_back" if (since := _moment(body.get("since"))) is not None:
            now.since = min(now.since, since)
        case "call.offered" if now.waits:
            now.offered = (agent, line.at)
        case "call.overflowed" if now.waits and body.get("kind") != "queue":
            now.over_at = line.at
        case "call.callback_promised" if now.waits:  # he hangs up, and has not given up
            now.over_at = line.at
        case "call.connected" if now.taker is None:
            now.over_at = now.over_at or line.at
            if agent:
                now.over_at, now.taker = line.at, agent
        case "call.disconnected" if agent == now.taker:
            now.talked_until = now.talked_until or line.at
        case "call.ended" if now.waits:
            now.over_at = line.at
            now.gave_up = body.get("hung_up_by") == "caller" and not body.get("closed_by")
        case "call.ended":
            now.talked_until = now.talked_until or line.at
        case "call.wrapped_up":
            for asked in reversed(found):
                if asked.taker == agent:
                    asked.after_s += float(body.get("wrap_up_s") or 0.0)
                    return
        case _:
            pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _As:
    """What an agent is, as far as it matters."""

    wish: Wish
    reachable: bool
    beside: bool


def turns_of(lines: Iterable[LoggedEvent], begins: datetime, taken: frozenset[Taken]) -> Iterator[Turn]:
    """`lines` in order of time, from some time before the day begins; what held when it began is told at 0."""
    now: dict[AgentId, _As] = {}
    begun = False
    for line in lines:
        if not begun and line.at >= begins:
            begun = True
            yield from (_turn(0.0, agent, one) for agent, one in now.items())
        agent = AgentId(str(line.body.get("agent") or ""))
        if begun and agent not in now and (before := _before(line.body)) is not None:
            now[agent] = before
            yield _turn(0.0, agent, before)
        becomes = _as(line.body, taken)
        if now.get(agent) != becomes:
            now[agent] = becomes
            if begun:
                yield _turn(_s(line.at - begins), agent, becomes)
    if not begun:
        yield from (_turn(0.0, agent, one) for agent, one in now.items())


def _as(body: Mapping[str, Any], taken: frozenset[Taken]) -> _As:
    state, call = _state(body.get("state")), CallId(str(body.get("call") or ""))
    his = (AgentId(str(body.get("agent") or "")), call) in taken
    wish = body.get("wish")
    return _As(
        wish=Wish(wish) if wish in tuple(Wish) else wish_behind(state),
        reachable=bool(body.get("reachable", True)),
        beside=state in _WITH_A_CALL and bool(call) and not his,
    )


def _before(body: Mapping[str, Any]) -> _As | None:
    """What he was all the day before he is heard of for the first time."""
    state = body.get("before")
    if state is None or (wish := wish_behind(_state(state))) is Wish.OFFLINE:
        return None
    return _As(wish=wish, reachable=True, beside=False)


def _state(word: object) -> AgentState:
    return AgentState(word) if isinstance(word, str) and word in tuple(AgentState) else AgentState.OFFLINE


def _turn(at: float, agent: AgentId, one: _As) -> Turn:
    return Turn(at=at, agent=agent, wish=one.wish, reachable=one.reachable, beside=one.beside)


def day_of(visits: Iterable[Visit], turns: Iterable[Turn], length: timedelta) -> Day:
    return Day(
        length_s=length.total_seconds(),
        visits=tuple(sorted(visits, key=lambda one: one.at)),
        turns=tuple(sorted(turns, key=lambda one: one.at)),
    )


def _s(length: timedelta) -> float:
    return max(length.total_seconds(), 0.0)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None
