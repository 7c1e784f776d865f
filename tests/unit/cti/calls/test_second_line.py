"""Who holds the customer and asks somebody on another line of his phone: that is advice, and no mere hold."""

from __future__ import annotations

from cti.ami.vocabulary import AmiEvent
from cti.calls import facts as f
from cti.calls.tracker import Tracker
from tests.traces.replay import NAMES, trace
from tests.unit.cti.calls.scenes import SERVER, Asterisk
from tests.unit.cti.calls.test_traces import told
from tests.unit.cti.replay.stories import blocks
from tests.unit.cti.replay.stories import told as reports_of


class Desk:
    """A customer talks with 1001, who has another line."""

    def __init__(self) -> None:
        self.asterisk, self.tracker = Asterisk(), Tracker(SERVER)
        for event in self.asterisk.arrives():
            self.tracker.hear(event)
        self.caller = self.asterisk.last
        self.call = self.asterisk.channels[self.caller].call
        self.hear(self.asterisk.is_called(self.caller, "1001"))
        self.phone = self.asterisk.last
        self.hear(self.asterisk.picks_up(self.phone, self.caller))

    def hear(self, *scenes: list[AmiEvent]) -> list[str]:
        """What is told of the customer's call because of it, beside what concerns phones alone."""
        facts = [fact for scene in scenes for event in scene for fact in self.tracker.hear(event)]
        of_phones = (f.LegBegan, f.LegGone)
        of_call = [fact for fact in facts if getattr(fact, "call", None) == self.call]
        return [type(fact).__name__ for fact in of_call if not isinstance(fact, of_phones)]

    def calls(self, extension: str = "1003") -> list[str]:
        first = self.hear(self.asterisk.dials("1001", extension))
        self.second = self.asterisk.last
        dialled = self.hear(self.asterisk.is_called(self.second, extension))
        self.colleague = self.asterisk.last
        return [*first, *dialled]


def test_a_call_on_the_second_line_while_he_holds_asks_for_advice() -> None:
    desk = Desk()
    assert desk.hear(desk.asterisk.holds(desk.phone)) == ["Held"]
    assert desk.calls() == ["Consults"]
    assert desk.hear(desk.asterisk.picks_up(desk.colleague, desk.second)) == []
    assert desk.hear(desk.asterisk.hangs_up(desk.second, desk.colleague)) == ["Returned"]
    assert desk.hear(desk.asterisk.resumes(desk.phone)) == ["Resumed"]


def test_a_phone_that_holds_by_itself_when_he_has_dialled_already() -> None:
    desk = Desk()
    assert desk.calls() == []
    assert desk.hear(desk.asterisk.holds(desk.phone)) == ["Held", "Consults"]
    assert desk.hear(desk.asterisk.resumes(desk.phone)) == ["Returned", "Resumed"]


def test_the_colleague_may_be_the_one_who_hangs_up() -> None:
    desk = Desk()
    desk.hear(desk.asterisk.holds(desk.phone))
    desk.calls()
    desk.hear(desk.asterisk.picks_up(desk.colleague, desk.second))
    assert desk.hear(desk.asterisk.hangs_up(desk.colleague, desk.second)) == ["Returned"]


def test_who_is_called_on_his_second_line_asks_nobody() -> None:
    desk = Desk()
    desk.hear(desk.asterisk.holds(desk.phone))
    desk.hear(desk.asterisk.dials("1002", "1001"))
    other = desk.asterisk.last
    desk.hear(desk.asterisk.is_called(other, "1001"))
    assert desk.hear(desk.asterisk.picks_up(desk.asterisk.last, other)) == []


def test_a_customer_who_hangs_up_meanwhile_leaves_nothing_behind() -> None:
    desk = Desk()
    desk.hear(desk.asterisk.holds(desk.phone))
    desk.calls()
    assert desk.hear(desk.asterisk.hangs_up(desk.caller, desk.phone)) == ["Left", "Ended"]


def test_our_own_recorded_calls_know_no_second_line() -> None:
    assert [name for name in NAMES if any(isinstance(fact, f.Consults) for fact in told(trace(name)))] == []


def test_advice_on_a_second_line_of_a_real_phone() -> None:
    asked, customers = reports_of(blocks("consultation_by_phone"))
    assert (asked.dialed, customers.talked_to) == ("202", ("201",))
    assert customers.consult_s is not None
    assert customers.hold_s is not None
    assert customers.consult_s >= (asked.talk_s or 0) > 0.4
    assert customers.hold_s < customers.consult_s
