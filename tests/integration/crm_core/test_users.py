"""Users, log-in, sessions and tokens."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm_core.domain.users import PhoneKind, Role, User, Validity
from crm_core.errors import (
    DaysReversed,
    ExtensionTaken,
    FieldInvalid,
    FieldOutOfRange,
    LoginRefused,
    LoginTaken,
    QueueNotFound,
    SkillNotFound,
    TokenNotFound,
    TooManyAttempts,
    UserNotFound,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import QueueKey, SkillKey, UserId
from crm_core.kernel.language import Language
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from tests.integration.crm_core.conftest import CHEAP

PASSWORD, WRONG = "correct horse", "guess number"


async def test_a_user_is_as_he_was_made(services: Services, alice: User) -> None:
    assert alice.skills == {"zh": 5, "en": 4}
    assert alice.queues == ("service",)
    assert len(alice.sip_secret) >= 16
    assert alice.name_in(Language.EN) == "Alice Wang"
    assert await services.users.by_login(" ALICE ") == alice
    assert (await services.users.list(text="爱丽")).items == (alice,)
    assert (await services.users.list(text=" ")).items == (alice,)
    assert (await services.users.list(role=Role.ADMIN)).items == ()


async def test_how_many_calls_somebody_gets_within_an_hour_has_its_limits(services: Services, alice: User) -> None:
    assert (await services.users.update(alice.id, calls_per_hour=6)).calls_per_hour == 6
    for wrong in (0, 1001):
        with pytest.raises(FieldOutOfRange):
            await services.users.update(alice.id, calls_per_hour=wrong)
    assert (await services.users.update(alice.id, name="爱丽")).calls_per_hour == 6
    assert (await services.users.update(alice.id, calls_per_hour=None)).calls_per_hour is None


async def test_logins_and_extensions_are_unique(services: Services, alice: User) -> None:
    with pytest.raises(LoginTaken):
        await services.users.create(login="Alice", password=PASSWORD, name="Other")
    with pytest.raises(ExtensionTaken):
        await services.users.create(login="other", password=PASSWORD, name="Other", extension="1001")
    with pytest.raises(FieldInvalid):
        await services.users.create(login="no blanks", password=PASSWORD, name="Other")
    with pytest.raises(FieldInvalid):
        await services.users.create(login="short", password="1234567", name="Other")
    with pytest.raises(FieldInvalid):
        await services.users.create(login="other", password=PASSWORD, name="Other", extension="１００２")


async def test_of_many_who_want_one_login_or_extension_one_gets_it(services: Services) -> None:
    async def hire(number: int, **wanted: str) -> str:
        try:
            await services.users.create(**{"login": f"new{number}", **wanted}, password=PASSWORD, name="New")  # type: ignore[arg-type]
        except (LoginTaken, ExtensionTaken) as error:
            return error.code
        return "made"

    logins = await asyncio.gather(*(hire(number, login="same", extension=f"20{number}") for number in range(8)))
    assert sorted(logins) == ["made", *["user.login_taken"] * 7]
    phones = await asyncio.gather(*(hire(number, extension="3001") for number in range(8)))
    assert sorted(phones) == ["made", *["user.extension_taken"] * 7]


async def test_of_two_who_move_to_one_extension_one_is_told(services: Services) -> None:
    people = [await services.users.create(login=f"p{n}", password=PASSWORD, name="P") for n in range(6)]
    moved = await asyncio.gather(
        *(services.users.update(one.id, extension="3001") for one in people), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in moved) == ["ExtensionTaken"] * 5 + ["User"]


async def test_what_goes_wrong_in_the_database_tells_no_secrets(services: Services, alice: User) -> None:
    row = {"id": "usr_x", "login": "alice", "password_hash": "$argon2id$secret", "sip_secret": "hush-hush"}
    blank = {"name": "x", "name_en": "", "role": Role.AGENT, "phone_kind": PhoneKind.SIP, "disabled": False}
    with pytest.raises(IntegrityError) as refused:
        async with services.database.session() as connection:
            await connection.execute(t.user.insert(), row | blank | {"created_at": alice.created_at})
    told = "".join(traceback.format_exception(refused.value))
    assert "hush-hush" not in told
    assert "argon2id" not in told


async def test_a_user_can_be_changed(services: Services, alice: User) -> None:
    changed = await services.users.update(alice.id, name_en="Alice W.", phone_kind=PhoneKind.SIP, department=None)
    assert (changed.name, changed.name_en, changed.department) == ("王爱丽", "Alice W.", None)
    skilled = await services.users.update(alice.id, skills={SkillKey("repair"): 3})
    assert (skilled.skills, skilled.queues) == ({"repair": 3}, ("service",))
    assert (await services.users.update(alice.id, queues=[])).queues == ()
    assert (await services.users.set_language(alice.id, Language.EN)).language is Language.EN
    with pytest.raises(FieldInvalid):
        await services.users.update(alice.id, skills={SkillKey("zh"): 6})
    with pytest.raises(UserNotFound):
        await services.users.update(UserId("usr_none"), queues=[QueueKey("service")])


async def test_a_change_that_cannot_be_leaves_everything_as_it_was(services: Services, alice: User) -> None:
    with pytest.raises(SkillNotFound):
        await services.users.update(alice.id, name="Another", skills={SkillKey("juggling"): 3})
    with pytest.raises(QueueNotFound):
        await services.users.update(alice.id, role=Role.ADMIN, skills={}, queues=[QueueKey("none")])
    assert await services.users.get(alice.id) == alice


async def test_log_in(services: Services, alice: User) -> None:
    assert await services.users.authenticate("Alice", PASSWORD, ip="10.0.0.1") == alice
    for login, password in (("alice", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("alice", "x" * 5000)):
        with pytest.raises(LoginRefused):
            await services.users.authenticate(login, password, ip="10.0.0.1")


async def test_passwords_are_kept_as_argon2(services: Services, alice: User) -> None:
    async with services.database.reading() as connection:
        kept = await connection.scalar(select(t.user.c.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")


async def test_too_many_guesses_shut_the_door_for_a_while(services: Services, clock: ManualClock, alice: User) -> None:
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await services.users.authenticate("alice", "guess number", ip="10.0.0.1")
        clock.advance(10)
    with pytest.raises(TooManyAttempts) as refused:
        await services.users.authenticate("alice", PASSWORD, ip="10.0.0.1")
    assert refused.value.params["retry_after_s"] == 250
    assert await services.users.authenticate("alice", PASSWORD, ip="10.0.0.2") == alice
    clock.advance(251)
    assert await services.users.authenticate("alice", PASSWORD, ip="10.0.0.1") == alice


async def _guess(services: Services, ip: str, password: str = WRONG) -> str:
    try:
        await services.users.authenticate("alice", password, ip=ip)
    except (LoginRefused, TooManyAttempts) as error:
        return error.code
    return "let in"


async def test_many_guesses_at_once_are_no_way_around_the_limit(services: Services, alice: User) -> None:
    told = await asyncio.gather(*(_guess(services, "10.0.0.1") for _ in range(60)))
    assert sorted(told) == ["auth.login_refused"] * 5 + ["auth.too_many_attempts"] * 55


async def test_many_addresses_are_no_way_around_the_limit(services: Services, clock: ManualClock, alice: User) -> None:
    told = await asyncio.gather(*(_guess(services, f"10.0.1.{number}") for number in range(60)))
    assert sorted(told) == ["auth.login_refused"] * 20 + ["auth.too_many_attempts"] * 40
    assert await _guess(services, "10.0.2.1", PASSWORD) == "auth.too_many_attempts"
    clock.advance(301)
    assert await _guess(services, "10.0.2.1", PASSWORD) == "let in"


async def test_nobody_is_locked_out_of_his_own_place_by_guesses_from_elsewhere(
    services: Services, clock: ManualClock, alice: User
) -> None:
    assert await _guess(services, "192.0.2.7", PASSWORD) == "let in"
    for minute in range(10):
        for number in range(30):
            await _guess(services, f"10.0.{minute}.{number}")
        assert await _guess(services, "192.0.2.7", PASSWORD) == "let in"
        clock.advance(60)
    clock.advance(timedelta(days=30).total_seconds())
    for number in range(20):
        assert await _guess(services, f"10.1.0.{number}") == "auth.login_refused"
    assert await _guess(services, "192.0.2.7", PASSWORD) == "auth.too_many_attempts"


async def test_a_place_of_one_is_no_place_of_another(services: Services, alice: User) -> None:
    await services.users.create(login="bob", password=PASSWORD, name="Bob")
    await services.users.authenticate("bob", PASSWORD, ip="192.0.2.7")
    for number in range(20):
        await _guess(services, f"10.0.0.{number}")
    assert await _guess(services, "192.0.2.7", PASSWORD) == "auth.too_many_attempts"


async def test_one_password_cannot_be_tried_on_everybody(database: Database, clock: ManualClock) -> None:
    options = replace(CHEAP, login_attempts_of_address=3)
    services = make_services(database, clock, options=options)
    for number in range(3):
        with pytest.raises(LoginRefused):
            await services.users.authenticate(f"somebody{number}", "Summer2026!", ip="10.0.0.1")
    with pytest.raises(TooManyAttempts):
        await services.users.authenticate("somebody3", "Summer2026!", ip="10.0.0.1")
    for ip in ("10.0.0.2", ""):
        with pytest.raises(LoginRefused):
            await services.users.authenticate("somebody3", "Summer2026!", ip=ip)


async def test_the_disabled_are_not_let_in(services: Services, alice: User) -> None:
    token = await services.sessions.start(alice.id)
    await services.users.set_disabled(alice.id, True)
    with pytest.raises(LoginRefused):
        await services.users.authenticate("alice", PASSWORD)
    assert await services.sessions.resolve(token) is None
    assert (await services.users.list()).items == ()
    assert len((await services.users.list(include_disabled=True)).items) == 1


async def test_a_new_password_ends_every_session(services: Services, alice: User) -> None:
    token = await services.sessions.start(alice.id)
    await services.users.change_password(alice.id, "another horse")
    assert await services.sessions.resolve(token) is None
    assert await services.users.authenticate("alice", "another horse") == alice


async def test_sessions_live_while_they_are_used(services: Services, clock: ManualClock, alice: User) -> None:
    token = await services.sessions.start(alice.id, ip="10.0.0.1", user_agent="Firefox" * 100)
    for _ in range(10):
        clock.advance(timedelta(hours=11).total_seconds())
        assert await services.sessions.resolve(token) == alice
    clock.advance(timedelta(hours=13).total_seconds())
    assert await services.sessions.resolve(token) is None
    assert await services.sessions.forget_expired() == 1
    assert await services.sessions.resolve("no such \udcff token") is None


async def test_being_looked_at_is_not_being_used(services: Services, clock: ManualClock, alice: User) -> None:
    token = await services.sessions.start(alice.id)
    for _ in range(2):
        clock.advance(timedelta(hours=5).total_seconds())
        assert await services.sessions.resolve(token, prolong=False) == alice
    clock.advance(timedelta(hours=5).total_seconds())
    assert await services.sessions.resolve(token, prolong=False) is None


async def test_no_session_lives_for_ever(services: Services, clock: ManualClock, alice: User) -> None:
    token = await services.sessions.start(alice.id)
    for _ in range(7 * 24 // 8):
        assert await services.sessions.resolve(token) == alice
        clock.advance(timedelta(hours=8).total_seconds())
    assert await services.sessions.resolve(token) is None


async def test_signing_out(services: Services, alice: User) -> None:
    first, second = await services.sessions.start(alice.id), await services.sessions.start(alice.id)
    await services.sessions.end(first)
    assert await services.sessions.resolve(first) is None
    assert await services.sessions.resolve(second) == alice


async def test_tokens_are_kept_as_digests_only(services: Services, alice: User) -> None:
    token = await services.sessions.start(alice.id)
    made = await services.api_tokens.create("export", alice.id)
    async with services.database.reading() as connection:
        kept = [*await connection.scalars(select(t.session.c.digest))]
        kept += [*await connection.scalars(select(t.api_token.c.digest))]
    assert all(len(digest) == 64 and token not in digest and made.token not in digest for digest in kept)
    assert made.token not in repr(made)


async def test_api_tokens(services: Services, clock: ManualClock, alice: User) -> None:
    lasting = await services.api_tokens.create("export", alice.id)
    passing = await services.api_tokens.create("trial", alice.id, expires_at=clock.now() + timedelta(days=1))
    assert await services.api_tokens.resolve(lasting.token) == alice
    assert await services.api_tokens.resolve(passing.token) == alice
    clock.advance(timedelta(days=1).total_seconds())
    assert await services.api_tokens.resolve(passing.token) is None
    assert {token.name for token in await services.api_tokens.list(alice.id)} == {"export", "trial"}
    await services.api_tokens.revoke(lasting.record.id, by=alice.id)
    assert await services.api_tokens.resolve(lasting.token) is None
    with pytest.raises(TokenNotFound):
        await services.api_tokens.revoke(lasting.record.id)


async def test_the_log_knows_who_made_a_token_for_whom(services: Services, alice: User) -> None:
    admin = await services.users.create(login="admin", password=PASSWORD, name="Admin", role=Role.ADMIN)
    made = await services.api_tokens.create("export", alice.id, by=admin.id)
    lines = await services.event_log.read(topic="audit", limit=1000)
    (told,) = [line.body for line in lines if line.body["action"] == "token.created"]
    assert (told["subject"], told["by"], told["details"]["user"]) == (made.record.id, admin.id, alice.id)


async def test_a_skill_may_hold_for_some_days(services: Services, clock: ManualClock, alice: User) -> None:
    """The clock begins on the 5th of January at 9:00 UTC: 17:00 in Shanghai."""
    repair, en = SkillKey("repair"), SkillKey("en")
    days = {repair: Validity(first=date(2026, 1, 6), last=date(2026, 1, 7)), en: Validity(last=date(2026, 1, 5))}
    skills = {**alice.skills, repair: 3}
    changed = await services.users.update(alice.id, skills=skills, validity=days)
    assert (changed.skills, changed.validity) == (skills, days)

    async def today() -> dict[SkillKey, int]:
        plan = await services.floor_plans.load()
        assert plan.until is not None
        assert clock.now() < plan.until <= clock.now() + timedelta(days=1)
        return plan.agents[0].skills

    assert await today() == {"zh": 5, "en": 4}
    clock.advance(7 * 3600 - 1)  # a second before midnight in Shanghai
    assert await today() == {"zh": 5, "en": 4}
    clock.advance(1)
    assert await today() == {"zh": 5, "repair": 3}
    clock.advance(2 * 86_400)
    assert await today() == {"zh": 5}


async def test_days_stay_as_they_are_when_only_levels_are_set(services: Services, alice: User) -> None:
    days = {SkillKey("en"): Validity(last=date(2026, 1, 9))}
    await services.users.update(alice.id, skills=alice.skills, validity=days)
    again = await services.users.update(alice.id, skills={SkillKey("en"): 2})
    assert (again.skills, again.validity) == ({"en": 2}, days)


async def test_days_in_the_wrong_order_are_refused(services: Services, alice: User) -> None:
    wrong = {SkillKey("en"): Validity(first=date(2026, 1, 9), last=date(2026, 1, 8))}
    with pytest.raises(DaysReversed):
        await services.users.update(alice.id, skills=alice.skills, validity=wrong)
