"""A real Asterisk for this machine: found or fetched, configured, started, watched and stopped.

install = await asterisk.install(home, print)
plan = AsteriskPlan.under(home, install, load_or_make(home), agents=…, queues=…, dids=…)
render(plan)
running = await start(install, plan)
await stop(plan.directories)
"""

from __future__ import annotations

from callwright.asterisk.doctor import diagnose, examine, examine_in_part
from callwright.asterisk.errors import (
    AsteriskDidNotStart,
    AsteriskDidNotStop,
    AsteriskError,
    AsteriskInstallFailed,
    AsteriskNotInstallable,
    AsteriskNotRunning,
    ConfigurationNotLoaded,
    ControlSocketSilent,
    PlanInvalid,
    PortTaken,
    RestartNeeded,
    RunFolderUnsafe,
)
from callwright.asterisk.findings import Ask, Finding, Level
from callwright.asterisk.install import AsteriskInstall, InstallKind, find, install
from callwright.asterisk.plan import (
    SYSTEM_NAME,
    THIS_MACHINE,
    Agent,
    AsteriskPlan,
    Did,
    Directories,
    PhoneKind,
    Ports,
    Queue,
    Trunk,
)
from callwright.asterisk.process import (
    AsteriskStatus,
    Reloaded,
    RunningAsterisk,
    check_adoptable,
    check_ports_free,
    cli,
    reload,
    start,
    status,
    stop,
)
from callwright.asterisk.render import CDR_COLUMNS, Rendered, render, rendered_ports
from callwright.asterisk.secrets import AsteriskSecrets, load_or_make, new_secret

__all__ = [
    "CDR_COLUMNS",
    "SYSTEM_NAME",
    "THIS_MACHINE",
    "Agent",
    "Ask",
    "AsteriskDidNotStart",
    "AsteriskDidNotStop",
    "AsteriskError",
    "AsteriskInstall",
    "AsteriskInstallFailed",
    "AsteriskNotInstallable",
    "AsteriskNotRunning",
    "AsteriskPlan",
    "AsteriskSecrets",
    "AsteriskStatus",
    "ConfigurationNotLoaded",
    "ControlSocketSilent",
    "Did",
    "Directories",
    "Finding",
    "InstallKind",
    "Level",
    "PhoneKind",
    "PlanInvalid",
    "PortTaken",
    "Ports",
    "Queue",
    "Reloaded",
    "Rendered",
    "RestartNeeded",
    "RunFolderUnsafe",
    "RunningAsterisk",
    "Trunk",
    "check_adoptable",
    "check_ports_free",
    "cli",
    "diagnose",
    "examine",
    "examine_in_part",
    "find",
    "install",
    "load_or_make",
    "new_secret",
    "reload",
    "render",
    "rendered_ports",
    "start",
    "status",
    "stop",
]
