"""The story of a call retold from its events: phases, sums, outcomes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey
from cti import events as e
from cti.ami.vocabulary import DialStatus
from cti.calls.story import Story
from routing.reasons import Because
from tests.unit.cti.calls.scenes import SERVER, START

CALL, ALICE, BOB = CallId("c"), AgentId("alice"), AgentId("bob")
ONE, TWO = OfferId("o1"), OfferId("o2")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def story(*events: e.CallEvent, direction: e.Direction = e.Direction.INBOUND) -> Story:
    arrived = e.CallArrived(call=CALL, at=at(0), server=SERVER, direction=direction, ani="1", dnis="4008000")
    told = Story.begins(arrived)
    for event in events:
        told.hear(event)
    return told


def queued(seconds: float, since: float | None = None) -> e.CallQueued:
    return e.CallQueued(
        call=CALL,
        at=at(seconds),
        queue=QueueKey("service"),
        requires={},
        since=at(since) if since is not None else None,
    )


def offered(seconds: float, agent: AgentId, offer: OfferId) -> e.CallOffered:
    because = Because(rule="only_one")
    return e.CallOffered(
        call=CALL, at=at(seconds), agent=agent, extension="1", offer=offer, queue=QueueKey("service"), because=because
    )


def connected(seconds: float, agent: AgentId | None, party: str) -> e.CallConnected:
    return e.CallConnected(call=CALL, at=at(seconds), agent=agent, party=party)


def left(seconds: float, agent: AgentId | None, party: str) -> e.CallDisconnected:
    return e.CallDisconnected(call=CALL, at=at(seconds), agent=agent, party=party)


def over(told: Story, seconds: float, *, cause: int = 16, cut: bool = False) -> e.CallEnded:
    return told.ends(at=at(seconds), hung_up_by=e.HungUpBy.CALLER, cause=cause, cut=cut)


def test_the_sums_of_a_whole_call() -> None:
    told = story(
        queued(5),
        offered(6, ALICE, ONE),
        e.CallRinging(call=CALL, at=at(7), agent=ALICE, offer=ONE),
        e.OfferFailed(call=CALL, at=at(17), agent=ALICE, offer=ONE, why=e.OfferFailure.NO_ANSWER),
        offered(17, BOB, TWO),
        e.CallRinging(call=CALL, at=at(18), agent=BOB, offer=TWO),
        connected(20, BOB, "1002"),
        e.CallHeld(call=CALL, at=at(25), by="1002"),
        e.CallResumed(call=CALL, at=at(28), by="1002"),
        left(60, BOB, "1002"),
    )
    ended = over(told, 61)
    assert (ended.wait_s, ended.ring_s, ended.talk_s, ended.hold_s) == (15.0, 12.0, 37.0, 3.0)
    assert (ended.outcome, ended.agents) == (e.Outcome.ANSWERED, (BOB,))


def test_a_hold_ends_with_who_held_or_with_the_conversation() -> None:
    held = e.CallHeld(call=CALL, at=at(10), by="1001")
    one_left = story(connected(5, ALICE, "1001"), connected(5, BOB, "1002"), held, left(15, ALICE, "1001"))
    assert one_left.as_live_call().phase == "talking"
    assert over(one_left, 20).hold_s == 5.0
    nobody_left = story(connected(5, ALICE, "1001"), held, left(15, ALICE, "1001"))
    assert over(nobody_left, 30).hold_s == 5.0


def test_who_talks_is_the_first_who_still_does() -> None:
    told = story(connected(5, ALICE, "1001"), connected(6, BOB, "1002"))
    assert told.as_live_call().agent == ALICE
    told.hear(left(7, ALICE, "1001"))
    assert told.as_live_call().agent == BOB
    assert over(told, 10).agents == (ALICE, BOB)


def test_who_is_found_waiting_has_waited_since_he_began() -> None:
    assert over(story(queued(60, since=10)), 70).wait_s == 60.0


def test_who_waits_a_second_time_does_not_wait_the_first_again() -> None:
    told = story(queued(5), connected(10, ALICE, "1001"), left(30, ALICE, "1001"), queued(31, since=5))
    assert told.as_live_call().phase == "waiting"
    assert over(told, 40).wait_s == 14.0


def test_the_failure_of_a_former_offer_does_not_touch_the_present_one() -> None:
    told = story(queued(5), offered(6, ALICE, ONE), offered(7, BOB, TWO))
    told.hear(e.OfferFailed(call=CALL, at=at(8), agent=ALICE, offer=ONE, why=e.OfferFailure.FAILED))
    assert (told.as_live_call().agent, told.as_live_call().offer) == (BOB, TWO)


def test_outcomes_without_a_conversation() -> None:
    stepped = e.CallStepped(call=CALL, at=at(1), flow="main", node="n", entered="1", label="hours")
    assert over(story(stepped), 5).outcome is e.Outcome.SELF_SERVICE
    assert over(story(stepped, queued(2)), 5).outcome is e.Outcome.ABANDONED
    assert over(story(queued(2)), 5, cut=True).outcome is e.Outcome.FAILED
    assert over(story(direction=e.Direction.OUTBOUND), 5).outcome is e.Outcome.CANCELLED


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [
        (DialStatus.BUSY, 17, e.Outcome.BUSY),
        (DialStatus.NO_ANSWER, 0, e.Outcome.NO_ANSWER),
        (DialStatus.NO_ANSWER, 21, e.Outcome.REJECTED),
        (DialStatus.CANCEL, 0, e.Outcome.CANCELLED),
        (DialStatus.UNREACHABLE, 20, e.Outcome.FAILED),
        (DialStatus.CONGESTION, 34, e.Outcome.FAILED),
    ],
)
def test_outcomes_of_a_phone_called_beside_the_queue(status: DialStatus, cause: int, outcome: e.Outcome) -> None:
    told = story(direction=e.Direction.OUTBOUND)
    told.rings_elsewhere(at(1), "1002")
    told.dial_ended(status, cause, at(4), "1002")
    ended = over(told, 5)
    assert (ended.outcome, ended.ring_s) == (outcome, 3.0)
