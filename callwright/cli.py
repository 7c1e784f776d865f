"""The front door: `callwright <command>`. Results on stdout, everything else on stderr.

Exit codes: 0 done, 1 the answer is no, 2 wrong use or a wrong setting. An error is one sentence and what to do.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from callwright.settings import load_settings
from crm_core.kernel.errors import CallwrightError

Handler = Callable[[argparse.Namespace], Awaitable[int]]

_SETTING_CODES = ("database.url_wrong", "spool.in_use", "spool.unusable", "scenario.wrong")
"""Of the rooms below: what only another setting, or another document, mends."""


def say(text: str) -> None:
    """Progress and errors, for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments.handler(arguments), uses_uvloop=getattr(arguments, "uvloop", False))
    except CallwrightError as error:
        say(f"callwright: {error.sentence()}")
        return 2 if error.code.startswith("settings.") or error.code in _SETTING_CODES else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        # A file or folder of the person at the terminal: shut, full, gone.
        say(f"callwright: {error.filename or 'This machine'}: {error.strerror or error}.")
        return 1


SWITCH_S = 0.0005
"""How long a thread of a database keeps the interpreter when the loop wants it. For Python's own 5 ms one caller in
twenty had to wait, and twice."""


def _run(work: Awaitable[int], *, uses_uvloop: bool) -> int:
    async def whole() -> int:
        return await work

    if uses_uvloop:
        import uvloop  # noqa: PLC0415 - only the long-running commands pay for loading it

        sys.setswitchinterval(SWITCH_S)
        return uvloop.run(whole())
    return asyncio.run(whole())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="callwright", description="A call centre with a CRM at its heart.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_serve(commands)
    _add_asterisk(commands)
    _add_db(commands)
    _add_floor(commands)
    _add_flows(commands)
    _add_user(commands)
    _add_backup(commands)
    _add_replay(commands)
    _add_reconcile(commands)
    _add_simulate(commands)
    doctor = commands.add_parser("doctor", help="what is wrong with this installation, and how to mend it")
    doctor.add_argument("--home", type=Path, help="look at the installation in this folder")
    doctor.set_defaults(handler=_doctor)
    return parser


_Commands = argparse._SubParsersAction  # the type argparse gives us has no public name


def _add_demo(commands: _Commands[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="the whole product with an invented call centre, until Ctrl-C")
    demo.add_argument("--port-offset", type=_natural, default=0, metavar="N", help="added to every port")
    demo.add_argument("--home", type=Path, help="where the demo lives (default: CALLWRIGHT_HOME or ./var)")
    demo.add_argument("--calls", type=float, default=0.0, metavar="RATE", help="simulated calls a minute")
    demo.add_argument("--no-asterisk", action="store_true", help="only the console and the invented data")
    demo.add_argument("--no-colleagues", action="store_true", help="no simulated agents beside you")
    demo.set_defaults(handler=_demo, uvloop=True)


def _add_serve(commands: _Commands[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="production processes, configured by the environment")
    serve.add_argument("--role", choices=("all", "console", "telephony", "worker"), default="all")
    serve.set_defaults(handler=_serve, uvloop=True)


def _add_asterisk(commands: _Commands[argparse.ArgumentParser]) -> None:
    asterisk = commands.add_parser("asterisk", help="a real Asterisk for this machine, and our configuration for it")
    verbs = asterisk.add_subparsers(title="verbs", required=True, metavar="VERB")
    for verb, about in (
        ("install", "find or fetch an Asterisk"),
        ("render", "write our configuration for it"),
        ("start", "start it (it goes on when we end)"),
        ("stop", "stop the one we started"),
        ("status", "is it running, which version, where"),
    ):
        one = verbs.add_parser(verb, help=about)
        one.add_argument("--home", type=Path)
        one.add_argument("--port-offset", type=_natural, default=0, metavar="N")
        one.set_defaults(handler=_asterisk, verb=verb)


def _add_db(commands: _Commands[argparse.ArgumentParser]) -> None:
    database = commands.add_parser("db", help="the database's tables")
    verbs = database.add_subparsers(title="verbs", required=True, metavar="VERB")
    verbs.add_parser("upgrade", help="bring the tables up to this version").set_defaults(handler=_db, verb="upgrade")
    verbs.add_parser("check", help="exit 1 when the tables are not of this version").set_defaults(
        handler=_db, verb="check"
    )


def _add_floor(commands: _Commands[argparse.ArgumentParser]) -> None:
    floor = commands.add_parser("floor", help="departments, skills, queues and numbers")
    verbs = floor.add_subparsers(title="verbs", required=True, metavar="VERB")
    verbs.add_parser("show", help="print them as JSON").set_defaults(handler=_floor, verb="show")
    load = verbs.add_parser("load", help="make or change what stands in a JSON file of that form; takes nothing away")
    load.add_argument("file", type=Path)
    load.set_defaults(handler=_floor, verb="load")


def _add_flows(commands: _Commands[argparse.ArgumentParser]) -> None:
    flows = commands.add_parser("flows", help="the voice menus' documents")
    verbs = flows.add_subparsers(title="verbs", required=True, metavar="VERB")
    verbs.add_parser("list", help="which there are, and what callers hear").set_defaults(handler=_flows, verb="list")
    verbs.add_parser("schema", help="print the JSON schema of a document").set_defaults(handler=_flows, verb="schema")
    export = verbs.add_parser("export", help="print a document")
    export.add_argument("name")
    export.add_argument("--version", type=_count, metavar="N", help="not the published one")
    export.set_defaults(handler=_flows, verb="export")
    take = verbs.add_parser("import", help="a file becomes what the next caller hears, if nothing is wrong with it")
    take.add_argument("file", type=Path)
    take.add_argument("--name", help="of the menu (default: the file's)")
    take.add_argument("--note", default="", help="why, for whoever looks at the versions")
    take.add_argument("--draft", action="store_true", help="only into the draft, whatever is wrong with it")
    take.set_defaults(handler=_flows, verb="import")


def _add_user(commands: _Commands[argparse.ArgumentParser]) -> None:
    user = commands.add_parser("user", help="people who may log in")
    verbs = user.add_subparsers(title="verbs", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a new user; prints the password made for him, unless one is on stdin")
    add.add_argument("login")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=("agent", "supervisor", "admin"), default="agent")
    add.add_argument("--extension", default="")
    add.set_defaults(handler=_user, verb="add")
    for verb, about in (("passwd", "a new password"), ("disable", "may not log in any more")):
        one = verbs.add_parser(verb, help=about)
        one.add_argument("login")
        one.set_defaults(handler=_user, verb=verb)


def _add_backup(commands: _Commands[argparse.ArgumentParser]) -> None:
    for verb, about in (("backup", "everything of this installation into one file"), ("restore", "and back")):
        one = commands.add_parser(verb, help=about)
        one.add_argument("file", type=Path)
        one.set_defaults(handler=_backup, verb=verb)


def _add_replay(commands: _Commands[argparse.ArgumentParser]) -> None:
    replay = commands.add_parser("replay", help="the calls in recorded AMI, one JSON object a line")
    replay.add_argument("files", nargs="+", metavar="FILE", help="raw AMI text or a JSON list of events; - is stdin")
    replay.add_argument("--json-events", action="store_true", help="the files are JSON lists of event objects")
    replay.set_defaults(handler=_replay)


def _add_reconcile(commands: _Commands[argparse.ArgumentParser]) -> None:
    reconcile = commands.add_parser("reconcile", help="prove the call log against Asterisk's own CDR")
    reconcile.add_argument("files", nargs="+", metavar="CDR.csv", help="calls.csv or Master.csv, also .gz; - is stdin")
    reconcile.add_argument("--since", type=_moment, metavar="TIME", help="only calls that began at or after it")
    reconcile.add_argument("--until", type=_moment, metavar="TIME", help="only calls that began before it")
    reconcile.add_argument("--tolerance", type=_seconds, default=2.0, metavar="S", help="for times (default: 2 s)")
    reconcile.add_argument("--utc", action="store_true", help="times written out are UTC (cdr.conf: usegmtime=yes)")
    reconcile.add_argument("--close", action="store_true", help="close (and enter) what ended, as the CDR has it")
    reconcile.add_argument("--json", action="store_true", help="one JSON object a finding")
    reconcile.add_argument("--home", type=Path, help="the installation in this folder")
    reconcile.set_defaults(handler=_reconcile)


def _add_simulate(commands: _Commands[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser("simulate", help="try a floor in simulated time, with the routing engine itself")
    what = simulate.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="a scenario in JSON; - is stdin")
    what.add_argument("--example", choices=("working-day", "wallace-whitt"), help="print a scenario to begin with")
    simulate.add_argument("--table", action="store_true", help="a table for people instead of JSON")
    simulate.add_argument("--runs", type=_count, metavar="N", help="instead of the scenario's")
    simulate.add_argument("--seed", type=_natural, metavar="N", help="instead of the scenario's")
    simulate.add_argument("--jobs", type=_count, metavar="N", help="runs at the same time (default: one a processor)")
    example = simulate.add_argument_group("of --example wallace-whitt")
    example.add_argument("--skills", type=int, choices=range(1, 7), default=2, help="of six, each agent (default: 2)")
    example.add_argument("--places", type=_natural, metavar="N", help="so many may wait (default: all)")
    example.add_argument("--patience", type=_seconds, metavar="S", help="mean; default: nobody hangs up")
    example.add_argument("--strategy", choices=("best_skill", "longest_idle", "least_needed"), default="least_needed")
    simulate.set_defaults(handler=_simulate)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-01-31 or 2026-01-31T08:00+08:00") from None


def _seconds(text: str) -> float:
    try:
        if (seconds := float(text)) >= 0:
            return seconds
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")


def _natural(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _count(text: str) -> int:
    if (number := _natural(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


# Each handler loads its part of the house only when it is wanted: `callwright --help` stays instant.


async def _demo(arguments: argparse.Namespace) -> int:
    from callwright.demo.run import DemoOptions, run_demo  # noqa: PLC0415

    settings = load_settings(**({"home": arguments.home} if arguments.home else {}))
    return await run_demo(
        DemoOptions(
            home=settings.home.absolute(),
            port_offset=arguments.port_offset,
            calls_per_minute=arguments.calls,
            with_asterisk=not arguments.no_asterisk,
            with_colleagues=not arguments.no_colleagues,
        ),
        say,
    )


async def _serve(arguments: argparse.Namespace) -> int:
    from callwright.serve import serve  # noqa: PLC0415

    return await serve(load_settings(), arguments.role, say)


async def _asterisk(arguments: argparse.Namespace) -> int:
    from callwright.commands.asterisk import asterisk_command  # noqa: PLC0415

    settings = load_settings(**({"home": arguments.home} if arguments.home else {}))
    return await asterisk_command(settings, arguments.verb, arguments.port_offset, say)


async def _doctor(arguments: argparse.Namespace) -> int:
    from callwright.commands.doctor import doctor_command  # noqa: PLC0415

    settings = load_settings(**({"home": arguments.home} if arguments.home else {}))
    return await doctor_command(settings, say)


async def _db(arguments: argparse.Namespace) -> int:
    from callwright.commands.database import db_command  # noqa: PLC0415

    return await db_command(load_settings(), arguments.verb, say)


async def _floor(arguments: argparse.Namespace) -> int:
    from callwright.commands.floor import floor_command  # noqa: PLC0415

    return await floor_command(load_settings(), arguments, say)


async def _flows(arguments: argparse.Namespace) -> int:
    from callwright.commands.flows import flows_command  # noqa: PLC0415

    return await flows_command(load_settings(), arguments, say)


async def _user(arguments: argparse.Namespace) -> int:
    from callwright.commands.users import user_command  # noqa: PLC0415

    return await user_command(load_settings(), arguments, say)


async def _replay(arguments: argparse.Namespace) -> int:
    from callwright.commands.replay import replay_command  # noqa: PLC0415

    return replay_command(arguments.files, arguments.json_events, say)


async def _reconcile(arguments: argparse.Namespace) -> int:
    from callwright.commands.reconcile import reconcile_command  # noqa: PLC0415

    settings = load_settings(**({"home": arguments.home} if arguments.home else {}))
    return await reconcile_command(settings, arguments, say)


async def _simulate(arguments: argparse.Namespace) -> int:
    from callwright.commands.simulate import simulate_command  # noqa: PLC0415

    return simulate_command(arguments, say)


async def _backup(arguments: argparse.Namespace) -> int:
    from callwright.backup import backup, restore  # noqa: PLC0415

    settings = load_settings()
    (backup if arguments.verb == "backup" else restore)(settings, arguments.file, say)
    return 0
