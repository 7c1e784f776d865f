"""Which numbers outside may be called, and how they are dialled."""

from __future__ import annotations

import pytest

from cti.dialling import DialRules


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("021-64881234", "02164881234"),
        ("64881234", "02164881234"),
        ("+44 20 7946 0123", "00442079460123"),
        ("12345", "12345"),
        ("120", "120"),
        ("1001", ""),
        ("*8", ""),
        ("anonymous", ""),
        ("138001380001380013800013800", ""),
        ("", ""),
    ],
)
def test_a_number_is_dialled_as_from_a_telephone_of_the_house(written: str, dialled: str) -> None:
    assert DialRules(region="CN", area_code="21").digits(written) == dialled


def test_elsewhere_it_is_dialled_otherwise() -> None:
    rules = DialRules(region="GB")
    assert rules.digits("+44 20 7946 0123") == "02079460123"
    assert rules.digits("+86 13800138000") == "008613800138000"


def test_why_a_number_is_not_dialled() -> None:
    rules = DialRules(forbidden=("168", "00979"))
    codes = [rules.refusal(digits) for digits in ("", "16812345", "00979123", "13800138000")]
    assert codes == ["number.invalid", "number.forbidden", "number.forbidden", None]
    assert DialRules(has_line=False).refusal("13800138000") == "number.no_line"
