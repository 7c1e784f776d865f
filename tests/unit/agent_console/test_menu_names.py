"""What the designer and the comparison call things, and which values other menus give."""

from __future__ import annotations

import json

import pytest

from agent_console.pages.menus.designing import given_by
from agent_console.pages.menus.names import value_name
from ivr.service import our_documents


def test_values_that_other_menus_give_are_offered() -> None:
    broken = json.dumps({"nodes": {"a": {"kind": "set", "values": {"": "x", "seen": "yes"}}}})
    given = given_by({"main": our_documents()["main"], "broken": broken, "no": "{"})
    assert {"reopens", "ticket", "ticket_status", "seen"} <= set(given)
    assert "" not in given


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("language", "zh", "Chinese"),
        ("cases.1.when.1.is", "begins_with", "begins with"),
        ("barge_in", "false", "No"),
        ("next", "repair", "%(value)s"),
    ],
)
def test_only_what_was_chosen_is_said_in_words(field: str, value: str, said: str) -> None:
    assert value_name(field, value).text == said
