"""What Asterisk says of a call and what the log has of it: each way in which they can differ, and none other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.reconcile import Account, Kind, Logged, compare

ACCOUNT = Account(call="pbx-1-2", server="pbx", start=100.0, end=130.0, answered=True, rows=2)
LOGGED = Logged(call="pbx-1-2", server="pbx", start=100.02, end=130.01, answered=True)


def kinds(account: Account, logged: Logged | None, tolerance_s: float = 2.0) -> list[Kind]:
    return [finding.kind for finding in compare(account, logged, tolerance_s=tolerance_s)]


def test_what_agrees_is_nothing_to_tell_of() -> None:
    assert kinds(ACCOUNT, LOGGED) == []


@pytest.mark.parametrize(
    ("logged", "found"),
    [
        (None, Kind.MISSING),
        (replace(LOGGED, end=None, last=120.0), Kind.NOT_ENDED),
        (replace(LOGGED, answered=False), Kind.NOT_ANSWERED),
        (replace(LOGGED, start=97.0), Kind.TIMES),
        (replace(LOGGED, end=133.0), Kind.TIMES),
    ],
)
def test_each_way_to_differ(logged: Logged | None, found: Kind) -> None:
    assert kinds(ACCOUNT, logged) == [found]


def test_a_conversation_that_asterisk_never_had() -> None:
    assert kinds(replace(ACCOUNT, answered=False), LOGGED) == [Kind.NOT_CONNECTED]


def test_a_call_that_goes_on_after_its_first_rows_is_not_over() -> None:
    assert kinds(ACCOUNT, replace(LOGGED, end=None, last=140.0)) == []


def test_a_guess_is_marked_as_one_and_its_time_is_not_held_against_it() -> None:
    assert kinds(ACCOUNT, replace(LOGGED, end=110.0, guessed=True)) == []
    assert kinds(ACCOUNT, replace(LOGGED, end=110.0, start=90.0, guessed=True)) == [Kind.TIMES]
    [finding] = compare(ACCOUNT, replace(LOGGED, answered=False, guessed=True), tolerance_s=2)
    assert (finding.kind, finding.guessed) == (Kind.NOT_ANSWERED, True)


@settings(deadline=None)
@given(st.floats(-10, 10), st.floats(0, 5))
def test_times_may_differ_by_the_tolerance_and_no_more(off: float, tolerance: float) -> None:
    found = kinds(ACCOUNT, replace(LOGGED, start=100.0, end=130.0 + off), tolerance)
    assert found == ([Kind.TIMES] if abs((130.0 + off) - 130.0) > tolerance else [])
