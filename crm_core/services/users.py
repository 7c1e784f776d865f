"""People who work here: log-in, passwords, skills.

A log-in costs the same time whether the login exists or not, and is counted before the password is looked at, so
that many guesses at once are no way around the limit.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain import checks
from crm_core.domain.paging import KEEP, Keep, Page
from crm_core.domain.users import SHORTEST_PASSWORD, PhoneKind, Role, User, Validity
from crm_core.errors import (
    DepartmentNotFound,
    ExtensionTaken,
    ExtensionUnusable,
    FieldOutOfRange,
    FieldTooLong,
    FieldTooShort,
    LoginRefused,
    LoginTaken,
    LoginUnusable,
    TooManyAttempts,
    UserChangedMeanwhile,
    UserNotFound,
)
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import QueueKey, SkillKey, UserId, new_id
from crm_core.kernel.language import Language
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import changed, contains, from_row, in_line, must_exist, page_of, upsert
from crm_core.services.abilities import abilities, set_queues, set_skills, validity_of
from crm_core.services.options import CoreOptions

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MOST_CALLS_PER_HOUR = 1000
MOST_TICKETS_AT_ONCE = 10
_EXTENSION = re.compile(r"[0-9]{2,8}")
_LONGEST_PASSWORD = 1024


class Users:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock, self._options = database, clock, options
        self._hasher = PasswordHasher(
            time_cost=options.argon2_rounds, memory_cost=options.argon2_memory_kib, parallelism=1
        )
        self._nobodys_hash = self._hasher.hash(secrets.token_hex(16))

    async def authenticate(self, login: str, password: str, *, ip: str = "") -> User:
        """The user, or LoginRefused (also when he is disabled), or TooManyAttempts."""
        name, now = login.strip().lower()[:64], self._clock.now()
        attempt = await self._count_attempt(name, ip, now)
        async with self._db.reading() as connection:
            found = select(t.user.c.id, t.user.c.password_hash, t.user.c.disabled).where(t.user.c.login == name)
            row = (await connection.execute(found)).mappings().first()
        right = await asyncio.to_thread(self._verify, row["password_hash"] if row else self._nobodys_hash, password)
        if row is None or not right or row["disabled"]:
            raise LoginRefused
        await self._let_in(UserId(row["id"]), attempt, password, row["password_hash"], ip)
        return await self.get(UserId(row["id"]))

    async def get(self, user: UserId) -> User:
        found = await self._one(t.user.c.id == user)
        if found is None:
            raise UserNotFound(id=user)
        return found

    async def by_login(self, login: str) -> User | None:
        return await self._one(t.user.c.login == login.strip().lower())

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
        query = select(t.user)
        if role is not None:
            query = query.where(t.user.c.role == role)
        if department is not None:
            query = query.where(t.user.c.department == department)
        if not include_disabled:
            query = query.where(t.user.c.disabled.is_(False))
        if text.strip():
            columns = (t.user.c.login, func.lower(t.user.c.name), func.lower(t.user.c.name_en), t.user.c.extension)
            query = query.where(or_(*(contains(column, text) for column in columns)))
        async with self._db.reading() as connection:
            rows = await page_of(
                connection, query, dict, order=t.user.c.login, tie=t.user.c.id, descending=False,
                cursor=cursor, limit=limit,
            )  # fmt: skip
            users = await _with_abilities(connection, rows.items)
        return Page(items=users, next_cursor=rows.next_cursor, total=rows.total)

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
        language: Language | None = None,
        skills: Mapping[SkillKey, int] | None = None,
        validity: Mapping[SkillKey, Validity] | None = None,
        queues: Sequence[QueueKey] = (),
        calls_per_hour: int | None = None,
        tickets_at_once: int = 1,
        by: UserId | None = None,
    ) -> User:
        """An empty `sip_secret` is filled with a random one when there is an extension."""
        user, now = UserId(new_id("usr")), self._clock.now()
        row: dict[str, Any] = {
            "id": user,
            "login": _login(login),
            "password_hash": await self._hash(password),
            "name": checks.line("name", name, required=True),
            "name_en": checks.line("name_en", name_en),
            "role": role,
            "extension": _extension(extension),
            "sip_secret": sip_secret or (secrets.token_urlsafe(18) if extension else ""),
            "phone_kind": phone_kind,
            "department": department,
            "language": language,
            "disabled": False,
            "created_at": now,
            "calls_per_hour": _calls_per_hour(calls_per_hour),
            "tickets_at_once": _tickets_at_once(tickets_at_once),
        }
        async with self._alone_with(user, login=row["login"], extension=row["extension"]) as connection:
            await must_exist(connection, t.department.c.key, department, DepartmentNotFound, hold=True)
            await connection.execute(t.user.insert(), row)
            await set_skills(connection, user, skills or {}, validity or {})
            await set_queues(connection, user, queues)
            await audit(connection, "user.created", user, at=now, by=by, login=row["login"], role=role)
        return await self.get(user)

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
        language: Language | Keep | None = KEEP,
        skills: Mapping[SkillKey, int] | Keep = KEEP,
        validity: Mapping[SkillKey, Validity] | Keep = KEEP,
        queues: Sequence[QueueKey] | Keep = KEEP,
        calls_per_hour: int | Keep | None = KEEP,
        tickets_at_once: int | Keep = KEEP,
        abilities: str | None = None,
        by: UserId | None = None,
    ) -> User:
        """All of it or nothing. `validity` is of the `skills` given with it; without it the days stay as they are.
        `abilities`: those that were looked at; when they are others by now, nothing is changed."""
        wanted = changed(
            name=checks.line("name", name, required=True),
            name_en=checks.line("name_en", name_en),
            role=role,
            extension=extension if extension is KEEP else _extension(extension),
            phone_kind=phone_kind,
            department=department,
            language=language,
            calls_per_hour=calls_per_hour if calls_per_hour is KEEP else _calls_per_hour(calls_per_hour),
            tickets_at_once=tickets_at_once if tickets_at_once is KEEP else _tickets_at_once(tickets_at_once),
        )
        async with self._alone_with(user, extension=wanted.get("extension")) as connection:
            await in_line(connection, f"abilities of {user}")
            await _unless_changed(connection, user, abilities)
            await must_exist(connection, t.user.c.id, user, UserNotFound)
            await must_exist(connection, t.department.c.key, wanted.get("department"), DepartmentNotFound, hold=True)
            if skills is not KEEP:
                days = (await validity_of(connection, [user])).get(user, {}) if validity is KEEP else validity
                await set_skills(connection, user, skills, days)
            if queues is not KEEP:
                await set_queues(connection, user, queues)
            if wanted.get("extension"):
                await _give_sip_secret(connection, user)
            await self._change(connection, user, wanted, "user.updated", by)
            if skills is not KEEP:
                await audit(connection, "user.skills_set", user, at=self._clock.now(), by=by, skills=dict(skills))
            if queues is not KEEP:
                await audit(connection, "user.queues_set", user, at=self._clock.now(), by=by, queues=list(queues))
        return await self.get(user)

    async def change_password(self, user: UserId, password: str, *, by: UserId | None = None) -> None:
        """Ends every session of the user."""
        hashed = await self._hash(password)
        async with self._db.session() as connection:
            await connection.execute(delete(t.session).where(t.session.c.user_id == user))
            await self._change(connection, user, {"password_hash": hashed}, "user.password_changed", by, secret=True)

    async def set_disabled(self, user: UserId, disabled: bool, *, by: UserId | None = None) -> User:
        """Disabling ends every session of the user."""
        async with self._db.session() as connection:
            if disabled:
                await connection.execute(delete(t.session).where(t.session.c.user_id == user))
            await self._change(connection, user, {"disabled": disabled}, "user.updated", by)
        return await self.get(user)

    async def set_language(self, user: UserId, language: Language) -> User:
        return await self.update(user, language=language, by=user)

    # ---- within

    @asynccontextmanager
    async def _alone_with(
        self, user: UserId, *, login: str | None = None, extension: str | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction in which nobody else has this login or extension: neither before, nor by being quicker."""
        try:
            async with self._db.session() as connection:
                await _check_free(connection, user, login=login, extension=extension)
                yield connection
        except IntegrityError:
            async with self._db.reading() as connection:
                await _check_free(connection, user, login=login, extension=extension)
            raise

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        async with self._db.reading() as connection:
            return await read_user(connection, condition)

    async def _change(
        self,
        connection: AsyncConnection,
        user: UserId,
        values: Mapping[str, Any],
        action: str,
        by: UserId | None,
        *,
        secret: bool = False,
    ) -> None:
        await must_exist(connection, t.user.c.id, user, UserNotFound)
        if not values:
            return
        await connection.execute(update(t.user).where(t.user.c.id == user).values(**values))
        await audit(connection, action, user, at=self._clock.now(), by=by, **({} if secret else values))

    async def _hash(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise FieldTooShort(field="password", shortest=SHORTEST_PASSWORD)
        if len(password) > _LONGEST_PASSWORD:
            raise FieldTooLong(field="password", longest=_LONGEST_PASSWORD)
        return await asyncio.to_thread(self._hasher.hash, password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:_LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    async def _count_attempt(self, login: str, ip: str, now: datetime) -> str:
        """Notes the attempt as failed, for now; refuses it when there were too many."""
        attempt = new_id("try")
        async with self._db.session() as connection:
            await in_line(connection, f"login of {login}", f"login from {ip}")
            old = delete(t.login_attempt).where(t.login_attempt.c.at <= now - self._options.login_window)
            await connection.execute(old)
            shut_until = await self._shut_until(connection, login, ip, now)
            if shut_until is None:
                row = {"id": attempt, "login": login, "ip": ip, "at": now}
                await connection.execute(t.login_attempt.insert(), row)
                return attempt
        raise TooManyAttempts(retry_after_s=_seconds_until(shut_until, now))

    async def _shut_until(self, connection: AsyncConnection, login: str, ip: str, now: datetime) -> datetime | None:
        """Until when nobody is let in to this login from this address; None: he may try."""
        tried, options = t.login_attempt.c, self._options
        attempts = select(tried.at).order_by(tried.at.desc())
        here, of_him = tried.ip == ip, tried.login == login
        limits = [(attempts.where(here, of_him), options.login_attempts)]
        limits += [(attempts.where(here), options.login_attempts_of_address)] if ip else []
        if not await connection.scalar(_his_place(login, ip, now - options.login_place_known)):
            limits.append((attempts.where(of_him), options.login_attempts_of_login))
        for mine, most in limits:
            failed: Sequence[datetime] = (await connection.scalars(mine.limit(most))).all()
            if len(failed) >= most:
                return failed[-1] + self._options.login_window
        return None

    async def _let_in(self, user: UserId, attempt: str, password: str, hashed: str, ip: str) -> None:
        """Forgets this attempt (not the failures before it: they may be another's), remembers the place and renews an
        outdated hash."""
        now = self._clock.now()
        renewed = await self._hash(password) if self._hasher.check_needs_rehash(hashed) else None
        async with self._db.session() as connection:
            await connection.execute(delete(t.login_attempt).where(t.login_attempt.c.id == attempt))
            if ip:
                place = {"user_id": user, "ip": ip, "at": now}
                await upsert(connection, t.login_place, [place], ["user_id", "ip"])
            if renewed:
                await connection.execute(update(t.user).where(t.user.c.id == user).values(password_hash=renewed))
            await audit(connection, "user.signed_in", user, at=now, by=user)


def _his_place(login: str, ip: str, since: datetime) -> Select[Any]:
    """Whether he has logged in from there himself."""
    place = t.login_place.c
    his = select(place.ip).join(t.user, t.user.c.id == place.user_id).where(t.user.c.login == login)
    return his.where(place.ip == ip, place.at > since)


def _seconds_until(then: datetime, now: datetime) -> int:
    return max(1, -((now - then) // timedelta(seconds=1)))


async def read_user(connection: AsyncConnection, condition: ColumnElement[bool]) -> User | None:
    row = (await connection.execute(select(t.user).where(condition))).mappings().first()
    return (await _with_abilities(connection, [row]))[0] if row else None


async def _unless_changed(connection: AsyncConnection, user: UserId, seen: str | None) -> None:
    if seen is None:
        return
    now = await read_user(connection, t.user.c.id == user)
    if now is not None and now.abilities != seen:
        raise UserChangedMeanwhile(name=now.name)


async def _with_abilities(connection: AsyncConnection, rows: Sequence[Mapping[Any, Any]]) -> tuple[User, ...]:
    ids = [row["id"] for row in rows]
    skills, queues = await abilities(connection, ids)
    days = await validity_of(connection, ids)
    return tuple(
        from_row(
            User,
            row,
            skills=skills.get(row["id"], {}),
            validity=days.get(row["id"], {}),
            queues=tuple(queues.get(row["id"], ())),
        )
        for row in rows
    )


async def _check_free(
    connection: AsyncConnection, user: UserId, *, login: str | None = None, extension: str | None = None
) -> None:
    others = select(t.user.c.id).where(t.user.c.id != user)
    if login and await connection.scalar(others.where(t.user.c.login == login)):
        raise LoginTaken(login=login)
    if extension and await connection.scalar(others.where(t.user.c.extension == extension)):
        raise ExtensionTaken(extension=extension)


async def _give_sip_secret(connection: AsyncConnection, user: UserId) -> None:
    without = update(t.user).where(t.user.c.id == user, t.user.c.sip_secret == "")
    await connection.execute(without.values(sip_secret=secrets.token_urlsafe(18)))


def _login(login: str) -> str:
    tidy = login.strip().lower()
    if not _LOGIN.fullmatch(tidy):
        raise LoginUnusable(field="login")
    return tidy


def _calls_per_hour(most: int | None) -> int | None:
    if most is not None and not 1 <= most <= MOST_CALLS_PER_HOUR:
        raise FieldOutOfRange(field="calls_per_hour", lowest=1, highest=MOST_CALLS_PER_HOUR)
    return most


def _tickets_at_once(most: int) -> int:
    if not 0 <= most <= MOST_TICKETS_AT_ONCE:
        raise FieldOutOfRange(field="tickets_at_once", lowest=0, highest=MOST_TICKETS_AT_ONCE)
    return most


def _extension(extension: str | None) -> str | None:
    tidy = (extension or "").strip()
    if tidy and not _EXTENSION.fullmatch(tidy):
        raise ExtensionUnusable(field="extension")
    return tidy or None
