"""`callwright reconcile CDR.csv …`: proves the call log against Asterisk's own account of calls."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import sys
import zlib
from argparse import Namespace
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import BinaryIO, TextIO, cast
from zoneinfo import ZoneInfo

from callwright.accounts_store import AccountsStore
from callwright.foundation import core_options
from callwright.known_calls import extensions, known_calls, logged_of
from callwright.settings import Settings
from crm_core.errors import DatabaseError
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import AgentId
from crm_core.persistence.database import Database
from crm_core.runtime.spool import look_at
from crm_core.services.bundle import make_services
from crm_core.services.call_proof import CallProof
from cti.journal import GROUP as JOURNAL
from cti.reconcile import CdrUnreadable, Finding, Kind, Row, compare, entries, read_rows
from cti.reconcile.closing import may_be_closed, moment
from cti.reconcile.comparing import doubled, unknown, without_id

GZIP = b"\x1f\x8b"
_PIECE = 10_000
_WORDS = {"call.arrived": "begins", "call.ended": "ends"}


async def reconcile_command(settings: Settings, arguments: Namespace, say: Callable[[str], None]) -> int:
    """0: every call is in the log, once, and right. 1: not so; one line each. 2: it could not be compared."""
    database = Database(settings.database)
    try:
        await database.check()
        with AccountsStore() as store:
            proof = Proof(store, database, settings, arguments)
            await asyncio.to_thread(proof.read, say)
            return await proof.prove(say)
    except (CdrUnreadable, DatabaseError, OSError) as error:
        say(f"callwright: {_why(error)}")
        return 2
    finally:
        await database.close()


def _why(error: CallwrightError | OSError) -> str:
    if isinstance(error, CdrUnreadable):
        return error.sentence()
    if isinstance(error, CallwrightError):
        return f"The call log cannot be read, so nothing was compared. {error.sentence()}"
    return f"{error.filename}: {error.strerror or error}."


class Proof:
    def __init__(self, store: AccountsStore, database: Database, settings: Settings, wanted: Namespace) -> None:
        self._store, self._settings, self._wanted = store, settings, wanted
        self._log = CallProof(database)
        self._services = make_services(database, SystemClock(), options=core_options(settings))
        self._agents: dict[str, AgentId] = {}
        """Extension -> who sits there."""
        self._found: Counter[Kind] = Counter()
        self._mended = self._guessed = 0
        self._zone = ZoneInfo(settings.timezone)
        self._since = _moment(wanted.since, self._zone, -1e11)
        self._until = _moment(wanted.until, self._zone, 1e11)

    # ---- Asterisk's account

    def read(self, say: Callable[[str], None]) -> None:
        """All files into the store."""
        for file in self._wanted.files:
            if len(self._wanted.files) > 1:
                say(f"Reading {file} …")
            with _opened(file) as lines:
                rows = self._with_ids(read_rows(lines, file=file, timezone=UTC if self._wanted.utc else None))
                while piece := list(islice(rows, _PIECE)):
                    self._store.add_rows(piece)
        for channel, start in self._store.nobodys():
            self._tell(without_id(channel, _clock(start)))
        self._store.keep_only(self._since, self._until)

    def _with_ids(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if row.call:
                yield row
            elif self._since <= row.start < self._until:
                self._store.add_nameless(row)

    # ---- and ours

    async def prove(self, say: Callable[[str], None]) -> int:
        span = self._store.span()
        if span is not None:
            self._agents = await extensions(self._services.floor_plans)
            await self._read_the_log(*span)
            await self._compare(*span)
        self._sum_up(say)
        return int(self._found.total() > 0)

    async def _read_the_log(self, first: float, last: float) -> None:
        margin = self._wanted.tolerance + 60
        async for piece in self._log.begun(moment(first - margin), moment(last + margin)):
            self._store.add_logged(map(logged_of, piece))
        for ids in self._store.not_logged():
            async for piece in self._log.of_ids(ids):
                self._store.add_logged(map(logged_of, piece))
        for ids in self._store.open_ones():
            told = await self._log.last_told(ids)
            self._store.told_last((call, at.timestamp()) for call, at in told.items())

    async def _compare(self, first: float, last: float) -> None:
        for account, logged in self._store.pairs():
            self._guessed += logged is not None and logged.guessed
            for finding in compare(account, logged, tolerance_s=self._wanted.tolerance):
                self._tell(finding, mended=await self._mend(finding))
        servers = self._store.servers()
        for one in self._store.only_logged(max(first, self._since), min(last, self._until)):
            if one.server in servers or "" in servers:
                self._tell(unknown(one))
        async for call, topic, times in self._told_twice(first, last):
            self._tell(doubled(call, _WORDS[topic], times))

    def _told_twice(self, first: float, last: float) -> AsyncIterator[tuple[str, str, int]]:
        return self._log.told_twice(moment(first - 1), moment(last + 1))

    # ---- closing

    async def _mend(self, finding: Finding) -> bool:
        """Closes a call that Asterisk says has ended; enters one that ended before we ever heard of it."""
        account = finding.account
        if not self._wanted.close or account is None:
            return False
        if finding.kind is not Kind.MISSING and not may_be_closed(finding):
            return False
        known = await known_calls(self._log, [account.call])
        told = entries(account, known.get(account.call), self._agents, tolerance_s=self._wanted.tolerance)
        await self._services.calls.apply_all(told)
        return bool(told)

    # ---- telling

    def _tell(self, finding: Finding, *, mended: bool = False) -> None:
        if mended:
            self._mended += 1
        else:
            self._found[finding.kind] += 1
        print(_json(finding, mended) if self._wanted.json else _line(finding, mended))

    def _sum_up(self, say: Callable[[str], None]) -> None:
        calls, rows = self._store.count()
        of = f"{calls} calls in {rows} rows"
        marked = f" {self._guessed} of them were closed by reconciliation." if self._guessed else ""
        closed = f" {self._mended} were closed now." if self._mended else ""
        waiting = look_at(self._settings.spool_dir, JOURNAL).events
        if not calls:
            say("There is no call to compare in that time.")
        elif not self._found:
            say(f"The call log agrees with Asterisk's account: {of}.{marked}{closed}")
        else:
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self._found.items()))
            say(f"The call log does not agree with Asterisk's account of {of}: {kinds}.{marked}{closed}")
        if waiting:
            say(f"{waiting} events still wait in the spool: the call log is not complete yet. Try again when it is.")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """Also when it was packed by who rotates it. `-` is stdin."""
    with open(sys.stdin.fileno() if file == "-" else file, "rb", closefd=file != "-") as raw:
        data = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if raw.peek(2)[:2] == GZIP else raw
        with io.TextIOWrapper(data, "utf-8-sig", "surrogateescape", newline="") as text:
            try:
                yield text
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise CdrUnreadable(file=file, line="unknown", why=f"it cannot be unpacked ({error})") from None


def _line(finding: Finding, mended: bool) -> str:
    said = f"{finding.kind}\t{finding.call}\t{finding.words}" if finding.call else f"{finding.kind}\t-\t{finding.words}"
    account = finding.account
    when = f" (Asterisk: {_clock(account.start)} to {_clock(account.end)})" if account is not None else ""
    return f"{said}{when}{'; closed now' if mended else ''}"


def _json(finding: Finding, mended: bool) -> str:
    said: dict[str, object] = {"kind": finding.kind, "call": finding.call or None, "words": finding.words}
    if (account := finding.account) is not None:
        said |= {"start": account.start, "end": account.end, "answered": account.answered, "rows": account.rows}
    return json.dumps(said | {"closed": mended}, ensure_ascii=False)


def _clock(seconds: float) -> str:
    return moment(seconds).isoformat(timespec="milliseconds")


def _moment(text: datetime | None, zone: tzinfo, otherwise: float) -> float:
    """A time without a zone is one of the house's."""
    if text is None:
        return otherwise
    return (text if text.tzinfo is not None else text.replace(tzinfo=zone)).timestamp()
