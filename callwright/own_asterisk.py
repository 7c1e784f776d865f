"""The Asterisk of our own home: installed, configured from the database's plan of the floor, started, adopted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from callwright import asterisk
from callwright.floor import numbers, phones, safety_queues
from callwright.settings import Endpoint, Lines
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.errors import CallwrightError

Say = Callable[[str], None]
DEFAULT_QUEUE = "service"
NO_LINE = "No calls from outside are taken: CALLWRIGHT_TRUNKS names no address they come from"


class FloorEmpty(CallwrightError):
    """There is no queue yet in which a caller could wait: load queues and numbers with `callwright floor load FILE`."""

    code = "floor.empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAsterisk:
    install: asterisk.AsteriskInstall
    plan: asterisk.AsteriskPlan

    @property
    def ami_host(self) -> str:
        """As CALLWRIGHT_AMI_HOSTS wants it."""
        return f"{self.plan.ami_user}:{self.plan.secrets.ami}@127.0.0.1:{self.plan.ports.ami}"

    @property
    def fastagi(self) -> str:
        return self.plan.ports.fastagi_address

    async def start(self, say: Say) -> None:
        """Render and start; one of this home that runs already is adopted and reads what has changed."""
        await asterisk.check_adoptable(self.plan)
        rendered = asterisk.render(self.plan)
        running = await asterisk.start(self.install, self.plan)
        for finding in running.findings:
            if finding.level is asterisk.Level.WARN:
                say(f"{finding.what} ({finding.mend})")
        if not running.adopted:
            return
        say(f"Asterisk is running already (process {running.pid}); going on with it.")
        if rendered.changed:
            reloaded = await asterisk.reload(self.plan.directories, rendered.changed)
            if reloaded.restart_needed:
                say(f"Asterisk reads {', '.join(reloaded.restart_needed)} only at its next start.")

    async def stop(self) -> bool:
        return await asterisk.stop(self.plan.directories)


async def prepare(
    home: Path,
    floor: FloorPlan,
    say: Say,
    *,
    port_offset: int = 0,
    fastagi: Endpoint | None = None,
    lines: Lines | None = None,
    name: str = asterisk.SYSTEM_NAME,
) -> OwnAsterisk:
    """Install (once) and plan the Asterisk for this floor. Raises FloorEmpty.

    `fastagi`: where the voice menus listen, when not at their port of this offset. `lines`: where calls come from and
    go to, when not from this machine and nowhere. `name`: what it calls itself, and by which we tell it from others
    that we serve.
    """
    if not floor.queues:
        raise FloorEmpty()
    install = await asterisk.install(home, say)
    plan = plan_of(home, floor, install, ports_of(port_offset, fastagi), lines or Lines(), name=name)
    return OwnAsterisk(install=install, plan=plan)


def plan_of(
    home: Path,
    floor: FloorPlan,
    install: asterisk.AsteriskInstall,
    ports: asterisk.Ports,
    lines: Lines,
    *,
    name: str,
) -> asterisk.AsteriskPlan:
    """What the Asterisk of this home shall be. The floor has at least one queue."""
    queues = safety_queues(floor)
    plan = asterisk.AsteriskPlan.under(
        home,
        install,
        asterisk.load_or_make(home),
        ports=ports,
        system_name=name,
        agents=phones(floor),
        queues=queues,
        dids=numbers(floor),
        trunk_addresses=lines.addresses,
        outside=lines.outside,
        caller_id=lines.caller_id,
        forbidden_numbers=lines.forbidden,
        default_queue=next((queue.key for queue in queues if queue.key == DEFAULT_QUEUE), queues[0].key),
    )
    rules = floor.rules
    return replace(plan, parking_s=rules.parking_s, parking_first=rules.parking_first, parking_last=rules.parking_last)


def ports_of(port_offset: int, fastagi: Endpoint | None) -> asterisk.Ports:
    ports = asterisk.Ports().moved(port_offset)
    return ports if fastagi is None else replace(ports, fastagi_host=_called(fastagi.host), fastagi=fastagi.port)


def _called(host: str) -> str:
    """The menus may listen at every address of this machine; they are called at one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked for, not listened at
