"""The distribution's own Asterisk, installed as any other package by root; its service is left to sleep."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from callwright.asterisk.errors import AsteriskInstallFailed
from callwright.asterisk.shell import run
from callwright.asterisk.versions import OLDEST, version_numbers

LISTS = Path("/var/lib/apt/lists")
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian's packages ask it whether they may start their service."""
SYSTEMD_RUNS = Path("/run/systemd/system")
"""Is there while systemd runs the machine."""


async def install(say: Callable[[str], None]) -> bool:
    """When we are root and the package is new enough. Raises AsteriskInstallFailed."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    if not any(LISTS.glob("*_Packages*")):
        say("Reading the distribution's package lists …")
        await run(["apt-get", "-qq", "update"])
    policy = await run(["apt-cache", "policy", "asterisk"])
    candidate = re.search(r"Candidate: (?:\d+:)?(\d\S*)", policy.out)
    if candidate is None:
        return False
    if version_numbers(candidate[1])[0] < OLDEST:
        say(f"The distribution's Asterisk {candidate[1]} is too old.")
        return False
    say(f"Installing the distribution's Asterisk {candidate[1]} …")
    with _no_services_started():
        done = await run(
            ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "asterisk"],
            environment={"DEBIAN_FRONTEND": "noninteractive"},
        )
    if done.code:
        raise AsteriskInstallFailed(doing="installing the distribution's package", why=done.last_words)
    say(await _switch_off_its_service())
    return True


@contextlib.contextmanager
def _no_services_started() -> Iterator[None]:
    """Keep the package from starting an Asterisk of its own, which would sit on our ports."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


async def _switch_off_its_service() -> str:
    """It would run from the machine's next start on, and sit on our ports. What became of it, for the person."""
    now = ["--now"] if SYSTEMD_RUNS.is_dir() else []
    off = await run(["systemctl", "disable", *now, "asterisk.service"])
    if off.code == 127:
        off = await run(["update-rc.d", "asterisk", "disable"])
    if off.code == 0:
        return "The package's own service, asterisk.service, is switched off: callwright starts its Asterisk itself."
    return (
        "The package's own service would take ports 5060 and 5038 at the next start of this machine and could not be "
        f"switched off ({off.last_words}). Do it by hand: systemctl disable --now asterisk.service"
    )
