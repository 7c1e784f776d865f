"""Millions of calls side by side, Asterisk's accounts and the call log's, in a temporary database on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from cti.reconcile import Account, Logged, Row

_PIECE = 10_000
_T = TypeVar("_T")
_TABLES = """
CREATE TABLE account (
    call TEXT PRIMARY KEY, server TEXT, start REAL, end REAL, answered INTEGER, caller TEXT, internal INTEGER,
    outbound INTEGER, dialled TEXT, parties TEXT, asked INTEGER, safety INTEGER, talked_from REAL, rows INTEGER
) WITHOUT ROWID;
CREATE TABLE logged (
    call TEXT PRIMARY KEY, server TEXT, start REAL, end REAL, answered INTEGER, guessed INTEGER, last REAL
) WITHOUT ROWID;
CREATE TABLE nameless (first TEXT, channel TEXT, start REAL);
"""
_ADD = """
INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (call) DO UPDATE SET
    start = min(start, excluded.start), end = max(end, excluded.end),
    answered = max(answered, excluded.answered), caller = iif(caller = '', excluded.caller, caller),
    internal = max(internal, excluded.internal), outbound = max(outbound, excluded.outbound),
    dialled = iif(dialled = '', excluded.dialled, dialled), parties = trim(parties || ' ' || excluded.parties),
    asked = max(asked, excluded.asked), safety = max(safety, excluded.safety),
    talked_from = coalesce(talked_from, excluded.talked_from), rows = rows + 1
"""


class AccountsStore:
    """`with AccountsStore() as store:`; nothing of it stays."""

    def __init__(self) -> None:
        # Without a name: a file nobody sees, gone with us. Filled on a thread, one after the other.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add_rows(self, rows: Iterable[Row]) -> None:
        self._database.executemany(_ADD, map(_said, rows))

    def add_nameless(self, row: Row) -> None:
        self._database.execute("INSERT INTO nameless VALUES (?, ?, ?)", (row.first, row.channel, row.start))

    def nobodys(self) -> list[tuple[str, float]]:
        """Channel and beginning of the rows without an id that belong to none of the calls either."""
        query = "SELECT channel, start FROM nameless WHERE first NOT IN (SELECT call FROM account) ORDER BY start"
        return self._database.execute(query).fetchall()

    def add_logged(self, calls: Iterable[Logged]) -> None:
        said = ((one.call, one.server, one.start, one.end, one.answered, one.guessed, one.last) for one in calls)
        self._database.executemany("INSERT OR REPLACE INTO logged VALUES (?, ?, ?, ?, ?, ?, ?)", said)

    def keep_only(self, since: float, until: float) -> None:
        """Calls that began in this time; `until` is not in it any more."""
        self._database.execute("DELETE FROM account WHERE start < ? OR start >= ?", (since, until))

    def span(self) -> tuple[float, float] | None:
        """From the first beginning to the last end; None when there are none."""
        found = self._database.execute("SELECT min(start), max(end) FROM account").fetchone()
        return None if found[0] is None else (found[0], found[1])

    def count(self) -> tuple[int, int]:
        """Calls and rows."""
        found = self._database.execute("SELECT count(*), coalesce(sum(rows), 0) FROM account").fetchone()
        return int(found[0]), int(found[1])

    def servers(self) -> set[str]:
        return {row[0] for row in self._database.execute("SELECT DISTINCT server FROM account")}

    def not_logged(self) -> Iterator[list[str]]:
        """Ids of calls that Asterisk had and the log (as far as it was read) has not, piece by piece."""
        query = "SELECT call FROM account WHERE call NOT IN (SELECT call FROM logged)"
        return _pieces(row[0] for row in self._database.execute(query).fetchall())

    def open_ones(self) -> Iterator[list[str]]:
        """Ids of calls that are over for Asterisk and not for the log."""
        query = "SELECT call FROM account JOIN logged USING (call) WHERE logged.end IS NULL"
        return _pieces(row[0] for row in self._database.execute(query).fetchall())

    def told_last(self, when: Iterable[tuple[str, float]]) -> None:
        self._database.executemany("UPDATE logged SET last = ? WHERE call = ?", ((at, call) for call, at in when))

    def pairs(self) -> Iterator[tuple[Account, Logged | None]]:
        """Every call of Asterisk's, with what the log has of it, in the order of their beginnings."""
        query = "SELECT a.*, l.* FROM account a LEFT JOIN logged l ON l.call = a.call ORDER BY a.start, a.call"
        for row in self._database.execute(query):
            yield _account(row[:_WIDTH]), None if row[_WIDTH] is None else _logged(row[_WIDTH:])

    def only_logged(self, since: float, until: float) -> Iterator[Logged]:
        """Calls of the log, begun in this time and over, of which Asterisk says nothing."""
        query = (
            "SELECT * FROM logged WHERE start >= ? AND start <= ? AND end IS NOT NULL "
            "AND call NOT IN (SELECT call FROM account) ORDER BY start"
        )
        return map(_logged, self._database.execute(query, (since, until)))


_WIDTH = 14
"""Columns of an account."""


def _said(row: Row) -> tuple[object, ...]:
    people = (row.caller, row.internal, row.outbound, row.dialled, row.party, row.asked, row.safety)
    return (row.call, row.server, row.start, row.end, row.answered, *people, row.talked_from)


def _account(row: tuple[object, ...]) -> Account:
    call, server, start, end, answered, caller, internal, outbound, dialled, parties, asked, safety, since, rows = row
    return Account(
        call=str(call), server=str(server), start=_float(start), end=_float(end), answered=bool(answered),
        caller=str(caller), internal=bool(internal), outbound=bool(outbound), dialled=str(dialled),
        parties=tuple(dict.fromkeys(str(parties).split())), asked=bool(asked), safety=bool(safety),
        talked_from=None if since is None else _float(since), rows=int(_float(rows)),
    )  # fmt: skip


def _logged(row: tuple[object, ...]) -> Logged:
    call, server, start, end, answered, guessed, last = row
    return Logged(
        call=str(call), server=str(server), start=_float(start), end=None if end is None else _float(end),
        answered=bool(answered), guessed=bool(guessed), last=_float(last),
    )  # fmt: skip


def _float(value: object) -> float:
    assert isinstance(value, int | float)  # noqa: S101 - as the table says
    return float(value)


def _pieces(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    return iter(lambda: list(islice(iterator, _PIECE)), [])
