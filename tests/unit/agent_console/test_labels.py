"""Every state and kind has its word."""

from __future__ import annotations

from enum import StrEnum

import pytest

from agent_console.labels import LABELS, label, pause_reason


@pytest.mark.parametrize("kind", list(LABELS), ids=lambda kind: kind.__name__)
def test_every_value_has_a_word(kind: type[StrEnum]) -> None:
    assert set(LABELS[kind]) == set(kind)
    assert all(label(value) == label(value.value, kind.__name__) for value in kind)


def test_a_pause_for_a_reason_of_ones_own_keeps_ones_own_word() -> None:
    assert pause_reason("break").text == "Break"
    assert pause_reason("100 % busy with the audit").text == "100 % busy with the audit"
