"""What is wrong with this installation, part by part, and how to mend it: settings, database, bus, menus, Asterisk.

Looks only; nothing is made, changed or stopped. `callwright.asterisk.doctor` knows about the Asterisk of our home.
"""

from __future__ import annotations

import errno
import ipaddress
import json
import os
import re
import socket
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp

from callwright import asterisk
from callwright.asterisk.findings import Finding, doubtful, failed, fine
from callwright.asterisk.plan import Directories, Ports
from callwright.menu_check import menu_findings
from callwright.own_asterisk import NO_LINE, plan_of, ports_of
from callwright.settings import AmiHost, Endpoint, Settings
from crm_core.domain.users import Role
from crm_core.errors import DatabaseError, SchemaTooOld
from crm_core.kernel.clock import SystemClock
from crm_core.persistence.database import Database
from crm_core.runtime.redis_bus import RedisBus
from crm_core.runtime.spool import look_at
from crm_core.runtime.spooled_bus import STANDS_STILL_S
from crm_core.services.bundle import make_services
from cti.errors import ActionFailed, Refused
from cti.journal import GROUP as JOURNAL
from cti.telephony import AmiEndpoint
from cti.trial import TriedLine, tried_line
from ivr.errors import IvrError
from ivr.furniture import our_calendars
from ivr.prompts import prompt_problems
from ivr.prompts.wordings import sounds_in
from ivr.service import OUR_FLOWS, load_flows

DEMO_CARD = "demo.json"
HTTP_PORT = 8080
_PRIVATE = (
    "callwright.db",
    "secret-key",
    "asterisk/secrets.json",
    "recordings",
    "spool",
    "callwright.log",
    "demo.json",
    "demo-token",
)
_PATIENCE = aiohttp.ClientTimeout(total=5)


async def examine_installation(settings: Settings, say: Callable[[str], None]) -> list[Finding]:
    if not settings.home.is_dir():
        missing = f"there is no folder {settings.home.absolute()}"
        return [failed(missing, "`callwright db upgrade` makes it; or name another with --home or CALLWRIGHT_HOME")]
    settings = _of_running_demo(settings)
    say("Looking at the database, the menus and the ports …")
    findings = [
        *await _database(settings),
        *await _bus(settings),
        *_spool(settings),
        *_accounts(settings),
        *_phones_in_browsers(settings),
        *_menus(settings),
        *_recordings(settings.recordings_dir),
        *_open_to_all(settings.home),
        *await _listeners(settings),
        *await _lines(settings),
        *_menus_called(settings),
        *_trunks(settings),
    ]
    if not settings.ami_hosts or _own_ports(settings):
        findings += await _own_asterisk(settings, say)
    return findings


def _of_running_demo(settings: Settings) -> Settings:
    """A demo chooses its ports by its own option and tells them in its home, where all its data is, while it runs."""
    try:
        told = json.loads((settings.home / DEMO_CARD).read_text(encoding="utf-8"))
        http = Endpoint.parse(told["url"].removeprefix("http://"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return settings
    ports = Ports().moved(http.port - HTTP_PORT)
    kept_in_the_home = {"database_url": "", "redis_url": ""}
    places = {"http": str(http), "fastagi": f"{ports.fastagi_host}:{ports.fastagi}"}
    return settings.model_copy(update={**places, **kept_in_the_home})


async def _database(settings: Settings) -> list[Finding]:
    try:
        database = Database(settings.database)
    except DatabaseError as error:
        return [failed(error.sentence(), "set CALLWRIGHT_DATABASE_URL, or leave it out for SQLite in the home")]
    try:
        await database.check()
        reached = fine("the database is reachable, writable and of this version")
        return [reached, *await _floor(database), *await _published(database, settings)]
    except SchemaTooOld as error:
        return [failed(error.sentence(), "callwright db upgrade")]
    except DatabaseError as error:
        return [failed(error.sentence(), "see that it runs and that CALLWRIGHT_DATABASE_URL leads to it")]
    finally:
        await database.close()


async def _floor(database: Database) -> list[Finding]:
    """Whether anybody may log in, and any number leads anywhere."""
    services = make_services(database, SystemClock())
    admins = await services.users.list(role=Role.ADMIN, limit=1)
    plan = await services.floor_plans.load()
    findings = []
    if not admins.items:
        findings.append(doubtful("there is no administrator", "callwright user add LOGIN --name NAME --role admin"))
    if not plan.queues:
        findings.append(doubtful("there is no queue yet: nobody can wait for an agent", "callwright floor load FILE"))
    if not plan.dids:
        findings.append(doubtful("no number leads anywhere: every caller is refused", "callwright floor load FILE"))
    return findings


async def _published(database: Database, settings: Settings) -> list[Finding]:
    """Whether what callers hear of the menus in the database holds here, and leads to what there is."""
    services = make_services(database, SystemClock())
    plan, documents = await services.floor_plans.load(), await services.flows.published()
    articles = await services.articles.readable()
    return menu_findings(documents, plan, sounds_in(settings.sounds_dir), articles)


async def _bus(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return []
    bus = RedisBus(settings.redis_url)
    try:
        trouble = await bus.healthy()
    finally:
        await bus.close()
    if trouble is not None:
        return [failed(trouble, "start Redis, or set CALLWRIGHT_REDIS_URL to where it is")]
    return [fine("Redis answers")]


def _spool(settings: Settings) -> list[Finding]:
    """Whether the database takes what telephony has written down for it."""
    try:
        waits = look_at(settings.spool_dir, JOURNAL)
    except OSError as error:
        return [failed(f"the call log's spool cannot be read: {error}", "run the doctor as the user of telephony")]
    age = time.time() - waits.oldest_at if waits.oldest_at is not None else 0.0
    if age <= STANDS_STILL_S:
        return [fine("the call log takes what telephony tells")]
    waiting = f"{waits.events} events of calls ({waits.bytes / 1e6:.1f} MB) wait for the call log, the oldest for "
    mend = "see that the database can be written to and that telephony runs (callwright serve): it takes them in order"
    return [failed(f"{waiting}{timedelta(seconds=int(age))}", mend)]


def _accounts(settings: Settings) -> list[Finding]:
    """Whether calls that nobody heard are found in Asterisk's own account."""
    found = [trouble for file in settings.cdr_files if (trouble := _unreadable(file)) is not None]
    known, served = len(settings.cdr_files), len(settings.asterisks)
    if known < served:
        unread = f"of {served} Asterisks the own account of calls (CDR) is known of {known}"
        lost = "who comes and goes there while telephony is dead is not in the call log"
        found.append(doubtful(f"{unread}: {lost}", "name the files in CALLWRIGHT_CDR, one for each Asterisk"))
    if found or not settings.cdr_files:
        return found
    return [fine(f"calls nobody heard are found in {', '.join(map(str, settings.cdr_files))}")]


def _unreadable(file: Path) -> Finding | None:
    """One that is not there yet comes with the first call."""
    try:
        with file.open("rb"):
            return None
    except FileNotFoundError:
        if file.parent.is_dir():
            return None
        why = os.strerror(errno.ENOENT)
    except OSError as error:
        why = error.strerror or str(error)
    mend = "let the user of telephony read it and its folder, or name another file in CALLWRIGHT_CDR"
    return failed(f"Asterisk's own account of calls cannot be read: {file}: {why}", mend)


def _phones_in_browsers(settings: Settings) -> list[Finding]:
    """Whether they come to every Asterisk."""
    known, served = max(1, len(settings.phone_servers)), len(settings.asterisks)
    if known >= served:
        return []
    missed = f"of {served} Asterisks the phones in browsers register at {known}"
    mend = "name the websocket of each in CALLWRIGHT_SIP_WS_URL (docs/install.md)"
    return [doubtful(f"{missed}: nobody who has his phone there is offered the callers of the others", mend)]


def _menus(settings: Settings) -> list[Finding]:
    made = "they are made by `callwright asterisk start`"
    try:
        flows = load_flows(OUR_FLOWS, sounds_in(settings.sounds_dir), our_calendars())
    except IvrError as error:
        return [failed(error.sentence(), made)]
    poor = [doubtful(problem, made) for problem in prompt_problems(settings.home)]
    return poor or [fine(f"the voice menus can be played: {', '.join(flows)}")]


def _menus_called(settings: Settings) -> list[Finding]:
    """Whether the Asterisk of this home calls the menus where they listen."""
    try:
        dialplan = (Directories.under(settings.home).etc / "extensions.conf").read_text(encoding="utf-8")
    except OSError:
        return []
    called, listening = re.search(r"AGI\(agi://([^/]+)/", dialplan), ports_of(0, settings.fastagi_endpoint)
    if called is None or called[1] == listening.fastagi_address:
        return []
    wrong = f"our Asterisk calls the voice menus at {called[1]}, and they listen at {settings.fastagi}"
    return [doubtful(wrong, "run callwright asterisk start with the same CALLWRIGHT_FASTAGI as callwright serve")]


def _trunks(settings: Settings) -> list[Finding]:
    """Whether anybody may call the Asterisk of this home."""
    if settings.trunk_addresses or not Directories.under(settings.home).configuration.exists():
        return []
    return [doubtful(NO_LINE, "name them there, and run callwright asterisk start")]


def _recordings(folder: Path) -> list[Finding]:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return [failed(f"recordings cannot be kept in {folder}", f"give {nearest} to the user of Asterisk and of us")]
    return [fine(f"recordings are kept in {folder}")]


def _open_to_all(home: Path) -> list[Finding]:
    """What strangers on this machine may read and should not; older versions made some of it so."""
    if not home.stat().st_mode & stat.S_IXOTH:
        return []
    there = [home / name for name in _PRIVATE if (home / name).exists()]
    seen = [str(one.relative_to(home)) for one in there if one.stat().st_mode & stat.S_IRWXO]
    if not seen:
        return []
    return [doubtful(f"everybody on this machine may read {', '.join(seen)}", f"chmod -R o-rwx {home.absolute()}")]


async def _listeners(settings: Settings) -> list[Finding]:
    console, menus = settings.http_endpoint, settings.fastagi_endpoint
    wrong = [*_unusable(console, "CALLWRIGHT_HTTP"), *_unusable(menus, "CALLWRIGHT_FASTAGI")]
    if wrong:
        return wrong
    if _is_free(console):
        foreign = [] if _is_free(menus) else [_who_else(menus, "CALLWRIGHT_FASTAGI")]
        return [doubtful(f"the product does not run (nobody listens at {console})", "callwright serve"), *foreign]
    troubles = await _readiness(console)
    if troubles is None:
        return [_who_else(console, "CALLWRIGHT_HTTP")]
    if _is_free(menus):
        troubles["fastagi"] = f"nobody listens at {menus}"
    running = [failed(f"{name}: {why}", "see the log of the running product") for name, why in troubles.items()]
    return running or [fine(f"the product runs and is ready: http://{console}")]


async def _readiness(console: Endpoint) -> dict[str, str] | None:
    """What the running console says is wrong; None when it is no console of ours."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"http://{console}/readyz") as answer,
        ):
            checks = (await answer.json())["checks"]
            return {str(name): str(why) for name, why in checks.items() if why != "ok"}
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _who_else(address: Endpoint, variable: str) -> Finding:
    return failed(f"another program listens at {address}", f"end it (ss -lntp tells which), or set {variable}")


def _unusable(address: Endpoint, variable: str) -> list[Finding]:
    why = _refusal(address)
    if why in (None, errno.EADDRINUSE):
        return []
    return [
        failed(f"nothing can listen at {address}: {os.strerror(why)}", f"set {variable} to an address of this machine")
    ]


def _is_free(address: Endpoint) -> bool:
    return _refusal(address) is None


def _refusal(address: Endpoint) -> int | None:
    """Why we could not listen there; None when we could. Nobody who listens there notices."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        return error.errno if error.errno and error.errno > 0 else errno.EADDRNOTAVAIL
    return None


async def _lines(settings: Settings) -> list[Finding]:
    findings = []
    for one in settings.asterisks:
        findings += await _line(one, is_ours=_is_ours(one, settings))
    return findings


def _is_ours(one: AmiHost, settings: Settings) -> bool:
    """The Asterisk of this home is looked at by its own control socket."""
    ports = _own_ports(settings)
    return ports is not None and ports.ami == one.port and _is_loopback(one.host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _line(one: AmiHost, *, is_ours: bool) -> list[Finding]:
    """Whether we are let in, and what the Asterisk there lacks."""
    where = f"Asterisk at {one.host}:{one.port}"
    endpoint = AmiEndpoint(host=one.host, port=one.port, user=one.user, secret=one.secret)
    async with tried_line(endpoint, SystemClock()) as line:
        if line.trouble is not None:
            mend = "mend that over there, or name another one in CALLWRIGHT_AMI_HOSTS"
            return [failed(line.trouble, mend)]
        found = [] if is_ours else await _examined(line, one.user)
    return [fine(f"{where} lets us in"), *(replace(finding, what=f"{where}: {finding.what}") for finding in found)]


async def _examined(line: TriedLine, ami_user: str) -> list[Finding]:
    try:
        return await asterisk.examine(line.command, ami_user=ami_user)
    except Refused:
        pass
    except ActionFailed as trouble:
        return [failed(trouble.sentence(), "see whether it is overloaded, and run the doctor again")]
    try:
        return await asterisk.examine_in_part(line.version, line.has_module, ami_user)
    except ActionFailed as trouble:
        return [failed(trouble.sentence(), f"add system to write= in [{ami_user}] of its manager.conf")]


async def _own_asterisk(settings: Settings, say: Callable[[str], None]) -> list[Finding]:
    """The Asterisk of this home, compared with what the database wants of it."""
    home = settings.home.absolute()
    try:
        plan = await _plan(settings, home)
    except asterisk.PlanInvalid as error:
        unplanned = failed(error.sentence(), "mend that in the console, or with callwright floor load")
        return [unplanned, *await asterisk.diagnose(home, say)]
    return await asterisk.diagnose(home, say, plan=plan)


async def _plan(settings: Settings, home: Path) -> asterisk.AsteriskPlan | None:
    """What our Asterisk should have been told; None before it was told anything. Raises PlanInvalid."""
    ports, install = _own_ports(settings), await asterisk.find(home)
    if ports is None or install is None:
        return None
    database = Database(settings.database)
    try:
        await database.check()
        floor = await make_services(database, SystemClock()).floor_plans.load()
    except DatabaseError:
        return None  # told already
    finally:
        await database.close()
    if not floor.queues:
        return None
    return plan_of(home, floor, install, ports, settings.lines, name=settings.asterisk_name)


def _own_ports(settings: Settings) -> Ports | None:
    """Where the Asterisk of this home listens; None when it has none."""
    return asterisk.rendered_ports(Directories.under(settings.home))
