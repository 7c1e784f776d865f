"""The check of the documentation finds what leads nowhere, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs import COVERAGE, findings, links, paths


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see [there](docs/install.md)", ["docs/install.md"]),
        ("![a picture](docs/pictures/desk.png)", ["docs/pictures/desk.png"]),
        ('[with a title](a.md "The title") and [a part](b.md#part)', ["a.md", "b.md"]),
        ('<img src="docs/board.png" alt="x">', ["docs/board.png"]),
        ("[out](https://example.com/x.md), [write](mailto:a@b.c), [here](#below), [screen](/callbacks)", []),
        ("a call (in brackets) and a [word] alone", []),
        ("[![badge](badge.svg)](ci.md)", ["badge.svg", "ci.md"]),
    ],
)
def test_links_within_the_repository_are_found(text: str, found: list[str]) -> None:
    assert list(links(text)) == found


def test_paths_are_told_from_addresses_and_commands() -> None:
    text = "`stories/`, `ivr/flows/main.json`, `/callbacks/{id}`, `GET /api/v1/calls`, `make docs`, `T-20260105-0007`"
    assert list(paths(text)) == ["stories/", "ivr/flows/main.json"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests" / "stories").mkdir(parents=True)
    readme = tmp_path / "README.md"
    readme.write_text("[coverage](docs/coverage.md) [gone](docs/gone.md#part)")
    (tmp_path / COVERAGE).write_text("| x | `stories/` | `stories/test_gone.py` | [up](../README.md)")
    assert list(findings(tmp_path, [Path("README.md"), COVERAGE])) == [
        "README.md: the link to docs/gone.md leads nowhere",
        "docs/coverage.md: there is no stories/test_gone.py, neither here nor below tests/",
    ]
