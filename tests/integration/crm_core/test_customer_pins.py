"""Customers' PINs in the database: kept as passwords are, tried a few times, opened again by a person."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from crm_core.domain.customer_pins import MOST_IN_A_ROW, MOST_OF_ACCOUNT, MOST_OF_CALLER, WINDOW, Proof
from crm_core.errors import AccountTaken, AccountUnusable, CustomerNotFound, PinUnusable
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CustomerId
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services

ACCOUNT, PIN, WRONG = "471100", "280519", "280518"
CALLER = "+8613800138000"
NOBODY = (Proof.WRONG, None)
LOCKED = (Proof.LOCKED, None)


@pytest.fixture
async def zhang(services: Services) -> CustomerId:
    customer = (await services.customers.create(name="张伟")).id
    await services.customer_pins.put(customer, ACCOUNT, PIN)
    return customer


async def tries(services: Services, pin: str = WRONG, *, account: str = ACCOUNT, caller: str = CALLER) -> object:
    return await services.customer_pins.prove(account, pin, caller=caller)


async def test_the_right_pin_says_who_he_is(services: Services, zhang: CustomerId) -> None:
    assert await tries(services, PIN) == (Proof.FOUND, zhang)


async def test_it_is_kept_as_passwords_are(services: Services, database: Database, zhang: CustomerId) -> None:
    async with database.reading() as connection:
        kept = await connection.scalar(select(t.customer_pin.c.pin_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert all(PIN not in str(line.body) for line in await services.event_log.of_subject(zhang))


async def test_a_wrong_pin_and_no_such_account_are_the_same(services: Services, zhang: CustomerId) -> None:
    assert await tries(services) == await tries(services, PIN, account="999999") == NOBODY
    assert await tries(services, "") == NOBODY


@pytest.mark.parametrize("account", [ACCOUNT, "999999"])
async def test_an_account_locks_after_so_many_tries_from_wherever_and_opens_by_itself(
    services: Services, clock: ManualClock, zhang: CustomerId, account: str
) -> None:
    for caller in range(MOST_OF_ACCOUNT):
        assert await tries(services, account=account, caller=str(caller)) == NOBODY
    assert await tries(services, PIN, account=account, caller="another") == LOCKED
    clock.advance(WINDOW.total_seconds())
    found = await tries(services, PIN, account=account)
    assert found == ((Proof.FOUND, zhang) if account == ACCOUNT else NOBODY)


async def test_a_number_locks_after_so_many_tries_at_whatever_account(services: Services, zhang: CustomerId) -> None:
    for account in range(MOST_OF_CALLER):
        assert await tries(services, account=f"60000{account}") == NOBODY
    assert await tries(services, PIN) == LOCKED
    assert await tries(services, PIN, caller="another") == (Proof.FOUND, zhang)


async def test_many_at_once_are_no_way_around_it(services: Services, zhang: CustomerId) -> None:
    found = await asyncio.gather(*(tries(services, caller=str(caller)) for caller in range(2 * MOST_OF_ACCOUNT)))
    assert found.count(NOBODY) == MOST_OF_ACCOUNT
    assert found.count(LOCKED) == MOST_OF_ACCOUNT


async def test_slow_guessing_shuts_it_until_a_person_opens_it(
    services: Services, clock: ManualClock, zhang: CustomerId
) -> None:
    for number in range(MOST_IN_A_ROW):
        clock.advance(WINDOW.total_seconds())
        assert await tries(services, caller=str(number)) == NOBODY
    clock.advance(10 * WINDOW.total_seconds())
    assert await tries(services, PIN) == NOBODY
    clock.advance(10 * WINDOW.total_seconds())
    known = await services.customer_pins.of(zhang)
    assert known is not None
    assert known.shut
    await services.customer_pins.open(zhang)
    assert await tries(services, PIN) == (Proof.FOUND, zhang)


async def test_what_is_told_gives_no_account_away(services: Services, clock: ManualClock, zhang: CustomerId) -> None:
    """Tried without end, in haste and at leisure, his sounds like one that there is not."""

    async def told(account: str) -> list[Proof]:
        found = []
        for number in range(4 * MOST_IN_A_ROW):
            clock.advance(WINDOW.total_seconds() if number % (MOST_OF_ACCOUNT + 2) == 0 else 1)
            found.append((await tries(services, account=account, caller=f"{account} {number}"))[0])
        return found

    his, nobodys = await told(ACCOUNT), await told("999999")
    assert his == nobodys
    assert set(his) == {Proof.WRONG, Proof.LOCKED}


async def test_the_right_one_between_begins_anew(services: Services, clock: ManualClock, zhang: CustomerId) -> None:
    await tries(services)
    await tries(services, PIN)
    known = await services.customer_pins.of(zhang)
    assert known is not None
    assert known.wrong == 0


async def test_the_account_may_change_and_the_pin_stay(services: Services, zhang: CustomerId) -> None:
    await services.customer_pins.put(zhang, "471101")
    assert await tries(services, PIN) == NOBODY
    assert await tries(services, PIN, account="471101") == (Proof.FOUND, zhang)


async def test_what_is_taken_away_proves_nothing_any_more(services: Services, zhang: CustomerId) -> None:
    await services.customer_pins.take_away(zhang)
    assert await services.customer_pins.of(zhang) is None
    assert await tries(services, PIN) == NOBODY
    await services.customer_pins.open(zhang)


@pytest.mark.parametrize(
    ("account", "pin", "error"),
    [
        ("12", PIN, AccountUnusable),
        ("四七一一", PIN, AccountUnusable),
        ("4712", "12345", PinUnusable),
        ("4712", "123456", PinUnusable),
        ("4712", "28051a", PinUnusable),
        ("4712", "", PinUnusable),
        (ACCOUNT, PIN, AccountTaken),
    ],
)
async def test_what_cannot_be_is_said(
    services: Services, zhang: CustomerId, account: str, pin: str, error: type[Exception]
) -> None:
    other = (await services.customers.create(name="李静")).id
    with pytest.raises(error):
        await services.customer_pins.put(other, account, pin)
    assert await services.customer_pins.of(other) is None


async def test_nobody_has_no_pin(services: Services) -> None:
    with pytest.raises(CustomerNotFound):
        await services.customer_pins.put(CustomerId("cus_nobody"), "4712", PIN)
