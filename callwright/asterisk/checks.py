"""Looks whether a running Asterisk has really taken each rendered file, and has every module we need.

An unknown option makes Asterisk drop a whole file with no more than a line in its log, so we ask instead of hoping.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from callwright.asterisk.findings import Ask, Finding, failed, fine
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.plan import AsteriskPlan

CONTEXTS = (
    "from-trunk",
    "cw-arrive",
    "cw-caller",
    "cw-ivr",
    "cw-queue",
    "cw-hold",
    "cw-offer",
    "cw-predial",
    "cw-safety",
    "cw-agents",
)

Check = Callable[[Ask, AsteriskPlan], Awaitable[Finding]]

_AGAIN = "render the configuration again and restart Asterisk; its log says which line it did not like"


async def check_loaded(ask: Ask, plan: AsteriskPlan) -> list[Finding]:
    """One finding for each rendered file, and one for the modules."""
    checks: tuple[Check, ...] = (
        _asterisk_conf,
        _modules,
        _pjsip,
        _dialplan,
        _manager,
        _queues,
        _http,
        _rtp,
        _features,
        _music,
        _cdr,
        _logger,
    )
    return [await check(ask, plan) for check in checks]


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


async def _modules(ask: Ask, plan: AsteriskPlan) -> Finding:
    missing = await missing_modules(ask)
    if missing:
        return failed(
            f"modules missing: {', '.join(missing)}", "install the package that holds them, then restart Asterisk"
        )
    return fine(f"all {len(NEEDED)} modules are running")


async def _asterisk_conf(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("core show settings")
    wanted = {
        "System name": plan.system_name,
        "Configuration directory": str(plan.directories.etc),
        "Data directory": str(plan.directories.data),
        "Log directory": str(plan.directories.log),
    }
    wrong = [f"{key} is {setting(shown, key)}" for key, value in wanted.items() if setting(shown, key) != value]
    return _verdict("asterisk.conf", wrong, f"system name {plan.system_name}")


def setting(shown: str, key: str) -> str:
    """The value behind `key:` in one of Asterisk's tables; `not told` when it is not there."""
    found = re.search(rf"^\s*{re.escape(key)} *:[ \t]*(.*?)[ \t]*$", shown, re.MULTILINE)
    return found[1] if found else "not told"


def _verdict(file: str, wrong: list[str], well: str) -> Finding:
    return failed(f"{file} is not loaded as written: {'; '.join(wrong)}", _AGAIN) if wrong else fine(f"{file}: {well}")


async def _pjsip(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("pjsip show endpoints")
    endpoints = set(re.findall(r"^ *Endpoint: +([^\s/]+)", shown, re.MULTILINE))
    names = [*plan.lines, *(agent.extension for agent in plan.agents)]
    wrong = [f"no endpoint {name}" for name in names if name not in endpoints]
    transports = await ask("pjsip show transports")
    wrong += [] if f":{plan.ports.sip}" in transports else [f"no transport on port {plan.ports.sip}"]
    return _verdict("pjsip.conf", wrong, f"{len(names)} endpoints, UDP port {plan.ports.sip}")


async def _dialplan(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("dialplan show")
    contexts = set(re.findall(r"^\[ Context '([^']+)' created", shown, re.MULTILINE))
    wrong = [f"no context {name}" for name in CONTEXTS if name not in contexts]
    trunk = shown.partition("[ Context 'from-trunk' created")[2].partition("[ Context '")[0]
    wrong += [f"no number {did.number}" for did in plan.dids if f"'{did.number}'" not in trunk]
    return _verdict("extensions.conf", wrong, f"{len(CONTEXTS)} contexts, {len(plan.dids)} numbers")


async def _manager(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask(f"manager show user {plan.ami_user}")
    settings = await ask("manager show settings")
    wrong = [] if re.search(rf"username: +{re.escape(plan.ami_user)}$", shown, re.MULTILINE) else ["no manager user"]
    for key, value in {"Timestamp events": "Yes", "TCP Bindaddress": f"127.0.0.1:{plan.ports.ami}"}.items():
        if setting(settings, key) != value:
            wrong.append(f"{key} is {setting(settings, key)}")
    return _verdict("manager.conf", wrong, f"user {plan.ami_user}, port {plan.ports.ami}")


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
    return _verdict("queues.conf", wrong, f"{len(plan.queues)} safety queues")


async def _http(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("http show status")
    wrong = [] if f":{plan.ports.http}" in shown else [f"nothing listens on port {plan.ports.http}"]
    wrong += [] if "/ws" in shown else ["no websocket at /ws"]
    return _verdict("http.conf", wrong, f"websocket on port {plan.ports.http}")


async def _rtp(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("rtp show settings")
    wanted = {"Port start": str(plan.ports.rtp_first), "Port end": str(plan.ports.rtp_last)}
    wrong = [f"{key} is {setting(shown, key)}" for key, value in wanted.items() if setting(shown, key) != value]
    return _verdict("rtp.conf", wrong, f"ports {plan.ports.rtp_first} to {plan.ports.rtp_last}")


async def _features(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("features show")
    wrong = (
        [] if re.search(r"^Attended Transfer\s+\S*\s+\*#9", shown, re.MULTILINE) else ["attended transfer has no code"]
    )
    return _verdict("features.conf", wrong, "transfers")


async def _music(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("moh show files")
    wrong = [] if str(plan.directories.music) in shown else ["no music on hold"]
    return _verdict("musiconhold.conf", wrong, "music on hold")


async def _cdr(ask: Ask, plan: AsteriskPlan) -> Finding:
    shown = await ask("cdr show status")
    wrong = (
        []
        if "CDR File custom" in shown or "cdr_custom" in shown or "cdr-custom" in shown
        else ["the account of calls is not written"]
    )
    wrong += [] if setting(shown, "Log unanswered calls") == "Yes" else ["unanswered calls are not counted"]
    return _verdict("cdr.conf", wrong, "every call is written to calls.csv")


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
