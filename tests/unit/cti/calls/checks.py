"""What must hold of any sequence of facts, whatever was heard."""

from __future__ import annotations

from collections import defaultdict

from crm_core.kernel.ids import CallId
from cti.calls import facts as f

_OF_NO_CALL = (f.LegBegan, f.LegGone, f.Summoned, f.PhoneReachable, f.ContactGone, f.ContactSeen, f.Odd)


def check_story(facts: list[f.Fact], *, complete: bool) -> None:
    """Each call arrives once, first; ends at most once, last (`complete`: has ended); parties come before they go."""
    arrived: set[CallId] = set()
    ended: set[CallId] = set()
    present: defaultdict[CallId, set[str]] = defaultdict(set)
    for fact in facts:
        if isinstance(fact, f.Arrived):
            assert fact.call not in arrived, f"{fact.call} arrived twice"
            arrived.add(fact.call)
        elif not isinstance(fact, _OF_NO_CALL):
            _goes_on(fact, arrived, ended, present)
    if complete:
        assert ended == arrived, f"never ended: {arrived - ended}"
        assert not any(present.values()), f"still together: {dict(present)}"


def _goes_on(
    fact: f.OfStory | f.Stands,
    arrived: set[CallId],
    ended: set[CallId],
    present: defaultdict[CallId, set[str]],
) -> None:
    assert fact.call in arrived, f"{fact} before its call arrived"
    assert fact.call not in ended, f"{fact} after its call had ended"
    match fact:
        case f.Joined():
            assert fact.party not in present[fact.call], f"{fact.party} joined twice"
            present[fact.call].add(fact.party)
        case f.Left():
            assert fact.party in present[fact.call], f"{fact.party} left without having joined"
            present[fact.call].discard(fact.party)
        case f.Ended():
            ended.add(fact.call)
        case _:
            pass
