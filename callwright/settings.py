"""How this process was configured by its environment; a wrong setting stops the start with the full list."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import shlex
import tempfile
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent_console.settings import PhoneServer
from callwright.asterisk.plan import CDR_FILE, SYSTEM_NAME, Directories
from callwright.menu_keys import read_menu_keys
from callwright.phone_servers import is_address, read_phone_servers
from crm_core.kernel.errors import CallwrightError

_CHINA = "CN"
_COSTLY = "00881,00882,00883,00870,00979"
"""Satellites and networks of no country: what frauds make others dial."""
_COSTLY_IN_CHINA = "160,168"
"""Lines with a surcharge."""
Network = IPv4Network | IPv6Network


class SettingsWrong(CallwrightError):
    """The settings are wrong: {problems}"""

    code = "settings.wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        host, colon, port = text.strip().rpartition(":")
        if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} should be host:port, such as 127.0.0.1:8080")
        return cls(host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiHost:
    """One Asterisk's manager interface: `user:secret@host:port`."""

    user: str
    secret: str = field(repr=False)
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> AmiHost:
        found = re.fullmatch(r"([^:@\s]+):(.+)@\[?([^@\]\s]+?)\]?:(\d{1,5})", text.strip(), re.ASCII)
        if found is None or not 0 < int(found[4]) < 65536:
            raise ValueError("each should be user:secret@host:port, such as callwright:s3cret@127.0.0.1:5038")
        user, secret, host, port = found.groups()
        return cls(user=user, secret=secret, host=host, port=int(port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How the Asterisk we configure is joined to the world outside."""

    addresses: tuple[str, ...] = ("127.0.0.1",)
    """Addresses and networks that calls come from."""
    outside: str = ""
    """host or host:port that calls go to; empty: none go out."""
    caller_id: str = ""
    """The number we show; empty: the first of the house's numbers."""
    forbidden: tuple[str, ...] = ()
    """Beginnings of numbers nobody may dial."""


class Settings(BaseSettings):
    """`CALLWRIGHT_…` of the environment; everything else is kept in the database."""

    model_config = SettingsConfigDict(env_prefix="CALLWRIGHT_", extra="ignore")

    home: Path = Path("var")
    database_url: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)
    http: str = "127.0.0.1:8080"
    ami_hosts: str = Field(default="", repr=False)
    fastagi: str = "127.0.0.1:4573"
    health: str = ""
    """Where a telephony or worker process tells how it is; the console does so on its own address."""
    asterisk_name: str = SYSTEM_NAME
    """What the Asterisk we configure calls itself; of several that we serve each needs a name of its own."""
    trunks: str | None = None
    """Addresses and networks from which calls from outside come, to the Asterisk we configure; default: this machine,
    or none with CALLWRIGHT_PUBLIC_URL, for then a proxy on it speaks for the whole world."""
    outbound: str | None = None
    """host or host:port that takes our calls to the outside; default: the first single address of CALLWRIGHT_TRUNKS
    that is not this machine."""
    caller_id: str = ""
    """The number of the house that is shown to whom we call; default: the first of its numbers."""
    forbidden_numbers: str | None = None
    """Beginnings of numbers that nobody may dial, as they are dialled; default: some that are known for their cost."""
    cdr: str | None = None
    """Asterisk's own accounts of calls (CDR), a file for each Asterisk that we serve, by commas; default: that of the
    Asterisk of this home, when it has one. Empty: none is read."""
    reconcile_every: int = 60
    """Seconds between two looks into them; after a start and a cut line we look anyway."""
    spool: str = ""
    """Where events of calls wait until the database has them, for one process each; default: `spool` in the home."""
    secret_key: str = Field(default="", repr=False)
    public_url: str = ""
    """How browsers reach the console, when a proxy stands in front; decides the `Secure` flag of cookies."""
    trusted_proxies: str = "127.0.0.0/8 ::1"
    """Where that proxy stands; only its word about visitors' addresses is believed."""
    sip_ws_url: str = ""
    """How browsers reach Asterisk's websocket, or that of each Asterisk, with its name; default: `/ws` of
    CALLWRIGHT_PUBLIC_URL when that is https, else the console's host on Asterisk's port 8088."""
    timezone: str = "Asia/Shanghai"
    """Whose time the screens show, and whose days ticket numbers count."""
    region: str = _CHINA
    """The country we are in: numbers without a country code are read by its numbering plan."""
    area_code: str | None = None
    """Our own, for numbers dialled within the city; default: 21 (Shanghai) in China, elsewhere none."""

    menu_hosts: str = ""
    """host or host:port that voice menus may ask over HTTP, separated by commas; none: they ask nobody."""

    menu_keys: str = Field(default="", repr=False)
    """By which header those hosts know us, `host Header: value`, several separated by `|`."""

    menu_callers: int = 500
    """Callers in voice menus at the same time; whoever comes then goes to a person without one."""

    menu_numbers: str = ""
    """Beginnings of the numbers outside to which menus may transfer callers, as they are dialled; none: to none."""

    voice_command: str = ""
    """The synthesiser that speaks prompts: reads the text, writes `{file}`; `{language}` is zh or en. Default:
    espeak-ng."""

    @field_validator("voice_command")
    @classmethod
    def _voice_command(cls, text: str) -> str:
        try:
            fits = not text or "{file}" in " ".join(shlex.split(text)[1:])
        except ValueError:
            fits = False
        if not fits:
            sample = "piper --model /opt/voices/{language}.onnx --output_file {file}"
            raise ValueError(f"should be a command that writes {{file}}, such as {sample}")
        return text

    @field_validator("menu_numbers")
    @classmethod
    def _menu_numbers(cls, text: str) -> str:
        for one in _words(text):
            if not re.fullmatch(r"\d{2,20}", one, re.ASCII):
                raise ValueError(f"{one!r} should be the digits of a number, or its first ones, such as 02164881234")
        return text

    @field_validator("menu_hosts")
    @classmethod
    def _menu_hosts(cls, text: str) -> str:
        for one in _words(text):
            if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", one, re.ASCII):
                raise ValueError(f"{one!r} should be a host or host:port, such as crm.example.com")
        return text

    @field_validator("menu_keys")
    @classmethod
    def _menu_keys(cls, text: str) -> str:
        read_menu_keys(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, text: str) -> str:
        """With its continent, as browsers know it too."""
        try:
            if text == "UTC" or ("/" in text and not text.startswith(("posix", "right"))):
                return ZoneInfo(text).key
        except (LookupError, ValueError, OSError):
            pass
        raise ValueError("should be a time zone such as Europe/London (`timedatectl list-timezones` lists them) or UTC")

    @field_validator("region")
    @classmethod
    def _region(cls, text: str) -> str:
        region = text.upper()
        if region != _CHINA and not _is_region(region):
            raise ValueError("should be the two letters of a country, such as CN or GB")
        return region

    @field_validator("asterisk_name")
    @classmethod
    def _asterisk_name(cls, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}", text, re.ASCII):
            raise ValueError("should be at most 32 letters, digits and hyphens, such as hall-2")
        return text

    @field_validator("area_code")
    @classmethod
    def _area_code(cls, text: str | None) -> str | None:
        """Written with the 0 that is dialled before it, or without."""
        if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            raise ValueError("should be the digits of our own area code, such as 21, or empty where there is none")
        return text and text.removeprefix("0")

    @field_validator("http", "fastagi")
    @classmethod
    def _endpoint(cls, text: str) -> str:
        Endpoint.parse(text)
        return text

    @field_validator("health")
    @classmethod
    def _health(cls, text: str) -> str:
        if text:
            Endpoint.parse(text)
        return text

    @field_validator("reconcile_every")
    @classmethod
    def _reconcile_every(cls, seconds: int) -> int:
        if not 5 <= seconds <= 86_400:
            raise ValueError("should be a number of seconds from 5 to 86400 (a day)")
        return seconds

    @field_validator("menu_callers")
    @classmethod
    def _menu_callers(cls, callers: int) -> int:
        if not 1 <= callers <= 10_000:
            raise ValueError("should be a number of callers from 1 to 10000")
        return callers

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, text: str) -> str:
        if text and not is_address(text, "http", "https"):
            raise ValueError("should be the address browsers use, such as https://calls.example.com")
        return text

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, text: str) -> str:
        _networks(text)
        return text

    @field_validator("sip_ws_url")
    @classmethod
    def _sip_ws_url(cls, text: str, info: ValidationInfo) -> str:
        read_phone_servers(text, str(info.data.get("public_url", "")))
        return text

    @field_validator("ami_hosts")
    @classmethod
    def _ami_hosts(cls, text: str) -> str:
        for one in _words(text):
            AmiHost.parse(one)
        return text

    @field_validator("trunks")
    @classmethod
    def _trunks(cls, text: str | None) -> str | None:
        for one in _words(text or ""):
            try:
                ipaddress.IPv4Network(one)
            except ValueError:
                sample = "such as 203.0.113.7, or a network such as 203.0.113.0/24"
                raise ValueError(f"{one!r} should be an IPv4 address {sample}") from None
        return text

    @field_validator("outbound")
    @classmethod
    def _outbound(cls, text: str | None) -> str | None:
        if text and not re.fullmatch(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?", text, re.ASCII):
            raise ValueError("should be host or host:port of the line or gateway, such as 203.0.113.7")
        return text

    @field_validator("caller_id")
    @classmethod
    def _caller_id(cls, text: str) -> str:
        if text and not re.fullmatch(r"\+?\d{3,20}", text, re.ASCII):
            raise ValueError("should be one of the house's numbers, digits only, such as 02164881234")
        return text

    @field_validator("forbidden_numbers")
    @classmethod
    def _forbidden(cls, text: str | None) -> str | None:
        for one in _words(text or ""):
            if not re.fullmatch(r"\d{1,15}", one, re.ASCII):
                raise ValueError(f"{one!r} should be the first digits of a number as it is dialled, such as 00979")
        return text

    @field_validator("database_url")
    @classmethod
    def _database(cls, text: str) -> str:
        if text and not text.startswith(("sqlite", "postgresql")):
            raise ValueError("should begin with postgresql:// (or be empty for SQLite in CALLWRIGHT_HOME)")
        return text

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, text: str) -> str:
        if text and not text.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("should begin with redis://")
        return text

    @property
    def number_plan(self) -> tuple[str, str]:
        """Region and area code."""
        if self.area_code is not None:
            return self.region, self.area_code
        return self.region, "21" if self.region == _CHINA else ""

    @property
    def http_endpoint(self) -> Endpoint:
        return Endpoint.parse(self.http)

    @property
    def fastagi_endpoint(self) -> Endpoint:
        return Endpoint.parse(self.fastagi)

    @property
    def health_endpoint(self) -> Endpoint | None:
        return Endpoint.parse(self.health) if self.health else None

    @property
    def fastagi_when_set(self) -> Endpoint | None:
        """None when nobody has said where the menus listen: then that is a matter of the port offset."""
        return self.fastagi_endpoint if "fastagi" in self.model_fields_set else None

    @property
    def asterisks(self) -> tuple[AmiHost, ...]:
        return tuple(AmiHost.parse(one) for one in _words(self.ami_hosts))

    @property
    def phone_servers(self) -> tuple[PhoneServer, ...]:
        return read_phone_servers(self.sip_ws_url)

    @property
    def trunk_addresses(self) -> tuple[str, ...]:
        if self.trunks is None:
            return () if self.public_url else ("127.0.0.1",)
        return _words(self.trunks)

    @property
    def outside(self) -> str:
        """Where our calls to the outside go; empty: nowhere."""
        if self.outbound is not None:
            return self.outbound
        single = (one for one in self.trunk_addresses if "/" not in one and not one.startswith("127."))
        return next(single, "")

    @property
    def forbidden(self) -> tuple[str, ...]:
        if self.forbidden_numbers is not None:
            return _words(self.forbidden_numbers)
        return _words(f"{_COSTLY},{_COSTLY_IN_CHINA}" if self.region == _CHINA else _COSTLY)

    @property
    def allowed_menu_hosts(self) -> tuple[str, ...]:
        return _words(self.menu_hosts)

    @property
    def keys_of_menu_hosts(self) -> dict[str, tuple[str, str]]:
        return read_menu_keys(self.menu_keys)

    @property
    def allowed_menu_numbers(self) -> tuple[str, ...]:
        return _words(self.menu_numbers)

    @property
    def lines(self) -> Lines:
        return Lines(
            addresses=self.trunk_addresses,
            outside=self.outside,
            caller_id=self.caller_id,
            forbidden=self.forbidden,
        )

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        return _networks(self.trusted_proxies)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'callwright.db').absolute()}"

    @property
    def recordings_dir(self) -> Path:
        return (self.home / "recordings").absolute()

    @property
    def spool_dir(self) -> Path:
        """Where events of calls wait until the database has them."""
        return (Path(self.spool) if self.spool else self.home / "spool").absolute()

    @property
    def cdr_files(self) -> tuple[Path, ...]:
        """Asterisk's own accounts that the call log is made complete by."""
        if self.cdr is not None:
            return tuple(dict.fromkeys(Path(one.strip()).absolute() for one in self.cdr.split(",") if one.strip()))
        own = Directories.under(self.home.absolute())
        return (own.cdr / CDR_FILE,) if own.configuration.exists() else ()

    @property
    def sounds_dir(self) -> Path:
        return (self.home / "sounds").absolute()


def _is_region(text: str) -> bool:
    """The numbering plans are large, and commands that read no numbers do without them."""
    from crm_core.kernel.phone import is_region  # noqa: PLC0415

    return is_region(text)


def _words(text: str) -> tuple[str, ...]:
    """Separated by commas or spaces."""
    return tuple(filter(None, re.split(r"[,\s]+", text)))


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one, strict=False) for one in _words(text))
    except ValueError as error:
        raise ValueError(f"should be addresses or networks, such as 10.0.0.5, 10.1.0.0/16 ({error})") from None


def load_settings(**overrides: object) -> Settings:
    """Read the environment. Raises SettingsWrong naming every wrong variable at once."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = (
            (f"CALLWRIGHT_{str(one['loc'][0]).upper()}", one["msg"].removeprefix("Value error, "))
            for one in error.errors()
        )
        raise SettingsWrong(problems="; ".join(f"{name} {what}" for name, what in problems)) from None


class HomeNotWritable(CallwrightError):
    """Nothing can be kept in {home}: {why}. Choose another folder with --home or CALLWRIGHT_HOME."""

    code = "settings.home_not_writable"


def make_home(home: Path) -> None:
    """The folder where everything of this installation lives. Raises HomeNotWritable.

    Strangers on this machine stay out; its group may come in, which is the way to let an Asterisk of another user in.
    """
    try:
        home.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise HomeNotWritable(home=home, why=error.strerror or error) from None


def secret_key(settings: Settings) -> str:
    """The key that signs cookies and links: from the environment, else made once and kept in the home.

    It appears whole or not at all, so that of two processes starting at once neither signs with half a key.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.home / "secret-key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        _keep_if_first(path, secrets.token_urlsafe(48))
    key = path.read_text(encoding="utf-8").strip()
    if not key:
        raise SettingsWrong(problems=f"{path} is empty; remove it and a new key is made, everybody logs in anew")
    return key


def _keep_if_first(path: Path, key: str) -> None:
    """Python makes temporary files for their owner only."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", encoding="utf-8") as fresh:
        fresh.write(key)
        fresh.flush()
        os.fsync(fresh.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh.name, path)
