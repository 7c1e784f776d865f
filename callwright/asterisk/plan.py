"""What one Asterisk of ours shall be: ports, places, phones, queues and numbers. Filled in by the composition root.

`AsteriskPlan.under(home, install, …)` gives the plan of an ordinary installation; `render` turns a plan into files,
`start` into a running Asterisk.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from callwright.asterisk.errors import PlanInvalid
from callwright.asterisk.install import AsteriskInstall
from callwright.asterisk.plan_rules import complaints
from callwright.asterisk.secrets import AsteriskSecrets
from callwright.asterisk.versions import version_numbers

BUILT_IN_TRUNK = "trunk"
"""The endpoint that takes calls from `trunk_addresses`."""
THIS_MACHINE = "127.0.0.1"
SYSTEM_NAME = "callwright"
LANGUAGES = ("zh", "en")
"""Of prompts; each has a folder of its own."""
CDR_FILE = "calls.csv"
"""Its own account of calls, in its folder of those."""
LONGEST_NUMBER = 20
"""Digits of a number outside."""
LONGEST_SOCKET_PATH = 107
"""A path longer than this cannot be a unix socket's name."""


class PhoneKind(StrEnum):
    WEBRTC = "webrtc"
    """The softphone in the agent's browser."""
    SIP = "sip"
    """A desk phone or soft phone of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    sip: int = 5060
    http: int = 8088
    """Websocket of the browsers' phones."""
    ami: int = 5038
    fastagi_host: str = "127.0.0.1"
    fastagi: int = 4573
    rtp_first: int = 10000
    rtp_last: int = 14999

    @property
    def fastagi_address(self) -> str:
        host = f"[{self.fastagi_host}]" if ":" in self.fastagi_host else self.fastagi_host
        return f"{host}:{self.fastagi}"

    def moved(self, offset: int) -> Ports:
        """Every port `offset` higher; the sound's ports go where nobody listens for good."""
        if not offset:
            return self
        first = 33000 + (offset * 20) % 26000
        return Ports(
            sip=self.sip + offset,
            http=self.http + offset,
            ami=self.ami + offset,
            fastagi_host=self.fastagi_host,
            fastagi=self.fastagi + offset,
            rtp_first=first,
            rtp_last=first + 1999,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody with a phone; the extension is the name of his endpoint."""

    extension: str
    name: str
    sip_secret: str
    kind: PhoneKind = PhoneKind.WEBRTC
    queues: tuple[str, ...] = ()
    """Keys of the safety queues that ring him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A safety queue: Asterisk's own, for the time our engine is away."""

    key: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Language -> name."""
    ring_s: int = 20
    music: tuple[str, ...] = ()
    """Names of sounds its callers hear one after the other; empty: the music of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number outsiders dial: leads into a voice menu, or straight into a queue."""

    number: str
    flow: str = ""
    queue: str = ""
    skills: str = ""
    """`repair:1/zh:1`, `repair:1/zh:1|en:3~zh:4`; only for a number that leads into a queue."""
    priority: int = 0
    language: str = "zh"
    intent: str = ""
    answer: bool = True
    """Take the call before an agent does (the caller hears music). A menu always does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A line to the outside, beside the built-in one."""

    name: str
    host: str
    port: int = 5060
    match: tuple[str, ...] = ()
    """Addresses its calls come from; its host when empty."""
    username: str = ""
    secret: str = ""
    register: bool = False
    codecs: tuple[str, ...] = ("alaw", "ulaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories:
    """Every place of one Asterisk; all absolute."""

    home: Path
    etc: Path
    var: Path
    log: Path
    run: Path
    spool: Path
    data: Path
    """Asterisk's data folder: links to its documentation and to all sounds."""
    sounds: Path
    """Our prompts, `zh/…` and `en/…`; in the dialplan `callwright/zh/…`, or by absolute path."""
    recordings: Path
    cdr: Path
    """`calls.csv`, Asterisk's own account of every call."""
    music: Path

    @classmethod
    def under(cls, home: Path) -> Directories:
        home = home.absolute()
        base = home / "asterisk"
        log = base / "log"
        return cls(
            home=home,
            etc=base / "etc",
            var=base / "var",
            log=log,
            run=_short_enough(base / "run"),
            spool=base / "spool",
            data=base / "data",
            sounds=home / "sounds",
            recordings=home / "recordings",
            cdr=log / "cdr-custom",
            music=base / "music",
        )

    @property
    def configuration(self) -> Path:
        return self.etc / "asterisk.conf"

    @property
    def control_socket(self) -> Path:
        return self.run / "asterisk.ctl"

    @property
    def pidfile(self) -> Path:
        return self.run / "asterisk.pid"

    @property
    def messages(self) -> Path:
        """Asterisk's warnings and errors."""
        return self.log / "messages.log"

    @property
    def console(self) -> Path:
        """What it said before it could write its log."""
        return self.log / "start.log"

    def all(self) -> tuple[Path, ...]:
        return (
            self.etc,
            self.var,
            self.log,
            self.run,
            self.spool,
            self.data,
            self.sounds,
            self.recordings,
            self.cdr,
            self.music,
        )


def _short_enough(run: Path) -> Path:
    """The control socket lives here, and the kernel allows a socket's path only so many letters."""
    if len(str(run / "asterisk.ctl").encode()) <= LONGEST_SOCKET_PATH:
        return run
    mark = hashlib.sha256(str(run).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"callwright-{mark}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskPlan:
    directories: Directories
    modules_dir: Path
    install_data_dir: Path
    install_sounds_dir: Path
    version: str
    secrets: AsteriskSecrets
    system_name: str = SYSTEM_NAME
    """Also our ServerId; the first part of every call's id."""
    ports: Ports = field(default_factory=Ports)
    ami_user: str = "callwright"
    agents: tuple[Agent, ...] = ()
    queues: tuple[Queue, ...] = ()
    dids: tuple[Did, ...] = ()
    trunk_addresses: tuple[str, ...] = (THIS_MACHINE,)
    """Addresses and networks that calls from outside come from, without a password."""
    trunks: tuple[Trunk, ...] = ()
    outside: str = ""
    """host or host:port that the built-in line's calls to the outside go to; empty: it takes calls only."""
    caller_id: str = "anonymous"
    """The number the house shows to whom it calls."""
    forbidden_numbers: tuple[str, ...] = ()
    """Beginnings of numbers outside that nobody may dial."""
    outside_ring_s: int = 45
    default_queue: str = "service"
    default_language: str = "zh"
    loopback_only: bool = True
    public_address: str = ""
    """What phones outside shall send their media to, when this machine sits behind a translating router."""
    ring_s: int = 20
    heartbeat_stale_s: int = 5
    menu_limit_s: int = 300
    """How long a caller may be in a voice menu; then he is led to a person, whatever the menu does."""
    take_limit_s: int = 900
    """How long a prompt may be spoken into a phone, all tries together."""
    parking_first: int = 701
    """The parking lot: the number of its first place, which agents dial to fetch who is there …"""
    parking_last: int = 720
    """… and of its last."""
    parking_s: int = 60
    """How long a customer is parked before he comes back to the agent who parked him."""
    rtp_timeout_s: int = 60
    rtp_timeout_hold_s: int = 3600

    @classmethod
    def under(
        cls,
        home: Path,
        install: AsteriskInstall,
        secrets: AsteriskSecrets,
        *,
        ports: Ports | None = None,
        system_name: str = SYSTEM_NAME,
        agents: tuple[Agent, ...] = (),
        queues: tuple[Queue, ...] = (),
        dids: tuple[Did, ...] = (),
        trunk_addresses: tuple[str, ...] = (THIS_MACHINE,),
        trunks: tuple[Trunk, ...] = (),
        outside: str = "",
        caller_id: str = "",
        forbidden_numbers: tuple[str, ...] = (),
        default_queue: str = "",
    ) -> AsteriskPlan:
        """The plan of an ordinary installation in `home`, on loopback."""
        return cls(
            directories=Directories.under(home),
            modules_dir=install.modules_dir,
            install_data_dir=install.data_dir,
            install_sounds_dir=install.sounds_dir,
            version=install.version,
            secrets=secrets,
            ports=ports or Ports(),
            system_name=system_name,
            agents=agents,
            queues=queues,
            dids=dids,
            trunk_addresses=trunk_addresses,
            trunks=trunks,
            outside=outside,
            caller_id=caller_id or next((did.number for did in dids), "anonymous"),
            forbidden_numbers=forbidden_numbers,
            default_queue=default_queue or (queues[0].key if queues else "service"),
        )

    def __post_init__(self) -> None:
        for why in complaints(self):
            raise PlanInvalid(why=why)

    @property
    def bind_address(self) -> str:
        return "127.0.0.1" if self.loopback_only else "0.0.0.0"  # noqa: S104 - phones outside must reach it

    @property
    def version_numbers(self) -> tuple[int, ...]:
        return version_numbers(self.version)

    @property
    def lines(self) -> tuple[str, ...]:
        """The endpoints that are no phones."""
        return (*([BUILT_IN_TRUNK] if self.trunk_addresses else []), *(trunk.name for trunk in self.trunks))

    @property
    def line_out(self) -> str:
        """The endpoint by which we call outside: the first there is. Empty: none."""
        if self.trunks:
            return self.trunks[0].name
        return BUILT_IN_TRUNK if self.trunk_addresses and self.outside else ""

    @property
    def numbers_outside(self) -> tuple[str, ...]:
        """Patterns of what can be a number outside, by its length: nothing but digits gets into a Dial. Three or four
        digits are extensions of ours, but for the short numbers of the police and the like."""
        return ("_1XX", *("_" + "X" * length for length in range(5, LONGEST_NUMBER + 1)))

    @property
    def parking_places(self) -> range:
        return range(self.parking_first, self.parking_last + 1)

    def has_module(self, name: str) -> bool:
        return (self.modules_dir / f"{name}.so").exists()

    def music(self, queue: Queue) -> Mapping[str, list[Path]]:
        """Language -> its files, as Asterisk names them, as far as they are there: what a language lacks in another."""
        found = {language: self._recordings(queue, language) for language in LANGUAGES}
        return {language: files for language, files in found.items() if files}

    def _recordings(self, queue: Queue, language: str) -> list[Path]:
        first = (language, *(other for other in LANGUAGES if other != language))
        files = [[self.directories.sounds / one / f"{name}.wav" for one in first] for name in queue.music]
        there = (next((file for file in among if file.is_file()), None) for among in files)
        return [file.with_suffix("") for file in there if file is not None]

    def members(self, queue: str) -> list[Agent]:
        return [agent for agent in self.agents if queue in agent.queues]
