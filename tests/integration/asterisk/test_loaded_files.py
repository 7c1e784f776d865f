"""Each rendered file that Asterisk has not taken as it was written is noticed, and no other is blamed for it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from callwright.asterisk import (
    AsteriskInstall,
    AsteriskPlan,
    ConfigurationNotLoaded,
    Level,
    cli,
    reload,
    render,
    start,
)
from callwright.asterisk.checks import CHECKS, ONLY_READ, check_loaded
from tests.support.asterisk import end_at_once
from tests.support.waiting import eventually

EMPTY = "; nothing\n"
AS_IT_RUNS: dict[str, Callable[[str], str]] = {
    "cel.conf": lambda written: written.replace("enable = no", "enable = yes"),
    # Asterisk sometimes hangs when it is told to close the manager's port: the port stays, the user goes.
    "manager.conf": lambda written: written.replace("[callwright]", "[somebody]"),
}
"""File -> how it is spoilt, of those that are not emptied."""
AT_THE_START: dict[str, Callable[[str], str]] = {
    "asterisk.conf": lambda written: written.replace("systemname = test", "systemname = another"),
    "modules.conf": lambda written: written.replace("load = app_chanspy.so\n", ""),
    "cdr_custom.conf": lambda written: EMPTY,
    "http.conf": lambda written: EMPTY,  # as of the manager's port
}
"""The same, of files that are read only at the start, or should not change later."""


async def complaints(plan: AsteriskPlan) -> dict[str, Level]:
    """File -> how bad it is, of those that are not well."""

    async def ask(command: str) -> str:
        return await cli(plan.directories, command)

    findings = [finding for finding in await check_loaded(ask, plan) if finding.level is not Level.OK]
    assert all(finding.mend for finding in findings)
    return {file: finding.level for finding in findings for file in re.findall(r"\w+\.conf", finding.what)}


async def test_a_file_that_came_to_nothing_is_the_only_one_named(
    installed: AsteriskInstall, plan: AsteriskPlan
) -> None:
    etc = plan.directories.etc
    render(plan)
    for file in ONLY_READ:
        (etc / file).unlink()
    missing = dict.fromkeys(ONLY_READ, Level.WARN)
    try:
        await start(installed, plan)
        assert await complaints(plan) == missing
        for file in [file for file in CHECKS if file not in AT_THE_START]:
            written = (etc / file).read_text()
            (etc / file).write_text(AS_IT_RUNS.get(file, lambda _: EMPTY)(written))
            assert (await reload(plan.directories, (file,))).files == (file,)
            assert await complaints(plan) == {**missing, file: Level.FAIL}
            (etc / file).write_text(written)
            await reload(plan.directories, (file,))
            assert await complaints(plan) == missing, f"after {file} was mended"
    finally:
        await end_at_once(plan.directories)


async def test_files_spoilt_before_the_start_are_named(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    for file, spoil in AT_THE_START.items():
        written = (plan.directories.etc / file).read_text()
        (plan.directories.etc / file).write_text(spoil(written))
    with pytest.raises(ConfigurationNotLoaded) as refused:
        await start(installed, plan)
    for file in AT_THE_START:
        assert file in refused.value.sentence()
    assert "app_chanspy" in refused.value.sentence()


async def test_an_event_filter_that_is_refused_is_told_from_the_log(asterisk: AsteriskPlan) -> None:
    file = asterisk.directories.etc / "manager.conf"
    written = file.read_text()
    file.write_text(written.replace("name(VarSet)", "nonsense(VarSet)"))
    await reload(asterisk.directories, ("manager.conf",))
    await eventually("Asterisk to have written its log", lambda: complaints(asterisk))
    assert await complaints(asterisk) == {"manager.conf": Level.WARN}
    file.write_text(written)
    await reload(asterisk.directories, ("manager.conf",))
    assert await complaints(asterisk) == {}
