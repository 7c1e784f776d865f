"""Everything live, right now."""

from __future__ import annotations

from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, Playbook


def test_queues_count_who_waits_and_who_is_there() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.order_pause(ALICE)
    play.caller_waits("1", skills="zh:1")
    play.wait(10)
    play.caller_waits("2", skills="zh:1", queue="vip")
    service, vip = play.floor().queues
    assert (service.waiting, service.longest_wait_s, vip.waiting) == (1, 10.0, 1)
    assert (service.agents_ready, service.agents_signed_in) == (0, 1)
    assert service.names["en"] == "Service"


def test_who_is_served_next_stands_in_front() -> None:
    play = Playbook()
    first = play.caller_waits("1")
    play.wait(1)
    vip = play.caller_waits("2", queue="vip")
    rows = play.floor().waiting
    assert [row.call for row in rows] == [play.call_of(vip), play.call_of(first)]
    assert [row.ani for row in rows] == ["2", "1"]
    assert [row.turn for row in rows] == [1, 2]


def test_everybody_is_shown_with_what_he_does() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, _ = play.talks(skills="repair:2")
    alice = next(row for row in play.floor().agents if row.agent == ALICE)
    assert (alice.extension, alice.state, alice.call) == ("1001", AgentState.TALKING, play.call_of(caller))
    assert alice.skills == {"zh": 5, "en": 4, "repair": 5}
    bob = next(row for row in play.floor().agents if row.agent == BOB)
    assert (bob.state, bob.reachable, bob.call) == (AgentState.OFFLINE, False, None)


def test_callers_say_why_they_wait_and_to_whom_they_are_offered() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.caller_waits("1", skills="zh:1")
    play.wait(1)
    play.caller_waits("2", skills="zh:1")
    offered, waiting = play.floor().waiting
    assert (offered.offered_to, offered.why_waiting) == (ALICE, "being_offered")
    assert (waiting.offered_to, waiting.why_waiting) == (None, "all_busy")
