"""`make docs`: what the documentation names is there, and every text of the screens is translated.

Prints what is wrong, one finding a line, and ends with 1; with nothing to say it ends with 0.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent_console.catalogues import missing

ROOT = Path(__file__).parents[1]
COVERAGE = Path("docs/coverage.md")
_DOCUMENTS = ("*.md", "docs/**/*.md", "*/README.md", "*/*/README.md")
_LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|\b(?:src|href)=\"([^\"]+)\"")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|/", re.I)
_PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")


def findings(root: Path, files: Iterable[Path]) -> Iterator[str]:
    """Everything the documents name that is not there. `files` are below `root`."""
    for file in files:
        text = (root / file).read_text(encoding="utf-8")
        for target in links(text):
            if not (root / file.parent / target).exists():
                yield f"{file}: the link to {target} leads nowhere"
        if file == COVERAGE:
            for path in paths(text):
                if not (root / path).exists() and not (root / "tests" / path).exists():
                    yield f"{file}: there is no {path}, neither here nor below tests/"


def links(text: str) -> Iterator[str]:
    """The targets of links and pictures within the repository, without their anchors."""
    for found in _LINK.finditer(text):
        target = found[1] or found[2]
        if not _ELSEWHERE.match(target):
            yield target.partition("#")[0]


def paths(text: str) -> Iterator[str]:
    """What is written as a path, `like/this.py`; addresses of the product begin with a slash and are none."""
    return (found[1] for found in _PATH.finditer(text))


def _documents() -> list[Path]:
    """Ours: not those of the packages in hidden folders."""
    found = (file.relative_to(ROOT) for pattern in _DOCUMENTS for file in ROOT.glob(pattern))
    return sorted(file for file in found if not any(part.startswith(".") for part in file.parts))


def main() -> int:
    documents = _documents()
    wrong = [*findings(ROOT, documents), *(f"not translated into Chinese: {text}" for text in missing())]
    for finding in wrong:
        print(finding)
    if not wrong:
        print(f"callwright: {len(documents)} documents name only what is there, and every text is translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
