"""The way through the menu as one line, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_console.pages.calls.walked import the_way, which_versions
from agent_console.words import Words, load_words
from crm_core.kernel.ids import CallId
from crm_core.kernel.language import Language
from cti.events import CallWalked, MenuVisit

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def english() -> Words:
    return load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]


@pytest.fixture(scope="module")
def chinese() -> Words:
    return load_words(timezone="Asia/Shanghai", home_region="CN")[Language.ZH]


def walked(*visits: MenuVisit) -> CallWalked:
    return CallWalked(at=NINE, call=CallId("c"), visits=visits)


def visit(node: str, way: str, *, after: float = 0, seconds: float = 0, **more: Any) -> MenuVisit:
    found = {"flow": "main", "version": 3, "node": node, "way": way, "seconds": seconds} | more
    return MenuVisit(at=NINE + timedelta(seconds=after), **found)


REPAIR = walked(
    visit("welcome", "next", seconds=3),
    visit("language", "choices.2", after=3, seconds=2, entered=("2",)),
    visit("main", "choices.2", after=5, seconds=9, entered=("7", "", "2"), wrong=("7", "")),
    visit("connecting", "next", after=14, seconds=2),
    visit("person", "queue", after=16),
)


def test_what_he_typed_where_and_how_it_ended(english: Words, chinese: Words) -> None:
    way = "language 2 (0:02) → main 7 ✗ nothing ✗ 2 (0:09) → on to a person"
    assert english.speak(the_way(REPAIR)) == f"Through the menu in 0:16: {way}."
    assert "7 ✗" in chinese.speak(the_way(REPAIR))
    assert "转人工" in chinese.speak(the_way(REPAIR))


def test_which_version_he_heard(english: Words) -> None:
    assert english.speak(which_versions(REPAIR)) == "Menu: main, version 3"
    both = walked(visit("a", "next", version=0), visit("b", "queue", flow="inside", version=2))
    assert english.speak(which_versions(both)) == "Menu: main → inside, version 2"


def test_who_hung_up_where_and_what_stays_secret(english: Words) -> None:
    gone = walked(visit("pin", "hung_up", seconds=4, entered=("****",), wrong=("****",)))
    assert english.speak(the_way(gone)) == "Through the menu in 0:04: pin **** ✗ (0:04) → hung up."


def test_what_failed_is_said(english: Words) -> None:
    failed = walked(visit("ticket", "error", seconds=3, done=""), visit("person", "queue", after=3))
    assert english.speak(the_way(failed)) == "Through the menu in 0:03: ticket failed (0:03) → on to a person."


def test_a_way_of_which_nothing_is_known(english: Words) -> None:
    assert english.speak(the_way(walked(visit("main", "")))) == "Through the menu in 0:00: main."
