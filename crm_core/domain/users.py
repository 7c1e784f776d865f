"""People who work here: what they may do, which phone they have, what they can."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.kernel.language import Language

LOWEST_LEVEL, HIGHEST_LEVEL = 1, 5
SHORTEST_PASSWORD = 8


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class PhoneKind(StrEnum):
    WEBRTC = "webrtc"
    """The softphone in the browser."""
    SIP = "sip"
    """A desk phone or any other SIP phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The days on which somebody has a skill, by the calendar of the house; None: from ever, or for ever."""

    first: date | None = None
    last: date | None = None
    """This day included."""

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: UserId
    login: str
    name: str
    name_en: str = ""
    role: Role = Role.AGENT
    extension: str | None = None
    sip_secret: str = field(default="", repr=False)
    phone_kind: PhoneKind = PhoneKind.WEBRTC
    department: str | None = None
    """Key of a department."""
    language: Language | None = None
    """Of the screens; None: as his browser says, until he chooses."""
    disabled: bool = False
    skills: dict[SkillKey, int] = field(default_factory=dict)
    validity: dict[SkillKey, Validity] = field(default_factory=dict)
    """Of the skills that do not hold every day."""
    queues: tuple[QueueKey, ...] = ()
    calls_per_hour: int | None = None
    """More of his queues' calls nobody gives him within an hour; None: as they come."""
    tickets_at_once: int = 1
    """So many tickets out of the line he has on his desk at most; 0: he gets none."""
    created_at: datetime

    @property
    def abilities(self) -> str:
        """What he can and serves, in one word: another one after each change."""
        days = sorted((skill, str(one.first), str(one.last)) for skill, one in self.validity.items())
        written = repr(
            (sorted(self.skills.items()), days, sorted(self.queues), self.calls_per_hour, self.tickets_at_once)
        )
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    def name_in(self, language: Language) -> str:
        return (self.name_en or self.name) if language is Language.EN else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A key for programs, acting as its user. The secret itself is shown once and never kept."""

    id: str
    user: UserId
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiToken:
    token: str = field(repr=False)
    record: ApiToken
