"""After the line came up: only the difference is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.kernel.ids import CallId
from cti.ami import vocabulary as ami
from cti.calls import facts as f
from cti.calls.tracker import Tracker
from cti.events import Direction
from tests.unit.cti.calls.scenes import SERVER, Asterisk


def hear(tracker: Tracker, *events: ami.AmiEvent) -> list[f.Fact]:
    return [fact for event in events for fact in tracker.hear(event)]


def kinds(facts: list[f.Fact]) -> list[str]:
    skip = (f.LegBegan, f.LegGone, f.PhoneReachable)
    return [type(fact).__name__ for fact in facts if not isinstance(fact, skip)]


def talking() -> tuple[Asterisk, str, str, list[ami.AmiEvent]]:
    asterisk = Asterisk()
    events = asterisk.arrives()
    caller = asterisk.last
    events += asterisk.queues(caller)
    events += asterisk.is_called(caller, "1001", "o1")
    phone = asterisk.last
    events += [*asterisk.rings(phone), *asterisk.picks_up(phone, caller)]
    return asterisk, caller, phone, events


def test_what_is_known_is_not_told_again() -> None:
    asterisk, _, _, events = talking()
    tracker = Tracker(SERVER)
    hear(tracker, *events)
    assert kinds(hear(tracker, asterisk.snapshot())) == ["Stands"]


def test_a_stranger_finds_the_whole_conversation() -> None:
    asterisk, caller, _, _ = talking()
    asterisk.wait(30)
    found = hear(Tracker(SERVER), asterisk.snapshot())
    assert kinds(found) == ["Arrived", "Joined", "Stands"]
    arrived, joined = (fact for fact in found if isinstance(fact, f.Arrived | f.Joined))
    assert isinstance(arrived, f.Arrived)
    assert arrived.found
    assert arrived.dnis == ""  # his place in the dialplan is not what he dialled
    assert (arrived.call, arrived.direction) == (asterisk.channels[caller].call, Direction.INBOUND)
    assert (asterisk.now - arrived.at).total_seconds() == 30
    assert isinstance(joined, f.Joined)
    assert joined.extension == "1001"


def test_a_phone_that_was_found_talking_has_not_rung_in_vain_when_it_hangs_up() -> None:
    asterisk, caller, phone, _ = talking()
    tracker = Tracker(SERVER)
    hear(tracker, asterisk.snapshot())
    assert kinds(hear(tracker, *asterisk.hangs_up(phone, caller))) == ["Left", "Ended"]


def test_who_is_gone_has_left() -> None:
    asterisk, caller, phone, events = talking()
    tracker = Tracker(SERVER)
    hear(tracker, *events)
    asterisk.hangs_up(caller, phone)
    assert kinds(hear(tracker, asterisk.snapshot())) == ["Left", "Ended"]
    assert tracker.calls == {}


def test_where_a_customer_stands_is_read_off_his_context() -> None:
    asterisk = Asterisk()
    asterisk.arrives("1")
    in_menu = asterisk.last
    asterisk.steps(in_menu, "topic", "1", "x")
    asterisk.arrives("2")
    asterisk.queues(asterisk.last)
    asterisk.arrives("3")
    offered = asterisk.last
    asterisk.queues(offered)
    asterisk.is_called(offered, "1001", "o7")
    asterisk.arrives("4")
    asterisk.falls_to_safety(asterisk.last)
    stands = [fact for fact in hear(Tracker(SERVER), asterisk.snapshot()) if isinstance(fact, f.Stands)]
    assert sorted((str(fact.where), fact.offer, fact.extension) for fact in stands) == [
        ("menu", None, None),
        ("offered", "o7", "1001"),
        ("safety", None, None),
        ("waiting", None, None),
    ]


@pytest.mark.parametrize("application", ["MusicOnHold", "Wait"])
def test_who_waits_where_he_was_offered_is_offered_no_more(application: str) -> None:
    asterisk = Asterisk()
    asterisk.arrives()
    asterisk.queues(asterisk.last)
    asterisk.is_sent(asterisk.last, "cw-offer", "1001-o7")
    snapshot = asterisk.snapshot()
    waiting = replace(snapshot, channels=tuple(replace(live, application=application) for live in snapshot.channels))
    [stands] = [fact for fact in hear(Tracker(SERVER), waiting) if isinstance(fact, f.Stands)]
    assert (stands.where, stands.offer, stands.extension) == (f.Where.WAITING, None, None)


def test_a_phone_found_ringing_rings() -> None:
    asterisk = Asterisk()
    asterisk.arrives()
    caller = asterisk.last
    asterisk.is_called(caller, "1001", "o1")
    asterisk.rings(asterisk.last)
    assert "Ringing" in kinds(hear(Tracker(SERVER), asterisk.snapshot()))


def test_a_leg_by_itself_without_our_stamp_is_nobodys_business() -> None:
    asterisk = Asterisk()
    asterisk.dials("1001", "1002")
    assert kinds(hear(Tracker(SERVER), asterisk.snapshot())) == []


def test_an_outgoing_conversation_is_found_from_the_customers_side() -> None:
    asterisk = Asterisk()
    asterisk.dials("1001", "13700137000")
    phone = asterisk.last
    asterisk.line_is_called(phone, "13700137000")
    asterisk.picks_up(asterisk.last, phone)
    found = hear(Tracker(SERVER), asterisk.snapshot())
    arrived = next(fact for fact in found if isinstance(fact, f.Arrived))
    joined = next(fact for fact in found if isinstance(fact, f.Joined))
    assert (arrived.direction, joined.extension) == (Direction.OUTBOUND, "1001")


def who_joined(facts: list[f.Fact]) -> list[tuple[str, str | None]]:
    return [(fact.call, fact.extension) for fact in facts if isinstance(fact, f.Joined)]


def placed() -> tuple[Asterisk, str, list[ami.AmiEvent]]:
    asterisk = Asterisk()
    events = asterisk.is_called_out(CallId("pbx1-1-1"), "1001", "13700137000")
    return asterisk, asterisk.last, events


@pytest.mark.parametrize("heard", range(4), ids=["nothing", "its birth", "its dial", "its ringing"])
def test_a_placed_call_is_the_agents_however_much_was_heard_before_the_line_broke(heard: int) -> None:
    asterisk, phone, events = placed()
    tracker = Tracker(SERVER)
    told = hear(tracker, *[*events, *asterisk.rings(phone)][:heard])
    told += hear(tracker, asterisk.snapshot())
    [arrived] = [fact for fact in told if isinstance(fact, f.Arrived)]
    assert (arrived.direction, arrived.dnis) == (Direction.OUTBOUND, "13700137000")
    told = hear(tracker, *asterisk.is_led_outside(phone, "13700137000"))
    told += hear(tracker, *asterisk.picks_up(asterisk.last, phone))
    assert who_joined(told) == [("pbx1-1-1", "1001")]


@pytest.mark.parametrize("talking", [False, True])
@pytest.mark.parametrize("heard", range(4), ids=["nothing", "its birth", "its dial", "its ringing"])
def test_a_placed_call_that_was_led_on_unheard_is_the_agents(heard: int, talking: bool) -> None:
    asterisk, phone, events = placed()
    tracker = Tracker(SERVER)
    hear(tracker, *[*events, *asterisk.rings(phone)][:heard])
    asterisk.is_led_outside(phone, "13700137000")
    line = asterisk.last
    if talking:
        asterisk.picks_up(line, phone)
    told = hear(tracker, asterisk.snapshot())
    if not talking:
        told += hear(tracker, *asterisk.picks_up(line, phone))
    assert who_joined(told) == [("pbx1-1-1", "1001")]


def test_a_phone_found_on_its_way_outside_makes_an_outgoing_call() -> None:
    asterisk = Asterisk()
    asterisk.summons("1001", "pbx1-1.1", call=CallId("pbx1-1-1"))
    asterisk.is_sent(asterisk.last, "cw-outbound", "13700137000")
    told = hear(Tracker(SERVER), asterisk.snapshot())
    [arrived] = [fact for fact in told if isinstance(fact, f.Arrived)]
    assert (arrived.direction, arrived.dnis) == (Direction.OUTBOUND, "13700137000")


def test_after_asterisks_restart_everything_was_cut() -> None:
    asterisk, _, _, events = talking()
    tracker = Tracker(SERVER)
    hear(tracker, *events)
    told = hear(tracker, asterisk.snapshot(restarted=True))
    (ended,) = [fact for fact in told if isinstance(fact, f.Ended)]
    assert ended.cut


def test_devices_are_told_by_difference() -> None:
    asterisk, tracker = Asterisk(), Tracker(SERVER)
    hear(tracker, *asterisk.registers("1001"), *asterisk.registers("1002"))
    asterisk.unregisters("1002")
    told = hear(tracker, asterisk.snapshot())
    assert [(fact.extension, fact.reachable) for fact in told if isinstance(fact, f.PhoneReachable)] == [
        ("1002", False)
    ]
