"""What can be wrong with a file of Asterisk's.

CallwrightError
└── ReconcileError
    └── CdrUnreadable
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class ReconcileError(CallwrightError):
    """The call log cannot be compared."""

    code = "reconcile.error"


class CdrUnreadable(ReconcileError):
    """{file} is no account of Asterisk's calls (CDR), line {line}: {why}."""

    code = "reconcile.unreadable"
