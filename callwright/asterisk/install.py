"""Finds or fetches a real Asterisk for this machine: `await install(home, print)`; at once when it is there already.

In this order: an Asterisk 18 or newer on PATH; the distribution's package, when we are root, it has one and nobody's
Asterisk is there; the distribution's current packages unpacked into a private prefix without root. Several homes may
share one prefix: set CALLWRIGHT_ASTERISK_PREFIX to a folder, or pass `prefix`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from callwright.asterisk import debian, distribution
from callwright.asterisk.errors import AsteriskError, AsteriskInstallFailed, AsteriskNotInstallable
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.shell import run
from callwright.asterisk.turns import alone
from callwright.asterisk.versions import OLDEST, TESTED, version_numbers

PREFIX_VARIABLE = "CALLWRIGHT_ASTERISK_PREFIX"

Say = Callable[[str], None]


class InstallKind(StrEnum):
    PATH = "path"
    """It was on PATH."""
    PREFIX = "prefix"
    """Unpacked by us into a folder of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskInstall:
    """An Asterisk that can be started."""

    kind: InstallKind
    version: str
    """As it says itself, e.g. `22.10.1`."""
    command: tuple[str, ...]
    """Run this, with more arguments, to run `asterisk`."""
    modules_dir: Path
    data_dir: Path
    """Holds `documentation`, which Asterisk needs to read its configuration."""
    sounds_dir: Path
    """Holds `en` with Asterisk's own prompts (may be missing; we never need them)."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version for comparing: `(22, 10, 1)`."""
        return version_numbers(self.version)

    def has_module(self, name: str) -> bool:
        return (self.modules_dir / f"{name}.so").exists()

    def missing_modules(self) -> list[str]:
        return [name for name in NEEDED if not self.has_module(name)]

    @property
    def remark(self) -> str:
        """That it is not the one our tests ran with; empty when it is."""
        if self.numbers == version_numbers(TESTED):
            return ""
        return f"This is Asterisk {self.version}; Callwright was tested with {TESTED}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """An Asterisk that is there and of no use to us."""

    program: str
    why: str

    def sentence(self) -> str:
        return f"{self.program} is passed over: {self.why}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is on this machine already."""

    found: AsteriskInstall | None
    """The one to use."""
    passed_over: tuple[PassedOver, ...] = ()


async def install(home: Path, say: Say, *, allow_root: bool = True, prefix: Path | None = None) -> AsteriskInstall:
    """An Asterisk for this machine; fetched when there is none. `allow_root=False` never installs system packages.

    Says what it passes over, and when the version is not the tested one.
    """
    found = await _there(home, prefix, say)
    if found is None and allow_root and _program_on_path() is None and await distribution.install(say):
        found = await _there(home, prefix, say)
    if found is None:
        found = await _into_prefix(prefix_of(home, prefix), say)
    if found.remark:
        say(found.remark)
    return found


async def _there(home: Path, prefix: Path | None, say: Say) -> AsteriskInstall | None:
    seen = await look(home, prefix=prefix)
    for one in seen.passed_over:
        say(one.sentence())
    return seen.found


async def find(home: Path, *, prefix: Path | None = None) -> AsteriskInstall | None:
    """The Asterisk `install` would return without fetching anything."""
    return (await look(home, prefix=prefix)).found


async def look(home: Path, *, prefix: Path | None = None) -> Seen:
    """What is there, best first.

    One that lacks modules we need is passed over: the packages of some distributions leave half of them out.
    """
    on_path = await _on_path()
    if isinstance(on_path, AsteriskInstall):
        return Seen(found=on_path)
    in_prefix = await _in_prefix(prefix_of(home, prefix))
    found = in_prefix if isinstance(in_prefix, AsteriskInstall) else None
    return Seen(found=found, passed_over=tuple(one for one in (on_path, in_prefix) if isinstance(one, PassedOver)))


def prefix_of(home: Path, prefix: Path | None = None) -> Path:
    shared = os.environ.get(PREFIX_VARIABLE)
    return (prefix or (Path(shared) if shared else home / "asterisk" / "prefix")).absolute()


async def _ask_version(program: str, command: tuple[str, ...]) -> str | PassedOver:
    """The version of a runnable Asterisk that is not too old."""
    said = await run([*command, "-V"])
    found = re.match(r"Asterisk\s+(?:certified/|GIT-)?(\d[\w.-]*)", said.out)
    if said.code or found is None:
        return PassedOver(program=program, why=f"it does not tell its version ({said.last_words})")
    if version_numbers(found[1])[0] < OLDEST:
        why = f"version {found[1]} is too old, {OLDEST} is the oldest we work with"
        return PassedOver(program=program, why=why)
    return found[1]


def _program_on_path() -> str | None:
    return shutil.which("asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


async def _on_path() -> AsteriskInstall | PassedOver | None:
    program = _program_on_path()
    if program is None:
        return None
    version = await _ask_version(program, (program,))
    if isinstance(version, PassedOver):
        return version
    base = Path(program).resolve().parent.parent
    modules = _first(base, ("lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules"), "res_agi.so")
    data = _first(base, ("share/asterisk", "../var/lib/asterisk", "var/lib/asterisk"), "documentation")
    if modules is None or data is None:
        lost = "modules (res_agi.so)" if modules is None else "documentation"
        return PassedOver(program=program, why=f"its {lost} cannot be found below {base}")
    return _complete(
        AsteriskInstall(
            kind=InstallKind.PATH,
            version=version,
            command=(program,),
            modules_dir=modules,
            data_dir=data,
            sounds_dir=data / "sounds",
        )
    )


def _complete(there: AsteriskInstall) -> AsteriskInstall | PassedOver:
    """The same, unless it lacks modules that we need."""
    missing = there.missing_modules()
    if not missing:
        return there
    return PassedOver(program=there.command[-1], why=f"version {there.version} lacks {', '.join(missing)}")


def _first(base: Path, patterns: tuple[str, ...], holding: str) -> Path | None:
    """The first folder below `base` which holds that entry."""
    places = [place for pattern in patterns for place in sorted(base.glob(pattern))]
    return next((place.resolve() for place in places if (place / holding).exists()), None)


async def _in_prefix(prefix: Path) -> AsteriskInstall | PassedOver | None:
    root = prefix / "root"
    program = root / "usr/sbin/asterisk"
    if not program.exists():
        return None
    try:
        command = (*debian.loader_of(root), str(program))
    except AsteriskInstallFailed as broken:
        return PassedOver(program=str(program), why=str(broken.params["why"]))
    version = await _ask_version(str(program), command)
    if isinstance(version, PassedOver):
        return version
    modules = _first(root, ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules"), "res_agi.so")
    if modules is None:
        return PassedOver(program=str(program), why=f"its modules (res_agi.so) cannot be found below {root}")
    data = root / "usr/share/asterisk"
    return _complete(
        AsteriskInstall(
            kind=InstallKind.PREFIX,
            version=version,
            command=command,
            modules_dir=modules,
            data_dir=data,
            sounds_dir=data / "sounds",
        )
    )


async def _into_prefix(prefix: Path, say: Say) -> AsteriskInstall:
    """Fetch and unpack beside the final place, then move there in one step; one process at a time."""
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        async with alone(prefix.with_name(f".{prefix.name}.lock")):
            there = await _in_prefix(prefix)
            if isinstance(there, AsteriskInstall):
                return there
            _refuse_foreign(prefix)
            return await _unpack_anywhere(prefix, say)
    except OSError as problem:
        raise AsteriskInstallFailed(doing=f"writing {prefix}", why=str(problem)) from problem


def _refuse_foreign(prefix: Path) -> None:
    """What is broken and ours is replaced; somebody else's folder never."""
    if prefix.is_dir() and set(os.listdir(prefix)) - {"root"}:
        raise AsteriskInstallFailed(doing=f"replacing {prefix}", why="the folder holds files that are not ours")


async def _unpack_anywhere(prefix: Path, say: Say) -> AsteriskInstall:
    """From the first archive that has an Asterisk which runs here."""
    failures: list[str] = []
    for archive in await debian.archives():
        try:
            found = await _unpack(archive, prefix, say)
        except AsteriskError as problem:
            failures.append(problem.sentence())
            continue
        if isinstance(found, AsteriskInstall):
            say(f"Asterisk {found.version} is ready in {prefix}.")
            return found
        failures.append(f"of {archive.name}, {found.why}" if found else f"{archive.name} has no program asterisk")
    raise AsteriskNotInstallable(why="; ".join(failures))


async def _unpack(archive: debian.Archive, prefix: Path, say: Say) -> AsteriskInstall | PassedOver | None:
    """What is in `prefix` afterwards; what was there before stays when the new one is of no use."""
    fresh = prefix.with_name(f"{prefix.name}.new")
    await _remove(fresh)
    try:
        await debian.unpack(archive, fresh / "root", fresh / "apt", say)
        await _remove(fresh / "apt")
        unpacked = await _in_prefix(fresh)
        if not isinstance(unpacked, AsteriskInstall):
            return unpacked
        await _remove(prefix)
        fresh.rename(prefix)
    finally:
        await _remove(fresh)
    return await _in_prefix(prefix)


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
