"""tools/test-packages.sh with stand-ins for the machine's programs: what it installs where, and what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "test-packages.sh"
DEBIAN, UBUNTU = "ID=debian\n", 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n'
MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
STUB = "echo 'Package: chromium'; echo 'Pre-Depends: debconf, snapd'"
REAL = "echo 'Package: chromium'; echo 'Depends: libc6 (>= 2.38), libx11-6'"
NONE = "exit 100"


class Machine:
    """A checkout with this one script; on its PATH whatever would change the machine only writes a log."""

    def __init__(self, folder: Path, release: str) -> None:
        self._folder = folder
        self._log = folder / "ran.log"
        self._log.touch()
        (folder / "tools").mkdir()
        shutil.copy(SCRIPT, folder / "tools")
        (folder / "os-release").write_text(release)
        for program in ("redis-server", "postgres", "sipp", "espeak-ng"):
            self.has(f"bin/{program}", "exit 0")
        self.has("bin/id", "echo 0")
        self.has("bin/apt-get", self._logged("apt-get"))
        self.has("bin/apt-cache", NONE)
        self.has(".venv/bin/python", "exit 1")
        self.has(".venv/bin/playwright", self._logged("playwright"))

    def has(self, program: str, script: str) -> None:
        file = self._folder / program
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def _logged(self, name: str) -> str:
        return f'echo "{name} $*" >>{self._log}'

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", self._folder / "tools" / "test-packages.sh"],
            env={"PATH": f"{self._folder}/bin:{os.defpath}", "OS_RELEASE": str(self._folder / "os-release")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @property
    def ran(self) -> str:
        return self._log.read_text()


@pytest.mark.parametrize(
    ("release", "apt_knows", "fetched"),
    [
        (DEBIAN, REAL, False),
        (DEBIAN, NONE, False),
        (UBUNTU, NONE, True),
        (UBUNTU, STUB, True),
        (UBUNTU, REAL, False),
        (MINT, REAL, False),
        (MINT, NONE, True),
    ],
    ids=["debian", "debian-unread", "ubuntu", "ubuntu-snap", "ubuntu-with-archive", "mint", "mint-without"],
)
def test_a_browser_comes_from_apt_or_where_apt_has_none_from_playwright(
    tmp_path: Path, release: str, apt_knows: str, fetched: bool
) -> None:
    machine = Machine(tmp_path, release)
    machine.has("bin/apt-cache", apt_knows)
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "the test packages are installed" in done.stderr
    assert ("playwright install --with-deps chromium" in machine.ran) == fetched
    installed = [line for line in machine.ran.splitlines() if line.startswith("apt-get install")]
    assert any(line.endswith(" chromium") for line in installed) != fetched


def test_with_a_browser_no_other_is_fetched(tmp_path: Path) -> None:
    machine = Machine(tmp_path, UBUNTU)
    machine.has(".venv/bin/python", '[ "$*" = "-m tests.support.browser" ]')
    assert machine.run().returncode == 0
    assert "chromium" not in machine.ran


def test_a_browser_that_cannot_be_fetched_is_told_with_a_way_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path, UBUNTU)
    machine.has(".venv/bin/playwright", "echo 'Error: getaddrinfo EAI_AGAIN cdn.playwright.dev' >&2; exit 1")
    done = machine.run()
    assert done.returncode == 1
    assert "EAI_AGAIN" in done.stderr
    assert "google-chrome-stable" in done.stderr.splitlines()[-1]


def test_who_may_not_install_is_told_what_to_install(tmp_path: Path) -> None:
    machine = Machine(tmp_path, DEBIAN)
    machine.has("bin/id", "echo 1000")
    machine.has("bin/sudo", "exit 1")
    done = machine.run()
    assert done.returncode == 2
    assert "as root: apt-get install" in done.stderr
    assert " chromium" in done.stderr
    (tmp_path / "os-release").write_text(UBUNTU)
    assert ".venv/bin/playwright install --with-deps chromium" in machine.run().stderr
    assert machine.ran == ""
