"""Single things the tracker understands; whole calls are in test_traces."""

from __future__ import annotations

from cti.ami import vocabulary as ami
from cti.calls import facts as f
from cti.calls.tracker import Tracker, looks_like_extension
from cti.events import Direction, HungUpBy
from tests.unit.cti.calls.scenes import SERVER, Asterisk


class Line:
    def __init__(self) -> None:
        self.asterisk = Asterisk()
        self.tracker = Tracker(SERVER)

    def hear(self, *scenes: list[ami.AmiEvent]) -> list[f.Fact]:
        return [fact for scene in scenes for event in scene for fact in self.tracker.hear(event)]


def only(kind: type, facts: list[f.Fact]) -> list[f.Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


def test_extensions_are_short_numbers() -> None:
    assert looks_like_extension("1001")
    assert not looks_like_extension("trunk")
    assert not looks_like_extension("13800138000")


def test_a_leg_alone_is_no_call_yet() -> None:
    line = Line()
    assert line.hear(line.asterisk.comes_in()) == []
    assert line.hear(line.asterisk.hangs_up(line.asterisk.last)) == []
    assert line.tracker.calls == {}


def test_a_call_whose_arrival_was_missed_is_told_with_its_first_word() -> None:
    line = Line()
    line.asterisk.arrives("13800138000")
    told = line.hear(line.asterisk.queues(line.asterisk.last))
    assert [type(fact).__name__ for fact in told] == ["Odd", "Odd", "Arrived", "Queued"]
    assert [fact.what for fact in told if isinstance(fact, f.Odd)] == ["leg_without_beginning", "missed_arrival"]


def test_a_word_about_a_call_that_is_over_is_odd() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    caller = line.asterisk.last
    late = line.asterisk.queues(caller)
    line.hear(line.asterisk.hangs_up(caller))
    (odd,) = line.hear(late)
    assert isinstance(odd, f.Odd)
    assert odd.what == "word_without_call"


def test_a_word_nobody_knows_is_odd_and_words_of_others_are_not_ours() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    caller = line.asterisk.last
    assert [fact.what for fact in line.hear([line.asterisk.word(caller, "CwNovelty")])] == ["unknown_word"]  # type: ignore[union-attr]
    assert line.hear([line.asterisk.word(caller, "SomebodyElses")]) == []


def test_passing_the_door_twice_is_arriving_once() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    again = line.asterisk.word(line.asterisk.last, "CwArrived", Dnis="1002", Direction="internal")
    assert line.hear([again]) == []
    assert next(iter(line.tracker.calls.values())).direction is Direction.INBOUND


def test_a_number_marked_private_is_no_number() -> None:
    line = Line()
    line.hear(line.asterisk.comes_in("13800138000", "张伟"))
    caller = line.asterisk.last
    private = ami.NewCallerid(
        server=SERVER, at=line.asterisk.now, channel=line.asterisk.channels[caller], withheld=True
    )
    word = line.asterisk.word(caller, "CwArrived", Dnis="4008000", Direction="inbound")
    (arrived,) = only(f.Arrived, line.hear([private, word]))
    assert isinstance(arrived, f.Arrived)
    assert (arrived.ani, arrived.ani_name) == ("", "")


def test_a_renamed_channel_is_the_same_leg() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    channel = line.asterisk.channels[line.asterisk.last]
    renamed = ami.Rename(
        server=SERVER, at=line.asterisk.now, uniqueid=channel.uniqueid, old_name=channel.name, new_name="PJSIP/x-1"
    )
    line.hear([renamed])
    (call,) = line.tracker.calls.values()
    assert call.customer is not None
    assert call.customer.name == "PJSIP/x-1"


def test_a_bridge_that_closes_lets_everybody_out() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    caller = line.asterisk.last
    line.hear(line.asterisk.is_called(caller, "1001"))
    phone = line.asterisk.last
    line.hear(line.asterisk.picks_up(phone, caller))
    closed = ami.BridgeDestroy(server=SERVER, at=line.asterisk.now, bridge=ami.Bridge(id=line.asterisk.rooms[caller]))
    assert [type(fact).__name__ for fact in line.hear([closed])] == ["Left"]


def test_nobody_hears_anybody_in_a_waiting_room() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    caller = line.asterisk.last
    line.hear(line.asterisk.is_called(caller, "1001"))
    room = ami.Bridge(id="b", technology="holding_bridge")
    events: list[ami.AmiEvent] = [
        ami.BridgeEnter(server=SERVER, at=line.asterisk.now, bridge=room, channel=line.asterisk.channels[name])
        for name in (caller, line.asterisk.last)
    ]
    assert only(f.Joined, line.hear(events)) == []


def test_two_customers_brought_together_keep_their_calls() -> None:
    line = Line()
    line.hear(line.asterisk.arrives("1"))
    first = line.asterisk.last
    line.hear(line.asterisk.arrives("2"))
    second = line.asterisk.last
    joined = only(f.Joined, line.hear(line.asterisk.together(first, second)))
    assert {(fact.call, fact.party) for fact in joined if isinstance(fact, f.Joined)} == {
        (line.asterisk.channels[first].call, "2"),
        (line.asterisk.channels[second].call, "1"),
    }
    line.hear(line.asterisk.hangs_up(first))
    assert list(line.tracker.calls) == [line.asterisk.channels[second].call]


def test_without_a_good_bye_it_was_the_system() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    (ended,) = line.hear(line.asterisk.gone(line.asterisk.last, 31))
    assert isinstance(ended, f.Ended)
    assert (ended.hung_up_by, ended.cause) == (HungUpBy.SYSTEM, 31)


def test_a_channel_asterisk_does_not_know_is_gone() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    assert only(f.Ended, line.tracker.forget_channel(line.asterisk.last, line.asterisk.now)) != []
    assert line.tracker.forget_channel("PJSIP/never-1", line.asterisk.now) == []


def test_a_late_hang_up_leaves_no_ghost() -> None:
    line = Line()
    line.hear(line.asterisk.arrives())
    caller = line.asterisk.last
    late = line.asterisk.answered(caller)
    line.hear(line.asterisk.hangs_up(caller), late)
    assert line.tracker.calls == {}
