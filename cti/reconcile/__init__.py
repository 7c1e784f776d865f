"""The call log compared with Asterisk's own account (CDR), call by call. Pure: rows and calls in, findings out, and
what the log has to be told so that it agrees."""

from cti.reconcile.accounts import Account, Row
from cti.reconcile.closing import Known, entries
from cti.reconcile.comparing import Finding, Kind, Logged, compare
from cti.reconcile.errors import CdrUnreadable, ReconcileError
from cti.reconcile.ledger import Ledger, Site
from cti.reconcile.reading import LineReader, read_rows

__all__ = [
    "Account",
    "CdrUnreadable",
    "Finding",
    "Kind",
    "Known",
    "Ledger",
    "LineReader",
    "Logged",
    "ReconcileError",
    "Row",
    "Site",
    "compare",
    "entries",
    "read_rows",
]
