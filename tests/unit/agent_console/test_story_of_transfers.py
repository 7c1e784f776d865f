"""What the call's page says of phones beside the queue, of advice, of transfers and of the end, in both languages."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from agent_console.pages.calls.endings import CAUSES, SIP, cause_said, sip_said
from agent_console.pages.calls.figures import ended_by, transfer_row
from agent_console.pages.calls.story import _TOLD, story
from agent_console.pages.calls.within import FOR_SUPERVISORS
from agent_console.words import Words, load_words
from crm_core.domain.calls import CallDirection, CallRecord, Transfer
from crm_core.kernel.ids import CallId, OfferId, ServerId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import normalise
from cti import causes, events
from cti.events import (
    CallAnswered,
    CallArrived,
    CallConnected,
    CallConsulted,
    CallEnded,
    CallEvent,
    CallHeld,
    CallMissed,
    CallReturned,
    CallRinging,
    CallTransferred,
    CallWrappedUp,
    Direction,
    HungUpBy,
    OfferFailed,
    OfferFailure,
    Outcome,
    RingFor,
    TransferKind,
    TransferOutcome,
)
from tests.unit.agent_console.test_story import ALICE, BOB, CALL, CAST, at, logged, sentences


@pytest.fixture(scope="module")
def spoken() -> dict[Language, Words]:
    return dict(load_words(timezone="Asia/Shanghai", home_region="CN"))


def arrived(direction: Direction = Direction.INBOUND, **more: Any) -> CallArrived:
    said = {"ani": "13800138000", "dnis": "4008000"} | more
    return CallArrived(at=at(0), call=CALL, server=ServerId("a"), direction=direction, **said)


def transferred(
    outcome: TransferOutcome = TransferOutcome.COMPLETED, kind: TransferKind = TransferKind.BLIND, to: str = "1002"
) -> CallTransferred:
    to_agent = BOB if to == "1002" else None
    return CallTransferred(
        at=at(40), call=CALL, kind=kind, by="1001", to=to, outcome=outcome, by_agent=ALICE, to_agent=to_agent
    )


def test_every_event_of_a_call_is_told_in_words() -> None:
    kinds = [kind for _, kind in inspect.getmembers(events, inspect.isclass) if issubclass(kind, CallEvent)]
    assert {kind for kind in kinds if kind is not CallEvent} == {*_TOLD, *FOR_SUPERVISORS}


def test_a_transfer_told_step_by_step(spoken: dict[Language, Words]) -> None:
    lines = logged(
        arrived(),
        CallConnected(at=at(10), call=CALL, agent=ALICE, party="1001"),
        CallHeld(at=at(12), call=CALL, by="1001"),
        CallHeld(at=at(13), call=CALL, by="13800138000"),
        CallConsulted(at=at(15), call=CALL, agent=ALICE, party="1001"),
        CallRinging(
            at=at(16), call=CALL, agent=BOB, party="1002", ring_for=RingFor.CONSULTATION, by="1001", by_agent=ALICE
        ),
        CallAnswered(at=at(17), call=CALL, agent=BOB, party="1002"),
        CallReturned(at=at(18), call=CALL, agent=ALICE, party="1001"),
        CallRinging(at=at(30), call=CALL, agent=BOB, party="1002", ring_for=RingFor.TRANSFER, by="1001"),
        CallRinging(at=at(31), call=CALL, agent=None, party="13700137000"),
        CallMissed(at=at(32), call=CALL, agent=None, party="13700137000", why=OfferFailure.BUSY),
        transferred(),
        CallEnded(
            at=at(60), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER, talk_s=20, consult_s=3, cause=38
        ),
        CallWrappedUp(at=at(80), call=CALL, agent=BOB, wrap_up_s=65),
    )
    beats = story(lines, CAST)
    assert sentences(beats, spoken[Language.EN])[1:] == [
        "Alice Wang answered: both could talk.",
        "Alice Wang put the other side on hold.",
        "The customer put us on hold.",
        "Alice Wang asked somebody else; the customer heard music.",
        "Alice Wang called Bob Chen for advice.",
        "Bob Chen answered, and was asked.",
        "Alice Wang turned to the customer again.",
        "Alice Wang gave the call to Bob Chen, whose phone rang.",
        "+86 137 0013 7000 was busy.",
        "Alice Wang transferred the call to Bob Chen.",
        "The caller hung up.",
        "Bob Chen finished the paperwork in 1:05.",
    ]
    assert [spoken[Language.EN].speak(aside) for aside in beats[-2].told.aside] == [
        "Talked 0:20",
        "Alone during consultations 0:03",
        "The line's reason: the network is out of order",
    ]
    chinese = sentences(beats, spoken[Language.ZH])
    assert chinese[8] == "王爱丽把电话转给陈博，话机振铃。"
    assert chinese[10] == "王爱丽把电话转接给陈博。"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (OfferFailure.BUSY, ["+86 137 0013 7000 was busy."]),
        (OfferFailure.NO_ANSWER, ["It rang at +86 137 0013 7000.", "+86 137 0013 7000 did not answer."]),
    ],
)
def test_of_a_number_outside_that_was_busy_nobody_says_that_it_rang(
    why: OfferFailure, said: list[str], spoken: dict[Language, Words]
) -> None:
    """Some exchanges let it ring for a moment all the same. Tried again it may ring, and is told so."""
    once = (
        CallRinging(at=at(31), call=CALL, agent=None, party="13700137000"),
        CallMissed(at=at(32), call=CALL, agent=None, party="13700137000", why=why),
    )
    again = CallRinging(at=at(40), call=CALL, agent=None, party="13700137000")
    beats = story(logged(*once, again), CAST)
    assert sentences(beats, spoken[Language.EN]) == [*said, "It rang at +86 137 0013 7000."]


@pytest.mark.parametrize("outcome", list(TransferOutcome))
@pytest.mark.parametrize("kind", list(TransferKind))
@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("1002", ("Bob Chen", "陈博")),
        ("service", ("Service hotline", "服务热线")),
        ("02164881234", ("+86 21 6488 1234", "021 6488 1234")),
    ],
)
def test_every_transfer_names_who_and_whom(
    outcome: TransferOutcome, kind: TransferKind, to: str, names: tuple[str, str], spoken: dict[Language, Words]
) -> None:
    beats = story(logged(transferred(outcome, kind, to)), CAST)
    (said,), (in_chinese,) = sentences(beats, spoken[Language.EN]), sentences(beats, spoken[Language.ZH])
    assert "Alice Wang" in said
    assert names[0] in said
    assert "王爱丽" in in_chinese
    assert names[1] in in_chinese
    row = transfer_row(
        Transfer(at=at(0), kind=kind, by="1001", to=to, outcome=outcome, by_agent=ALICE, to_agent=None), CAST
    )
    assert row.done is (outcome is TransferOutcome.COMPLETED)
    assert spoken[Language.ZH].speak(row.outcome) != outcome.value


@pytest.mark.parametrize("why", list(OfferFailure))
def test_every_phone_that_was_missed_says_why(why: OfferFailure, spoken: dict[Language, Words]) -> None:
    lines = logged(CallMissed(at=at(0), call=CALL, agent=BOB, party="1002", why=why))
    assert "Bob Chen" in sentences(story(lines, CAST), spoken[Language.EN])[0]


@pytest.mark.parametrize("ring_for", list(RingFor))
def test_every_reason_to_ring_has_its_sentence(ring_for: RingFor, spoken: dict[Language, Words]) -> None:
    lines = logged(CallRinging(at=at(0), call=CALL, agent=BOB, party="1002", ring_for=ring_for, by="1001"))
    assert "陈博" in sentences(story(lines, CAST), spoken[Language.ZH])[0]


def test_colleagues_are_named_also_by_their_extensions(spoken: dict[Language, Words]) -> None:
    called = arrived(Direction.INTERNAL, ani="1001", dnis="1002", agent=ALICE)
    cast = replace(CAST, extensions={"1002": BOB})
    assert sentences(story(logged(called), cast), spoken[Language.EN]) == ["Alice Wang called Bob Chen."]
    dialled = arrived(Direction.OUTBOUND, ani="1001", dnis="13700137000", agent=ALICE)
    assert sentences(story(logged(dialled), CAST), spoken[Language.EN]) == ["Alice Wang called +86 137 0013 7000."]


def test_who_hung_up_depends_on_who_called(spoken: dict[Language, Words]) -> None:
    over = CallEnded(at=at(9), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.CALLER)
    said = [sentences(story(logged(arrived(way), over), CAST), spoken[Language.EN])[-1] for way in Direction]
    assert said == ["The caller hung up.", "The customer hung up.", "The caller hung up."]


def test_a_consultation_that_went_over_says_so(spoken: dict[Language, Words]) -> None:
    over = CallEnded(at=at(9), call=CALL, outcome=Outcome.ANSWERED, hung_up_by=HungUpBy.SYSTEM, into=CallId("c2"))
    assert "the customer's call" in sentences(story(logged(over), CAST), spoken[Language.EN])[0]


def test_every_cause_has_words_in_both_languages(spoken: dict[Language, Words]) -> None:
    assert set(CAUSES) == set(causes._WORDS)
    for cause, said in CAUSES.items():
        assert spoken[Language.ZH].speak(said) != spoken[Language.EN].speak(said), cause
    assert spoken[Language.EN].speak(cause_said(99)) == "reason 99"


def test_every_answer_of_sip_has_words_in_both_languages(spoken: dict[Language, Words]) -> None:
    assert set(SIP) == set(causes._OF_SIP)
    for status, said in SIP.items():
        assert spoken[Language.EN].speak(said) == causes.sip_in_words(status)
        assert spoken[Language.ZH].speak(said).startswith(f"{status} ")
        assert spoken[Language.ZH].speak(said) != spoken[Language.EN].speak(said)
    assert (spoken[Language.EN].speak(sip_said(499)), causes.sip_in_words(499)) == ("status 499", "499")


def test_sips_answer_stands_beside_the_lines_reason(spoken: dict[Language, Words]) -> None:
    busy = CallEnded(at=at(9), call=CALL, outcome=Outcome.BUSY, hung_up_by=HungUpBy.CALLER, cause=17, sip_cause=486)
    (beat,) = story(logged(busy), CAST)
    assert [spoken[Language.EN].speak(one) for one in beat.told.aside] == [
        "The line's reason: busy (SIP: 486 Busy Here)"
    ]
    assert "486 对方忙" in spoken[Language.ZH].speak(beat.told.aside[0])


def test_nothing_is_said_of_a_call_that_was_called_off() -> None:
    """487 only says once more that whoever called has hung up."""
    called_off = CallEnded(
        at=at(9), call=CALL, outcome=Outcome.ABANDONED, hung_up_by=HungUpBy.CALLER, cause=127, sip_cause=487
    )
    (beat,) = story(logged(called_off), CAST)
    assert beat.told.aside == ()


def test_what_a_phone_said_that_did_not_take_the_call(spoken: dict[Language, Words]) -> None:
    lines = logged(
        OfferFailed(at=at(1), call=CALL, agent=ALICE, offer=OfferId("o"), why=OfferFailure.REJECTED, sip_cause=603),
        CallMissed(at=at(2), call=CALL, agent=BOB, party="1002", why=OfferFailure.BUSY, sip_cause=486),
        CallMissed(at=at(3), call=CALL, agent=BOB, party="1002", why=OfferFailure.NO_ANSWER),
    )
    asides = [[spoken[Language.EN].speak(one) for one in beat.told.aside] for beat in story(lines, CAST)]
    assert asides == [["SIP: 603 Decline"], ["SIP: 486 Busy Here"], []]


def test_the_end_in_the_figures(spoken: dict[Language, Words]) -> None:
    call = CallRecord(
        id=CALL, number=normalise("13800138000"), started_at=at(0), direction=CallDirection.OUTBOUND,
        hung_up_by="caller", cause=17,
    )  # fmt: skip
    found = ended_by(call)
    assert found is not None
    assert [spoken[Language.EN].speak(one) for one in found if one] == ["The customer hung up.", "busy"]
    assert ended_by(replace(call, hung_up_by="")) is None
    _, reason = ended_by(replace(call, sip_cause=486)) or (None, None)
    assert reason is not None
    assert spoken[Language.EN].speak(reason) == "busy (SIP: 486 Busy Here)"
    assert ended_by(replace(call, into=CallId("c2"))) is None
