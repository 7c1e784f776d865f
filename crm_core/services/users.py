"""People who work here: log-in, passwords, skills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.domain.users import PhoneKind, Role, User
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.persistence.database import Database
from crm_core.services.options import CoreOptions


class Users:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options

    async def authenticate(self, login: str, password: str, *, ip: str = "") -> User:
        """The user, or LoginRefused (also when he is disabled), or TooManyAttempts."""
        raise NotImplementedError

    async def get(self, user: UserId) -> User:
        raise NotImplementedError

    async def by_login(self, login: str) -> User | None:
        raise NotImplementedError

    async def by_extension(self, extension: str) -> User | None:
        raise NotImplementedError

    async def list(
        self,
        *,
        role: Role | None = None,
        department: str | None = None,
        text: str = "",
        include_disabled: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[User]:
        """By login."""
        raise NotImplementedError

    async def create(
        self,
        *,
        login: str,
        password: str,
        name: str,
        name_en: str = "",
        role: Role = Role.AGENT,
        extension: str | None = None,
        sip_secret: str = "",
        phone_kind: PhoneKind = PhoneKind.WEBRTC,
        department: str | None = None,
        language: Language = DEFAULT_LANGUAGE,
        skills: Mapping[SkillKey, int] | None = None,
        queues: Sequence[QueueKey] = (),
        by: UserId | None = None,
    ) -> User:
        """An empty `sip_secret` is filled with a random one when there is an extension."""
        raise NotImplementedError

    async def update(
        self,
        user: UserId,
        *,
        name: str | Keep = KEEP,
        name_en: str | Keep = KEEP,
        role: Role | Keep = KEEP,
        extension: str | Keep | None = KEEP,
        phone_kind: PhoneKind | Keep = KEEP,
        department: str | Keep | None = KEEP,
        language: Language | Keep = KEEP,
        by: UserId | None = None,
    ) -> User:
        raise NotImplementedError

    async def change_password(self, user: UserId, password: str, *, by: UserId | None = None) -> None:
        """Ends every session of the user."""
        raise NotImplementedError

    async def set_disabled(self, user: UserId, disabled: bool, *, by: UserId | None = None) -> User:
        """Disabling ends every session of the user."""
        raise NotImplementedError

    async def set_skills(self, user: UserId, skills: Mapping[SkillKey, int], *, by: UserId | None = None) -> User:
        raise NotImplementedError

    async def set_queues(self, user: UserId, queues: Sequence[QueueKey], *, by: UserId | None = None) -> User:
        raise NotImplementedError

    async def set_language(self, user: UserId, language: Language) -> User:
        raise NotImplementedError
