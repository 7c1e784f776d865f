"""Customers' PINs: set by people, kept as passwords are, and tried by callers a few times.

A try is counted before the PIN is looked at, so that many at once are no way around the limit, and costs the same
whether there is such an account or not.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_core.domain.customer_pins import ACCOUNT, MOST_IN_A_ROW, PIN, WINDOW, CustomerPin, Proof, is_locked, is_weak
from crm_core.errors import AccountTaken, AccountUnusable, CustomerNotFound, PinUnusable
from crm_core.kernel.clock import Clock
from crm_core.kernel.ids import CustomerId, UserId, new_id
from crm_core.persistence import tables as t
from crm_core.persistence.database import Database
from crm_core.persistence.log import audit
from crm_core.persistence.queries import from_row, in_line, must_exist, upsert
from crm_core.services.options import CoreOptions

_LONGEST_TYPED = 20


class CustomerPins:
    def __init__(self, database: Database, clock: Clock, options: CoreOptions) -> None:
        self._db, self._clock = database, clock
        self._hasher = PasswordHasher(
            time_cost=options.argon2_rounds, memory_cost=options.argon2_memory_kib, parallelism=1
        )
        self._nobodys_hash = self._hasher.hash(secrets.token_hex(16))

    async def of(self, customer: CustomerId) -> CustomerPin | None:
        async with self._db.reading() as connection:
            return await _of(connection, customer)

    async def put(self, customer: CustomerId, account: str, pin: str = "", *, by: UserId | None = None) -> CustomerPin:
        """Without a `pin` the one he has stays. Whatever was tried before does not count any more."""
        if not ACCOUNT.fullmatch(account):
            raise AccountUnusable(field="account")
        if pin and (not PIN.fullmatch(pin) or is_weak(pin)):
            raise PinUnusable(field="pin")
        hashed = await asyncio.to_thread(self._hasher.hash, pin) if pin else None
        row = {"customer_id": customer, "account": account, "wrong": 0}
        fresh = {"pin_hash": hashed, "set_at": self._clock.now(), "set_by": by} if pin else {}
        try:
            async with self._db.session() as connection:
                await must_exist(connection, t.customer.c.id, customer, CustomerNotFound)
                if not pin and await _of(connection, customer) is None:
                    raise PinUnusable(field="pin")
                await self._write(connection, row | fresh)
                await _forget_tries(connection, account)
                await audit(connection, "customer.pin_set", customer, at=self._clock.now(), by=by, account=account)
        except IntegrityError:
            raise AccountTaken(account=account) from None
        found = await self.of(customer)
        assert found is not None  # noqa: S101 - it was written just now
        return found

    @staticmethod
    async def _write(connection: AsyncConnection, row: dict[str, object]) -> None:
        if "pin_hash" in row:
            await upsert(connection, t.customer_pin, [row], ["customer_id"])
            return
        of_him = t.customer_pin.c.customer_id == row["customer_id"]
        await connection.execute(update(t.customer_pin).where(of_him).values(**row))

    async def open(self, customer: CustomerId, *, by: UserId | None = None) -> None:
        """What was tried does not count any more."""
        async with self._db.session() as connection:
            found = await _of(connection, customer)
            if found is None:
                return
            of_him = t.customer_pin.c.customer_id == customer
            await connection.execute(update(t.customer_pin).where(of_him).values(wrong=0))
            await _forget_tries(connection, found.account)
            await audit(connection, "customer.pin_opened", customer, at=self._clock.now(), by=by)

    async def take_away(self, customer: CustomerId, *, by: UserId | None = None) -> None:
        async with self._db.session() as connection:
            gone = await connection.execute(delete(t.customer_pin).where(t.customer_pin.c.customer_id == customer))
            if gone.rowcount:
                await audit(connection, "customer.pin_taken_away", customer, at=self._clock.now(), by=by)

    async def prove(self, account: str, pin: str, *, caller: str) -> tuple[Proof, CustomerId | None]:
        """`caller`: the number he calls from, empty where it is withheld.

        One that only a person opens again is told from none at all by nothing: whoever tries hears that it is wrong."""
        account, now = account[:_LONGEST_TYPED], self._clock.now()
        attempt = await self._count(account, caller, now)
        if attempt is None:
            return Proof.LOCKED, None
        async with self._db.reading() as connection:
            row = (
                await connection.execute(
                    select(t.customer_pin.c.customer_id, t.customer_pin.c.pin_hash, t.customer_pin.c.wrong).where(
                        t.customer_pin.c.account == account
                    )
                )
            ).first()
        right = await asyncio.to_thread(self._verify, row.pin_hash if row else self._nobodys_hash, pin)
        if row is None or not right or row.wrong > MOST_IN_A_ROW:  # this try is among them
            return Proof.WRONG, None
        async with self._db.session() as connection:
            of_account = t.customer_pin.c.account == account
            await connection.execute(update(t.customer_pin).where(of_account).values(wrong=0))
            await connection.execute(delete(t.pin_attempt).where(t.pin_attempt.c.id == attempt))
        return Proof.FOUND, CustomerId(row.customer_id)

    async def _count(self, account: str, caller: str, now: datetime) -> str | None:
        """Notes the try as a wrong one, for now. None: there were too many."""
        tried, attempt = t.pin_attempt.c, new_id("try")
        async with self._db.session() as connection:
            await in_line(connection, f"pin of {account}", f"pin from {caller}")
            await connection.execute(delete(t.pin_attempt).where(tried.at <= now - WINDOW))
            of_account = (await connection.scalars(select(tried.at).where(tried.account == account))).all()
            of_caller = (await connection.scalars(select(tried.at).where(tried.caller == caller))).all()
            if is_locked(of_account, of_caller, now):
                return None
            row = {"id": attempt, "account": account, "caller": caller, "at": now}
            await connection.execute(t.pin_attempt.insert(), row)
            counted = update(t.customer_pin).where(t.customer_pin.c.account == account)
            await connection.execute(counted.values(wrong=t.customer_pin.c.wrong + 1))
        return attempt

    def _verify(self, hashed: str, pin: str) -> bool:
        try:
            return self._hasher.verify(hashed, pin)
        except (VerificationError, InvalidHashError):
            return False


async def _of(connection: AsyncConnection, customer: CustomerId) -> CustomerPin | None:
    query = select(t.customer_pin).where(t.customer_pin.c.customer_id == customer)
    row = (await connection.execute(query)).mappings().first()
    return from_row(CustomerPin, row) if row is not None else None


async def _forget_tries(connection: AsyncConnection, account: str) -> None:
    await connection.execute(delete(t.pin_attempt).where(t.pin_attempt.c.account == account))
