"""In which order workers take the files of the suite."""

from __future__ import annotations

from tests.support.side_by_side import in_turn


def test_those_that_wait_and_those_that_work_are_evenly_mixed_and_small_ones_come_last() -> None:
    places = in_turn(
        [
            "unit/cti/test_a.py",
            "stories/test_call.py",
            "integration/console/test_a.py",
            "integration/console/test_b.py",
            "integration/console/test_c.py",
            "browser/test_page.py",
            "integration/ami/test_link.py",
            "integration/ami/test_link.py",
        ]
    )
    assert sorted(places, key=places.__getitem__) == [
        "integration/ami/test_link.py",
        "integration/console/test_a.py",
        "integration/console/test_b.py",
        "stories/test_call.py",
        "integration/console/test_c.py",
        "browser/test_page.py",
        "unit/cti/test_a.py",
    ]
