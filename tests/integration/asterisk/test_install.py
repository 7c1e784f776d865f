"""Fetching an Asterisk: once, never over somebody else's files, and with a clear word when it cannot be."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from callwright.asterisk import AsteriskInstallFailed, AsteriskNotInstallable, InstallKind, distribution, install
from callwright.asterisk.install import PREFIX_VARIABLE, find, look
from callwright.asterisk.modules import NEEDED
from callwright.asterisk.versions import TESTED
from tests.support.asterisk import asterisk_prefix


def without_asterisk_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **programs: str) -> None:
    """A PATH with stand-ins for system programs."""
    for name, script in programs.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.delenv(PREFIX_VARIABLE, raising=False)


async def test_what_is_there_is_found_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    first, second = await asyncio.gather(
        install(tmp_path, said.append, allow_root=False, prefix=asterisk_prefix()),
        install(tmp_path, said.append, allow_root=False, prefix=asterisk_prefix()),
    )
    assert first == second
    assert said == [first.remark] * 2 * bool(first.remark)
    assert first.numbers >= (18,)
    assert first.missing_modules() == []
    assert (first.data_dir / "documentation").is_dir()
    assert (first.sounds_dir / "en").is_dir()


async def test_an_old_asterisk_on_path_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, asterisk="echo 'Asterisk 16.28.0~dfsg-0'")
    assert await find(tmp_path) is None
    [passed_over] = (await look(tmp_path)).passed_over
    assert passed_over.sentence() == (
        f"{tmp_path}/bin/asterisk is passed over: version 16.28.0 is too old, 18 is the oldest we work with."
    )


def lay_modules(base: Path, names: tuple[str, ...] = NEEDED) -> None:
    """What an Asterisk keeps below `base` beside its program."""
    (base / "share/asterisk/documentation").mkdir(parents=True)
    modules = base / "lib/some-machine/asterisk/modules"
    modules.mkdir(parents=True)
    for name in names:
        (modules / f"{name}.so").touch()


async def test_a_good_asterisk_on_path_is_taken_and_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, asterisk="echo 'Asterisk 20.6.0~dfsg'", **{"apt-get": "exit 100"})
    lay_modules(tmp_path)
    said: list[str] = []
    found = await install(tmp_path / "home", said.append)
    assert (found.kind, found.version) == (InstallKind.PATH, "20.6.0")
    assert found.command == (f"{tmp_path}/bin/asterisk",)
    assert found.modules_dir == tmp_path / "lib/some-machine/asterisk/modules"
    assert found.data_dir == tmp_path / "share/asterisk"
    assert said == [f"This is Asterisk 20.6.0; Callwright was tested with {TESTED}."]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("says", "modules", "why"),
    [
        ("echo 'Asterisk 22.10.1'", tuple(set(NEEDED) - {"app_queue"}), "version 22.10.1 lacks app_queue"),
        ("echo 'Asterisk 22.10.1'", (), r"its modules \(res_agi.so\) cannot be found below"),
        ("echo 'no such library' >&2; exit 127", NEEDED, r"it does not tell its version \(no such library\)"),
    ],
)
async def test_one_on_path_that_cannot_be_used_is_named_and_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, modules: tuple[str, ...], why: str
) -> None:
    """Root or not: nobody's Asterisk is upgraded; the next place to look is an archive."""
    without_asterisk_on_path(monkeypatch, tmp_path, asterisk=says, **{"apt-get": "exit 0", "apt-cache": "exit 100"})
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    lay_modules(tmp_path, modules)
    said: list[str] = []
    with pytest.raises(AsteriskNotInstallable):
        await install(tmp_path / "home", said.append)
    [passed_over] = said
    assert passed_over.startswith(f"{tmp_path}/bin/asterisk is passed over: ")
    assert re.search(why, passed_over)


async def test_a_machine_without_a_mirror_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": "exit 0"})
    with pytest.raises(AsteriskNotInstallable, match="knows no Debian or Ubuntu mirror"):
        await install(tmp_path / "home", print, allow_root=False)
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": "exit 100"})
    with pytest.raises(AsteriskNotInstallable, match="no apt-get"):
        await install(tmp_path / "home", print, allow_root=False)


async def test_a_mirror_that_fails_is_told_with_its_own_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = """
    case "$*" in
      *indextargets*) echo "http://mirror.example/debian/ bookworm" ;;
      *) echo "E: Could not resolve 'mirror.example'" >&2; exit 100 ;;
    esac"""
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": script})
    said: list[str] = []
    with pytest.raises(AsteriskNotInstallable, match=r"Could not resolve 'mirror\.example'"):
        await install(tmp_path / "home", said.append, allow_root=False)
    assert said[0] == "Asking debian forky which packages Asterisk needs …"
    assert not (tmp_path / "home/asterisk/prefix").exists()
    assert not (tmp_path / "home/asterisk/prefix.new").exists()


async def test_a_home_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path)
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(AsteriskInstallFailed, match="Not a directory"):
        await install(tmp_path / "home", print, allow_root=False)


async def test_somebody_elses_folder_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path)
    letters = tmp_path / "documents" / "letters.txt"
    letters.parent.mkdir()
    letters.write_text("dear")
    with pytest.raises(AsteriskInstallFailed, match="not ours"):
        await install(tmp_path / "home", print, allow_root=False, prefix=letters.parent)
    assert letters.read_text() == "dear"


# --- the distribution's own package


APT_GET = """
echo "apt-get $*" >>{log}
case "$*" in
  *install*)
    [ -x {policy} ] && {policy} && exit 1
    printf '#!/bin/sh\necho "Asterisk 20.6.0~dfsg"\n' >{bin}/asterisk
    chmod +x {bin}/asterisk ;;
esac"""
APT_CACHE = "printf 'asterisk:\\n  Installed: (none)\\n  Candidate: 1:%s\\n' {candidate}"


class Distribution:
    """A machine where we are root, and whose apt installs an Asterisk; nothing of the real one is touched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self._monkeypatch, self._tmp_path = monkeypatch, tmp_path
        self._log = tmp_path / "programs.log"
        self._log.touch()
        self.policy = tmp_path / "policy-rc.d"
        self.systemd = tmp_path / "systemd"
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(distribution, "POLICY", self.policy)
        monkeypatch.setattr(distribution, "SYSTEMD_RUNS", self.systemd)
        monkeypatch.setattr(distribution, "LISTS", tmp_path)
        lay_modules(tmp_path)

    def has(self, *, candidate: str = "20.6.0~dfsg+~cs6.13.40431414-2build5", **programs: str) -> None:
        apt_get = APT_GET.format(log=self._log, policy=self.policy, bin=self._tmp_path / "bin")
        without_asterisk_on_path(
            self._monkeypatch,
            self._tmp_path,
            **{"apt-get": apt_get, "apt-cache": APT_CACHE.format(candidate=candidate), **self._logged(programs)},
        )

    def _logged(self, programs: dict[str, str]) -> dict[str, str]:
        return {name: f'echo "{name} $*" >>{self._log}\n{script}' for name, script in programs.items()}

    @property
    def ran(self) -> list[str]:
        return self._log.read_text().splitlines()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Distribution:
    return Distribution(monkeypatch, tmp_path)


async def test_the_distributions_package_is_installed_asleep_and_stays_asleep(
    machine: Distribution, tmp_path: Path
) -> None:
    machine.has(systemctl="exit 0")
    machine.systemd.mkdir()
    said: list[str] = []
    found = await install(tmp_path / "home", said.append)
    assert (found.kind, found.version) == (InstallKind.PATH, "20.6.0")
    assert machine.ran == [
        "apt-get -qq update",
        "apt-get -qq -y --no-install-recommends install asterisk",
        "systemctl disable --now asterisk.service",
    ]
    assert not machine.policy.exists()
    assert "is switched off" in said[2]


async def test_without_a_running_systemd_its_service_is_switched_off_all_the_same(
    machine: Distribution, tmp_path: Path
) -> None:
    machine.has(systemctl="exit 127", **{"update-rc.d": "exit 0"})
    assert (await install(tmp_path / "home", print)).version == "20.6.0"
    assert machine.ran[-2:] == ["systemctl disable asterisk.service", "update-rc.d asterisk disable"]


async def test_a_service_that_cannot_be_switched_off_is_told(machine: Distribution, tmp_path: Path) -> None:
    machine.has(systemctl="echo 'Failed to disable unit: Access denied' >&2; exit 1")
    said: list[str] = []
    await install(tmp_path / "home", said.append)
    assert any("5060 and 5038" in words and "Access denied" in words for words in said)
    assert any("systemctl disable --now asterisk.service" in words for words in said)


async def test_a_policy_of_the_machine_itself_is_kept(machine: Distribution, tmp_path: Path) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 104\n")
    machine.policy.chmod(0o755)
    machine.has(systemctl="exit 0")
    await install(tmp_path / "home", print)
    assert machine.policy.read_text() == "#!/bin/sh\nexit 104\n"


async def test_a_package_that_is_too_old_or_broken_is_told(machine: Distribution, tmp_path: Path) -> None:
    machine.has(candidate="16.28.0~dfsg-0")
    said: list[str] = []
    with pytest.raises(AsteriskNotInstallable):
        await install(tmp_path / "home", said.append)
    assert "The distribution's Asterisk 16.28.0~dfsg-0 is too old." in said
    assert not any("install asterisk" in line for line in machine.ran)
    (tmp_path / "bin/apt-get").write_text("#!/bin/sh\necho 'E: Unable to lock' >&2; exit 100\n")
    (tmp_path / "bin/apt-cache").write_text(f"#!/bin/sh\n{APT_CACHE.format(candidate='20.6.0')}\n")
    with pytest.raises(AsteriskInstallFailed, match="E: Unable to lock"):
        await install(tmp_path / "home", print)
    assert not machine.policy.exists()


async def test_nobody_but_root_installs_packages(
    machine: Distribution, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.has()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AsteriskNotInstallable):
        await install(tmp_path / "home", print)
    assert not any("install asterisk" in line for line in machine.ran)


# --- what is unpacked


UNPACKING = """
case "$*" in
  *indextargets*) echo "http://mirror.example/debian/ bookworm" ;;
  *--download-only*) for word in "$@"; do case "$word" in
      Dir::Cache::archives=*) cp {package} "${{word#*=}}/" ;;
    esac; done ;;
esac"""


def make_package(folder: Path, version: str, modules: tuple[str, ...]) -> Path:
    """A package with an Asterisk that says its version through its own dynamic linker, as ours is run."""
    tree = folder / f"tree-{version}-{len(modules)}"
    lay_modules(tree / "usr", modules)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        f"Package: asterisk\nVersion: {version}\nArchitecture: all\nMaintainer: T <t@example.com>\nDescription: t\n"
    )
    for name, script in {
        "usr/lib64/ld-linux-x86-64.so.2": f"#!/bin/sh\necho 'Asterisk {version}'\n",
        "usr/lib/some-machine/libc.so.6": "",
        "usr/sbin/asterisk": "",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(script)
        (tree / name).chmod(0o755)
    package = folder / f"{tree.name}.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, package], check=True, capture_output=True)
    return package


def with_mirror_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: Path) -> None:
    without_asterisk_on_path(monkeypatch, tmp_path, **{"apt-get": UNPACKING.format(package=package)})


async def test_another_version_than_the_tested_one_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_mirror_of(monkeypatch, tmp_path, make_package(tmp_path, "23.1.0", NEEDED))
    said: list[str] = []
    found = await install(tmp_path / "home", said.append, allow_root=False)
    assert (found.kind, found.version) == (InstallKind.PREFIX, "23.1.0")
    assert said[-2:] == [
        f"Asterisk 23.1.0 is ready in {tmp_path}/home/asterisk/prefix.",
        f"This is Asterisk 23.1.0; Callwright was tested with {TESTED}.",
    ]
    again = await install(tmp_path / "home", said.append, allow_root=False)
    assert again == found


async def test_the_tested_version_is_no_news(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_mirror_of(monkeypatch, tmp_path, make_package(tmp_path, TESTED, NEEDED))
    said: list[str] = []
    await install(tmp_path / "home", said.append, allow_root=False)
    assert said[-1] == f"Asterisk {TESTED} is ready in {tmp_path}/home/asterisk/prefix."


async def test_what_lacks_a_module_is_not_kept_and_does_not_take_the_place_of_what_was_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    poor = tuple(set(NEEDED) - {"res_srtp"})
    with_mirror_of(monkeypatch, tmp_path, make_package(tmp_path, "22.11.0", poor))
    with pytest.raises(AsteriskNotInstallable, match=r"of debian forky, version 22\.11\.0 lacks res_srtp"):
        await install(tmp_path / "home", print, allow_root=False)
    prefix = tmp_path / "home/asterisk/prefix"
    assert not prefix.exists()
    with_mirror_of(monkeypatch, tmp_path, make_package(tmp_path, TESTED, NEEDED))
    first = await install(tmp_path / "home", print, allow_root=False)
    (first.modules_dir / "app_dial.so").unlink()
    said: list[str] = []
    assert (await install(tmp_path / "home", said.append, allow_root=False)).missing_modules() == []
    assert said[0] == f"{prefix}/root/usr/sbin/asterisk is passed over: version {TESTED} lacks app_dial."
    (first.modules_dir / "app_dial.so").unlink()
    with_mirror_of(monkeypatch, tmp_path, make_package(tmp_path / "home", "22.11.0", poor))
    with pytest.raises(AsteriskNotInstallable):
        await install(tmp_path / "home", print, allow_root=False)
    assert first.modules_dir.is_dir()
