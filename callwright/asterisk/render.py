"""Turns a plan into the files Asterisk reads, and lays out the folders it writes.

The templates live in `asterisk_conf/`; each becomes a file of the same name without `.j2`. Files are written whole and
only when they differ, so a running Asterisk never reads half of one, and the caller learns what has to be reloaded.
"""

from __future__ import annotations

import fcntl
import os
import re
import resource
import socket
import struct
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callwright.asterisk.errors import PlanInvalid
from callwright.asterisk.modules import chosen_modules
from callwright.asterisk.music import write_hold_music
from callwright.asterisk.plan import LANGUAGES, AsteriskPlan, Directories, Ports
from callwright.asterisk.run_folder import check_run_folder

CDR_COLUMNS = (
    "start",
    "answer",
    "end",
    "clid",
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "duration",
    "billsec",
    "disposition",
    "uniqueid",
    "linkedid",
    "sequence",
    "userfield",
)
"""Columns of `calls.csv`; `userfield` is our conversation id, times are seconds since the epoch."""

_CDR_TIMES = {"start", "answer", "end"}

UNWANTED_EVENTS = (
    "VarSet",
    "Newexten",
    "RTCPSent",
    "RTCPReceived",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewConnectedLine",
    "ChannelTalkingStart",
    "ChannelTalkingStop",
    "QueueMemberStatus",
    "PeerStatus",
    "SuccessfulAuth",
    "ChallengeSent",
    "MessageWaiting",
    "AGIExecStart",
    "AGIExecEnd",
    "ChanSpyStart",
    "ChanSpyStop",
    "ParkedCallGiveUp",
    "ParkedCallSwap",
    "ParkedCallTimeOut",
    "UnParkedCall",
    "DTMFBegin",
)
"""Events nobody of us listens to; they are stopped inside Asterisk."""
MENU_CONTEXTS = ("cw-ivr", "cw-after", "cw-record", "cw-overflow-callback", "cw-overflow-voicemail")
"""Where callers are in a menu. What they press there, PINs too, never leaves Asterisk but by the menu."""

_NAMED_FILTERS_SINCE = {18: (18, 25), 20: (20, 10), 21: (21, 5)}
_PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
_SIOCGIFADDR = 0x8915


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the files depend on beside the plan."""

    addresses: tuple[str, ...] = ()
    """Its IPv4 addresses except loopback."""
    max_files: int = 65536

    @classmethod
    def here(cls) -> Machine:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls(addresses=own_addresses(), max_files=65536 if hard == resource.RLIM_INFINITY else min(hard, 65536))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    directory: Path
    files: tuple[str, ...]
    changed: tuple[str, ...]
    """The files that are different from before."""


def render(plan: AsteriskPlan, directory: Path | None = None) -> Rendered:
    """Write all files of `plan` into `directory` (the plan's own `etc` by default), and make its folders and links."""
    target = directory or plan.directories.etc
    texts = render_texts(plan, Machine.here())
    _lay_out(plan)
    target.mkdir(parents=True, exist_ok=True)
    changed = tuple(name for name, text in texts.items() if _write(target / name, text))
    return Rendered(directory=target, files=tuple(texts), changed=changed)


def outdated(plan: AsteriskPlan) -> tuple[str, ...]:
    """The files that are not as this plan wants them."""
    texts = render_texts(plan, Machine.here())
    return tuple(name for name, text in texts.items() if _read(plan.directories.etc / name) != text)


def rendered_ports(places: Directories) -> Ports | None:
    """Where the Asterisk of these files listens; None when they were never rendered."""
    found = [
        re.search(pattern, _read(places.etc / file), re.MULTILINE)
        for file, pattern in (
            ("pjsip.conf", r"^bind = \S+:(\d+)$"),
            ("http.conf", r"^bindport = (\d+)$"),
            ("manager.conf", r"^port = (\d+)$"),
            ("extensions.conf", r"AGI\(agi://\S+:(\d+)/"),
            ("rtp.conf", r"^rtpstart = (\d+)$"),
            ("rtp.conf", r"^rtpend = (\d+)$"),
        )
    ]
    if not all(found):
        return None
    sip, http, ami, fastagi, first, last = (int(one[1]) for one in found if one)
    host = re.search(r"AGI\(agi://\[?([^\s\]]+?)\]?:\d+/", _read(places.etc / "extensions.conf"))
    return Ports(
        sip=sip,
        http=http,
        ami=ami,
        fastagi=fastagi,
        fastagi_host=host[1] if host else Ports().fastagi_host,
        rtp_first=first,
        rtp_last=last,
    )


def _read(file: Path) -> str:
    """Empty when it is not there."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def render_texts(plan: AsteriskPlan, machine: Machine) -> dict[str, str]:
    """File name -> text."""
    templates = _templates()
    facts = {
        "plan": plan,
        "d": plan.directories,
        "modules": chosen_modules(plan.has_module),
        "machine": machine,
        "private_networks": _PRIVATE_NETWORKS,
        "unwanted_events": UNWANTED_EVENTS,
        "named_filters": filters_by_name(plan.version_numbers),
        "menu_contexts": MENU_CONTEXTS,
        "webrtc_codecs": _webrtc_codecs(plan),
        "cdr_columns": CDR_COLUMNS,
        "cdr_fields": [_cdr_field(column) for column in CDR_COLUMNS],
        "cdr_mapping": [_cdr_function(column) for column in CDR_COLUMNS],
    }
    names = sorted(name for name in templates.list_templates() if name.endswith(".conf.j2"))
    return {name.removesuffix(".j2"): templates.get_template(name).render(facts) for name in names}


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(str(files("asterisk_conf"))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML; values are checked by the plan
    )
    templates.filters["value"] = as_value
    return templates


def as_value(text: str) -> str:
    """A free text as the value of a configuration line: no line ends, and `;` is no comment."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise PlanInvalid(why=f"{text!r} holds a control character")
    return text.replace("\\", "/").replace(";", "\\;")


def filters_by_name(version: tuple[int, ...]) -> bool:
    """Whether this Asterisk can filter events by name; older ones search every event with a regular expression."""
    since = _NAMED_FILTERS_SINCE.get(version[0], (22,)) if version else (22,)
    return version >= since


def own_addresses() -> tuple[str, ...]:
    """This machine's IPv4 addresses except loopback."""
    found = (_address_of(name) for _, name in socket.if_nameindex())
    return tuple(sorted({address for address in found if address and not address.startswith("127.")}))


def _address_of(interface: str) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])


def _webrtc_codecs(plan: AsteriskPlan) -> list[str]:
    opus = any(map(plan.has_module, ("codec_opus", "codec_opus_open_source")))
    return ["ulaw", "alaw", *(["opus"] if opus else [])]


def _cdr_field(name: str) -> str:
    return f"{name}(double)" if name in _CDR_TIMES else name


def _cdr_function(name: str) -> str:
    """The same column for an Asterisk that knows only dialplan functions here."""
    raw = f"CDR({name},u)" if name in _CDR_TIMES else f"CDR({name})"
    return f"${{CSV_QUOTE(${{{raw}}})}}"


def _lay_out(plan: AsteriskPlan) -> None:
    places = plan.directories
    check_run_folder(places)
    private = (places.etc, places.run, places.var, places.spool, places.log, places.recordings)
    for place in places.all():
        place.mkdir(mode=0o700 if place in private else 0o777, parents=True, exist_ok=True)
    check_run_folder(places)  # nobody made it just before us
    for place in set(private) - {places.recordings}:  # an Asterisk of another user may have been let in there
        place.chmod(0o700)
    for name in LANGUAGES:
        (places.sounds / name).mkdir(exist_ok=True)
    _link_data(plan, places)
    music = places.music / "calm.wav"
    if not music.exists():
        write_hold_music(music)


def _link_data(plan: AsteriskPlan, places: Directories) -> None:
    """Asterisk has one data folder; ours points to its documentation, its own prompts and ours."""
    (places.data / "sounds").mkdir(exist_ok=True)
    (places.var / "keys").mkdir(exist_ok=True)
    _link(places.data / "documentation", plan.install_data_dir / "documentation")
    _link(places.data / "sounds" / "en", plan.install_sounds_dir / "en")
    _link(places.data / "sounds" / "callwright", places.sounds)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and os.readlink(link) == str(target):
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _write(file: Path, text: str) -> bool:
    """Whether it was different. Secrets stand in these files: only their owner reads them."""
    if _read(file) == text:
        return False
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    fresh.rename(file)
    return True
