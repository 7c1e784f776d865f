"""The call log compared with Asterisk's own account (CDR), call by call. Pure: rows and calls in, findings out."""

from cti.reconcile.accounts import Account, Row
from cti.reconcile.comparing import Finding, Kind, Logged, compare
from cti.reconcile.errors import CdrUnreadable, ReconcileError
from cti.reconcile.reading import read_rows

__all__ = ["Account", "CdrUnreadable", "Finding", "Kind", "Logged", "ReconcileError", "Row", "compare", "read_rows"]
