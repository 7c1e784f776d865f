"""docs/benchmarks.md: a head, and a section for each measurement. Who measures writes his own and leaves the rest."""

from __future__ import annotations

import re
from pathlib import Path

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_SECTION = re.compile(r"^## ", re.M)


def with_section(text: str, title: str, body: str) -> str:
    """The document with this section in place of the one of this title, or at the end."""
    head, *sections = _SECTION.split(text)
    fresh = f"{title}\n\n{body.strip()}\n"
    found = [place for place, one in enumerate(sections) if one.partition("\n")[0].strip() == title]
    if found:
        sections[found[0]] = fresh
    else:
        sections.append(fresh)
    return _joined(head, sections)


def with_head(text: str, head: str) -> str:
    """The document with this before its first section."""
    return _joined(head, _SECTION.split(text)[1:])


def _joined(head: str, sections: list[str]) -> str:
    return "\n".join([f"{head.strip()}\n", *(f"## {one.strip()}\n" for one in sections)])


def put_section(file: Path, title: str, body: str) -> None:
    text = file.read_text(encoding="utf-8") if file.exists() else "# Measured\n"
    file.write_text(with_section(text, title, body), encoding="utf-8")


def put_head(file: Path, head: str) -> None:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(with_head(text, head), encoding="utf-8")
