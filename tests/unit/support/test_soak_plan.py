"""A soak's plan: the same seed makes the same day, and every kind of fault comes before any comes twice."""

from __future__ import annotations

from collections import Counter

from tests.soak.plan import HOTLINE, Kind, caller, faults


def test_the_same_seed_makes_the_same_faults_and_callers() -> None:
    assert faults(7, length_s=1800, every_s=30) == faults(7, length_s=1800, every_s=30)
    assert faults(7, length_s=1800, every_s=30) != faults(8, length_s=1800, every_s=30)
    assert [caller(7, number) for number in range(50)] == [caller(7, number) for number in range(50)]


def test_every_kind_comes_before_any_comes_again() -> None:
    done = faults(3, length_s=1800, every_s=30)
    assert len(done) == 60
    for turn in range(0, len(done) - len(Kind) + 1, len(Kind)):
        assert Counter(one.kind for one in done[turn : turn + len(Kind)]) == dict.fromkeys(Kind, 1)


def test_faults_leave_room_for_each_other_and_end_before_the_calls() -> None:
    done = faults(3, length_s=160, every_s=20)
    assert [one.at_s for one in done] == [10.0 + 20 * number for number in range(8)]
    assert all(1 <= one.lasts_s <= 10 for one in done)
    assert faults(3, length_s=160, every_s=0) == ()


def test_every_caller_has_a_number_of_his_own_and_keys_only_for_the_menu() -> None:
    callers = [caller(1, number) for number in range(500)]
    assert len({one.number for one in callers}) == 500
    assert all(bool(one.keys) == (one.dials == HOTLINE) for one in callers)
    assert 0 < sum(one.patience_s < 60 for one in callers) < 60
