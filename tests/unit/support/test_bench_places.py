"""How a bench counts callers who were lost, doubled or overtaken."""

from __future__ import annotations

import pytest

from tests.bench.places import Places, judged

CAME = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("rang", "answered", "found"),
    [
        (["1", "2", "3"], {"1", "2", "3"}, Places()),
        (["9", "1", "2", "3"], {"1", "2", "3"}, Places()),
        (["1", "2"], {"1", "2"}, Places(lost=1)),
        (["1", "1", "2", "3"], {"1", "2", "3"}, Places(doubled=1)),
        (["1", "3", "2"], {"1", "2", "3"}, Places(displaced=1)),
        (["3", "1", "2"], {"1", "2", "3"}, Places(displaced=2)),
        (["2", "1", "2", "3"], {"1", "2", "3"}, Places(doubled=1, displaced=1)),
        ([], set(), Places(lost=3)),
    ],
)
def test_judged(rang: list[str], answered: set[str], found: Places) -> None:
    assert judged(CAME, rang, answered) == found


def test_rounds_are_added_up_and_told() -> None:
    both = Places(lost=1, displaced=2) + Places(doubled=3)
    assert (str(both), both.sound, Places().sound) == ("1; 3; 2", False, True)


def test_whom_others_served_in_between_overtakes_nobody() -> None:
    assert judged(CAME, ["3", "1", "2"], set(CAME), apart={"3"}) == Places()
    assert judged(CAME, ["3", "2", "1"], set(CAME), apart={"3"}) == Places(displaced=1)
