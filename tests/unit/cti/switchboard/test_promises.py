"""Promised answers: each is given once, and says what is true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import CommandResult
from cti import effects as fx
from cti.events import LinkLost
from cti.floor import Seating
from cti.switchboard.house import House
from cti.switchboard.promises import PATIENCE_S, Promise, Promises
from tests.unit.cti.calls.scenes import SERVER, START
from tests.unit.cti.switchboard.playbook import floor_plan

HANG_UP = fx.HangUpChannel(server=SERVER, channel="PJSIP/1001-1")
AND_ONE = fx.HangUpChannel(server=SERVER, channel="PJSIP/1002-1")


def promises() -> Promises:
    return Promises(House(Seating.of(floor_plan()), START))


def replies(effects: list[fx.Effect]) -> list[tuple[bool, str]]:
    return [(effect.result.ok, effect.result.code) for effect in effects if isinstance(effect, fx.Reply)]


def test_it_asks_and_sets_itself_a_time() -> None:
    answer, effects = promises().make([HANG_UP], START)
    assert isinstance(answer, Promise)
    late = fx.WakeMeAt(when=START + timedelta(seconds=PATIENCE_S), token=f"promise:{answer.id}")
    assert effects == [HANG_UP, late]


def test_it_is_kept_when_everything_was_done_and_only_once() -> None:
    ours = promises()
    answer, _ = ours.make([HANG_UP, AND_ONE], START)
    assert isinstance(answer, Promise)
    assert ours.done(fx.Done(effect=HANG_UP)) == []
    assert replies(ours.done(fx.Done(effect=AND_ONE))) == [(True, "")]
    assert ours.done(fx.Done(effect=AND_ONE)) == []
    assert ours.too_late(answer.id, START) == []


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (fx.Failure.REFUSED, "command.failed"),
        (fx.Failure.NO_CHANNEL, "command.failed"),
        (fx.Failure.TIMED_OUT, "command.timed_out"),
        (fx.Failure.LINE_DOWN, "link.down"),
    ],
)
def test_it_is_broken_by_a_failure(why: fx.Failure, code: str) -> None:
    ours = promises()
    ours.make([HANG_UP], START, undo=lambda _: [AND_ONE])
    effects = ours.failed(fx.Failed(effect=HANG_UP, why=why), START)
    assert replies(effects) == [(False, code)]
    assert effects[1:] == [AND_ONE]


def test_somebody_elses_effect_is_none_of_its_business() -> None:
    ours = promises()
    ours.make([HANG_UP], START)
    assert ours.done(fx.Done(effect=AND_ONE)) == []
    assert ours.failed(fx.Failed(effect=AND_ONE, why=fx.Failure.REFUSED), START) == []


def test_after_a_lost_line_and_after_a_while_nobody_knows() -> None:
    ours = promises()
    ours.make([HANG_UP], START)
    assert replies(ours.lost(LinkLost(at=START, server=SERVER), START)) == [(False, "command.timed_out")]
    answer, _ = ours.make([HANG_UP], START)
    assert isinstance(answer, Promise)
    assert replies(ours.too_late(answer.id, START)) == [(False, "command.timed_out")]


def test_it_may_wait_until_what_was_asked_for_is_seen() -> None:
    ours, seen = promises(), list[CommandResult]()
    ours.make([HANG_UP], START, kept=lambda: seen[0] if seen else None)
    assert ours.done(fx.Done(effect=HANG_UP)) == []
    assert ours.look(START) == []
    seen.append(CommandResult(ok=True))
    assert replies(ours.look(START)) == [(True, "")]


def test_with_its_call_over_it_never_comes_about() -> None:
    ours = promises()
    ours.make([HANG_UP], START, call=CallId("gone"))
    assert replies(ours.look(START)) == [(False, "command.failed")]
