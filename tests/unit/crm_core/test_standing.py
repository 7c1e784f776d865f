"""Who may take a lease that Redis knows nothing of, and how often one asks."""

from __future__ import annotations

import pytest

from crm_core.runtime.standing import Standing

LASTS = 3.0


def asks(standing: Standing, now: float) -> bool:
    """Whether he would take it if it were gone."""
    return standing.may_ask(now) and standing.may_take_what_is_gone(now)


def got(now: float = 0.0) -> Standing:
    """One who has it since then."""
    standing = Standing(LASTS)
    assert asks(standing, now)
    standing.told(now, now, ours=True, left_s=None)
    return standing


def saw_another(now: float = 0.0, *, left_s: float = 2.5) -> Standing:
    standing = Standing(LASTS)
    assert standing.may_ask(now)
    standing.told(now, now, ours=False, left_s=left_s)
    return standing


def waits(standing: Standing, since: float, until: float, *, gone: bool) -> None:
    """Asks as often as one does, and is told that it is gone, or nothing at all."""
    now = since
    while now < until:
        assert not asks(standing, now), now
        if gone:
            standing.told(now, now, ours=False, left_s=None)
        else:
            standing.told_nothing(now, now)
        now += standing.pause_s(now)


def test_whoever_comes_first_takes_it_and_has_it_for_as_long_as_it_lasts() -> None:
    standing = got(10.0)
    assert (standing.held(12.9), standing.held(13.0), standing.somebody_elses) == (True, False, False)


def test_it_counts_from_the_question_however_late_the_answer_comes() -> None:
    standing = Standing(LASTS)
    standing.told(10.0, 12.5, ours=True, left_s=None)
    assert (standing.held(12.9), standing.held(13.0)) == (True, False)


def test_one_that_redis_has_forgotten_is_still_his_who_had_it_last() -> None:
    holder, other = got(0.0), saw_another(0.0)
    assert asks(holder, 1.0)
    waits(other, 0.5, 2.5, gone=True)


def test_whoever_saw_it_running_waits_until_it_may_be_over() -> None:
    other = saw_another(0.0, left_s=2.5)
    waits(other, 0.5, 2.4, gone=True)
    assert asks(other, 2.51)


def test_after_redis_was_away_the_holder_comes_first() -> None:
    holder, other = got(0.0), saw_another(0.0)
    for now in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0):
        assert holder.may_ask(now)
        holder.told_nothing(now, now)
    assert not holder.held(7.0)
    assert not holder.somebody_elses, "silence gives it to nobody"
    waits(other, 0.5, 7.0, gone=False)
    assert asks(holder, 8.0)
    waits(other, 7.5, 10.5, gone=True)
    assert asks(other, 10.6), "the holder may be dead"


def test_whoever_hung_does_not_take_what_he_finds_gone() -> None:
    hung = got(0.0)
    assert not asks(hung, 30.0)
    hung.told(30.0, 30.0, ours=False, left_s=None)
    waits(hung, 30.5, 32.9, gone=True)
    assert asks(hung, 33.1), "alone, he gets it again"


def test_it_can_be_told_that_it_is_anothers_and_then_is_not_his_any_more() -> None:
    hung = got(0.0)
    hung.told(1.0, 1.0, ours=False, left_s=3.0)
    assert (hung.held(1.0), hung.somebody_elses) == (False, True)
    waits(hung, 1.5, 3.9, gone=True)


def test_whoever_gave_it_back_has_no_right_to_it() -> None:
    standing = got(0.0)
    standing.given_back()
    assert not standing.held(0.1)
    standing.told_nothing(0.5, 0.5)
    assert not asks(standing, 1.0)


def test_whoever_rests_does_not_ask_and_has_not_slept() -> None:
    standing = got(0.0)
    standing.rests(0.0)
    standing.given_back()
    for now in (0.5, 1.0, 1.5, 2.0, 2.5):
        assert not standing.may_ask(now)
    assert asks(standing, 3.0)


@pytest.mark.parametrize(
    ("standing", "now", "pause_s"),
    [
        (got(0.0), 0.0, 1.0),
        (got(0.0), 3.0, 0.5),
        (saw_another(0.0, left_s=2.5), 0.0, 0.5),
        (saw_another(0.0, left_s=2.5), 2.3, 0.21),
        (saw_another(0.0, left_s=2.5), 9.0, 0.5),
    ],
)
def test_it_asks_at_once_when_it_may_be_free(standing: Standing, now: float, pause_s: float) -> None:
    assert standing.pause_s(now) == pytest.approx(pause_s)
