"""The event log only grows: one place writes it, by inserting, and nothing of ours ever says another word about it."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from tests.support.product import ROOT

OURS = ("agent_console", "callwright", "crm_core", "cti", "ivr", "recordings", "routing")
CHANGING = {"insert", "insert_into", "update", "delete", "merge"}


def sources() -> Iterator[Path]:
    for folder in OURS:
        for place, below, files in os.walk(ROOT / folder):
            below[:] = [one for one in below if one not in {"frontend", "migrations", "__pycache__"}]
            yield from (Path(place, file) for file in files if file.endswith(".py"))


def changes_of(tree: ast.AST) -> Iterator[str]:
    """The verbs said with the table: `delete(t.event_log)`, `event_log.update()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            verb = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            whose = [node.func.value] if isinstance(node.func, ast.Attribute) else []
            if verb in CHANGING and any(
                ast.unparse(one) in {"event_log", "t.event_log"} for one in (*whose, *node.args)
            ):
                yield verb


def test_only_one_place_writes_the_event_log_and_only_by_inserting() -> None:
    found = {
        (str(file.relative_to(ROOT)), verb)
        for file in sources()
        if "event_log" in (text := file.read_text(encoding="utf-8"))
        for verb in changes_of(ast.parse(text))
    }
    assert found == {("crm_core/persistence/log.py", "insert_into")}


def test_a_change_would_be_seen() -> None:
    said = "delete(t.event_log).where(x)\nawait c.execute(event_log.update())\nselect(t.event_log)"
    assert sorted(changes_of(ast.parse(said))) == ["delete", "update"]
