"""Tells what is wrong with an Asterisk, and how to mend it, in sentences for the person who runs the call centre.

`diagnose` looks at the Asterisk of our own home, running or not; `examine` looks at any running one, also somebody
else's, through whatever answers CLI commands (the AMI action Command will do).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from callwright.asterisk import process
from callwright.asterisk.checks import CONTEXTS, check_loaded, missing_modules, setting
from callwright.asterisk.errors import AsteriskError, RunFolderUnsafe
from callwright.asterisk.findings import Ask, Finding, Level, doubtful, failed, fine
from callwright.asterisk.install import Seen, look
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.plan import AsteriskPlan, Directories
from callwright.asterisk.render import outdated, rendered_ports
from callwright.asterisk.versions import OLDEST, version_numbers

READ_CLASSES = ("system", "call", "agent", "user")
WRITE_CLASSES = ("system", "call", "reporting", "originate")
_FEWEST_SOUND_PORTS = 200
_LEAST_SPACE = 1 << 30


async def diagnose(
    home: Path, say: Callable[[str], None], *, prefix: Path | None = None, plan: AsteriskPlan | None = None
) -> list[Finding]:
    """Everything about the Asterisk of this home. With its plan, also whether each file was loaded as written."""
    places = Directories.under(home)
    say("Looking at the installation …")
    findings = [*_installation(await look(home, prefix=prefix)), *await asyncio.to_thread(_folders, places)]
    stale = await asyncio.to_thread(outdated, plan) if plan else ()
    if stale:
        findings.append(
            doubtful(
                f"not as they would be rendered now (agents, queues or numbers changed, or a hand): {', '.join(stale)}",
                "callwright asterisk start renders them again and lets a running Asterisk read them; calls go on",
            )
        )
    try:
        now = await process.status(places)
    except RunFolderUnsafe as problem:
        return [*findings, failed(problem.sentence(), f"look who made it: ls -ld {places.run}")]
    if not now.running:
        stopped = doubtful("Asterisk is not running", "start it: callwright asterisk start")
        return [*findings, stopped, *await asyncio.to_thread(_ports, places)]

    async def ask(command: str) -> str:
        return await process.cli(places, command)

    say(f"Asking the running Asterisk (process {now.pid}) …")
    try:
        findings += await examine(ask)
        findings += _in_brief(await check_loaded(ask, plan, without=stale), bool(stale)) if plan else []
    except AsteriskError as problem:
        findings.append(failed(problem.sentence(), "stop it and start it again: callwright asterisk stop, then start"))
    return findings


def _in_brief(loaded: list[Finding], some_were_left_out: bool) -> list[Finding]:
    """What is wrong; else that nothing is."""
    wrong = [finding for finding in loaded if finding.level is not Level.OK]
    return wrong or [fine(f"Asterisk has taken every {'other ' * some_were_left_out}file as it was written")]


async def examine_in_part(version: str, has_module: Callable[[str], Awaitable[bool]], ami_user: str) -> list[Finding]:
    """The little that one tells who may not ask it CLI commands."""
    return [
        _version(f"Asterisk {version}"),
        _modules([name for name in NEEDED if not await has_module(name)]),
        doubtful(
            f"AMI user {ami_user} may not run commands, so its configuration was not looked at",
            f"add command to write= in [{ami_user}] of its manager.conf, and run the doctor again",
        ),
    ]


async def examine(ask: Ask, *, ami_user: str = "callwright", now: Callable[[], float] = time.time) -> list[Finding]:
    """Whether a running Asterisk has what Callwright needs of it."""
    return [
        _version(await ask("core show version")),
        _modules(await missing_modules(ask)),
        _dialplan(await ask("dialplan show")),
        *_manager(await ask("manager show settings"), await ask(f"manager show user {ami_user}"), ami_user),
        _identifiers(await ask("pjsip show settings")),
        _phones(await ask("pjsip show endpoints")),
        _websocket(await ask("http show status")),
        _sound_ports(await ask("rtp show settings")),
        _safety_queues(await ask("queue show")),
        _heartbeat(await ask("dialplan show globals"), now()),
    ]


def _installation(seen: Seen) -> list[Finding]:
    passed_over = [
        doubtful(one.sentence(), "upgrade it or leave it: Callwright takes another one, or fetches one")
        for one in seen.passed_over
    ]
    install = seen.found
    if install is None:
        return [*passed_over, failed("no Asterisk is installed", "install one: callwright asterisk install")]
    there = fine(f"Asterisk {install.version} is installed: {install.command[-1]}")
    return [*passed_over, there, *([fine(install.remark)] if install.remark else [])]


def _folders(places: Directories) -> list[Finding]:
    return [*_writable(places), *_space(places.home), *_user()]


def _writable(places: Directories) -> list[Finding]:
    shut = [str(place) for place in places.all() if place.exists() and not os.access(place, os.W_OK | os.X_OK)]
    if shut:
        return [
            failed(f"cannot write to {', '.join(shut)}", f"give them to this user: chown -R {_name()} {places.home}")
        ]
    missing = [place for place in (places.etc, places.sounds, places.recordings) if not place.exists()]
    if missing:
        return [doubtful("nothing is configured in this home yet", "render the files: callwright asterisk render")]
    return [fine("the folders for sounds, recordings and logs are writable")]


def _space(home: Path) -> list[Finding]:
    nearest = next((place for place in (home, *home.parents) if place.exists()), Path("/"))
    free = shutil.disk_usage(nearest).free
    if free < _LEAST_SPACE:
        return [doubtful(f"only {free >> 20} MB are free for recordings in {home}", "make room, or move the home")]
    return []


def _ports(places: Directories) -> list[Finding]:
    """Whether the ports in the rendered files are free for it."""
    ports = rendered_ports(places)
    taken = process.taken_ports(ports, "127.0.0.1") if ports else []
    return [failed(problem.sentence(), "see who it is: ss -lntup") for problem in taken]


def _user() -> list[Finding]:
    if os.geteuid() != 0:
        return []
    return [doubtful("this is root, and so will be Asterisk", "in production run Callwright as a user of its own")]


def _name() -> str:
    return os.environ.get("USER") or str(os.geteuid())


def _version(said: str) -> Finding:
    found = re.search(r"Asterisk (?:certified/|GIT-)?(\S+)", said)
    numbers = version_numbers(found[1]) if found else ()
    if found is None or not numbers:
        return failed("its version is not known", "is this really an Asterisk?")
    if numbers[0] < OLDEST:
        return failed(f"Asterisk {found[1]} is too old", f"install version {OLDEST} or newer")
    return fine(f"Asterisk {found[1]}")


def _modules(missing: list[str]) -> Finding:
    if missing:
        loads = ", ".join(f"{name}.so" for name in missing)
        return failed(f"modules not running: {loads}", "load them in modules.conf and restart Asterisk")
    return fine(f"all {len(NEEDED)} modules are running")


def _dialplan(shown: str) -> Finding:
    missing = [name for name in CONTEXTS if f"[ Context '{name}' created" not in shown]
    if missing:
        return failed(
            f"the dialplan lacks {', '.join(missing)}",
            "use our extensions.conf, or #include it: callwright asterisk render",
        )
    return fine("the dialplan has all our contexts")


def _manager(settings: str, user: str, name: str) -> list[Finding]:
    if setting(settings, "Manager (AMI)") != "Yes":
        return [failed("AMI is off", "set enabled=yes in manager.conf")]
    findings = [_permissions(user, name)]
    if setting(settings, "Timestamp events") != "Yes":
        findings.append(failed("AMI events carry no time", "set timestampevents=yes in manager.conf"))
    if "CW_CALL" not in setting(settings, "Channel vars").split(","):
        findings.append(failed("AMI events do not tell their call", "set channelvars=CW_CALL in manager.conf"))
    return findings


def _permissions(user: str, name: str) -> Finding:
    if setting(user, "username") != name:
        return failed(f"AMI knows no user {name}", f"add a section [{name}] to manager.conf")
    read, write = (set(setting(user, f"{kind} perm").split(",")) for kind in ("read", "write"))
    lacking = [f"read={one}" for one in READ_CLASSES if not read & {one, "all"}]
    lacking += [f"write={one}" for one in WRITE_CLASSES if not write & {one, "all"}]
    if lacking:
        return failed(f"AMI user {name} lacks {', '.join(lacking)}", f"add the classes to [{name}] in manager.conf")
    return fine(f"AMI user {name} may do what we ask")


def _identifiers(shown: str) -> Finding:
    order = setting(shown, "endpoint_identifier_order").split(",")
    if "username" in order and ("ip" not in order or order.index("username") < order.index("ip")):
        return fine("phones are known by their name first")
    return doubtful(
        "phones are known by their address before their name: behind a trunk's address they cannot register",
        "set endpoint_identifier_order=username,ip,anonymous in pjsip.conf",
    )


def _phones(shown: str) -> Finding:
    states = re.findall(r"^ *Endpoint: +([0-9]+)\S* +(\S.*?)  ", shown, re.MULTILINE)
    if not states:
        return doubtful("no agent has a phone", "add agents in the console, then render again")
    reachable = sum(state.strip() not in {"Unavailable", "Invalid"} for _, state in states)
    return fine(f"{reachable} of {len(states)} agents' phones are registered")


def _websocket(shown: str) -> Finding:
    if "Server Enabled" in shown and "/ws" in shown:
        return fine("browsers' phones can connect")
    return failed("browsers' phones cannot connect", "enable http.conf and load res_pjsip_transport_websocket.so")


def _sound_ports(shown: str) -> Finding:
    first, last = setting(shown, "Port start"), setting(shown, "Port end")
    if not (first.isdigit() and last.isdigit()):
        return failed("the ports for sound are not known", "load res_rtp_asterisk.so")
    count = int(last) - int(first) + 1
    if count < _FEWEST_SOUND_PORTS:
        return doubtful(f"only {count} ports for sound: enough for {count // 4} calls", "widen the range in rtp.conf")
    return fine(f"{count} ports for sound")


def _safety_queues(shown: str) -> Finding:
    queues = re.findall(r"^cw-(\S+) has ", shown, re.MULTILINE)
    if not queues:
        return failed("there is no safety queue: callers are lost when our engine is away", "load our queues.conf")
    return fine(f"safety queues: {', '.join(sorted(queues))}")


def _heartbeat(globals_: str, now: float) -> Finding:
    found = re.search(r"CW_HEARTBEAT=(\d+)", globals_)
    if found is None:
        return doubtful(
            "our engine has not spoken yet: callers go to the safety queues", "start callwright serve or demo"
        )
    age = now - int(found[1])
    if age > 5:
        return doubtful(f"our engine is silent for {age:.0f} s: callers go to the safety queues", "look at its log")
    if age < -5:
        return doubtful(f"our engine's clock is {-age:.0f} s ahead of this one", "let both machines keep time (ntp)")
    return fine("our engine is heard")
