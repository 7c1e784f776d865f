"""A real Asterisk without root and without chroot: a distribution's packages, unpacked into a folder of their own.

Used where the machine's release has no Asterisk (Debian 12 and 13) or where we may not install packages. They come from
the mirror which this machine's apt already uses, by way of a private apt state; nothing of the system is touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from callwright.asterisk.errors import AsteriskInstallFailed, AsteriskNotInstallable
from callwright.asterisk.shell import Finished, run

PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav")
_UNWANTED = (
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/lintian/*",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One release of one distribution on a mirror."""

    mirror: str
    suite: str
    components: str
    keyring: Path

    @property
    def name(self) -> str:
        return f"{self.mirror.rstrip('/').rsplit('/', 1)[-1]} {self.suite}"

    def source_line(self) -> str:
        return f"deb [signed-by={self.keyring}] {self.mirror} {self.suite} {self.components}\n"


async def archives() -> list[Archive]:
    """Where a current Asterisk can be had with the mirrors this machine uses, best first."""
    # Without release info it also answers on a machine whose package lists were never fetched.
    listed = await run(["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI) $(RELEASE)"])
    if listed.code:
        raise AsteriskNotInstallable(why="this machine has no apt-get to fetch one with")
    found = choose_archives(listed.out.splitlines(), _os_release())
    if not found:
        raise AsteriskNotInstallable(why="apt on this machine knows no Debian or Ubuntu mirror")
    return found


def choose_archives(targets: Iterable[str], release: dict[str, str]) -> list[Archive]:
    """From apt's `mirror release` lines and /etc/os-release to the archives worth asking."""
    codename = release.get("VERSION_CODENAME", "")
    mirrors = [line.split()[0] for line in targets if line.split()[1:] == [codename]] if codename else []
    for line in targets:
        mirror = line.split()[0] if line.strip() else ""
        if re.search(r"/(debian|ubuntu)/?$", mirror):
            mirrors.append(mirror)
    if not mirrors:
        return []
    if release.get("ID") == "ubuntu":
        keyring = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
        return [Archive(mirror=mirrors[0], suite=codename, components="main universe", keyring=keyring)]
    debian = [mirror for mirror in mirrors if not re.search(r"/ubuntu/?$", mirror)]
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    return [
        Archive(mirror=debian[0], suite=suite, components="main", keyring=keyring)
        for suite in ("forky", "sid")
        if debian
    ]


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key: value.strip().strip('"') for key, _, value in pairs}


async def unpack(archive: Archive, root: Path, work: Path, say: Callable[[str], None]) -> None:
    """Fetch Asterisk and all it needs, and lay it into `root`; `work` holds apt's private state meanwhile."""
    await asyncio.to_thread(_lay_out, archive, work)
    options = _options(work)
    say(f"Asking {archive.name} which packages Asterisk needs …")
    _must(await run(["apt-get", *options, "-qq", "update"]), f"reading the package lists of {archive.name}")
    plan = await run(["apt-get", *options, "-qq", "--print-uris", "-y", "install", *PACKAGES])
    _must(plan, f"looking for Asterisk in {archive.name}")
    count, megabytes = _size(plan.out)
    say(f"Fetching Asterisk from {archive.name}: {count} packages, {megabytes} MB …")
    _must(
        await run(["apt-get", *options, "-qq", "-y", "--download-only", "install", *PACKAGES]), "fetching the packages"
    )
    packages = sorted((work / "cache" / "archives").glob("*.deb"))
    say(f"Unpacking {len(packages)} packages into {root} …")
    await asyncio.to_thread(root.mkdir, parents=True, exist_ok=True)
    for package in packages:
        await _lay_into(package, root)
    link_sounds(root)


def _lay_out(archive: Archive, work: Path) -> None:
    for folder in ("state/lists/partial", "cache/archives/partial", "empty"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").write_text("", encoding="utf-8")
    (work / "sources.list").write_text(archive.source_line(), encoding="utf-8")


def _options(work: Path) -> list[str]:
    """The machine's own apt settings (proxies, credentials) stay in force; only places and state are private."""
    settings = {
        "Dir::State": work / "state",
        "Dir::State::lists": work / "state/lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Cache::archives": work / "cache/archives",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "empty",
        "Dir::Etc::preferences": work / "empty" / "none",
        "Dir::Etc::preferencesparts": work / "empty",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "APT::Keep-Downloaded-Packages": "true",
        "APT::Get::List-Cleanup": "false",
        "Acquire::Languages": "none",
        # A rolling suite's Release may have run out on a mirror that follows slowly; its signature is still checked.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Retries": "3",
        "Debug::NoLocking": "true",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _must(result: Finished, doing: str) -> None:
    if result.code:
        raise AsteriskInstallFailed(doing=doing, why=result.last_words)


def _size(uris: str) -> tuple[int, int]:
    sizes = [int(found[1]) for found in re.finditer(r"^'\S+' \S+ (\d+) ", uris, re.MULTILINE)]
    return len(sizes), round(sum(sizes) / 1e6)


async def _lay_into(package: Path, root: Path) -> None:
    """dpkg-deb writes the package's tar into tar's hands; neither needs root."""
    reading, writing = os.pipe()
    try:
        opener = await asyncio.create_subprocess_exec(
            "dpkg-deb", "--fsys-tarfile", str(package), stdout=writing, stderr=asyncio.subprocess.PIPE
        )
        os.close(writing)
        writing = -1
        unwanted = [f"--exclude={pattern}" for pattern in _UNWANTED]
        result = await _tar(["-C", str(root), "-x", "--no-same-owner", "--keep-directory-symlink", *unwanted], reading)
    finally:
        for descriptor in (reading, writing):
            if descriptor >= 0:
                os.close(descriptor)
    _, complaint = await opener.communicate()
    if opener.returncode:
        raise AsteriskInstallFailed(doing=f"opening {package.name}", why=complaint.decode(errors="replace").strip())
    _must(result, f"unpacking {package.name}")


async def _tar(arguments: list[str], source: int) -> Finished:
    tar = await asyncio.create_subprocess_exec(
        "tar", *arguments, stdin=source, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, err = await tar.communicate()
    return Finished(code=tar.returncode or 0, out="", err=err.decode(errors="replace"))


def loader_of(root: Path) -> tuple[str, ...]:
    """How to run a program of `root` with the libraries of `root`: its dynamic linker and where it shall look."""
    linkers = sorted(
        path for place in ("usr/lib64", "lib64", "usr/lib", "lib") for path in root.glob(f"{place}/ld-linux*")
    )
    linkers += sorted(root.glob("usr/lib/*/ld-linux*")) + sorted(root.glob("lib/*/ld-linux*"))
    libraries = sorted({path.parent for place in ("usr/lib", "lib") for path in root.glob(f"{place}/*/libc.so.6")})
    if not linkers or not libraries:
        raise AsteriskInstallFailed(doing="looking at what was unpacked", why=f"there is no C library in {root}")
    places = [*libraries, root / "usr/lib", root / "lib"]
    return (str(linkers[0]), "--library-path", ":".join(str(place) for place in places if place.is_dir()))


def link_sounds(root: Path) -> None:
    """Debian picks the voice of `sounds/en` with update-alternatives, which never ran here."""
    sounds = root / "usr/share/asterisk/sounds"
    if (sounds / "en").exists():
        return
    voices = sorted(path for path in sounds.glob("en_*") if path.is_dir())
    if voices:
        with contextlib.suppress(FileExistsError):
            (sounds / "en").symlink_to(voices[0].name)
