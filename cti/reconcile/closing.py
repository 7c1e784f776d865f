"""What the call log has to be told of a call that ended and that nobody heard to its end, by Asterisk's own account.

All of it is marked as reconciliation's. What the account does not know stays unknown: the menu, the queue, who hung up,
and, of a caller whom a menu or a queue answered first, how long he waited and talked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from cti.events import CallArrived, CallEnded, CallEvent, CallFellToSafety, ClosedBy, Direction, HungUpBy, Outcome
from cti.reconcile.accounts import Account
from cti.reconcile.comparing import Finding, Kind, Logged, compare

SAME_S = 2.0
"""Times that differ by no more are the same: Asterisk writes its own, events carry theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the log has heard of a call."""

    logged: Logged
    queued_at: datetime | None = None
    connected_at: datetime | None = None
    agents: tuple[AgentId, ...] = ()


def entries(
    account: Account, known: Known | None, agents: Mapping[str, AgentId], *, tolerance_s: float = SAME_S
) -> tuple[CallEvent, ...]:
    """Nothing when the log knows the call to its end. `agents`: extension -> who sits there."""
    findings = list(compare(account, known.logged if known is not None else None, tolerance_s=tolerance_s))
    if any(finding.kind is Kind.MISSING for finding in findings):
        return (*_beginning(account, agents), end_of(account, known, agents))
    if known is not None and any(may_be_closed(finding) for finding in findings):
        return (end_of(account, known, agents),)
    return ()


def may_be_closed(finding: Finding) -> bool:
    """A true end stays, whatever the account says; only an open call is closed, and a guess corrected."""
    return finding.kind is Kind.NOT_ENDED or (finding.kind is Kind.NOT_ANSWERED and finding.guessed)


def _beginning(account: Account, agents: Mapping[str, AgentId]) -> tuple[CallEvent, ...]:
    call, at = CallId(account.call), moment(account.start)
    arrived = CallArrived(
        call=call,
        at=at,
        server=ServerId(account.server),
        direction=direction_of(account),
        ani=account.caller,
        dnis=account.dialled,
        agent=agents.get(account.caller) if account.internal or account.outbound else None,
        entered_by=ClosedBy.RECONCILIATION,
    )
    return (arrived, CallFellToSafety(call=call, at=at, queue=QueueKey(""))) if account.safety else (arrived,)


def end_of(account: Account, known: Known | None, agents: Mapping[str, AgentId]) -> CallEnded:
    queued, connected = (known.queued_at, known.connected_at) if known is not None else (None, None)
    end = moment(account.end)
    talked_from = connected or (moment(account.talked_from) if account.talked_from is not None else None)
    answered = account.answered or (known is not None and known.logged.answered)
    nobody_knows = answered and talked_from is None
    spoke = [agents[party] for party in account.parties if party in agents]
    return CallEnded(
        call=CallId(account.call),
        at=end,
        outcome=_outcome(answered, asked=account.asked or queued is not None),
        hung_up_by=HungUpBy.SYSTEM,
        cause=0,
        wait_s=None if nobody_knows or (queued is None and account.asked) else _length(queued, connected or end),
        ring_s=_length(moment(account.start), talked_from) if account.talked_from is not None else None,
        talk_s=None if nobody_knows else _length(talked_from if answered else None, end),
        hold_s=0.0 if known is not None else None,
        consult_s=0.0 if known is not None else None,
        agents=tuple(dict.fromkeys((*(known.agents if known is not None else ()), *spoke))),
        closed_by=ClosedBy.RECONCILIATION,
    )


def direction_of(account: Account) -> Direction:
    if account.outbound:
        return Direction.OUTBOUND
    return Direction.INTERNAL if account.internal else Direction.INBOUND


def _outcome(answered: bool, *, asked: bool) -> Outcome:
    if answered:
        return Outcome.ANSWERED
    return Outcome.ABANDONED if asked else Outcome.FAILED


def moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _length(since: datetime | None, until: datetime | None) -> float:
    return max(round((until - since).total_seconds(), 3), 0.0) if since is not None and until is not None else 0.0
