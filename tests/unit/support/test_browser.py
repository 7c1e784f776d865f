"""Which of the machine's browsers the tests take."""

from __future__ import annotations

from pathlib import Path

from tests.support.browser import installed_browser

UBUNTUS_STUB = """#!/bin/sh
if ! [ -x /snap/bin/chromium ]; then
    echo "Command '$0' requires the chromium snap to be installed." >&2
    exit 1
fi
exec /snap/bin/chromium "$@"
"""
DEBIANS_LAUNCHER = """#!/bin/sh
exec /usr/lib/chromium/chromium "$@"
"""


def test_a_browser_that_only_starts_a_snap_is_none(tmp_path: Path) -> None:
    stub, launcher, binary = (str(tmp_path / name) for name in ("stub", "launcher", "binary"))
    Path(stub).write_text(UBUNTUS_STUB)
    Path(launcher).write_text(DEBIANS_LAUNCHER)
    Path(binary).write_bytes(b"\x7fELF /snap/")
    assert installed_browser([str(tmp_path / "nothing"), stub]) is None
    assert installed_browser([stub, launcher, binary]) == launcher
    assert installed_browser([stub, binary]) == binary
