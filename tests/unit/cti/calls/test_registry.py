"""Which leg belongs to which call."""

from __future__ import annotations

from dataclasses import replace

from crm_core.kernel.ids import CallId
from cti.ami.vocabulary import Channel
from cti.calls import facts as f
from cti.calls.registry import Registry
from cti.calls.tracker import by_endpoint, looks_like_extension
from tests.unit.cti.calls.scenes import SERVER, START


def channel(name: str, uniqueid: str, linkedid: str = "", call: str | None = None) -> Channel:
    return Channel(name=name, uniqueid=uniqueid, linkedid=linkedid or uniqueid, call=CallId(call) if call else None)


class Desk:
    def __init__(self) -> None:
        self.told: list[f.Fact] = []
        self.registry = Registry(SERVER, by_endpoint(looks_like_extension), self.told.append)

    def call_of(self, seen: Channel) -> str:
        leg = self.registry.leg(seen, START)
        assert leg is not None
        return leg.call.id


def test_a_stamp_decides() -> None:
    assert Desk().call_of(channel("PJSIP/trunk-1", "pbx1-1.1", call="pbx1-1-1")) == "pbx1-1-1"


def test_without_a_stamp_a_leg_belongs_to_whom_it_was_made_for() -> None:
    desk = Desk()
    first = desk.call_of(channel("PJSIP/trunk-1", "pbx1-1.1", call="pbx1-1-1"))
    assert desk.call_of(channel("PJSIP/1001-2", "pbx1-1.2", linkedid="pbx1-1.1")) == first


def test_a_leg_of_its_own_is_named_as_the_dialplan_would() -> None:
    assert Desk().call_of(channel("PJSIP/1001-1", "pbx1-1.1")) == "pbx1-1-1"
    assert Desk().call_of(channel("PJSIP/1001-1", "1.1")) == "pbx1-1-1"


def test_a_stamp_seen_late_moves_the_leg() -> None:
    desk = Desk()
    seen = channel("PJSIP/1001-1", "pbx1-1.1")
    desk.call_of(seen)
    assert desk.call_of(replace(seen, call=CallId("other"))) == "other"
    moves = [(type(fact).__name__, fact.call) for fact in desk.told if isinstance(fact, f.LegBegan | f.LegGone)]
    assert moves == [("LegBegan", "pbx1-1-1"), ("LegBegan", "other"), ("LegGone", "pbx1-1-1")]


def test_nothing_is_kept_of_the_name_a_leg_had_before_its_stamp() -> None:
    """An Asterisk without a systemname stamps otherwise than we would."""
    desk = Desk()
    for number in range(10):
        born = channel(f"PJSIP/trunk-{number}", f"17.{number}")
        desk.call_of(born)
        assert desk.call_of(replace(born, call=CallId(f"17-{number}"))) == f"17-{number}"
    assert list(desk.registry.calls) == [f"17-{number}" for number in range(10)]


def test_only_the_first_stamp_counts() -> None:
    desk = Desk()
    seen = channel("PJSIP/1001-1", "pbx1-1.1", call="one")
    desk.call_of(seen)
    assert desk.call_of(replace(seen, call=CallId("two"))) == "one"


def test_helpers_and_the_dead_are_no_legs() -> None:
    desk = Desk()
    assert desk.registry.leg(channel("Surrogate/PJSIP/trunk-1", "pbx1-1.9"), START) is None
    assert desk.registry.leg(None, START) is None
    seen = channel("PJSIP/1001-1", "pbx1-1.1")
    leg = desk.registry.leg(seen, START)
    assert leg is not None
    desk.registry.drop(leg, START)
    assert desk.registry.leg(seen, START) is None


def test_a_phone_with_two_legs_in_a_call_is_gone_with_the_second() -> None:
    desk = Desk()
    legs = [desk.registry.leg(channel(f"PJSIP/1001-{n}", f"pbx1-1.{n}", call="c"), START, is_born=True) for n in (1, 2)]
    for leg in legs:
        assert leg is not None
        desk.registry.drop(leg, START)
    kinds = [type(fact).__name__ for fact in desk.told]
    assert kinds == ["LegBegan", "LegGone"]


def test_the_dead_are_not_remembered_for_ever() -> None:
    desk = Desk()
    for number in range(5_000):
        desk.registry.remember_dead(str(number))
    assert desk.registry.leg(channel("PJSIP/1001-1", "0"), START) is not None
    assert desk.registry.leg(channel("PJSIP/1001-1", "4999"), START) is None
