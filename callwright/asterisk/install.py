"""Finds or fetches a real Asterisk for this machine: `await install(home, print)`; at once when it is there already.

In this order: an Asterisk 18 or newer on PATH; the distribution's package, when we are root and it has one; the
distribution's current packages unpacked into a private prefix without root. Several homes may share one prefix:
set CALLWRIGHT_ASTERISK_PREFIX to a folder, or pass `prefix`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from callwright.asterisk import debian
from callwright.asterisk.errors import AsteriskError, AsteriskInstallFailed, AsteriskNotInstallable
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.shell import run
from callwright.asterisk.turns import alone

OLDEST = 18
"""The first Asterisk we work with."""
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


async def install(home: Path, say: Say, *, allow_root: bool = True, prefix: Path | None = None) -> AsteriskInstall:
    """An Asterisk for this machine; fetched when there is none. `allow_root=False` never installs system packages."""
    if found := await find(home, prefix=prefix):
        return found
    if allow_root and await _from_distribution(say) and (found := await find(home, prefix=prefix)):
        return found
    return await _into_prefix(prefix_of(home, prefix), say)


async def find(home: Path, *, prefix: Path | None = None) -> AsteriskInstall | None:
    """The Asterisk `install` would return without fetching anything.

    One on PATH that lacks modules we need is passed over: the packages of some distributions leave half of them out.
    """
    on_path = await _on_path()
    if on_path is not None and not on_path.missing_modules():
        return on_path
    return await _in_prefix(prefix_of(home, prefix))


def prefix_of(home: Path, prefix: Path | None = None) -> Path:
    shared = os.environ.get(PREFIX_VARIABLE)
    return (prefix or (Path(shared) if shared else home / "asterisk" / "prefix")).absolute()


def version_numbers(version: str) -> tuple[int, ...]:
    """`22.10.1+dfsg` -> (22, 10, 1); `certified/18.9-cert5` -> (18, 9); nonsense -> ()."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


async def _ask_version(command: tuple[str, ...]) -> str | None:
    """The version of a runnable Asterisk of ours to use, else None."""
    said = await run([*command, "-V"])
    found = re.match(r"Asterisk\s+(?:certified/|GIT-)?(\d[\w.-]*)", said.out)
    if said.code or found is None or version_numbers(found[1])[0] < OLDEST:
        return None
    return found[1]


async def _on_path() -> AsteriskInstall | None:
    program = shutil.which(
        "asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
    )
    if program is None:
        return None
    version = await _ask_version((program,))
    base = Path(program).resolve().parent.parent
    modules = _first(base, ("lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules"), "res_agi.so")
    data = _first(base, ("share/asterisk", "../var/lib/asterisk", "var/lib/asterisk"), "documentation")
    if version is None or modules is None or data is None:
        return None
    return AsteriskInstall(
        kind=InstallKind.PATH,
        version=version,
        command=(program,),
        modules_dir=modules,
        data_dir=data,
        sounds_dir=data / "sounds",
    )


def _first(base: Path, patterns: tuple[str, ...], holding: str) -> Path | None:
    """The first folder below `base` which holds that entry."""
    places = [place for pattern in patterns for place in sorted(base.glob(pattern))]
    return next((place.resolve() for place in places if (place / holding).exists()), None)


async def _in_prefix(prefix: Path) -> AsteriskInstall | None:
    root = prefix / "root"
    program = root / "usr/sbin/asterisk"
    if not program.exists():
        return None
    command = (*debian.loader_of(root), str(program))
    version = await _ask_version(command)
    modules = _first(root, ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules"), "res_agi.so")
    if version is None or modules is None:
        return None
    data = root / "usr/share/asterisk"
    return AsteriskInstall(
        kind=InstallKind.PREFIX,
        version=version,
        command=command,
        modules_dir=modules,
        data_dir=data,
        sounds_dir=data / "sounds",
    )


async def _into_prefix(prefix: Path, say: Say) -> AsteriskInstall:
    """Fetch and unpack beside the final place, then move there in one step; one process at a time."""
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        async with alone(prefix.with_name(f".{prefix.name}.lock")):
            if found := await _in_prefix(prefix):
                return found
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
        if found:
            say(f"Asterisk {found.version} is ready in {prefix}.")
            return found
        failures.append(f"what {archive.name} has does not run here")
    raise AsteriskNotInstallable(why="; ".join(failures))


async def _unpack(archive: debian.Archive, prefix: Path, say: Say) -> AsteriskInstall | None:
    fresh = prefix.with_name(f"{prefix.name}.new")
    await _remove(fresh)
    try:
        await debian.unpack(archive, fresh / "root", fresh / "apt", say)
        await _remove(fresh / "apt")
        await _remove(prefix)
        fresh.rename(prefix)
    finally:
        await _remove(fresh)
    return await _in_prefix(prefix)


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _from_distribution(say: Say) -> bool:
    """Install the distribution's package when we are root and it is new enough."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        say("Reading the distribution's package lists …")
        await run(["apt-get", "-qq", "update"])
    policy = await run(["apt-cache", "policy", "asterisk"])
    candidate = re.search(r"Candidate: (?:\d+:)?(\S+)", policy.out)
    if candidate is None or (version_numbers(candidate[1]) or (0,))[0] < OLDEST:
        return False
    say(f"Installing the distribution's Asterisk {candidate[1]} …")
    with _no_services_started():
        done = await run(
            ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "asterisk"],
            environment={"DEBIAN_FRONTEND": "noninteractive"},
        )
    if done.code:
        raise AsteriskInstallFailed(doing="installing the distribution's package", why=done.last_words)
    return True


@contextlib.contextmanager
def _no_services_started() -> Iterator[None]:
    """Keep the package from starting an Asterisk of its own, which would sit on our ports."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)
