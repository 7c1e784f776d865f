"""`callwright doctor`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from callwright.asterisk.findings import Level
from callwright.doctor import examine_installation
from callwright.logs import set_up_logs
from callwright.settings import Settings

_MARKS = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


async def doctor_command(settings: Settings, say: Callable[[str], None]) -> int:
    """Exit 1 when something is broken; each finding with what mends it."""
    set_up_logs(level=logging.CRITICAL)  # a line that is tried and fails is a finding, not news
    findings = await examine_installation(settings, say)
    for finding in findings:
        print(f"{_MARKS[finding.level]}  {finding.what}")
        if finding.mend:
            print(f"      {finding.mend}")
    return int(any(finding.level is Level.FAIL for finding in findings))
