"""The small office of `foreign/*.conf` on a private Asterisk: nothing in it was written by us or for us."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from callwright.asterisk import control
from callwright.asterisk.errors import AsteriskNotRunning
from callwright.asterisk.install import AsteriskInstall
from callwright.asterisk.music import write_hold_music
from callwright.asterisk.plan import Ports
from tests.support.asterisk import installed_asterisk
from tests.support.ports import free_port_offset
from tests.support.waiting import eventually

CONFIGURATION = Path(__file__).parent / "foreign"
AMI_USER = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPbx:
    version: str
    ports: Ports
    secret: str
    """Of its phones and of its AMI user."""
    control_socket: Path

    @property
    def sip(self) -> str:
        return f"127.0.0.1:{self.ports.sip}"

    async def cli(self, command: str) -> str:
        return await control.ask(self.control_socket, command)

    async def is_idle(self) -> bool:
        return "0 active channels" in await self.cli("core show channels count")


@asynccontextmanager
async def foreign_pbx(home: Path) -> AsyncIterator[ForeignPbx]:
    """Running in this folder for the length of the block."""
    found = await installed_asterisk()
    pbx = ForeignPbx(
        version=found.version,
        ports=Ports().moved(free_port_offset()),
        secret=secrets.token_hex(8),
        control_socket=home / "run" / "asterisk.ctl",
    )
    _configure(home, found, pbx)
    with (home / "log" / "console.log").open("wb") as console:
        running = await asyncio.create_subprocess_exec(
            *found.command,
            "-f",
            "-C",
            str(home / "etc" / "asterisk.conf"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd="/",
        )
    try:
        await eventually("the office to be open", lambda: _is_open(pbx), limit_s=60)
        yield pbx
    finally:
        running.terminate()
        await running.wait()


async def _is_open(pbx: ForeignPbx) -> bool:
    try:
        return "fully booted" in await pbx.cli("core waitfullybooted")
    except (AsteriskNotRunning, ConnectionError):
        return False


def _configure(home: Path, found: AsteriskInstall, pbx: ForeignPbx) -> None:
    folders = {name: home / name for name in ("etc", "var", "data", "spool", "run", "log", "music")}
    for folder in (*folders.values(), folders["var"] / "keys", folders["data"] / "sounds"):
        folder.mkdir(parents=True, exist_ok=True)
    (folders["data"] / "documentation").symlink_to(found.data_dir / "documentation")
    (folders["data"] / "sounds" / "en").symlink_to(found.sounds_dir / "en")
    write_hold_music(folders["music"] / "calm.wav")
    words = {
        **{name: str(folder) for name, folder in folders.items()},
        "modules": str(found.modules_dir),
        "sip": str(pbx.ports.sip),
        "ami": str(pbx.ports.ami),
        "rtp_first": str(pbx.ports.rtp_first),
        "rtp_last": str(pbx.ports.rtp_last),
        "secret": pbx.secret,
    }
    for file in CONFIGURATION.glob("*.conf"):
        (folders["etc"] / file.name).write_text(_filled_in(file.read_text("utf-8"), words), encoding="utf-8")


def _filled_in(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text
