"""Looks whether a running Asterisk has really taken each rendered file, and has every module we need.

An unknown option makes Asterisk drop a whole file with no more than a line in its log, so we ask instead of hoping:
each file that says something has a check of its own in `CHECKS`. Of files that hold only comments there is no more to
see than that they were read. What cannot be asked for, the event filters of manager.conf, is looked for in the log.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from callwright.asterisk.findings import Ask, Finding, doubtful, failed, fine
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.plan import BUILT_IN_TRUNK, AsteriskPlan

CONTEXTS = (
    "from-trunk",
    "cw-arrive",
    "cw-ivr",
    "cw-queue",
    "cw-record",
    "cw-hold",
    "cw-say",
    "cw-offer",
    "cw-left",
    "cw-after",
    "cw-predial",
    "cw-overflow-queue",
    "cw-overflow-number",
    "cw-overflow-message",
    "cw-overflow-callback",
    "cw-overflow-voicemail",
    "cw-menu-agent",
    "cw-menu-number",
    "cw-safety",
    "cw-agents",
    "cw-colleague",
    "cw-outbound",
    "cw-callback",
    "cw-depart",
    "cw-as-house",
    "cw-to-agent",
    "cw-to-number",
    "cw-to-queue",
    "cw-recall",
    "cw-consult",
    "cw-park",
    "cw-unparked",
    "cw-retrieve",
    "cw-listen",
    "cw-takeover",
)
ONLY_READ = ("acl.conf", "ccss.conf", "queuerules.conf", "stasis.conf")
"""What they say cannot be asked for. The first three say nothing; Asterisk complains when they are missing."""

Check = Callable[[Ask, AsteriskPlan], Awaitable[Finding]]

_AGAIN = (
    "callwright asterisk start renders it again and lets Asterisk read it; its log says which line it does not like"
)


async def check_loaded(ask: Ask, plan: AsteriskPlan, *, without: Collection[str] = ()) -> list[Finding]:
    """One finding for each rendered file that says something, and one for those that hold only comments."""
    checks = [check for file, check in CHECKS.items() if file not in without]
    return [*[await check(ask, plan) for check in checks], await _only_read(ask, plan)]


async def moved(ask: Ask, plan: AsteriskPlan) -> list[str]:
    """In what the plan differs that no reload can change without harm: where it listens, and how it is called."""
    ports = plan.ports
    ami = setting(await ask("manager show settings"), "TCP Bindaddress")
    places = {
        f"SIP port {ports.sip}": f":{ports.sip}" in await ask("pjsip show transports"),
        f"websocket port {ports.http}": f":{ports.http}" in await ask("http show status"),
        f"AMI port {ports.ami}": ami.endswith(f":{ports.ami}"),
        f"system name {plan.system_name}": setting(await ask("core show settings"), "System name") == plan.system_name,
    }
    return [name for name, is_so in places.items() if not is_so]


async def missing_modules(ask: Ask) -> list[str]:
    shown = await ask("module show")
    running = set(re.findall(r"^(\w+)\.so\s.*(?<!Not )Running\b", shown, re.MULTILINE))
    return [name for name in NEEDED if name not in running]


def setting(shown: str, key: str) -> str:
    """The value behind `key:` in one of Asterisk's tables; `not told` when it is not there."""
    found = re.search(rf"^\s*{re.escape(key)} *:[ \t]*(.*?)[ \t]*$", shown, re.MULTILINE)
    return found[1] if found else "not told"


def _others(shown: str, wanted: Mapping[str, str]) -> list[str]:
    """The settings that are not as they should be."""
    return [f"{key} is {setting(shown, key)}" for key, value in wanted.items() if setting(shown, key) != value]


def _verdict(file: str, wrong: list[str], well: str) -> Finding:
    return failed(f"{file} is not loaded as written: {'; '.join(wrong)}", _AGAIN) if wrong else fine(f"{file}: {well}")


# --- what each file should have brought about


async def _asterisk_conf(ask: Ask, plan: AsteriskPlan) -> Finding:
    wanted = {
        "System name": plan.system_name,
        "Default language": plan.default_language,
        "Configuration directory": str(plan.directories.etc),
        "Data directory": str(plan.directories.data),
        "Log directory": str(plan.directories.log),
    }
    wrong = _others(await ask("core show settings"), wanted)
    return _verdict("asterisk.conf", wrong, f"system name {plan.system_name}")


async def _modules(ask: Ask, plan: AsteriskPlan) -> Finding:
    missing = await missing_modules(ask)
    if missing:
        return failed(
            f"modules.conf: modules missing: {', '.join(missing)}",
            "install the package that holds them, then restart Asterisk",
        )
    return fine(f"modules.conf: all {len(NEEDED)} modules are running")


async def _pjsip(ask: Ask, plan: AsteriskPlan) -> Finding:
    names = [*plan.lines, *(agent.extension for agent in plan.agents)]
    built_in = [BUILT_IN_TRUNK] if plan.trunk_addresses else []
    wrong = [
        *await _lacking(ask, "pjsip show endpoints", "Endpoint", "endpoint", names),
        *await _lacking(ask, "pjsip show aors", "Aor", "place to reach", names),
        *await _lacking(ask, "pjsip show auths", "Auth", "secret of", [agent.extension for agent in plan.agents]),
        *await _lacking(
            ask, "pjsip show identifies", "Identify", "address of", plan.lines[:1] if plan.trunk_addresses else ()
        ),
    ]
    transports = await ask("pjsip show transports")
    ports = (plan.ports.sip, plan.ports.http)
    wrong += [f"no transport on port {port}" for port in ports if f":{port}" not in transports]
    order = {"endpoint_identifier_order": "username,ip,anonymous", "user_agent": "Callwright"}
    wrong += _others(await ask("pjsip show settings"), order)
    for name in (*built_in, *(agent.extension for agent in plan.agents[:1])):
        timeouts = {"rtp_timeout": str(plan.rtp_timeout_s), "rtp_timeout_hold": str(plan.rtp_timeout_hold_s)}
        wrong += [f"{other} at {name}" for other in _others(await ask(f"pjsip show endpoint {name}"), timeouts)]
    return _verdict("pjsip.conf", wrong, f"{len(names)} endpoints, UDP port {plan.ports.sip}")


async def _lacking(ask: Ask, command: str, kind: str, what: str, names: Collection[str]) -> list[str]:
    there = set(re.findall(rf"^ *{kind}: +([^\s/]+)", await ask(command), re.MULTILINE))
    return [f"no {what} {name}" for name in names if name not in there]


async def _dialplan(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown, variables = await ask("dialplan show"), await ask("dialplan show globals")
    contexts = set(re.findall(r"^\[ Context '([^']+)' created", shown, re.MULTILINE))
    wrong = [f"no context {name}" for name in CONTEXTS if name not in contexts]
    wrong += [f"no number {did.number}" for did in plan.dids if f"'{did.number}'" not in _context(shown, "from-trunk")]
    phones = _context(shown, "cw-agents")
    wrong += [f"no extension {agent.extension}" for agent in plan.agents if f"'{agent.extension}'" not in phones]
    rings = {f"CW_RING_{queue.key}": queue.ring_s for queue in plan.queues}
    wrong += [f"{name} is not {value}" for name, value in rings.items() if f" {name}={value}\n" not in variables]
    return _verdict("extensions.conf", wrong, f"{len(CONTEXTS)} contexts, {len(plan.dids)} numbers")


def _context(shown: str, name: str) -> str:
    return shown.partition(f"[ Context '{name}' created")[2].partition("[ Context '")[0]


async def _manager(ask: Ask, plan: AsteriskPlan) -> Finding:
    user = await ask(f"manager show user {plan.ami_user}")
    wrong = [] if setting(user, "username") == plan.ami_user else ["no manager user"]
    wanted = {
        "Timestamp events": "Yes",
        "TCP Bindaddress": f"127.0.0.1:{plan.ports.ami}",
        "Channel vars": "CW_CALL",
    }
    wrong += _others(await ask("manager show settings"), wanted)
    refused = await asyncio.to_thread(_refused_filters, plan)
    if refused and not wrong:
        return doubtful(f"manager.conf: {refused[-1]}: events nobody needs are sent to us", _AGAIN)
    return _verdict("manager.conf", wrong, f"user {plan.ami_user}, port {plan.ports.ami}")


def _refused_filters(plan: AsteriskPlan) -> list[str]:
    """What Asterisk said against our event filters since the file was written last; it has no way to show them."""
    try:
        since = _stamp(plan.directories.etc / "manager.conf")
        with plan.directories.messages.open(encoding="utf-8", errors="replace") as log:
            found = [re.match(r"\[(\S+ \S+)\] (?:WARNING|ERROR)\S+ manager\.c: (.*[Ff]ilter.*)", line) for line in log]
    except OSError:
        return []
    return [one[2].strip() for one in found if one and one[1] >= since]


def _stamp(file: Path) -> str:
    """When it was written, as the log would say it."""
    return f"{datetime.fromtimestamp(file.stat().st_mtime, UTC).astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3]


async def _queues(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("queue show")
    wrong = []
    for queue in plan.queues:
        part = re.search(rf"^cw-{queue.key} has .*?(?=^\S|\Z)", shown, re.MULTILINE | re.DOTALL)
        if part is None:
            wrong.append(f"no queue cw-{queue.key}")
            continue
        members = [agent.extension for agent in plan.members(queue.key)]
        wrong += [f"{member} not in cw-{queue.key}" for member in members if f"PJSIP/{member}" not in part[0]]
        wrong += [] if "'leastrecent' strategy" in part[0] else [f"cw-{queue.key} does not ring the idlest first"]
    return _verdict("queues.conf", wrong, f"{len(plan.queues)} safety queues")


async def _http(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("http show status")
    wrong = [] if f":{plan.ports.http}" in shown else [f"nothing listens on port {plan.ports.http}"]
    wrong += [] if "/ws" in shown else ["no websocket at /ws"]
    return _verdict("http.conf", wrong, f"websocket on port {plan.ports.http}")


async def _rtp(ask: Ask, plan: AsteriskPlan) -> Finding:
    ports = plan.ports
    wanted = {"Port start": str(ports.rtp_first), "Port end": str(ports.rtp_last), "ICE support": "Yes"}
    wrong = _others(await ask("rtp show settings"), wanted)
    return _verdict("rtp.conf", wrong, f"ports {ports.rtp_first} to {ports.rtp_last}")


async def _features(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("features show")
    codes = {"Blind Transfer": r"\*#8", "Attended Transfer": r"\*#9"}
    wrong = [
        f"{name} has not its code"
        for name, code in codes.items()
        if not re.search(rf"^{name}\s+(?:\S+\s+)?{code}\s*$", shown, re.MULTILINE)
    ]
    return _verdict("features.conf", wrong, "transfers")


async def _parking(ask: Ask, plan: AsteriskPlan) -> Finding:
    places = f"{plan.parking_first}-{plan.parking_last}"
    wanted = {"Parking Spaces": places, "Parking Time": f"{plan.parking_s} sec"}
    return _verdict("res_parking.conf", _others(await ask("parking show callwright"), wanted), f"places {places}")


async def _music(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("moh show files")
    wrong = [] if str(plan.directories.music) in shown else ["no music on hold"]
    own = [f"cw-{queue.key}-{language}" for queue in plan.queues for language in plan.music(queue)]
    wrong += [f"no music {name}" for name in own if f"Class: {name}\n" not in shown]
    return _verdict("musiconhold.conf", wrong, "music on hold")


async def _indications(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("indication show cn")
    wrong = [] if re.search(r"^cn\s+ring\s+450/1000,0/4000", shown, re.MULTILINE) else ["the tones of cn are not there"]
    return _verdict("indications.conf", wrong, "tones of cn")


async def _cdr(ask: Ask, plan: AsteriskPlan) -> Finding:
    wanted = {"Logging": "Enabled", "Log unanswered calls": "Yes", "Log congestion": "Yes"}
    return _verdict("cdr.conf", _others(await ask("cdr show status"), wanted), "every call is accounted for")


async def _cdr_custom(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("cdr show status")
    names = ("CDR File custom", "cdr_custom", "cdr-custom")
    wrong = [] if any(name in shown for name in names) else ["the account of calls is not written"]
    return _verdict("cdr_custom.conf", wrong, f"written to {plan.directories.cdr / 'calls.csv'}")


async def _cel(ask: Ask, plan: AsteriskPlan) -> Finding:
    wrong = _others(await ask("cel show status"), {"CEL Logging": "Disabled"})
    return _verdict("cel.conf", wrong, "channel event logging is off")


async def _udptl(ask: Ask, plan: AsteriskPlan) -> Finding:
    wrong = _others(await ask("udptl show config"), {"udptlstart": "4000", "udptlend": "4001"})
    return _verdict("udptl.conf", wrong, "no ports for fax")


async def _pjproject(ask: Ask, plan: AsteriskPlan) -> Finding:
    wrong = _others(await ask("pjproject show log mappings"), {"asterisk_error": "0", "asterisk_warning": "1"})
    return _verdict("pjproject.conf", wrong, "the SIP stack's errors and warnings come into the log")


async def _logger(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("logger show channels")
    # The table cuts long names off.
    targets = [line.split()[0] for line in shown.splitlines() if " File " in line]
    wrong = (
        []
        if any(str(plan.directories.messages).startswith(target) for target in targets)
        else [f"nothing is written to {plan.directories.messages}"]
    )
    return _verdict("logger.conf", wrong, str(plan.directories.messages))


CHECKS: Mapping[str, Check] = {
    "asterisk.conf": _asterisk_conf,
    "modules.conf": _modules,
    "pjsip.conf": _pjsip,
    "extensions.conf": _dialplan,
    "manager.conf": _manager,
    "queues.conf": _queues,
    "http.conf": _http,
    "rtp.conf": _rtp,
    "features.conf": _features,
    "res_parking.conf": _parking,
    "musiconhold.conf": _music,
    "indications.conf": _indications,
    "cdr.conf": _cdr,
    "cdr_custom.conf": _cdr_custom,
    "cel.conf": _cel,
    "udptl.conf": _udptl,
    "pjproject.conf": _pjproject,
    "logger.conf": _logger,
}
"""File -> what is looked at to see that it is in force."""


async def _only_read(ask: Ask, plan: AsteriskPlan) -> Finding:
    read = [line.rstrip() for line in (await ask("config list")).splitlines()]
    missing = [file for file in ONLY_READ if not any(line.endswith(f" {plan.directories.etc / file}") for line in read)]
    if missing:
        return doubtful(f"{', '.join(missing)} was not read", "callwright asterisk start")
    return fine(f"{', '.join(ONLY_READ)}: read (there is nothing more to ask for)")
