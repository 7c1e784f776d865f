"""Commands that Asterisk has to carry out: their answer is promised, and given when it is known what came of them.

A promise ends once, and always with what is true: it is kept (what was asked for was done, or is seen to be so), it is
broken (Asterisk refused, the call is over), or nobody knows (too late, the line broke). Nothing is ever asked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import CommandResult
from cti.effects import ChannelEffect, Done, Effect, Failed, Failure, Reply, WakeMeAt
from cti.events import LinkLost
from cti.switchboard.house import House

PATIENCE_S = 4.0
"""How long Asterisk has; less than who asks over the bus waits for our answer."""
FAILED, TIMED_OUT = "command.failed", "command.timed_out"

Look = Callable[[], CommandResult | None]
Undo = Callable[[datetime], list[Effect]]

_BY_FAILURE = {Failure.LINE_DOWN: "link.down", Failure.TIMED_OUT: TIMED_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Stands for a result until there is one: `Reply` with this id."""

    id: str


Answer = tuple[CommandResult | Promise, list[Effect]]
"""To a command, and what follows from it."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Open:
    id: str
    server: ServerId
    call: CallId | None
    asked: list[ChannelEffect]
    """What has not been carried out yet of what was asked of Asterisk."""
    kept: Look | None
    undo: Undo | None


class Promises:
    def __init__(self, house: House) -> None:
        self._house = house
        self._open: dict[str, _Open] = {}
        self._made = 0

    def make(
        self,
        asked: Sequence[ChannelEffect],
        now: datetime,
        *,
        call: CallId | None = None,
        kept: Look | None = None,
        undo: Undo | None = None,
        also: Sequence[Effect] = (),
    ) -> Answer:
        """Answers with a promise, and asks Asterisk for all of `asked`.

        It is kept when everything was carried out; with `kept`, as soon as that has a result: it is looked at after
        each thing that is heard. `call`: when it ends before, the promise is broken. `undo`: what else follows when it
        does not come about, or nobody knows. `also`: effects beside it, first.
        """
        self._made += 1
        promise = _Open(
            id=f"{int(now.timestamp() * 1000):x}-{self._made:x}",
            server=asked[0].server,
            call=call,
            asked=list(asked),
            kept=kept,
            undo=undo,
        )
        self._open[promise.id] = promise
        late = WakeMeAt(when=now + timedelta(seconds=PATIENCE_S), token=f"promise:{promise.id}")
        return Promise(id=promise.id), [*also, *asked, late]

    def has(self, call: CallId) -> bool:
        """Whether something asked for about this call is still to be answered."""
        return any(promise.call == call for promise in self._open.values())

    def done(self, done: Done) -> list[Effect]:
        promise = self._of(done.effect)
        if promise is None:
            return []
        promise.asked = [effect for effect in promise.asked if effect is not done.effect]
        return self._keep(promise, CommandResult(ok=True)) if not promise.asked and promise.kept is None else []

    def failed(self, failed: Failed, now: datetime) -> list[Effect]:
        promise = self._of(failed.effect)
        return [] if promise is None else self._break(promise, _BY_FAILURE.get(failed.why, FAILED), now)

    def lost(self, lost: LinkLost, now: datetime) -> list[Effect]:
        """What was asked over this line may have been done or not."""
        broken = [promise for promise in self._open.values() if promise.server == lost.server]
        return [effect for promise in broken for effect in self._break(promise, TIMED_OUT, now)]

    def too_late(self, promise_id: str, now: datetime) -> list[Effect]:
        promise = self._open.get(promise_id)
        return [] if promise is None else self._break(promise, TIMED_OUT, now)

    def look(self, now: datetime) -> list[Effect]:
        """Something was heard: is what was asked for so by now, or can it never be?"""
        return [effect for promise in list(self._open.values()) for effect in self._look_at(promise, now)]

    def _look_at(self, promise: _Open, now: datetime) -> list[Effect]:
        result = promise.kept() if promise.kept is not None else None
        if result is not None:
            return self._keep(promise, result) if result.ok else self._break(promise, result.code, now)
        over = promise.call is not None and promise.call not in self._house.stories
        return self._break(promise, FAILED, now) if over else []

    def _of(self, effect: Effect) -> _Open | None:
        return next((one for one in self._open.values() if any(effect is asked for asked in one.asked)), None)

    def _keep(self, promise: _Open, result: CommandResult) -> list[Effect]:
        del self._open[promise.id]
        return [Reply(promise=promise.id, result=result)]

    def _break(self, promise: _Open, code: str, now: datetime) -> list[Effect]:
        del self._open[promise.id]
        undone = promise.undo(now) if promise.undo is not None else []
        return [Reply(promise=promise.id, result=CommandResult(ok=False, code=code)), *undone]


def done(effects: list[Effect]) -> Answer:
    """At once."""
    return CommandResult(ok=True), effects


def refused(code: str, **params: str) -> Answer:
    return CommandResult(ok=False, code=code, params=params), []
