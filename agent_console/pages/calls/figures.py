"""What a call's page says of its transfers and its end, beside the story. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_console.pages.calls.cast import Cast
from agent_console.pages.calls.endings import cause_said, reason_said, who_ended
from agent_console.pages.calls.handing_on import KINDS, OUTCOMES
from agent_console.words import Sentence, say
from crm_core.domain.calls import CallRecord, Transfer
from cti.events import Direction, HungUpBy, TransferOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    at: datetime
    who: Sentence
    how: Sentence
    outcome: Sentence
    done: bool


def transfer_row(one: Transfer, cast: Cast) -> TransferRow:
    by, to = cast.party(one.by, one.by_agent), cast.party(one.to, one.to_agent)
    return TransferRow(
        at=one.at,
        who=say("%(by)s to %(to)s", by=by, to=to),
        how=KINDS.get(one.kind) or say(one.kind),
        outcome=OUTCOMES.get(one.outcome) or say(one.outcome),
        done=one.outcome == TransferOutcome.COMPLETED,
    )


def ended_by(call: CallRecord) -> tuple[Sentence, Sentence | None] | None:
    """Who hung up, and the line's reason; nothing of a call that lives or that became a part of another, or of which
    nobody heard it."""
    if call.closed_by and call.hung_up_by == HungUpBy.SYSTEM:
        return None
    if call.into is not None or call.hung_up_by not in list(HungUpBy):
        return None
    by = who_ended(HungUpBy(call.hung_up_by), Direction(call.direction.value), call.outcome)
    reason = reason_said(call.cause or 0, call.sip_cause or 0)
    if reason is None and call.cause and not call.sip_cause:
        reason = cause_said(call.cause)
    return by, reason
