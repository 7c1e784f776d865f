"""Starts, watches and stops the Asterisk of one home.

It becomes a daemon of its own and outlives us; the next `start` of the same home finds it and adopts it. Everything
here goes by the home's own control socket and pidfile, so an Asterisk we did not start is never touched. It runs as the
user who starts it: give production a user of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from callwright.asterisk import control
from callwright.asterisk.checks import check_loaded, moved
from callwright.asterisk.errors import (
    AsteriskDidNotStart,
    AsteriskDidNotStop,
    AsteriskNotRunning,
    ConfigurationNotLoaded,
    ControlSocketSilent,
    PortTaken,
    RestartNeeded,
)
from callwright.asterisk.findings import Finding, Level
from callwright.asterisk.install import AsteriskInstall
from callwright.asterisk.lost_phones import AORS, CONTACTS, lost
from callwright.asterisk.plan import AsteriskPlan, Directories, Ports
from callwright.asterisk.run_folder import check_run_folder
from callwright.asterisk.turns import alone

_RELOADS = {
    "pjsip.conf": "module reload res_pjsip.so",
    "extensions.conf": "dialplan reload",
    "queues.conf": "queue reload all",
    "manager.conf": "manager reload",
    "features.conf": "module reload features",
    "res_parking.conf": "module reload res_parking.so",
    "musiconhold.conf": "moh reload",
    "rtp.conf": "module reload res_rtp_asterisk.so",
    "cdr.conf": "module reload cdr",
    "cdr_custom.conf": "module reload cdr_custom.so",
    "http.conf": "module reload http",
    "indications.conf": "module reload indications",
    "cel.conf": "module reload cel",
    "udptl.conf": "module reload udptl",
    "pjproject.conf": "module reload res_pjproject.so",
    "logger.conf": "logger reload",
}
"""How Asterisk reads a file again without dropping a call; a file not named here needs a restart."""
_HAS_PROC = Path("/proc/self").exists()
"""Whether this system tells with which arguments a process runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningAsterisk:
    pid: int
    adopted: bool
    """It ran already."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskStatus:
    running: bool
    pid: int | None = None
    booted: bool = False
    version: str = ""
    uptime_s: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    files: tuple[str, ...]
    restart_needed: tuple[str, ...]
    """Files that only a restart makes Asterisk read again."""


async def start(install: AsteriskInstall, plan: AsteriskPlan, *, seconds: float = 30.0) -> RunningAsterisk:
    """Start the Asterisk of this plan (rendered before), or adopt it when it runs. Returns when it takes calls.

    An adopted one reads all files again first; its calls go on.
    """
    if not plan.directories.configuration.exists():
        raise AsteriskDidNotStart(why="its files are not rendered yet", log=plan.directories.log)
    async with alone(plan.directories.var / "start.lock"):
        pid = await _own_pid(plan.directories)
        return await _adopt(pid, plan, seconds) if pid else await _start(install, plan, seconds)


async def check_adoptable(plan: AsteriskPlan, *, seconds: float = 30.0) -> None:
    """Raises RestartNeeded when one of this home runs at other places than the plan's.

    To be asked before rendering: what it read again would move its ports under the feet of whoever is connected.
    """
    pid = await _own_pid(plan.directories)
    if pid is not None:
        await _refuse_another(pid, plan, seconds)


async def _refuse_another(pid: int, plan: AsteriskPlan, seconds: float) -> None:
    await _fully_booted(plan.directories, seconds)
    other = await moved(lambda command: cli(plan.directories, command), plan)
    if other:
        raise RestartNeeded(pid=pid, why=f"it has not {', '.join(other)}")


async def _start(install: AsteriskInstall, plan: AsteriskPlan, seconds: float) -> RunningAsterisk:
    places = plan.directories
    check_ports_free(plan)
    pid = await _launch(install, places, seconds)
    await _fully_booted(places, seconds)
    findings, wrong = await _loaded(plan)
    if wrong:
        await stop(places)
        raise ConfigurationNotLoaded(why=wrong, log=places.messages)
    return RunningAsterisk(pid=pid, adopted=False, findings=findings)


async def _adopt(pid: int, plan: AsteriskPlan, seconds: float) -> RunningAsterisk:
    await _refuse_another(pid, plan, seconds)
    await reload(plan.directories, tuple(_RELOADS))
    findings, wrong = await _loaded(plan)
    if wrong:
        raise RestartNeeded(pid=pid, why=wrong)
    return RunningAsterisk(pid=pid, adopted=True, findings=findings)


async def _loaded(plan: AsteriskPlan) -> tuple[tuple[Finding, ...], str]:
    """All findings, and what is wrong in words."""
    findings = await check_loaded(lambda command: cli(plan.directories, command), plan)
    return tuple(findings), "; ".join(finding.what for finding in findings if finding.level is Level.FAIL)


async def stop(places: Directories, *, drain_s: float = 0.0, grace_s: float = 10.0) -> bool:
    """Stop the Asterisk of this home; False when none ran. `drain_s` lets calls in progress end by themselves first."""
    pid = await _own_pid(places)
    if pid is None:
        return False
    if drain_s:
        await _try_cli(places, "core stop gracefully")
        if await gone(pid, drain_s):
            return True
    await _try_cli(places, "core stop now")
    for signal_, patience in ((None, grace_s), (signal.SIGTERM, grace_s / 2), (signal.SIGKILL, 5.0)):
        if signal_ is not None:
            _kill(pid, signal_, places)
        if await gone(pid, patience):
            _sweep(places)
            return True
    raise AsteriskDidNotStop(pid=pid)


async def status(places: Directories) -> AsteriskStatus:
    pid = await _own_pid(places)
    if pid is None:
        return AsteriskStatus(running=False)
    try:
        version = await cli(places, "core show version")
        uptime = await cli(places, "core show uptime seconds")
        channels = await cli(places, "core show channels count")
    except (AsteriskNotRunning, ControlSocketSilent):
        return AsteriskStatus(running=True, pid=pid)
    said = re.search(r"Asterisk (?:certified/|GIT-)?(\S+)", version)
    return AsteriskStatus(
        running=True,
        pid=pid,
        booted=said is not None,
        version=said[1] if said else "",
        uptime_s=_number(r"System uptime: (\d+)", uptime),
        channels=_number(r"(\d+) active channel", channels),
    )


async def cli(places: Directories, command: str, *, seconds: float = 10.0) -> str:
    """What `asterisk -rx COMMAND` would print."""
    return await control.ask(places.control_socket, command, seconds=seconds)


async def reload(places: Directories, changed: tuple[str, ...]) -> Reloaded:
    """Let the running Asterisk read these files again. Calls go on; a phone whose number is gone is forgotten."""
    known = tuple(file for file in changed if file in _RELOADS)
    for file in known:
        await cli(places, _RELOADS[file])
    if "pjsip.conf" in known:
        await _forget_lost_phones(places)
    return Reloaded(files=known, restart_needed=tuple(file for file in changed if file not in _RELOADS))


async def _forget_lost_phones(places: Directories) -> None:
    aors, contacts = await cli(places, AORS), await cli(places, CONTACTS)
    for key in lost(aors, contacts):
        await cli(places, f"database del registrar/contact {key}")


def check_ports_free(plan: AsteriskPlan) -> None:
    """Raises PortTaken, which names the port, before Asterisk would half start."""
    for taken in taken_ports(plan.ports, plan.bind_address):
        raise taken


def taken_ports(ports: Ports, host: str) -> list[PortTaken]:
    wanted = (
        (host, ports.sip, socket.SOCK_DGRAM, "SIP"),
        (host, ports.http, socket.SOCK_STREAM, "websocket of the browsers' phones"),
        ("127.0.0.1", ports.ami, socket.SOCK_STREAM, "AMI"),
    )
    return [
        PortTaken(host=address, port=port, protocol="UDP" if kind == socket.SOCK_DGRAM else "TCP", purpose=purpose)
        for address, port, kind, purpose in wanted
        if not _is_free(address, port, kind)
    ]


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def _launch(install: AsteriskInstall, places: Directories, seconds: float) -> int:
    """Asterisk makes itself a daemon: the program we start ends at once and leaves a process that is not our child."""
    _sweep(places)
    with places.console.open("wb") as console:
        launcher = await asyncio.create_subprocess_exec(
            *install.command,
            "-C",
            str(places.configuration),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            cwd="/",
        )
    code = await launcher.wait()
    if code:
        raise AsteriskDidNotStart(why=_last_error(places) or f"exit code {code}", log=places.console)
    return await _first_sign(places, seconds)


async def _first_sign(places: Directories, seconds: float) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pid := await control.pid_behind(places.control_socket):
            return pid
        written = _pid_in(places.pidfile)
        if written is not None and not _alive(written):
            raise AsteriskDidNotStart(why=_last_error(places) or "it ended right away", log=places.messages)
        await asyncio.sleep(0.02)
    raise AsteriskDidNotStart(why=_last_error(places) or f"no sign of it after {seconds:.0f} s", log=places.messages)


async def _fully_booted(places: Directories, seconds: float) -> None:
    """The socket answers before all commands are there, and some come only after it has called itself booted."""
    end = time.monotonic() + seconds
    for command, words in (("core waitfullybooted", "fully booted"), ("core show settings", "System name")):
        while words not in await _answer_of_one_that_starts(places, command, seconds):
            if time.monotonic() >= end:
                raise AsteriskDidNotStart(why=f"it was not ready after {seconds:.0f} s", log=places.messages)
            await asyncio.sleep(0.02)


async def _answer_of_one_that_starts(places: Directories, command: str, seconds: float) -> str:
    try:
        return await cli(places, command, seconds=seconds)
    except (AsteriskNotRunning, ConnectionError):
        raise AsteriskDidNotStart(why=_last_error(places) or "it ended right away", log=places.messages) from None


def _last_error(places: Directories) -> str:
    for file in (places.messages, places.console):
        with contextlib.suppress(OSError):
            lines = [line for line in file.read_text(errors="replace").splitlines() if "ERROR" in line]
            if lines:
                return lines[-1].split(": ", 1)[-1].strip()
    return ""


async def _own_pid(places: Directories) -> int | None:
    """The process of this home: the one its socket or its pidfile names, if that runs with our configuration.

    Raises RunFolderUnsafe.
    """
    check_run_folder(places)
    said = await control.pid_behind(places.control_socket)
    if said is not None and (_runs_with(said, places.configuration) or not _HAS_PROC):
        return said
    written = _pid_in(places.pidfile)
    return written if written is not None and _alive(written) and _runs_with(written, places.configuration) else None


def _kill(pid: int, number: signal.Signals, places: Directories) -> None:
    """Unless it has ended meanwhile and its number belongs to another program."""
    if _runs_with(pid, places.configuration) or not _HAS_PROC:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _alive(pid: int) -> bool:
    """A zombie that nobody has buried is not alive; one with threads left still holds its ports."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return not _HAS_PROC and _signalable(pid)
    return state[0] not in "ZX" or len(threads) > 1


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _runs_with(pid: int, configuration: Path) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(configuration) in arguments


async def gone(pid: int, seconds: float) -> bool:
    """Whether that process ends within so many seconds, and leaves its ports."""
    end = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(0.02)
    return True


def _sweep(places: Directories) -> None:
    """What a dead Asterisk left lying about."""
    for file in (places.control_socket, places.pidfile):
        file.unlink(missing_ok=True)


async def _try_cli(places: Directories, command: str) -> None:
    """The one who obeys "stop" may be gone before he answers."""
    with contextlib.suppress(AsteriskNotRunning, ControlSocketSilent, ConnectionError):
        await cli(places, command, seconds=3.0)


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0
