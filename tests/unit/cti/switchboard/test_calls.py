"""The story of a call, from its arrival to the sum of everything."""

from __future__ import annotations

from crm_core.kernel.ids import CallId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from routing.states import AgentState
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, Playbook, floor_plan


def test_a_whole_call() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    play.hear(play.asterisk.arrives("13800138000", "张伟", dnis="4008000"))
    caller = play.asterisk.last
    play.wait(4)
    play.hear(play.asterisk.steps(caller, "language", "1", "zh"), play.asterisk.steps(caller, "topic", "2", "repair"))
    play.wait(1)
    play.hear(play.asterisk.queues(caller, "service", "zh:1/repair:1"))
    play.wait(0.5)
    phone = play.phone_rings(caller)
    play.wait(2.5)
    play.hear(play.asterisk.picks_up(phone, caller))
    play.wait(10)
    play.hear(play.asterisk.holds(phone))
    play.wait(5)
    play.hear(play.asterisk.resumes(phone))
    play.wait(15)
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.topics() == [
        "call.arrived",
        "call.stepped",
        "call.stepped",
        "call.queued",
        "alice:reserved",
        "call.offered",
        "call.ringing",
        "alice:ringing",
        "call.connected",
        "alice:talking",
        "call.held",
        "call.resumed",
        "call.disconnected",
        "alice:wrap_up",
        "call.ended",
    ]
    arrived, ended = play.said(e.CallArrived)[0], play.said(e.CallEnded)[0]
    assert (arrived.ani, arrived.ani_name, arrived.dnis) == ("13800138000", "张伟", "4008000")
    assert (ended.outcome, ended.hung_up_by, ended.agents) == (e.Outcome.ANSWERED, e.HungUpBy.AGENT, (ALICE,))
    assert (ended.wait_s, ended.ring_s, ended.talk_s, ended.hold_s) == (3.0, 2.5, 25.0, 5.0)


def test_what_the_floor_shows_of_it() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.hear(play.asterisk.arrives())
    caller = play.asterisk.last
    phases = [play.floor().calls[0].phase]
    play.hear(play.asterisk.steps(caller, "topic", "2", "repair"), play.asterisk.queues(caller))
    phases.append(play.floor().calls[0].phase)
    phone = play.phone_rings(caller)
    phases.append(play.floor().calls[0].phase)
    play.hear(play.asterisk.picks_up(phone, caller))
    phases.append(play.floor().calls[0].phase)
    play.hear(play.asterisk.holds(phone))
    live = play.floor().calls[0]
    assert [*phases, live.phase] == ["menu", "offered", "ringing", "talking", "held"]
    assert (live.agent, live.path, live.intent, live.language) == (ALICE, ("repair",), "repair", "zh")
    assert live.connected_at is not None


def test_a_caller_nobody_is_there_for_gives_up() -> None:
    play = Playbook()
    caller = play.caller_waits()
    play.wait(42)
    assert play.floor().queues[0].longest_wait_s == 42.0
    assert play.floor().waiting[0].why_waiting == "nobody_logged_in"
    play.hear(play.asterisk.hangs_up(caller))
    ended = play.said(e.CallEnded)[0]
    assert (ended.outcome, ended.hung_up_by, ended.wait_s) == (e.Outcome.ABANDONED, e.HungUpBy.CALLER, 42.0)
    assert play.floor().waiting == ()


def test_a_caller_who_only_wanted_the_menu() -> None:
    play = Playbook()
    play.hear(play.asterisk.arrives())
    caller = play.asterisk.last
    play.hear(play.asterisk.steps(caller, "hours", "5", "hours"))
    play.hear(play.asterisk.hangs_up(caller))
    assert play.said(e.CallEnded)[0].outcome is e.Outcome.SELF_SERVICE


def test_a_conversation_is_recorded_on_the_customers_channel() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    start = play.last(fx.StartRecording)
    call = play.call_of(caller)
    assert (start.channel, start.file) == (caller, f"{call}.wav")
    play.hear(fx.Done(effect=start, answer={"MixMonitorID": "0x1"}))
    assert play.said(e.RecordingStarted)[0].mix_id == "0x1"
    play.forget()
    play.hear(play.asterisk.hangs_up(phone, caller))
    assert play.topics() == ["call.disconnected", "alice:wrap_up", "recording.stopped", "call.ended"]


def test_a_recording_of_a_very_short_call_is_known_all_the_same() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(play.asterisk.hangs_up(phone, caller))
    play.forget()
    play.hear(fx.Done(effect=fx.StartRecording(server=play.asterisk.server, channel="c", call=CallId("x"), file="x")))
    assert play.topics() == ["recording.started", "recording.stopped"]


def test_the_safety_queue_connects_somebody() -> None:
    play = Playbook()
    caller = play.caller_waits()
    play.hear(play.asterisk.falls_to_safety(caller))
    play.ready(ALICE)
    assert play.wanted(fx.OfferCall) == []
    play.forget()
    play.hear(play.asterisk.is_called(caller, "1001"))
    phone = play.asterisk.last
    assert play.state(ALICE) is AgentState.TALKING  # his phone is not free
    play.hear(play.asterisk.rings(phone), play.asterisk.picks_up(phone, caller))
    connected = play.said(e.CallConnected)[0]
    assert (connected.agent, connected.by_safety_queue, connected.offer) == (ALICE, True, None)
    play.hear(play.asterisk.hangs_up(caller, phone))
    assert play.state(ALICE) is AgentState.WRAP_UP
    assert play.said(e.CallEnded)[0].outcome is e.Outcome.ANSWERED


def test_a_queue_without_paperwork_frees_the_agent_when_his_phone_is_free() -> None:
    play = Playbook(floor_plan(wrap_up_s=0))
    play.ready(ALICE)
    caller, phone = play.talks()
    waiting = play.caller_waits("13900139000")
    play.forget()
    play.hear(play.asterisk.says_goodbye(caller), play.asterisk.gone(caller))
    assert play.wanted(fx.OfferCall) == []
    play.hear(play.asterisk.gone(phone))
    assert play.last(fx.OfferCall).channel == waiting


def test_an_agent_who_hung_up_himself_is_free_before_asterisk_has_taken_his_channel_down() -> None:
    play = Playbook(floor_plan(wrap_up_s=0))
    play.ready(ALICE)
    _, phone = play.talks()
    waiting = play.caller_waits("13900139000")
    play.forget()
    play.hear(play.asterisk.says_goodbye(phone))
    assert play.wanted(fx.OfferCall) == []
    play.hear(play.asterisk.leaves(phone))
    assert play.last(fx.OfferCall).channel == waiting
    rung = play.phone_rings(waiting)
    play.hear(play.asterisk.gone(phone))
    assert play.state(ALICE) is AgentState.RINGING
    play.hear(play.asterisk.picks_up(rung, waiting))
    assert (play.state(ALICE), play.floor_of(play.call_of(waiting)).agent) == (AgentState.TALKING, ALICE)


def test_a_number_that_is_withheld_is_no_number() -> None:
    play = Playbook()
    play.hear(play.asterisk.arrives("anonymous", "Anonymous"))
    arrived = play.said(e.CallArrived)[0]
    assert (arrived.ani, arrived.ani_name) == ("", "")


def test_colleagues_who_call_each_other_are_busy() -> None:
    play = Playbook()
    play.ready(ALICE, BOB)
    play.hear(play.asterisk.dials("1001", "1002"))
    dialler = play.asterisk.last
    assert play.state(ALICE) is AgentState.TALKING
    play.hear(play.asterisk.is_called(dialler, "1002"))
    phone = play.asterisk.last
    play.hear(play.asterisk.rings(phone))
    play.wait(3)
    play.hear(play.asterisk.picks_up(phone, dialler))
    assert play.state(BOB) is AgentState.TALKING
    play.caller_waits()
    assert play.wanted(fx.OfferCall) == []
    play.wait(10)
    play.forget()
    play.hear(play.asterisk.hangs_up(phone, dialler))
    ended = play.said(e.CallEnded)[0]
    assert (ended.outcome, ended.ring_s, ended.talk_s) == (e.Outcome.ANSWERED, 3.0, 10.0)
    assert len(play.wanted(fx.OfferCall)) == 1


def test_an_outgoing_call_is_logged_from_the_customers_side() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.forget()
    play.hear(play.asterisk.dials("1001", "13700137000"))
    phone = play.asterisk.last
    play.hear(play.asterisk.line_is_called(phone, "13700137000"))
    line = play.asterisk.last
    play.hear(play.asterisk.rings(line))
    play.wait(5)
    play.hear(play.asterisk.picks_up(line, phone))
    play.wait(20)
    play.hear(play.asterisk.hangs_up(line, phone))
    arrived, connected, ended = play.said(e.CallArrived)[0], play.said(e.CallConnected)[0], play.said(e.CallEnded)[0]
    assert (arrived.direction, arrived.ani, arrived.dnis) == (e.Direction.OUTBOUND, "1001", "13700137000")
    assert (connected.agent, connected.party) == (ALICE, "1001")
    assert (ended.outcome, ended.hung_up_by, ended.talk_s) == (e.Outcome.ANSWERED, e.HungUpBy.CALLER, 20.0)
    assert play.state(ALICE) is AgentState.WRAP_UP


def test_an_outgoing_call_nobody_answers() -> None:
    play = Playbook()
    play.ready(ALICE)
    play.hear(play.asterisk.dials("1001", "13700137000"))
    phone = play.asterisk.last
    play.hear(play.asterisk.line_is_called(phone, "13700137000"))
    line = play.asterisk.last
    play.wait(30)
    play.hear(play.asterisk.does_not_answer(line, phone), play.asterisk.gone(phone))
    assert play.said(e.CallEnded)[0].outcome is e.Outcome.NO_ANSWER
    assert play.state(ALICE) is AgentState.READY


def test_a_blind_transfer_to_a_colleague_keeps_the_call() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    play.wait(10)
    play.forget()
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone))
    assert play.state(ALICE) is AgentState.WRAP_UP
    play.hear(play.asterisk.is_called(caller, "1003"))
    target = play.asterisk.last
    play.hear(play.asterisk.rings(target))
    play.wait(4)
    play.hear(play.asterisk.picks_up(target, caller))
    play.wait(20)
    assert isinstance(play.wanted(fx.RestartRecording)[0], fx.RestartRecording)
    play.hear(play.asterisk.hangs_up(caller, target))
    ended = play.said(e.CallEnded)[0]
    assert (ended.agents, ended.talk_s) == ((ALICE, CAROL), 30.0)
    assert play.state(CAROL) is AgentState.WRAP_UP


def test_an_attended_transfer_to_a_colleague_keeps_the_call() -> None:
    play = Playbook()
    play.ready(ALICE, CAROL)
    caller, phone = play.talks(skills="zh:1")
    call = play.call_of(caller)
    play.hear(play.asterisk.holds(phone), play.asterisk.dials("1001", "1003"))
    second = play.asterisk.last
    play.hear(play.asterisk.is_called(second, "1003"))
    target = play.asterisk.last
    play.hear(play.asterisk.rings(target), play.asterisk.picks_up(target, second))
    play.wait(5)
    play.forget()
    bridge = play.asterisk.rooms[caller]
    play.hear(play.asterisk.leaves(target), play.asterisk.enters(target, bridge))
    play.hear(play.asterisk.gone(second), play.asterisk.gone(phone))
    assert [event.call for event in play.said(e.CallConnected)] == [call]
    assert [event.call for event in play.said(e.CallEnded)] != [call]
    assert (play.state(ALICE), play.state(CAROL)) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert play.floor().calls[0].phase == "talking"
    play.hear(play.asterisk.hangs_up(target, caller))
    assert play.said(e.CallEnded)[-1].agents == (ALICE, CAROL)
    assert play.state(CAROL) is AgentState.WRAP_UP


def test_a_customer_put_back_into_the_queue_waits_again_and_is_not_recorded_meanwhile() -> None:
    play = Playbook()
    play.ready(ALICE)
    caller, phone = play.talks()
    play.hear(fx.Done(effect=play.last(fx.StartRecording)))
    play.forget()
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone), play.asterisk.queues(caller, "vip"))
    assert play.last(fx.StopRecording).channel == caller
    assert play.floor().waiting[0].queue == "vip"
    play.order(c.FinishWrapUp(agent=ALICE, call=play.call_of(caller)))
    again = play.phone_rings(caller)
    play.hear(play.asterisk.picks_up(again, caller))
    assert play.last(fx.RestartRecording).channel == caller


def test_who_is_put_back_into_his_line_does_not_wait_while_he_talks() -> None:
    play = Playbook()
    play.ready(ALICE)
    since = play.asterisk.now.timestamp()
    caller, phone = play.talks()
    play.wait(10)
    play.hear(play.asterisk.leaves(caller), play.asterisk.gone(phone), play.asterisk.queues(caller, since=since))
    play.wait(5)
    play.hear(play.asterisk.hangs_up(caller))
    ended = play.said(e.CallEnded)[0]
    assert (ended.wait_s, ended.talk_s) == (5.0, 10.0)


def test_what_asterisk_says_that_nobody_knows_is_kept() -> None:
    from cti.ami.vocabulary import Unknown

    play = Playbook()
    play.forget()
    asterisk = play.asterisk
    play.hear(Unknown(server=asterisk.server, at=asterisk.now, name="Novelty", fields={}))
    assert (play.said(e.Anomaly)[0].what, play.said(e.Anomaly)[0].raw) == ("unknown_event", "Novelty")
