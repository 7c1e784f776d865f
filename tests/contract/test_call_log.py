"""`cti` tells and `crm_core` keeps, in the same words and fields, although the keeper never imports the teller."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from crm_core.domain import call_story
from crm_core.domain.calls import CallDirection, CallOutcome
from crm_core.domain.floor import RelaxationKind, Sticky, Strategy
from crm_core.domain.menu_walks import Visit
from crm_core.domain.overflow import OverflowKind, OverflowWhy
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId, SkillKey, TicketId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services
from cti import events as cti
from cti.journal import KEPT
from routing.reasons import Because, StepKind, StepTaken, Tie
from routing.states import AgentState
from routing.strategies import StrategyName

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CALL, ALICE, OFFER = CallId("pbx1-1.1"), AgentId("usr_alice"), OfferId("off_1")
QUEUE, PBX = QueueKey("service"), ServerId("pbx1")

EVERY_EVENT: tuple[Event, ...] = (
    cti.CallArrived(at=NOW, call=CALL, server=PBX, direction=cti.Direction.INBOUND, ani="13800138000", dnis="4008000"),
    cti.CallStepped(at=NOW, call=CALL, flow="main", node="topic", entered="2", label="repair"),
    cti.CallWalked(
        at=NOW, call=CALL, visits=(cti.MenuVisit(flow="main", node="topic", at=NOW, seconds=3.5, entered=("2",)),)
    ),
    cti.CallQueued(at=NOW, call=CALL, queue=QUEUE, requires={"zh": 1}, language="zh", intent="repair"),
    cti.CallbackPromised(at=NOW, call=CALL, number="13800138000", queue=QUEUE, since=NOW),
    cti.CallbackBegan(
        at=NOW, call=CALL, of=CallId("before"), promised_at=NOW, since=NOW, queue=QUEUE, number="1", agent=ALICE
    ),
    cti.CallbackAccepted(at=NOW, call=CALL, of=CallId("before"), agent=ALICE),
    cti.CallbackTried(
        at=NOW, call=CALL, by=CallId("made"), agent=ALICE, outcome=cti.Outcome.BUSY, tries=1, again_at=NOW
    ),
    cti.CallbackDone(at=NOW, call=CALL, by=CallId("made"), agent=ALICE),
    cti.CallbackGivenUp(
        at=NOW,
        call=CALL,
        number="13800138000",
        queue=QUEUE,
        promised_at=NOW,
        in_vain=(cti.InVain(at=NOW, by=CallId("made"), agent=ALICE, outcome=cti.Outcome.BUSY),),
    ),
    cti.CallPlaceKept(at=NOW, call=CALL, ani="13800138000", queues=(QUEUE,), since=NOW, until=NOW),
    cti.CallPlaceGivenBack(at=NOW, call=CALL, former=CallId("pbx1-0.9"), queue=QUEUE, since=NOW, instead_of=NOW),
    cti.CallToldWait(at=NOW, call=CALL, queue=QUEUE, wait_s=150.0, position=2),
    cti.CallRelaxed(
        at=NOW, call=CALL, queue=QUEUE, step=StepTaken(kind=StepKind.DROP, after_s=30, skill=SkillKey("zh"), asked=1)
    ),
    cti.CallOverflowed(
        at=NOW, call=CALL, queue=QUEUE, why=OverflowWhy.FULL, kind=OverflowKind.QUEUE, to="repair", step=1, waited_s=0.5
    ),
    cti.CallOffered(
        at=NOW, call=CALL, agent=ALICE, extension="1001", offer=OFFER, queue=QUEUE, because=Because(rule="only_one")
    ),
    cti.CallRinging(at=NOW, call=CALL, agent=ALICE, offer=OFFER),
    cti.OfferFailed(at=NOW, call=CALL, agent=ALICE, offer=OFFER, why=cti.OfferFailure.NO_ANSWER),
    cti.CallMissed(at=NOW, call=CALL, agent=None, party="1003", why=cti.OfferFailure.BUSY),
    cti.CallAnswered(at=NOW, call=CALL, agent=None, party="1004"),
    cti.CallFellToSafety(at=NOW, call=CALL, queue=QUEUE),
    cti.CallConnected(at=NOW, call=CALL, agent=ALICE, party="1001", by_safety_queue=True),
    cti.CallHeld(at=NOW, call=CALL, by="1001"),
    cti.CallResumed(at=NOW, call=CALL, by="1001"),
    cti.CallConsulted(at=NOW, call=CALL, agent=ALICE, party="1001"),
    cti.CallReturned(at=NOW, call=CALL, agent=ALICE, party="1001"),
    cti.CallTransferred(
        at=NOW,
        call=CALL,
        kind=cti.TransferKind.BLIND,
        by="1001",
        to="1002",
        outcome=cti.TransferOutcome.COMPLETED,
    ),
    cti.RecordingStarted(at=NOW, call=CALL, file="a.wav"),
    cti.RecordingPaused(at=NOW, call=CALL, agent=ALICE, until=NOW),
    cti.RecordingResumed(at=NOW, call=CALL, by=cti.ResumedBy.TIME, agent=ALICE),
    cti.CallMuted(at=NOW, call=CALL, agent=ALICE, muted=True),
    cti.DigitsSent(at=NOW, call=CALL, agent=ALICE, digits="••••"),
    cti.CallMonitored(at=NOW, call=CALL, by=AgentId("usr_sam"), of=ALICE, mode=cti.MonitorMode.LISTEN, since=NOW),
    cti.CallTakenOver(at=NOW, call=CALL, by=AgentId("usr_sam"), of=ALICE),
    cti.CallParked(at=NOW, call=CALL, lot="701", agent=ALICE, party="1001"),
    cti.CallUnparked(at=NOW, call=CALL, lot="701", by=cti.UnparkedBy.TIME),
    cti.RecordingStopped(at=NOW, call=CALL, file="a.wav"),
    cti.CallDisconnected(at=NOW, call=CALL, agent=ALICE, party="1001"),
    cti.CallEnded(
        at=NOW,
        call=CALL,
        outcome=cti.Outcome.ANSWERED,
        hung_up_by=cti.HungUpBy.CALLER,
        talk_s=3.5,
        agents=(ALICE,),
        consult_s=1.5,
        into=CallId("pbx1-0.1"),
    ),
    cti.CallWrappedUp(at=NOW, call=CALL, agent=ALICE, wrap_up_s=12.5),
    cti.AgentStateChanged(at=NOW, agent=ALICE, state=AgentState.READY, call=CALL),
    cti.TicketOffered(
        at=NOW, ticket=TicketId("tkt_1"), agent=ALICE, queue=QUEUE, because=Because(rule="only_one"), until=NOW
    ),
    cti.TicketOfferEnded(at=NOW, ticket=TicketId("tkt_1"), agent=ALICE, why=cti.TicketOfferEnd.TAKEN),
    cti.LinkUp(at=NOW, server=PBX),
    cti.LinkLost(at=NOW, server=PBX, why="cut"),
    cti.Anomaly(at=NOW, what="odd", raw="Event: X\x00\udcff"),
)


def test_the_words_are_the_same() -> None:
    assert {word.value for word in cti.Direction} == {word.value for word in CallDirection}
    following = {StepKind.KEEP, StepKind.OPEN_UP, StepKind.PLACE_BACK}  # no administrator names these steps
    assert {word.value for word in StepKind} - following == {word.value for word in RelaxationKind}
    assert {word.value for word in Tie} == {word.value for word in Sticky} - {Sticky.NOBODY}
    assert {word.value for word in StrategyName} == {word.value for word in Strategy}
    assert {word.value for word in cti.Outcome} == {word.value for word in CallOutcome}


def test_a_node_that_a_caller_came_to_is_kept_with_all_that_is_told() -> None:
    told, kept = dataclasses.fields(cti.MenuVisit), dataclasses.fields(Visit)
    assert [one.name for one in told] == [one.name for one in kept]


def test_every_topic_of_a_call_is_known_to_the_teller() -> None:
    topics = {event.topic for event in EVERY_EVENT if isinstance(event, cti.CallEvent)}
    assert topics == set(call_story._ORDER)


def test_every_event_of_cti_is_here() -> None:
    known = {kind for kind in vars(cti).values() if isinstance(kind, type) and issubclass(kind, Event) and kind.topic}
    assert known == {type(event) for event in EVERY_EVENT} | {cti.PromptCallOver, cti.PhoneMoved}
    assert cti.PhoneMoved not in KEPT, "it is for the browsers that are open just now"
    assert cti.PromptCallOver not in KEPT, "whoever speaks a prompt into his phone is nobody's call"


async def test_every_event_can_be_applied_and_is_kept(database: Database) -> None:
    services = make_services(database, ManualClock())
    for event in (*EVERY_EVENT, *reversed(EVERY_EVENT)):
        await services.calls.apply(event)
    kept = await services.event_log.read(limit=1000)
    assert sorted(line.topic for line in kept) == sorted(event.topic for event in EVERY_EVENT)
    call = await services.calls.get(CALL)
    assert (call.direction, call.outcome, call.talk_s) == (CallDirection.INBOUND, CallOutcome.ANSWERED, 3.5)
    assert (call.queue, call.fell_to_safety, call.recorded, call.agents) == (QUEUE, True, True, (ALICE,))
    assert [step.label for step in call.path] == ["repair"]
    assert (call.consult_s, call.wrap_up_s, call.into) == (1.5, 12.5, "pbx1-0.1")
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.by, transfer.to, transfer.outcome) == ("blind", "1001", "1002", "completed")
    offered, missed, asked, connected = await services.calls.legs(CALL)
    assert (offered.failure, connected.by_safety_queue, connected.wrap_up_s) == ("no_answer", True, 12.5)
    assert (missed.party, missed.failure) == ("1003", "busy")
    assert (asked.party, asked.failure, asked.connected_at) == ("1004", "", None)
    assert offered.because is not None
    assert offered.because["rule"] == "only_one"
    assert [recording.file for recording in await services.recordings.of_call(CALL)] == ["a.wav"]


async def test_all_at_once_is_the_same(database: Database) -> None:
    services = make_services(database, ManualClock())
    await services.calls.apply_all([*EVERY_EVENT[5:], *EVERY_EVENT[:7]])
    at_once, legs = await services.calls.get(CALL), await services.calls.legs(CALL)
    other = CallId("pbx1-2.2")
    for event in EVERY_EVENT:
        if isinstance(event, cti.CallEvent):
            await services.calls.apply(dataclasses.replace(event, call=other))
    one_by_one = await services.calls.get(other)
    assert dataclasses.replace(one_by_one, id=CALL) == at_once
    assert await services.calls.legs(other) == legs
