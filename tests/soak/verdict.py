"""Compares what the telephones saw, what Asterisk wrote down and what our call log says, call by call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.soak.accounts import Accounts, LoggedCall
from tests.soak.plan import Done, Kind
from tests.soak.seen import Seen

CROSSED_S = 1.0
"""An answer and the end of its offer may cross on the line: that agent hears nobody, and is told at once."""
NEAR_S = 15.0
"""So long after it a fault is still named beside what went wrong."""
DEAFENING = (Kind.KILL_TELEPHONY, Kind.CUT_LINE, Kind.STALL_LINE)


class Goal(StrEnum):
    """What there must be none of."""

    LOST = "calls that the log does not know, or not to their end"
    INVENTED = "calls that the log knows and Asterisk does not"
    DOUBLED = "calls told twice"
    TOLD_WRONG = "calls told otherwise than the telephones saw them"
    CUT = "conversations that ended although neither side had hung up"
    UNSERVED = "callers sent away, or waiting in vain"
    LINGERED = "phones that were not told of the other's end"
    SILENT = "conversations without sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    goal: Goal
    number: str
    call: str = ""
    words: str = ""
    at: float = 0.0
    near: str = ""
    """The fault it happened in, or shortly after."""
    unheard: bool = False
    """The call ended while nobody of ours could hear Asterisk: what it was stands in Asterisk's own account alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    offered: int
    known_to_asterisk: int
    talked: int
    by_safety_queue: int
    """… of which Asterisk's own queue made the connection."""
    hurried: int
    """Callers without patience, gone before anybody came."""
    crossed: int
    """Answers that crossed with the end of their offer."""
    longest_wait_s: float
    """From dialling to a person, menu included."""
    findings: tuple[Finding, ...]

    def count(self, goal: Goal) -> int:
        return len({(one.number, one.call) for one in self.findings if one.goal is goal})


def verdict(seen: Sequence[Seen], accounts: Accounts, done: Sequence[Done]) -> Verdict:
    seen = [_without_crossings(call) for call in seen]
    findings = [*_by_the_phones(seen), *_by_the_accounts(seen, accounts, done)]
    spoken = [call for call in seen if call.talked]
    return Verdict(
        offered=len(seen),
        known_to_asterisk=len({call.number for call in accounts.asterisk.values()}),
        talked=len(spoken),
        by_safety_queue=sum(any(not talk.conversation for talk in call.talks) for call in spoken),
        hurried=sum(not call.talked and call.hung_up and not call.patient for call in seen),
        crossed=sum(call.crossed for call in seen),
        longest_wait_s=max((call.waited_s for call in seen if call.talked or call.patient), default=0.0),
        findings=tuple(_beside(finding, done) for finding in findings),
    )


def _without_crossings(call: Seen) -> Seen:
    """Who heard nobody and was told at once that it was over has not talked."""
    real = [
        talk for talk in call.talks if talk.heard or talk.agent_hung_up or talk.ended_at - talk.began_at > CROSSED_S
    ]
    return replace(call, talks=real, crossed=len(call.talks) - len(real))


def _by_the_phones(seen: Iterable[Seen]) -> Iterator[Finding]:
    for call in seen:
        if talk := call.cut:
            words = f"after {talk.ended_at - talk.began_at:.1f} s with {talk.agent}"
            yield Finding(goal=Goal.CUT, number=call.number, call=talk.conversation, words=words, at=talk.ended_at)
        if call.sent_away:
            words = f"SIP status {call.status} after {call.waited_s:.1f} s"
            yield Finding(goal=Goal.UNSERVED, number=call.number, words=words, at=call.ended_at)
        if call.gave_up:
            words = f"nobody came for {call.waited_s:.0f} s"
            yield Finding(goal=Goal.UNSERVED, number=call.number, words=words, at=call.placed_at)
        if call.lingered or any(talk.lingered for talk in call.talks):
            yield Finding(goal=Goal.LINGERED, number=call.number, at=call.ended_at)
        if any(not talk.heard for talk in call.talks):
            yield Finding(goal=Goal.SILENT, number=call.number, at=call.talks[0].began_at)


def _by_the_accounts(seen: Sequence[Seen], accounts: Accounts, done: Sequence[Done]) -> Iterator[Finding]:
    by_number = {call.number: call for call in seen}
    written = {call.number for call in (*accounts.asterisk.values(), *accounts.log.values())}
    for saw in seen:
        if saw.answered_at and saw.number not in written:
            yield Finding(goal=Goal.LOST, number=saw.number, words="nobody wrote it down", at=saw.ended_at)
    for one in accounts.asterisk.values():
        logged = accounts.log.get(one.call)
        at = by_number[one.number].ended_at if one.number in by_number else 0.0
        if logged is None or not logged.outcome:
            words = "not there" if logged is None else "not over there"
            yield Finding(goal=Goal.LOST, number=one.number, call=one.call, words=words, at=at)
    for logged in accounts.log.values():
        saw = by_number.get(logged.number)
        at = saw.ended_at if saw else 0.0
        if logged.call not in accounts.asterisk:
            yield Finding(goal=Goal.INVENTED, number=logged.number, call=logged.call, at=at)
        if logged.arrivals > 1 or logged.ends > 1:
            words = f"came {logged.arrivals} times, ended {logged.ends} times"
            yield Finding(goal=Goal.DOUBLED, number=logged.number, call=logged.call, words=words, at=at)
        if saw is not None and logged.outcome and (words := _told_wrong(saw, logged, heard=not _deaf(at, done))):
            yield Finding(goal=Goal.TOLD_WRONG, number=logged.number, call=logged.call, words=words, at=at)
    yield from _one_call_two_ids(accounts, by_number)


def _one_call_two_ids(accounts: Accounts, by_number: Mapping[str, Seen]) -> Iterator[Finding]:
    ids: dict[str, list[str]] = {}
    for logged in accounts.log.values():
        ids.setdefault(logged.number, []).append(logged.call)
    for number, calls in ids.items():
        if len(calls) > 1 and number in by_number:
            words = f"under {len(calls)} ids"
            at = by_number[number].ended_at
            yield Finding(goal=Goal.DOUBLED, number=number, call=" ".join(calls), words=words, at=at)


def _told_wrong(saw: Seen, logged: LoggedCall, *, heard: bool) -> str:
    """Empty when the log says what the telephones saw. What was done while we heard nothing, nobody wrote down."""
    if saw.talked != (logged.outcome == "answered"):
        whom = saw.talks[-1].agent if saw.talked else "nobody"
        return f"{logged.outcome}, and he spoke with {whom}"
    strangers = {talk.agent for talk in saw.talks} - logged.talked_with
    if strangers and heard and not logged.unheard:
        return f"spoke with {' and '.join(sorted(strangers))}, and the log does not say so"
    ended_by = "agent" if saw.talks and saw.talks[-1].agent_hung_up else "caller"
    unknown = logged.hung_up_by == "system" and not heard
    if saw.talked and not saw.cut and logged.hung_up_by != ended_by and not unknown:
        return f"ended by {logged.hung_up_by}, and it was the {ended_by}"
    return ""


def _beside(finding: Finding, done: Iterable[Done]) -> Finding:
    words = "; ".join(kind.value for kind in _near(finding.at, done))
    return replace(finding, near=words, unheard=_deaf(finding.at, done))


def _near(at: float, done: Iterable[Done]) -> list[Kind]:
    return [one.kind for one in done if one.began_at <= at <= one.ended_at + NEAR_S]


def _deaf(at: float, done: Iterable[Done]) -> bool:
    return any(kind in DEAFENING for kind in _near(at, done))
