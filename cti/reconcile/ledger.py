"""What Asterisk's account says of calls whose place in the log is not settled yet: rows in, calls that are over out.

A row is written when a part of a call is over, and its call may live on; so a call is judged only when it is no longer
alive, and a while after its last row: what the line says of its end may be on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from crm_core.kernel.ids import CallId, ServerId
from cti.reconcile.accounts import Account, Row

GRACE_S = 10.0
MOST = 200_000
"""Calls that wait here; beyond that the oldest give way, and `callwright reconcile` knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One Asterisk whose line is up and whose living calls are known."""

    now: float
    """By its own clock, when it was heard last: a line that is silent tells of nobody's end."""
    alive: frozenset[CallId]

    def is_over(self, account: Account) -> bool:
        return account.end + GRACE_S <= self.now and account.call not in self.alive


class Ledger:
    def __init__(self, *, most: int = MOST) -> None:
        self._open: dict[str, Account] = {}
        self._most = most
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, rows: Iterable[Row]) -> None:
        """Rows of nobody's calls are passed over: helpers of a consultation."""
        for row in rows:
            if row.call:
                account, before = Account.of(row), self._open.pop(row.call, None)
                self._open[row.call] = before.plus(account) if before is not None else account
        while len(self._open) > self._most:
            del self._open[next(iter(self._open))]
            self.given_up += 1

    def over(self, site_of: Callable[[ServerId], Site | None], most: int = 500) -> list[Account]:
        """Calls that can be judged now: some of them, if there are many."""
        sites: dict[str, Site | None] = {}
        found: list[Account] = []
        for account in self._open.values():
            if len(found) == most:
                break
            if account.server not in sites:
                sites[account.server] = site_of(ServerId(account.server))
            site = sites[account.server]
            if site is not None and site.is_over(account):
                found.append(account)
        return found

    def keep_only(self, servers: Collection[str]) -> None:
        """Others' calls are none of ours; of a single Asterisk also those that name none are."""
        for call, one in list(self._open.items()):
            if one.server == "" and len(servers) == 1:
                self._open[call] = replace(one, server=next(iter(servers)))
            elif one.server not in servers:
                del self._open[call]

    def settle(self, accounts: Iterable[Account]) -> None:
        """These need no more looking at; unless more was heard of them meanwhile."""
        for account in accounts:
            if self._open.get(account.call) is account:
                del self._open[account.call]

    def complete_until(self, read_until: float) -> float:
        """All calls that ended before this time are in the log."""
        return min((account.end for account in self._open.values()), default=read_until)
