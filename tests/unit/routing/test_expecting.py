"""How long somebody will still wait: the formula, what it is fed with, and how true it comes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from crm_core.kernel.ids import CallId
from routing import messages as m
from routing.expecting import Lately, expected_wait_s
from routing.simulation.examples import wallace_whitt
from routing.simulation.run import run
from tests.unit.routing.floors import ALICE, BOB, VIP, Shift

ONE = CallId("one")


@pytest.mark.parametrize("ahead", [0, 1, 7, 400])
@pytest.mark.parametrize("patience", [30.0, 180.0, 5000.0])
def test_the_integral_is_near_the_sum(ahead: int, patience: float) -> None:
    exact = sum(1 / (4 / 300 + i / patience) for i in range(ahead + 1))
    assert expected_wait_s(ahead, 4, 300, patience) == pytest.approx(exact, rel=0.06)


def test_without_anybody_who_leaves_the_line_goes_as_fast_as_its_agents() -> None:
    assert expected_wait_s(2, 4, 240, inf) == 180
    assert expected_wait_s(2, 4, 240, 600) < 180


def test_too_few_calls_tell_nothing() -> None:
    lately = Lately()
    lately.handled.extend([100.0, 200.0])
    assert lately.handle_s is None
    lately.handled.append(300.0)
    assert lately.handle_s == 200.0


def test_patience_is_known_by_those_who_lost_it() -> None:
    lately = Lately()
    lately.waits_no_more(50, left=False)
    assert lately.patience_s == inf
    for _ in range(200):
        lately.waits_no_more(60, left=True)
        lately.waits_no_more(60, left=False)
    assert lately.patience_s == pytest.approx(120, rel=0.02)


def handles(shift: Shift, call: str, seconds: float) -> None:
    """Alice takes a call and is done with it, paperwork included, after so long."""
    shift.waits(call, zh=1)
    shift.talks(call, ALICE)
    shift.wait(seconds - 10)
    shift.tell(m.CallFinished(agent=ALICE, call=CallId(call)))
    shift.wait(10)
    shift.tell(m.WrapUpFinished(agent=ALICE, call=CallId(call)))


@pytest.fixture
def shift() -> Shift:
    """Alice has handled three calls, of 100 s each, and talks with somebody."""
    shift = Shift()
    shift.ready(ALICE)
    for call in ("a", "b", "c"):
        handles(shift, call, 100)
    shift.waits("d", zh=1)
    shift.talks("d", ALICE)
    return shift


def wait_of(shift: Shift, call: str) -> tuple[int, float | None]:
    found = shift.engine.expectation(CallId(call))
    assert found is not None
    assert shift.engine.expectations()[CallId(call)] == found
    return found.position, found.wait_s


def test_whoever_waits_has_a_place_and_a_time(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.waits("two", zh=1)
    assert wait_of(shift, "one") == (1, 100.0)
    assert wait_of(shift, "two") == (2, 200.0)


def test_a_colleague_who_comes_to_help_halves_it(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.waits("two", zh=1)
    shift.ready(BOB)
    assert shift.engine.expectation(ONE) is None, "Bob's phone rings for him"
    assert wait_of(shift, "two") == (1, 50.0)


def test_who_serves_callers_of_two_queues_counts_half_in_each(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.waits("vip", VIP, zh=1)
    assert wait_of(shift, "one") == (1, 200.0)


def test_nobody_can_tell_while_nobody_is_there(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.tell(m.Paused(agent=ALICE, reason="break"))
    assert wait_of(shift, "one") == (1, None)


def test_who_is_no_more_in_the_line_expects_nothing(shift: Shift) -> None:
    shift.waits("one", zh=1)
    shift.tell(m.CallGone(call=ONE))
    assert shift.engine.expectation(ONE) is None
    assert shift.engine.expectations() == {}


@pytest.mark.parametrize(("set_aside", "impatient"), [(True, False), (False, True)])
def test_whom_we_cannot_serve_for_a_moment_has_not_lost_patience(
    shift: Shift, *, set_aside: bool, impatient: bool
) -> None:
    for call in ("one", "two", "three"):
        shift.waits(call, zh=1)
    shift.wait(20)
    for call in ("one", "two", "three"):
        shift.tell(m.CallGone(call=CallId(call), set_aside=set_aside))
    for call in ("one", "two", "three"):
        shift.waits(call, zh=1)
    position, wait_s = wait_of(shift, "three")
    assert (position, wait_s is not None and wait_s < 299) == (3, impatient)


def test_what_callers_would_be_told_comes_true_on_the_whole() -> None:
    """Ninety people, load 84, calls of six kinds, two of which each of them masters."""
    found = run(replace(wallace_whitt(2), hours=12.0, warm_up_hours=2.0), 1).total
    assert abs(found["expected_wait_bias_s"]) < 0.25 * found["mean_wait_s"] / found["waited_share"]
    assert found["expected_wait_error_share"] < 0.6
