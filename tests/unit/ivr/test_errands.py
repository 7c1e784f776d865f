"""What a flow has the house do: what is asked, which way each answer leads, what is known then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.orders import OrderKind, OrderState
from crm_core.domain.tickets import TicketStatus
from ivr.flow.asked import Answered, HowIsOrder, HowIsTicket, Matter, NewCallback, NewTicket, WhoIs
from ivr.flow.errands import ORDER_KINDS, ORDER_STATES, TICKET_STATUSES
from ivr.flow.interpreter import advance, begin
from ivr.flow.messages import Ask, Effect, EnterQueue, Failed, Heard, Input, Known, PlaySounds, Step
from ivr.flow.model import Flow
from tests.unit.ivr.flows import small_flow

QUEUES = {name: {"kind": "queue", "intent": name} for name in ("person", "yes", "several", "no", "house")}
ZHANG = Answered(way="found", values={"name": "张伟", "language": "zh", "level": "vip"}, customer="cus_1")


def play(flow: Flow, *happened: Input | str, known: Known | None = None) -> list[Effect]:
    turn = begin(flow, known or Known(ani="13800138000"))
    effects = [*turn.effects]
    for one in happened:
        turn = advance(flow, turn.state, Heard(digits=one) if isinstance(one, str) else one)
        effects += turn.effects
    return effects


def end(effects: list[Effect]) -> str | None:
    last = effects[-1]
    return last.intent if isinstance(last, EnterQueue) else None


def asked(effects: list[Effect]) -> list[Any]:
    return [one.question for one in effects if isinstance(one, Ask)]


def said(effects: list[Effect]) -> list[list[str]]:
    return [[sound.key for sound in one.sounds] for one in effects if isinstance(one, PlaySounds)]


def steps(effects: list[Effect]) -> list[tuple[str, str, str]]:
    return [(one.node, one.entered, one.label) for one in effects if isinstance(one, Step)]


# Who is it -----------------------------------------------------------------------------------------------------------


def looking_up(**changes: Any) -> Flow:
    look_up = {"kind": "look_up", "found": "vip", "several": "several", "unknown": "no", "error": "house", **changes}
    vip = {
        "kind": "condition",
        "cases": [{"when": [{"value": "customer_level", "is": "equals", "this": ["vip"]}], "to": "yes"}],
        "otherwise": "person",
    }
    return small_flow(start="who", nodes={"who": look_up, "vip": vip, **QUEUES})


def test_the_caller_is_looked_up_by_his_own_number() -> None:
    effects = play(looking_up(within_s=2), ZHANG)
    assert effects[0] == Ask(question=WhoIs(number="13800138000"), within_s=2)
    assert steps(effects) == [("who", "", "caller_found")]
    assert end(effects) == "yes"


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="several"), "caller_several", "several"),
        (Answered(way="unknown"), "caller_unknown", "no"),
        (Failed(), "not_answered", "house"),
        (Heard(digits="1"), "not_answered", "house"),
        (Answered(way="elsewhere"), "not_answered", "house"),
    ],
)
def test_each_answer_has_its_way(answer: Input, label: str, to: str) -> None:
    effects = play(looking_up(), answer)
    assert steps(effects) == [("who", "", label)]
    assert end(effects) == to


def test_who_is_looked_up_a_second_time_in_vain_is_nobody_any_more() -> None:
    first = {"kind": "look_up", "found": "again", "several": "no", "unknown": "no", "error": "house"}
    again = {"kind": "look_up", "found": "yes", "several": "level", "unknown": "level", "error": "house"}
    level = {
        "kind": "condition",
        "cases": [{"when": [{"value": "customer_name", "is": "known"}], "to": "yes"}],
        "otherwise": "no",
    }
    flow = small_flow(start="first", nodes={"first": first, "again": again, "level": level, **QUEUES})
    turn = advance(flow, begin(flow).state, ZHANG)
    assert turn.state.customer == "cus_1"
    turn = advance(flow, turn.state, Answered(way="unknown"))
    assert turn.state.customer == ""
    assert end(list(turn.effects)) == "no"


def test_keys_pressed_while_the_house_looks_are_kept() -> None:
    look_up = {"kind": "look_up", "found": "menu", "several": "menu", "unknown": "menu"}
    nodes = {"hello": {"kind": "play", "prompts": ["hello"], "next": "who"}, "who": look_up}
    flow = small_flow(start="hello", nodes=small_flow_nodes() | nodes, error="person")
    effects = play(flow, "1", ZHANG)
    assert steps(effects)[-1] == ("menu", "1", "one")


def small_flow_nodes() -> dict[str, Any]:
    return {
        "menu": {
            "kind": "menu",
            "prompts": ["ask"],
            "choices": {"1": {"to": "person", "label": "one"}},
            "exhausted": "person",
        },
        "person": {"kind": "queue"},
    }


def test_an_answer_nobody_asked_for_is_no_key() -> None:
    flow = small_flow()
    state = advance(flow, begin(flow).state, Answered(way="found")).state
    assert state.node == "menu"
    assert state.values == {"ani": "", "dnis": ""}


# How is my ticket ----------------------------------------------------------------------------------------------------


def telling(language: str = "zh", kind: str = "ticket_status") -> Flow:
    """Looks the caller up, asks for a number, and tells of what has it."""
    nodes = {
        "language": {"kind": "language", "language": language, "next": "who"},
        "who": {"kind": "look_up", "found": "ask", "several": "ask", "unknown": "ask", "error": "ask"},
        "ask": {
            "kind": "collect",
            "into": "number",
            "prompts": ["ask"],
            "longest": 12,
            "next": "tell",
            "exhausted": "person",
        },
        "tell": {"kind": kind, "number": "number", "told": "yes", "unknown": "no", "error": "house"},
        **QUEUES,
    }
    return small_flow(start="language", nodes=nodes)


OPEN = Answered(way="told", values={"status": "open"})
PROMISED = Answered(way="told", values={"status": "pending", "due": "2026-11-28T09:30"})


def test_a_ticket_is_asked_for_as_whoever_was_looked_up() -> None:
    effects = play(telling(), "", ZHANG, "12#")
    assert asked(effects)[-1] == HowIsTicket(number="12", caller="13800138000", customer="cus_1")
    effects = play(telling(), "", Answered(way="unknown"), "12#")
    assert asked(effects)[-1] == HowIsTicket(number="12", caller="13800138000", customer="")


def test_a_ticket_is_told_of_and_then_he_goes_on() -> None:
    effects = play(telling(), "", ZHANG, "12#", OPEN)
    assert said(effects)[-1] == ["ticket_number", "digit_1", "n_2", "ticket_open"]
    assert steps(effects)[-1] == ("tell", "", "ticket_told")
    assert end(play(telling(), "", ZHANG, "12#", OPEN, "")) == "yes"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_promised_is_told_as_well(language: str) -> None:
    words = said(play(telling(language), "", ZHANG, "12#", PROMISED))[-1]
    assert words[3:5] == ["ticket_pending", "ticket_due"]
    assert len(words) > 7


def test_a_word_of_it_is_enough() -> None:
    turn = begin(telling(), Known(ani="1"))
    for one in (Heard(), ZHANG, Heard(digits="12#"), OPEN, Heard(digits="9")):
        turn = advance(telling(), turn.state, one)
    assert turn.state.node == "yes"
    assert turn.state.typed == "9"


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="unknown"), "ticket_unknown", "no"),
        (Failed(), "not_answered", "house"),
        (Answered(way="told", values={"status": "open", "due": "soon"}), "not_answered", "house"),
    ],
)
def test_a_ticket_that_cannot_be_told_of(answer: Input, label: str, to: str) -> None:
    effects = play(telling(), "", ZHANG, "12#", answer)
    assert steps(effects)[-1] == ("tell", "", label)
    assert end(effects) == to


def test_a_prompt_that_is_missing_then_is_no_second_question() -> None:
    effects = play(telling(), "", ZHANG, "12#", OPEN, Failed())
    assert [label for _, _, label in steps(effects)] == ["caller_found", "entered", "ticket_told"]
    assert end(effects) == "house"


def test_every_status_a_ticket_may_have_can_be_told() -> None:
    assert set(TICKET_STATUSES) == set(TicketStatus)


# How far is my order -------------------------------------------------------------------------------------------------

REPAIR = {"kind": "repair", "state": "waiting_for_parts"}


def test_an_order_is_asked_for_as_whoever_was_looked_up() -> None:
    order = telling(kind="order_progress")
    assert asked(play(order, "", ZHANG, "12#"))[-1] == HowIsOrder(number="12", caller="13800138000", customer="cus_1")
    nobody = play(order, "", Answered(way="unknown"), "12#")
    assert asked(nobody)[-1] == HowIsOrder(number="12", caller="13800138000", customer="")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_order_is_told_of_and_then_he_goes_on(language: str) -> None:
    order = telling(language, "order_progress")
    effects = play(order, "", ZHANG, "12#", Answered(way="told", values=REPAIR))
    words = said(effects)[-1]
    assert (words[0], words[-1], "order_expected" in words) == ("order_repair", "order_waiting_for_parts", False)
    assert steps(effects)[-1] == ("tell", "", "order_told")
    told = Answered(way="told", values=REPAIR | {"expected": "2026-12-03"})
    effects = play(order, "", ZHANG, "12#", told)
    words = said(effects)[-1]
    assert words[3:5] == ["order_waiting_for_parts", "order_expected"]
    assert len(words) > 5
    assert end(play(order, "", ZHANG, "12#", told, "")) == "yes"


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [
        (Answered(way="unknown"), "order_unknown", "no"),
        (Failed(), "not_answered", "house"),
        (Answered(way="told", values=REPAIR | {"expected": "soon"}), "not_answered", "house"),
    ],
)
def test_an_order_that_cannot_be_told_of(answer: Input, label: str, to: str) -> None:
    effects = play(telling(kind="order_progress"), "", ZHANG, "12#", answer)
    assert steps(effects)[-1] == ("tell", "", label)
    assert end(effects) == to


def test_every_kind_and_state_an_order_may_have_can_be_told() -> None:
    assert (set(ORDER_KINDS), set(ORDER_STATES)) == (set(OrderKind), set(OrderState))


# What the house shall do ---------------------------------------------------------------------------------------------

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 1, 5, 10, 30, tzinfo=SHANGHAI)


def writing(**changes: Any) -> Flow:
    """Asks for a serial number and opens a ticket with it."""
    serial = {
        "kind": "collect",
        "into": "serial",
        "prompts": ["ask"],
        "longest": 8,
        "next": "open",
        "exhausted": "open",
    }
    open_ = {
        "kind": "open_ticket",
        "type": "repair",
        "subject": "报修",
        "values": ["serial"],
        "into": "made",
        "opened": "say",
        "error": "house",
        **changes,
    }
    say = {"kind": "say", "parts": ["hello", {"say": "digits", "value": "made"}], "next": "yes", "error": "no"}
    return small_flow(start="serial", nodes={"serial": serial, "open": open_, "say": say, **QUEUES})


def test_a_ticket_is_opened_from_what_was_typed() -> None:
    effects = play(writing(), "42#", Answered(way="opened", values={"number": "12"}), "")
    assert asked(effects) == [
        NewTicket(matter=Matter.REPAIR, subject="报修", details={"serial": "42"}, caller="13800138000", customer="")
    ]
    assert steps(effects)[-1] == ("open", "", "ticket_opened")
    assert said(effects)[-1] == ["hello", "digit_1", "n_2"]
    assert end(effects) == "yes"


def test_what_was_not_typed_is_not_written() -> None:
    assert asked(play(writing(), "", "", "", "", "", ""))[0].details == {}


def test_a_ticket_that_could_not_be_opened() -> None:
    assert end(play(writing(), "42#", Failed())) == "house"


def promising(**changes: Any) -> Flow:
    promise = {
        "kind": "offer_callback",
        "why": "语音菜单",
        "within_min": 60,
        "into": "due",
        "promised": "say",
        "unusable": "no",
        "error": "house",
        **changes,
    }
    parts = [{"say": "date", "value": "due"}, {"say": "time", "value": "due"}]
    say = {"kind": "say", "parts": parts, "next": "yes", "error": "no"}
    week = {day: ["09:00-12:00", "13:00-18:00"] for day in ("mon", "tue")}
    calendars = {"house": {"week": week}, "never": {"week": {}}}
    return small_flow(start="promise", nodes={"promise": promise, "say": say, **QUEUES}, calendars=calendars)


def test_a_callback_is_promised_at_the_callers_own_number() -> None:
    promised = Answered(way="promised", values={"due": "2026-01-05T11:30"})
    effects = play(promising(), promised, "", known=Known(ani="13800138000", at=MONDAY))
    assert asked(effects) == [
        NewCallback(
            number="13800138000",
            due_at=MONDAY + timedelta(hours=1),
            why="语音菜单",
            caller="13800138000",
            customer="",
        )
    ]
    assert steps(effects) == [("promise", "", "callback_promised")]
    assert end(effects) == "yes"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-01-05T10:30", "2026-01-05T11:30"),
        ("2026-01-05T11:30", "2026-01-05T14:00"),
        ("2026-01-05T12:30", "2026-01-05T14:00"),
        ("2026-01-05T17:30", "2026-01-06T10:00"),
        ("2026-01-06T20:00", "2026-01-12T10:00"),
        ("2026-01-04T03:00", "2026-01-05T10:00"),
    ],
)
def test_nobody_is_called_back_when_the_house_is_closed(now: str, due: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    effects = play(promising(calendar="house"), known=Known(ani="1", at=at))
    assert asked(effects)[0].due_at == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("calendar", "at"), [("never", MONDAY), ("house", None)])
def test_where_no_time_can_be_promised_nothing_is(calendar: str, at: datetime | None) -> None:
    effects = play(promising(calendar=calendar), known=Known(ani="1", at=at))
    assert steps(effects) == [("promise", "", "not_answered")]
    assert end(effects) == "house"


@pytest.mark.parametrize(
    ("answer", "label", "to"),
    [(Answered(way="unusable"), "callback_unusable", "no"), (Failed(), "not_answered", "house")],
)
def test_a_callback_that_cannot_be_promised(answer: Input, label: str, to: str) -> None:
    effects = play(promising(), answer, known=Known(ani="1", at=MONDAY))
    assert steps(effects) == [("promise", "", label)]
    assert end(effects) == to
