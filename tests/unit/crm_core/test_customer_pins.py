"""What a PIN may be, and after how many wrong ones nobody looks at it any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_core.domain.customer_pins import (
    MOST_IN_A_ROW,
    MOST_OF_ACCOUNT,
    MOST_OF_CALLER,
    WINDOW,
    CustomerPin,
    is_locked,
    is_weak,
)
from crm_core.kernel.ids import CustomerId

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("pin", ["111111", "123456", "987654", "01234567"])
def test_what_is_guessed_first_is_weak(pin: str) -> None:
    assert is_weak(pin)


@pytest.mark.parametrize("pin", ["112233", "135791", "246802", "123457"])
def test_other_pins_are_not(pin: str) -> None:
    assert not is_weak(pin)


def test_so_many_tries_lock_an_account_and_more_a_caller() -> None:
    just_now = NOW - timedelta(seconds=1)
    assert not is_locked([just_now] * (MOST_OF_ACCOUNT - 1), [just_now] * (MOST_OF_CALLER - 1), NOW)
    assert is_locked([just_now] * MOST_OF_ACCOUNT, [], NOW)
    assert is_locked([], [just_now] * MOST_OF_CALLER, NOW)


def test_what_is_long_ago_does_not_count() -> None:
    assert not is_locked([NOW - WINDOW] * MOST_OF_ACCOUNT, [], NOW)


def test_after_so_many_in_a_row_only_a_person_opens_it() -> None:
    known = {"customer": CustomerId("cus_1"), "account": "4711", "set_at": NOW}
    assert not CustomerPin(**known, wrong=MOST_IN_A_ROW - 1).shut
    assert CustomerPin(**known, wrong=MOST_IN_A_ROW).shut
